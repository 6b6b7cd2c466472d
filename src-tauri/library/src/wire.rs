//! What nodes say to each other about rows: Protocol Buffers, written out here
//! once and held by a test to the bytes of earlier versions. A reader passes over
//! fields it does not know and takes those that lack as absent, so programs of
//! different versions understand each other; a field never changes its meaning.
//!
//! What comes from another node is checked here before anything looks at it.

use prost::Message;

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
}

impl RowKind {
    /// The kind of this number, where this program knows it.
    pub fn of(number: u32) -> Option<RowKind> {
        [
            RowKind::Asset,
            RowKind::Album,
            RowKind::AlbumAsset,
            RowKind::Card,
        ]
        .into_iter()
        .find(|kind| *kind as u32 == number)
    }

    /// How many bytes its rows' names have.
    fn name_length(self) -> usize {
        match self {
            RowKind::AlbumAsset => 32,
            RowKind::Asset | RowKind::Album | RowKind::Card => 16,
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

/// A photo or a video.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AssetRow {
    /// BLAKE3 of the original.
    #[prost(bytes = "vec", tag = "1")]
    pub hash: Vec<u8>,
    /// Whether it is a video.
    #[prost(bool, tag = "2")]
    pub is_video: bool,
    /// The file's name when it was imported.
    #[prost(string, tag = "3")]
    pub name: String,
    /// Size of the original.
    #[prost(uint64, tag = "4")]
    pub bytes: u64,
    /// Media type of the original.
    #[prost(string, tag = "5")]
    pub mime: String,
    /// Pixels across, as seen upright.
    #[prost(uint32, tag = "6")]
    pub width: u32,
    /// Pixels down, as seen upright.
    #[prost(uint32, tag = "7")]
    pub height: u32,
    /// Length of a video, milliseconds.
    #[prost(uint64, optional, tag = "8")]
    pub duration_ms: Option<u64>,
    /// When it was taken, milliseconds of wall clock since 1970.
    #[prost(sint64, optional, tag = "9")]
    pub taken_local: Option<i64>,
    /// Minutes east of UTC.
    #[prost(sint32, optional, tag = "10")]
    pub taken_offset: Option<i32>,
    /// What it is sorted by, milliseconds of wall clock since 1970.
    #[prost(sint64, tag = "11")]
    pub sorted_at: i64,
    /// Degrees north.
    #[prost(double, optional, tag = "12")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[prost(double, optional, tag = "13")]
    pub longitude: Option<f64>,
    /// Metres above the sea.
    #[prost(double, optional, tag = "14")]
    pub altitude: Option<f64>,
    /// The nearest town.
    #[prost(string, optional, tag = "15")]
    pub place: Option<String>,
    /// Maker of the camera.
    #[prost(string, optional, tag = "16")]
    pub camera_make: Option<String>,
    /// Model of the camera.
    #[prost(string, optional, tag = "17")]
    pub camera_model: Option<String>,
    /// Lens.
    #[prost(string, optional, tag = "18")]
    pub lens: Option<String>,
    /// Aperture as an f-number.
    #[prost(double, optional, tag = "19")]
    pub f_number: Option<f64>,
    /// Seconds.
    #[prost(double, optional, tag = "20")]
    pub exposure_time: Option<f64>,
    /// ISO speed.
    #[prost(uint32, optional, tag = "21")]
    pub iso: Option<u32>,
    /// Millimetres.
    #[prost(double, optional, tag = "22")]
    pub focal_length: Option<f64>,
    /// 0 to 5 stars.
    #[prost(uint32, optional, tag = "23")]
    pub rating: Option<u32>,
    /// Title the owner gave.
    #[prost(string, optional, tag = "24")]
    pub title: Option<String>,
    /// Description the owner gave.
    #[prost(string, optional, tag = "25")]
    pub description: Option<String>,
    /// Keywords.
    #[prost(string, repeated, tag = "26")]
    pub tags: Vec<String>,
    /// Marked as a favourite.
    #[prost(bool, tag = "27")]
    pub favorite: bool,
    /// Thumbhash; empty until rendered.
    #[prost(bytes = "vec", tag = "28")]
    pub thumbhash: Vec<u8>,
    /// Id of its live part.
    #[prost(bytes = "vec", optional, tag = "29")]
    pub motion: Option<Vec<u8>>,
    /// Whether browsers play it as it is.
    #[prost(bool, tag = "30")]
    pub plays: bool,
    /// Why it cannot be previewed.
    #[prost(string, optional, tag = "31")]
    pub unseen: Option<String>,
    /// The name of the visitor who sent it.
    #[prost(string, optional, tag = "32")]
    pub contributor: Option<String>,
    /// Quarter turns clockwise that the owner gave it.
    #[prost(uint32, tag = "33")]
    pub turn: u32,
    /// Whether it is out of the timeline.
    #[prost(bool, tag = "34")]
    pub archived: bool,
    /// Whether it is in the trash.
    #[prost(bool, tag = "35")]
    pub trashed: bool,
}

/// An album.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AlbumRow {
    /// Title.
    #[prost(string, tag = "1")]
    pub title: String,
    /// Description.
    #[prost(string, tag = "2")]
    pub description: String,
    /// Id of the asset chosen to be shown for it.
    #[prost(bytes = "vec", optional, tag = "3")]
    pub cover: Option<Vec<u8>>,
    /// Milliseconds since 1970.
    #[prost(sint64, tag = "4")]
    pub created_at: i64,
}

/// Bytes of a [`Card`] as its person signed them.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SignedCard {
    /// A [`Card`].
    #[prost(bytes = "vec", tag = "1")]
    pub card: Vec<u8>,
    /// Ed25519 over it, by the key that it names.
    #[prost(bytes = "vec", tag = "2")]
    pub signature: Vec<u8>,
}

