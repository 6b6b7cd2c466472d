//! What rows of a feed hold, and what of it can be.

use prost::Message;

use super::PartRow;

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
    /// In an album: the device it was imported on, where that is not the teller.
    #[prost(bytes = "vec", optional, tag = "36")]
    pub home: Option<Vec<u8>>,
    /// In an album: who put it there; absent for the album's owner.
    #[prost(bytes = "vec", optional, tag = "37")]
    pub person: Option<Vec<u8>>,
    /// In an album: when it was put there, milliseconds since 1970.
    #[prost(sint64, tag = "38")]
    pub added_at: i64,
    /// In a library that is shown to a partner: ids of the albums it is in.
    #[prost(bytes = "vec", repeated, tag = "39")]
    pub albums: Vec<Vec<u8>>,
    /// Its further files.
    #[prost(message, repeated, tag = "40")]
    pub parts: Vec<PartRow>,
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
    /// Whether viewers may have originals.
    #[prost(bool, tag = "5")]
    pub originals: bool,
    /// Whether editors may make public links.
    #[prost(bool, tag = "6")]
    pub linking: bool,
    /// Whether members may comment and like.
    #[prost(bool, tag = "7")]
    pub talking: bool,
    /// What everyone of the household is in it: 1 editor, 2 viewer, 0 nothing by that.
    #[prost(uint32, tag = "8")]
    pub everyone: u32,
    /// Whether originals that members put there are kept at its home; absent, they are.
    #[prost(bool, optional, tag = "9")]
    pub keeping: Option<bool>,
    /// In which order its photos stand: 0 oldest first, 1 newest first.
    #[prost(uint32, tag = "10")]
    pub order: u32,
}

/// Somebody with whom an album is shared.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MemberRow {
    /// The person's name; may be empty.
    #[prost(string, tag = "1")]
    pub name: String,
    /// 1 editor, 2 viewer.
    #[prost(uint32, tag = "2")]
    pub role: u32,
    /// 1 asked, 2 joined, 3 declined.
    #[prost(uint32, tag = "3")]
    pub state: u32,
    /// When they were asked, milliseconds since 1970.
    #[prost(sint64, tag = "4")]
    pub asked_at: i64,
}

/// A comment or a like.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SaidRow {
    /// Of which asset; absent for the whole album.
    #[prost(bytes = "vec", optional, tag = "1")]
    pub asset: Option<Vec<u8>>,
    /// The words; absent for a like.
    #[prost(string, optional, tag = "2")]
    pub text: Option<String>,
    /// Who said it; absent for a visitor.
    #[prost(bytes = "vec", optional, tag = "3")]
    pub person: Option<Vec<u8>>,
    /// Their name then; may be empty.
    #[prost(string, tag = "4")]
    pub name: String,
    /// When, milliseconds since 1970.
    #[prost(sint64, tag = "5")]
    pub made_at: i64,
    /// When its writer changed it, last.
    #[prost(sint64, optional, tag = "6")]
    pub edited_at: Option<i64>,
    /// Of a visitor, for a machine that serves the link: by which their browser knows its own.
    #[prost(bytes = "vec", optional, tag = "7")]
    pub mark: Option<Vec<u8>>,
}

/// An album that is shared with somebody.
#[derive(Clone, PartialEq, prost::Message)]
pub struct OfferRow {
    /// The album's title.
    #[prost(string, tag = "1")]
    pub title: String,
    /// 1 editor, 2 viewer.
    #[prost(uint32, tag = "2")]
    pub role: u32,
    /// 1 asked, 2 joined, 3 declined.
    #[prost(uint32, tag = "3")]
    pub state: u32,
    /// How many photos are in it.
    #[prost(uint64, tag = "4")]
    pub count: u64,
    /// When it was offered, milliseconds since 1970.
    #[prost(sint64, tag = "5")]
    pub asked_at: i64,
    /// Whether it is handed over to whoever follows.
    #[prost(bool, tag = "6")]
    pub heir: bool,
    /// Whether it lives elsewhere now, whose home tells of it next.
    #[prost(bool, tag = "7")]
    pub moved: bool,
    /// Whether it is the album of whoever follows, and only lives here.
    #[prost(bool, tag = "8")]
    pub owns: bool,
    /// The machine that it is to live on, where that is to take it over.
    #[prost(bytes = "vec", optional, tag = "9")]
    pub lodge: Option<Vec<u8>>,
    /// Whether it is told only because it moves, and is not shared.
    #[prost(bool, tag = "10")]
    pub passing: bool,
    /// Whose it is, where that is not the person of the machine that tells.
    #[prost(bytes = "vec", optional, tag = "11")]
    pub owner: Option<Vec<u8>>,
    /// Their name; may be empty.
    #[prost(string, tag = "12")]
    pub owner_name: String,
    /// Where it lives, of one that has moved.
    #[prost(bytes = "vec", optional, tag = "13")]
    pub home: Option<Vec<u8>>,
    /// How often it has moved: of another number all of it is told anew.
    #[prost(uint32, tag = "14")]
    pub moves: u32,
}

