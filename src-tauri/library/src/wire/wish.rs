//! What a home is asked to do.

use super::{
    AddVisits, AssetRow, CannotLodge, EditSharing, Invite, Part, SayFor, ServeLinks, SetRole,
    TakeUpload, UnsayFor, UploadTaken, WithdrawUpload,
};

/// Something that a home is asked to do.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Wish {
    /// What; absent when only a later program knows it.
    #[prost(
        oneof = "WishOf",
        tags = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32"
    )]
    pub of: Option<WishOf>,
}

/// The wishes there are.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum WishOf {
    /// Assets are to be edited.
    #[prost(message, tag = "1")]
    EditAssets(EditAssets),
    /// Assets are to go to the trash, or come back.
    #[prost(message, tag = "2")]
    Trash(Switch),
    /// Assets are to go to the archive, or come back.
    #[prost(message, tag = "3")]
    Archive(Switch),
    /// An album is to be made or edited.
    #[prost(message, tag = "4")]
    EditAlbum(EditAlbum),
    /// Assets are to be put into an album.
    #[prost(message, tag = "5")]
    AddToAlbum(AlbumAssets),
    /// Assets are to be taken out of an album.
    #[prost(message, tag = "6")]
    RemoveFromAlbum(AlbumAssets),
    /// An album that is offered is accepted, or not.
    #[prost(message, tag = "7")]
    AnswerOffer(AnswerOffer),
    /// An album is left.
    #[prost(message, tag = "8")]
    LeaveAlbum(LeaveAlbum),
    /// The asker's own assets are to be put into an album, or are told anew.
    #[prost(message, tag = "9")]
    Contribute(Contribute),
    /// Something is said in an album.
    #[prost(message, tag = "10")]
    Say(Say),
    /// What was said is to be deleted.
    #[prost(message, tag = "11")]
    Unsay(Unsay),
    /// A public link of an album is to be made.
    #[prost(message, tag = "12")]
    MakeLink(MakeLink),
    /// A public link of an album is to end.
    #[prost(message, tag = "13")]
    EndLink(EndLink),
    /// An album is taken over by whom its owner hands it over to.
    #[prost(message, tag = "14")]
    TakeOver(TakeOver),
    /// A library that is shown is accepted, or not, or not any more.
    #[prost(message, tag = "15")]
    AnswerPartner(AnswerPartner),
    /// The asking machine has nothing any more of a library that was shown to it.
    #[prost(message, tag = "16")]
    PartnerDropped(PartnerDropped),
    /// Every original is to be on two of one's own machines, or not any more.
    #[prost(message, tag = "17")]
    KeepTwo(KeepTwo),
    /// All of the library has arrived at the asking machine, and lives there now.
    #[prost(message, tag = "18")]
    Moved(Moved),
    /// An album is to be deleted.
    #[prost(message, tag = "19")]
    DeleteAlbum(DeleteAlbum),
    /// The asker's public links are to be served, or not any more.
    #[prost(message, tag = "20")]
    ServeLinks(ServeLinks),
    /// A file that a visitor sent at the asking machine is to be fetched there.
    #[prost(message, tag = "21")]
    TakeUpload(TakeUpload),
    /// Such a file is at the asking machine now, or will not be.
    #[prost(message, tag = "22")]
    UploadTaken(UploadTaken),
    /// A visitor takes back such a file.
    #[prost(message, tag = "23")]
    WithdrawUpload(WithdrawUpload),
    /// What visitors did at the asking machine is to be counted, too.
    #[prost(message, tag = "24")]
    AddVisits(AddVisits),
    /// What a visitor said at the asking machine is to be kept.
    #[prost(message, tag = "25")]
    SayFor(SayFor),
    /// And to be deleted, as its visitor wishes.
    #[prost(message, tag = "26")]
    UnsayFor(UnsayFor),
    /// People are to be asked into an album of the asker's that lives here.
    #[prost(message, tag = "27")]
    Invite(Invite),
    /// Somebody may do otherwise in it from now on.
    #[prost(message, tag = "28")]
    SetRole(SetRole),
    /// Somebody is to be in it no more.
    #[prost(message, tag = "29")]
    Part(Part),
    /// It is shared otherwise from now on.
    #[prost(message, tag = "30")]
    EditSharing(EditSharing),
    /// An album cannot come to live at the asking machine.
    #[prost(message, tag = "31")]
    CannotLodge(CannotLodge),
    /// What the asked machine holds for the asking one of a member's photos may go.
    #[prost(message, tag = "32")]
    LetGo(LetGo),
}

/// An album that is to be deleted; its photos stay.
#[derive(Clone, PartialEq, prost::Message)]
pub struct DeleteAlbum {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
}

/// A library has moved.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Moved {}

/// A promise of one's own machines.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct KeepTwo {
    /// Whether it holds.
    #[prost(bool, tag = "1")]
    pub on: bool,
}

/// An answer to a library that is shown.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct AnswerPartner {
    /// Whether it is accepted.
    #[prost(bool, tag = "1")]
    pub accept: bool,
}

/// A receipt.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct PartnerDropped {}

/// A public link of an album.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MakeLink {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// The id it is to have.
    #[prost(bytes = "vec", tag = "2")]
    pub id: Vec<u8>,
    /// For whom it is.
    #[prost(string, tag = "3")]
    pub label: String,
    /// When it ends, milliseconds since 1970; never when absent.
    #[prost(sint64, optional, tag = "4")]
    pub expires_at: Option<i64>,
    /// What visitors may download: `none`, `screen` or `original`.
    #[prost(string, tag = "5")]
    pub download: String,
    /// Whether names, times, places and cameras are shown.
    #[prost(bool, tag = "6")]
    pub show_metadata: bool,
}

