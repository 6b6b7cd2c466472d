//! What nodes say to each other about rows: Protocol Buffers, written out here
//! once and held by a test to the bytes of earlier versions. A reader passes over
//! fields it does not know and takes those that lack as absent, so programs of
//! different versions understand each other; a field never changes its meaning.
//!
//! What comes from another node is checked here before anything looks at it.

mod own;
mod part;
mod partner;
mod row;
mod rule;
mod served;
mod visitor;
mod wish;

use prost::Message;

pub use own::{HeldRow, MovingRow};
pub(crate) use part::MOST_PARTS;
pub use part::PartRow;
pub use partner::PartnerRow;
pub use row::{
    AlbumRow, AssetRow, Card, CardDevice, LinkRow, MemberRow, OfferRow, RemovedDevice, SaidRow,
    SignedCard,
};
pub use rule::{CannotLodge, EditSharing, Invite, Part, SetRole};
pub use served::{ServeLinks, ServedLinkRow, ServedPhotoRow};
pub(crate) use visitor::MOST_VISITS;
pub use visitor::{
    AddVisits, SayFor, TakeUpload, UnsayFor, UploadTaken, Visited, VisitsOfDay, WithdrawUpload,
};
pub use wish::{
    AlbumAssets, AnswerOffer, AnswerPartner, Contribute, Contributed, DeleteAlbum, EditAlbum,
    EditAssets, EndLink, KeepTwo, LeaveAlbum, LetGo, MakeLink, Moved, PartnerDropped, Say, Spot,
    Switch, TakeOver, Taken, Unsay, Wish, WishOf,
};

/// The most bytes that a row may hold.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;

/// What a row of a feed is, as a number that outlives its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// A photo or a video: [`AssetRow`]. Its row is the asset's id.
    Asset = 1,
    /// An album: [`AlbumRow`]. Its row is the album's id.
    Album = 2,
    /// An asset in an album, told by its row alone: both ids.
    AlbumAsset = 3,
    /// A person: [`SignedCard`]. Its row is the person's id.
    Card = 4,
    /// Somebody with whom an album is shared: [`MemberRow`]. Its row is the person's id.
    Member = 5,
    /// A comment or a like: [`SaidRow`]. Its row is its id.
    Said = 6,
    /// An album that is shared with whoever follows: [`OfferRow`]. Its row is the album's id.
    Offer = 7,
    /// A public link of an album, for the editor who made it: [`LinkRow`]. Its row is its id.
    Link = 8,
    /// A library that is shown to a partner: [`PartnerRow`]. Its row is the id of whom it is
    /// shown to.
    Partner = 9,
    /// An original of another machine of the same person that is kept: [`HeldRow`]. Its row is
    /// that machine's id and the asset's.
    Held = 10,
    /// A library that moves: [`MovingRow`]. Its row is the id of the machine it moves to.
    Moving = 11,
    /// A public link, for the machine that serves it, too: [`ServedLinkRow`]. Its row is its id.
    ServedLink = 12,
    /// A photo that such a link shows: [`ServedPhotoRow`]. Its row is both ids.
    ServedPhoto = 13,
    /// What was said of what such a link shows: [`SaidRow`]. Its row is both ids.
    ServedSaid = 14,
}

impl RowKind {
    /// The kind of this number, where this program knows it.
    pub fn of(number: u32) -> Option<RowKind> {
        [
            RowKind::Asset,
            RowKind::Album,
            RowKind::AlbumAsset,
            RowKind::Card,
            RowKind::Member,
            RowKind::Said,
            RowKind::Offer,
            RowKind::Link,
            RowKind::Partner,
            RowKind::Held,
            RowKind::Moving,
            RowKind::ServedLink,
            RowKind::ServedPhoto,
            RowKind::ServedSaid,
        ]
        .into_iter()
        .find(|kind| *kind as u32 == number)
    }

    /// How many bytes its rows' names have.
    fn name_length(self) -> usize {
        match self {
            RowKind::AlbumAsset | RowKind::Held | RowKind::ServedPhoto | RowKind::ServedSaid => 32,
            _ => 16,
        }
    }
}

/// A row as its home tells it: what it holds now, or that it is gone.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Row {
    /// [`RowKind`], or one that only later programs know.
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    /// Its name within its kind.
    #[prost(bytes = "vec", tag = "2")]
    pub row: Vec<u8>,
    /// The home's revision that made it so.
    #[prost(uint64, tag = "3")]
    pub revision: u64,
    /// What it holds; absent when it is gone.
    #[prost(bytes = "vec", optional, tag = "4")]
    pub body: Option<Vec<u8>>,
}

impl Row {
    /// By what an asset, or a photo of a link, is to be sorted, where the row can be: a
    /// row of a kind that this program does not know is kept as it is.
    ///
    /// # Errors
    /// What of it cannot be.
    pub(crate) fn checked(&self) -> Result<Option<i64>, &'static str> {
        let Some(kind) = RowKind::of(self.kind) else {
            return match self.row.len() {
                1..=64 if self.size() <= LARGEST_BODY => Ok(None),
                _ => Err("a row too large"),
            };
        };
        if self.row.len() != kind.name_length() {
            return Err("a row of a wrong name");
        }
        let Some(body) = &self.body else {
            return Ok(None);
        };
        if body.len() > LARGEST_BODY {
            return Err("a row too large");
        }
        match kind {
            RowKind::Asset => AssetRow::read(body).map(|asset| Some(asset.sorted_at)),
            RowKind::Album => AlbumRow::read(body).map(|_| None),
            RowKind::AlbumAsset if body.is_empty() => Ok(None),
            RowKind::AlbumAsset => Err("an album's photo that says more"),
            RowKind::Member => MemberRow::read(body).map(|_| None),
            RowKind::Said | RowKind::ServedSaid => SaidRow::read(body).map(|_| None),
            RowKind::Offer => OfferRow::read(body).map(|_| None),
            RowKind::Link => LinkRow::read(body).map(|_| None),
            RowKind::Partner => PartnerRow::read(body).map(|_| None),
            RowKind::Held => HeldRow::read(body).map(|_| None),
            RowKind::Moving => MovingRow::read(body).map(|_| None),
            RowKind::ServedLink => ServedLinkRow::read(body).map(|_| None),
            RowKind::ServedPhoto => ServedPhotoRow::read(body).map(|row| Some(row.position)),
            RowKind::Card => SignedCard::decode(body.as_slice())
                .map(|_| None)
                .map_err(|_| "a card that cannot be read"),
        }
    }

    fn size(&self) -> usize {
        self.body.as_ref().map_or(0, Vec::len)
    }
}