/// A public link of an album, for the editor who made it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct LinkRow {
    /// Its address; without a host where the album's home has none.
    #[prost(string, tag = "1")]
    pub address: String,
    /// For whom it is.
    #[prost(string, tag = "2")]
    pub label: String,
    /// When it ends, milliseconds since 1970; never when absent.
    #[prost(sint64, optional, tag = "3")]
    pub expires_at: Option<i64>,
    /// Whose it is, for a machine that hands this on; else absent.
    #[prost(bytes = "vec", optional, tag = "4")]
    pub person: Option<Vec<u8>>,
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
    /// A small picture of the person, WebP.
    #[prost(bytes = "vec", optional, tag = "7")]
    pub picture: Option<Vec<u8>>,
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

impl AssetRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<AssetRow, &'static str> {
        let row = AssetRow::decode(body).map_err(|_| "a photo that cannot be read")?;
        row.checked()
    }

    /// The row, where it can be.
    pub(crate) fn checked(self) -> Result<AssetRow, &'static str> {
        let row = self;
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
            && [&row.motion, &row.home, &row.person]
                .into_iter()
                .flatten()
                .all(|id| id.len() == 16)
            && row.albums.len() <= 1_000
            && row.albums.iter().all(|id| id.len() == 16)
            && row.bytes <= 1 << 50
            && row.has_sound_parts()
            && row.taken_offset.is_none_or(|east| east.abs() <= 24 * 60)
            && [Some(row.sorted_at), Some(row.added_at), row.taken_local]
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
            && row.everyone <= 2
            && row.cover.as_ref().is_none_or(|id| id.len() == 16);
        sound.then_some(row).ok_or("an album that cannot be")
    }
}

impl MemberRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<MemberRow, &'static str> {
        let row = MemberRow::decode(body).map_err(|_| "a member that cannot be read")?;
        let sound = row.name.len() <= 255
            && matches!(row.role, 1 | 2)
            && matches!(row.state, 1..=3)
            && row.asked_at.unsigned_abs() < 1 << 50;
        match sound {
            true => Ok(row),
            false => Err("a member that cannot be"),
        }
    }
}

impl SaidRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<SaidRow, &'static str> {
        let row = SaidRow::decode(body).map_err(|_| "a comment that cannot be read")?;
        let sound = row.name.len() <= 512
            && row.text.as_ref().is_none_or(|text| text.len() <= 8_000)
            && [&row.asset, &row.person]
                .into_iter()
                .flatten()
                .all(|id| id.len() == 16)
            && row.mark.as_ref().is_none_or(|mark| mark.len() == 8)
            && [Some(row.made_at), row.edited_at]
                .into_iter()
                .flatten()
                .all(|time| time.unsigned_abs() < 1 << 50);
        match sound {
            true => Ok(row),
            false => Err("a comment that cannot be"),
        }
    }
}

impl OfferRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<OfferRow, &'static str> {
        let row = OfferRow::decode(body).map_err(|_| "an offer that cannot be read")?;
        let sound = row.title.len() <= 512
            && matches!(row.role, 1 | 2)
            && matches!(row.state, 1..=3)
            && row.count < 1 << 50
            && row.asked_at.unsigned_abs() < 1 << 50
            && row.owner_name.len() <= 255
            && [&row.lodge, &row.owner, &row.home]
                .into_iter()
                .flatten()
                .all(|id| id.len() == 16);
        match sound {
            true => Ok(row),
            false => Err("an offer that cannot be"),
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

impl LinkRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<LinkRow, &'static str> {
        let row = LinkRow::decode(body).map_err(|_| "a link that cannot be read")?;
        let is_address = row.address.len() <= 2_048
            && (row.address.starts_with("http") || row.address.starts_with('/'))
            && !row.address.contains(|c: char| c.is_control() || c == ' ');
        match is_address && row.label.len() <= 255 {
            true => Ok(row),
            false => Err("a link that cannot be"),
        }
    }
}