/// A public link that is to end.
#[derive(Clone, PartialEq, prost::Message)]
pub struct EndLink {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// The link's id.
    #[prost(bytes = "vec", tag = "2")]
    pub link: Vec<u8>,
}

/// An album that is taken over.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TakeOver {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Up to where it is known there: the epoch of its home, absent where that is not told.
    #[prost(uint64, optional, tag = "2")]
    pub epoch: Option<u64>,
    /// And the revision.
    #[prost(uint64, tag = "3")]
    pub revision: u64,
}

/// An answer to an album that is offered.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AnswerOffer {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Whether it is accepted.
    #[prost(bool, tag = "2")]
    pub accept: bool,
}

/// An album is left.
#[derive(Clone, PartialEq, prost::Message)]
pub struct LeaveAlbum {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Whether the leaver's photos go, too.
    #[prost(bool, tag = "2")]
    pub take: bool,
}

/// Assets of the asker for an album.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Contribute {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// The assets.
    #[prost(message, repeated, tag = "2")]
    pub assets: Vec<Contributed>,
    /// Whether only those are meant that are in it already.
    #[prost(bool, tag = "3")]
    pub anew: bool,
}

/// An asset of the asker.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Contributed {
    /// Its id.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// What there is to tell of it.
    #[prost(message, optional, tag = "2")]
    pub row: Option<AssetRow>,
}

/// A member's photos, which are at the asking machine now, or asked for no more.
#[derive(Clone, PartialEq, prost::Message)]
pub struct LetGo {
    /// The member's machine.
    #[prost(bytes = "vec", tag = "1")]
    pub device: Vec<u8>,
    /// The assets' ids.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub assets: Vec<Vec<u8>>,
}

/// Something to be said in an album; of an id that is there, its words anew.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Say {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// The id it is to have.
    #[prost(bytes = "vec", tag = "2")]
    pub id: Vec<u8>,
    /// Of which asset; absent for the whole album.
    #[prost(bytes = "vec", optional, tag = "3")]
    pub asset: Option<Vec<u8>>,
    /// The words; absent for a like.
    #[prost(string, optional, tag = "4")]
    pub text: Option<String>,
}

/// What was said in an album, to be deleted.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Unsay {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Ids of comments and likes.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub ids: Vec<Vec<u8>>,
}

/// Edits of assets, all of them alike; what is absent stays as it is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct EditAssets {
    /// Ids.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub assets: Vec<Vec<u8>>,
    /// Marked as a favourite.
    #[prost(bool, optional, tag = "2")]
    pub favorite: Option<bool>,
    /// 0 to 5 stars.
    #[prost(uint32, optional, tag = "3")]
    pub rating: Option<u32>,
    /// Title; empty for none.
    #[prost(string, optional, tag = "4")]
    pub title: Option<String>,
    /// Description; empty for none.
    #[prost(string, optional, tag = "5")]
    pub description: Option<String>,
    /// When they were taken.
    #[prost(message, optional, tag = "6")]
    pub taken: Option<Taken>,
    /// By how many milliseconds the camera's clock was slow.
    #[prost(sint64, optional, tag = "7")]
    pub shift_ms: Option<i64>,
    /// Where they were taken.
    #[prost(message, optional, tag = "8")]
    pub spot: Option<Spot>,
    /// Tags to add.
    #[prost(string, repeated, tag = "9")]
    pub add_tags: Vec<String>,
    /// Tags to take away.
    #[prost(string, repeated, tag = "10")]
    pub remove_tags: Vec<String>,
    /// Quarter turns clockwise, whatever they were turned by before.
    #[prost(uint32, tag = "11")]
    pub turn: u32,
}

/// When something was taken.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Taken {
    /// Milliseconds of wall clock since 1970.
    #[prost(sint64, tag = "1")]
    pub local: i64,
    /// Minutes east of UTC.
    #[prost(sint32, optional, tag = "2")]
    pub offset: Option<i32>,
}

/// A place; nowhere when it has neither.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Spot {
    /// Degrees north.
    #[prost(double, optional, tag = "1")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[prost(double, optional, tag = "2")]
    pub longitude: Option<f64>,
}

/// Assets for which something is to be so, or not.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Switch {
    /// Ids.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub assets: Vec<Vec<u8>>,
    /// Whether it is to be so.
    #[prost(bool, tag = "2")]
    pub on: bool,
}

/// Edits of an album; what is absent stays as it is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct EditAlbum {
    /// Its id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Title.
    #[prost(string, optional, tag = "2")]
    pub title: Option<String>,
    /// Description; empty for none.
    #[prost(string, optional, tag = "3")]
    pub description: Option<String>,
    /// Id of the asset shown for it.
    #[prost(bytes = "vec", optional, tag = "4")]
    pub cover: Option<Vec<u8>>,
    /// Whether it is to be made, under this id.
    #[prost(bool, tag = "5")]
    pub make: bool,
    /// In which order its photos stand: 0 oldest first, 1 newest first.
    #[prost(uint32, optional, tag = "6")]
    pub order: Option<u32>,
}

/// Assets and an album.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AlbumAssets {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// The assets' ids.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub assets: Vec<Vec<u8>>,
    /// Of photos that are taken out before their album's home answered: the request by which
    /// they were put there, which is not to be done if it comes later.
    #[prost(bytes = "vec", optional, tag = "3")]
    pub withdraws: Option<Vec<u8>>,
}
