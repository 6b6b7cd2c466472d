//! What visitors did at a machine that serves a link, on its way to the link's home.

use crate::LibraryError;
use crate::upload::{LONGEST_NAME, LONGEST_VISITOR, MOST_VIDEO};

/// The most of anything that was done on one day, or in one visit, by the word of another
/// machine.
const MOST_COUNTED: u64 = 1 << 32;
/// The most days and visits of one [`AddVisits`].
pub(crate) const MOST_VISITS: usize = 1_000;

/// A file that a visitor sent, which the link's home is to fetch.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TakeUpload {
    /// Its id.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// The link's id.
    #[prost(bytes = "vec", tag = "2")]
    pub link: Vec<u8>,
    /// What the visitor is known by there.
    #[prost(bytes = "vec", tag = "3")]
    pub visitor: Vec<u8>,
    /// How they want to be called; may be empty.
    #[prost(string, tag = "4")]
    pub visitor_name: String,
    /// The file's name, as the visitor gave it.
    #[prost(string, tag = "5")]
    pub name: String,
    /// How many bytes it has.
    #[prost(uint64, tag = "6")]
    pub bytes: u64,
    /// BLAKE3 of all of it.
    #[prost(bytes = "vec", tag = "7")]
    pub hash: Vec<u8>,
    /// When all of it was there, milliseconds since 1970.
    #[prost(sint64, tag = "8")]
    pub received_at: i64,
}

/// A file that a visitor sent is at the link's home now, or will not be.
#[derive(Clone, PartialEq, prost::Message)]
pub struct UploadTaken {
    /// Its id.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// Why it will not be; absent when it is there.
    #[prost(string, optional, tag = "2")]
    pub refusal: Option<String>,
}

/// A visitor takes back a file that they sent.
#[derive(Clone, PartialEq, prost::Message)]
pub struct WithdrawUpload {
    /// Its id.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
}

/// What visitors did, to be added to what the links' home has counted.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AddVisits {
    /// By day.
    #[prost(message, repeated, tag = "1")]
    pub days: Vec<VisitsOfDay>,
    /// The last visits, each as it is by now.
    #[prost(message, repeated, tag = "2")]
    pub visits: Vec<Visited>,
}

/// What was done on one day with one link, and was not told before.
#[derive(Clone, PartialEq, prost::Message)]
pub struct VisitsOfDay {
    /// The link's id.
    #[prost(bytes = "vec", tag = "1")]
    pub link: Vec<u8>,
    /// Days since 1970, UTC.
    #[prost(uint32, tag = "2")]
    pub day: u32,
    /// Openings by people.
    #[prost(uint64, tag = "3")]
    pub visits: u64,
    /// Photos and videos looked at.
    #[prost(uint64, tag = "4")]
    pub photos: u64,
    /// Files downloaded.
    #[prost(uint64, tag = "5")]
    pub downloads: u64,
}

/// One visit of a link.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Visited {
    /// The link's id.
    #[prost(bytes = "vec", tag = "1")]
    pub link: Vec<u8>,
    /// The page's own random word.
    #[prost(bytes = "vec", tag = "2")]
    pub token: Vec<u8>,
    /// Milliseconds since 1970.
    #[prost(sint64, tag = "3")]
    pub began_at: i64,
    /// The last thing that was done, milliseconds since 1970.
    #[prost(sint64, tag = "4")]
    pub last_at: i64,
    /// «Safari on an iPhone», as far as the browser tells.
    #[prost(string, tag = "5")]
    pub device: String,
    /// Photos and videos looked at.
    #[prost(uint64, tag = "6")]
    pub photos: u64,
    /// Files downloaded.
    #[prost(uint64, tag = "7")]
    pub downloads: u64,
}

/// A comment or a like of a visitor.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SayFor {
    /// The link's id.
    #[prost(bytes = "vec", tag = "1")]
    pub link: Vec<u8>,
    /// The id it is to have.
    #[prost(bytes = "vec", tag = "2")]
    pub id: Vec<u8>,
    /// Of which asset; absent for the whole.
    #[prost(bytes = "vec", optional, tag = "3")]
    pub asset: Option<Vec<u8>>,
    /// The words; absent for a like.
    #[prost(string, optional, tag = "4")]
    pub text: Option<String>,
    /// What the visitor calls themselves; of a like it may be empty.
    #[prost(string, tag = "5")]
    pub name: String,
    /// By which their browser knows its own.
    #[prost(bytes = "vec", tag = "6")]
    pub mark: Vec<u8>,
    /// What the visitor is known by there.
    #[prost(bytes = "vec", tag = "7")]
    pub proof: Vec<u8>,
    /// When, milliseconds since 1970.
    #[prost(sint64, tag = "8")]
    pub made_at: i64,
}

/// What a visitor said is to be deleted.
#[derive(Clone, PartialEq, prost::Message)]
pub struct UnsayFor {
    /// The link's id.
    #[prost(bytes = "vec", tag = "1")]
    pub link: Vec<u8>,
    /// Its id.
    #[prost(bytes = "vec", tag = "2")]
    pub id: Vec<u8>,
    /// What the visitor is known by there.
    #[prost(bytes = "vec", tag = "3")]
    pub proof: Vec<u8>,
}

impl TakeUpload {
    /// The wish, where such a file can be.
    pub(crate) fn checked(&self) -> Result<&TakeUpload, LibraryError> {
        let is_sound = self.id.len() == 16
            && self.link.len() == 16
            && self.visitor.len() == 32
            && self.hash.len() == 32
            && self.visitor_name.chars().count() <= LONGEST_VISITOR
            && self.name.len() <= LONGEST_NAME
            && (1..=MOST_VIDEO).contains(&self.bytes)
            && self.received_at.unsigned_abs() < 1 << 50;
        match is_sound {
            true => Ok(self),
            false => Err(LibraryError::wrong("A file is named that cannot be.")),
        }
    }
}

impl AddVisits {
    /// The wish, where so much can have been done.
    pub(crate) fn checked(&self) -> Result<&AddVisits, LibraryError> {
        let days = self.days.iter().all(|day| {
            let counts = [day.visits, day.photos, day.downloads];
            day.link.len() == 16 && day.day < 1 << 20 && are_counts(&counts)
        });
        let visits = self.visits.iter().all(|visit| {
            visit.link.len() == 16
                && visit.token.len() == 16
                && visit.device.chars().count() <= 64
                && visit.began_at.unsigned_abs() < 1 << 50
                && visit.last_at.unsigned_abs() < 1 << 50
                && are_counts(&[visit.photos, visit.downloads])
        });
        let few = self.days.len() <= MOST_VISITS && self.visits.len() <= MOST_VISITS;
        match days && visits && few {
            true => Ok(self),
            false => Err(LibraryError::wrong("Numbers are told that cannot be.")),
        }
    }
}

fn are_counts(counts: &[u64]) -> bool {
    counts.iter().all(|count| *count < MOST_COUNTED)
}
