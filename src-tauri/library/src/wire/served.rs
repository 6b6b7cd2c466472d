//! What machines tell each other of links that one serves for the other.

use prost::Message;

/// A public link, for the machine that serves it while its home is away.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ServedLinkRow {
    /// The secret in its address.
    #[prost(bytes = "vec", tag = "1")]
    pub key: Vec<u8>,
    /// The readable name.
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    /// Whether that may go without a password.
    #[prost(bool, tag = "3")]
    pub guessable: bool,
    /// The title of the album that it follows; absent for chosen photos.
    #[prost(string, optional, tag = "4")]
    pub title: Option<String>,
    /// What its visitors read.
    #[prost(string, tag = "5")]
    pub description: String,
    /// Argon2id of its password, as a PHC string.
    #[prost(string, optional, tag = "6")]
    pub password_hash: Option<String>,
    /// Raised with the password.
    #[prost(int64, tag = "7")]
    pub password_version: i64,
    /// When it ends, milliseconds since 1970; never when absent.
    #[prost(sint64, optional, tag = "8")]
    pub expires_at: Option<i64>,
    /// 0 nothing may be downloaded, 1 screen size, 2 originals.
    #[prost(uint32, tag = "9")]
    pub download: u32,
    /// Whether names, times, places and cameras are shown.
    #[prost(bool, tag = "10")]
    pub show_metadata: bool,
    /// For how many people it is; absent for any number.
    #[prost(uint32, optional, tag = "11")]
    pub people: Option<u32>,
    /// Raised when all their seats are freed.
    #[prost(int64, tag = "12")]
    pub seat_version: i64,
    /// Whether it rests.
    #[prost(bool, tag = "13")]
    pub paused: bool,
    /// When it was made, milliseconds since 1970.
    #[prost(sint64, tag = "14")]
    pub created_at: i64,
    /// Whether visitors do nothing but send photos there.
    #[prost(bool, tag = "15")]
    pub is_drop_box: bool,
    /// Whether they may send photos: 0 no, 1 yes, 2 that is all they may. Absent from a home
    /// to which what they send comes alone: there no drop box is served.
    #[prost(uint32, optional, tag = "16")]
    pub upload: Option<u32>,
    /// Whether what they send is taken in unasked.
    #[prost(bool, tag = "17")]
    pub auto_accept: bool,
    /// The most files they may send.
    #[prost(uint64, tag = "18")]
    pub upload_files: u64,
    /// The most bytes of those together.
    #[prost(uint64, tag = "19")]
    pub upload_bytes: u64,
    /// Whether visitors may comment and like, and see what others said.
    #[prost(bool, tag = "20")]
    pub comments: bool,
    /// In which order the photos of the album stand that it follows: 0 oldest first, 1 newest
    /// first.
    #[prost(uint32, tag = "21")]
    pub order: u32,
}

/// A photo in a link.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct ServedPhotoRow {
    /// What its place in the link is by.
    #[prost(sint64, tag = "1")]
    pub position: i64,
}

/// The links of the asking machine are to be served, or not any more.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct ServeLinks {
    /// Whether they are.
    #[prost(bool, tag = "1")]
    pub on: bool,
    /// For how long without a word of that machine, milliseconds.
    #[prost(int64, tag = "2")]
    pub lease_ms: i64,
    /// For how long after it said that it rests, milliseconds.
    #[prost(int64, tag = "3")]
    pub rest_ms: i64,
}

/// The longest time that a link may be served without a word of its home: a year.
pub(crate) const LONGEST_REST_MS: i64 = 366 * crate::time::DAY_MS;

impl ServedLinkRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<ServedLinkRow, &'static str> {
        let row = ServedLinkRow::decode(body).map_err(|_| "a link that cannot be read")?;
        let sound = row.key.len() == 32
            && row.name.as_deref().is_none_or(crate::link::is_name)
            && row.title.as_ref().is_none_or(|title| title.len() <= 512)
            && row.description.len() <= 16 * 1024
            && row
                .password_hash
                .as_ref()
                .is_none_or(|hash| hash.len() <= 512 && hash.starts_with("$argon2id$"))
            && row.download <= 2
            && row.upload.is_none_or(|upload| upload <= 2)
            && row.upload_files <= 1 << 62
            && row.upload_bytes <= 1 << 62
            && row
                .people
                .is_none_or(|people| (1..=crate::seat::MOST_PEOPLE).contains(&people))
            && [Some(row.created_at), row.expires_at]
                .into_iter()
                .flatten()
                .all(|time| time.unsigned_abs() < 1 << 50);
        match sound {
            true => Ok(row),
            false => Err("a link that cannot be"),
        }
    }
}

impl ServedPhotoRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<ServedPhotoRow, &'static str> {
        ServedPhotoRow::decode(body)
            .ok()
            .filter(|row| row.position.unsigned_abs() < 1 << 50)
            .ok_or("a photo of a link that cannot be")
    }
}

impl ServeLinks {
    /// The wish, where its times can be.
    pub(crate) fn checked(&self) -> Result<&ServeLinks, crate::LibraryError> {
        let within = |time: i64| (0..=LONGEST_REST_MS).contains(&time);
        match within(self.lease_ms) && within(self.rest_ms) {
            true => Ok(self),
            false => Err(crate::LibraryError::wrong(
                "Links are served for at most a year without a word of their machine.",
            )),
        }
    }
}