/// What a person says of itself.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Card {
    /// The person's id.
    #[prost(bytes = "vec", tag = "1")]
    pub person: Vec<u8>,
    /// Ed25519 public key.
    #[prost(bytes = "vec", tag = "2")]
    pub key: Vec<u8>,
    /// Raised by each change; the highest is true.
    #[prost(uint64, tag = "3")]
    pub version: u64,
    /// Name; may be empty.
    #[prost(string, tag = "4")]
    pub name: String,
    /// Machines, all of them.
    #[prost(message, repeated, tag = "5")]
    pub devices: Vec<CardDevice>,
    /// Machines that were removed, so that no older card brings them back.
    #[prost(message, repeated, tag = "6")]
    pub removed: Vec<RemovedDevice>,
}

/// A machine that is its person's no more.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RemovedDevice {
    /// The device's id.
    #[prost(bytes = "vec", tag = "1")]
    pub device: Vec<u8>,
    /// When, milliseconds since 1970.
    #[prost(int64, tag = "2")]
    pub at: i64,
}

/// A machine of a person.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CardDevice {
    /// The device's id.
    #[prost(bytes = "vec", tag = "1")]
    pub device: Vec<u8>,
    /// Ed25519 public key: its address among peers.
    #[prost(bytes = "vec", tag = "2")]
    pub key: Vec<u8>,
    /// Name; may be empty.
    #[prost(string, tag = "3")]
    pub name: String,
    /// When it was paired, last; milliseconds since 1970.
    #[prost(int64, tag = "4")]
    pub since: i64,
}

/// Something that a home is asked to do.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Wish {
    /// What; absent when only a later program knows it.
    #[prost(oneof = "WishOf", tags = "1, 2, 3, 4, 5, 6")]
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
}

impl Row {
    /// When an asset's row says that it is to be sorted by, where the row can be: a
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
            RowKind::Card => SignedCard::decode(body.as_slice())
                .map(|_| None)
                .map_err(|_| "a card that cannot be read"),
        }
    }

    fn size(&self) -> usize {
        self.body.as_ref().map_or(0, Vec::len)
    }
}

impl AssetRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<AssetRow, &'static str> {
        let row = AssetRow::decode(body).map_err(|_| "a photo that cannot be read")?;
        let texts = [
            (255, Some(&row.name)),
            (255, row.contributor.as_ref()),
            (255, row.place.as_ref()),
            (255, row.camera_make.as_ref()),
            (255, row.camera_model.as_ref()),
            (255, row.lens.as_ref()),
            (64, row.unseen.as_ref()),
            (512, row.title.as_ref()),
            (16 * 1024, row.description.as_ref()),
        ];
        let numbers = [
            row.altitude,
            row.f_number,
            row.exposure_time,
            row.focal_length,
        ];
        let within = |degrees: Option<f64>, most: f64| {
            degrees.is_none_or(|degrees| (-most..=most).contains(&degrees))
        };
        let sound = row.hash.len() == 32
            && is_mime(&row.mime)
            && texts
                .iter()
                .all(|(most, text)| text.is_none_or(|text| text.len() <= *most))
            && row.tags.len() <= 1_000
            && row.tags.iter().all(|tag| tag.len() <= 255)
            && numbers.iter().flatten().all(|number| number.is_finite())
            && within(row.latitude, 90.0)
            && within(row.longitude, 180.0)
            && row.latitude.is_some() == row.longitude.is_some()
            && row.rating.is_none_or(|stars| stars <= 5)
            && row.turn <= 3
            && row.thumbhash.len() <= 64
            && row.motion.as_ref().is_none_or(|id| id.len() == 16)
            && row.bytes <= 1 << 50
            && row.taken_offset.is_none_or(|east| east.abs() <= 24 * 60)
            && [Some(row.sorted_at), row.taken_local]
                .into_iter()
                .flatten()
                .all(|time| time.unsigned_abs() < 1 << 50);
        match sound {
            true => Ok(row),
            false => Err("a photo that cannot be"),
        }
    }
}

impl AlbumRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<AlbumRow, &'static str> {
        let row = AlbumRow::decode(body).map_err(|_| "an album that cannot be read")?;
        let sound = row.title.len() <= 512
            && row.description.len() <= 16 * 1024
            && row.cover.as_ref().is_none_or(|id| id.len() == 16);
        match sound {
            true => Ok(row),
            false => Err("an album that cannot be"),
        }
    }
}

/// Whether it is written as media types are.
fn is_mime(text: &str) -> bool {
    let named = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-+._".contains(&byte))
    };
    text.len() <= 100
        && text
            .split_once('/')
            .is_some_and(|(kind, of)| named(kind) && named(of))
}
