//! What one's own machines tell each other, beside photos and albums.

use prost::Message;

use super::MOST_PARTS;

/// An original of another of one's own machines that is kept.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HeldRow {
    /// BLAKE3 of its bytes, which were checked.
    #[prost(bytes = "vec", tag = "1")]
    pub hash: Vec<u8>,
    /// BLAKE3 of the photo's further files that are kept with it.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub parts: Vec<Vec<u8>>,
}

/// A library that moves to whoever follows.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MovingRow {
    /// Files of photos.
    #[prost(uint64, tag = "1")]
    pub files: u64,
    /// Bytes of those.
    #[prost(uint64, tag = "2")]
    pub bytes: u64,
    /// Length of the bundle of catalog and secret.
    #[prost(uint64, tag = "3")]
    pub length: u64,
    /// BLAKE3 of the bundle.
    #[prost(bytes = "vec", tag = "4")]
    pub hash: Vec<u8>,
}

impl HeldRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<HeldRow, &'static str> {
        let row = HeldRow::decode(body).map_err(|_| "a copy that cannot be read")?;
        let sound = row.hash.len() == 32
            && row.parts.len() <= MOST_PARTS
            && row.parts.iter().all(|hash| hash.len() == 32);
        match sound {
            true => Ok(row),
            false => Err("a copy that cannot be"),
        }
    }
}

impl MovingRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<MovingRow, &'static str> {
        let row = MovingRow::decode(body).map_err(|_| "a move that cannot be read")?;
        let sound = row.hash.len() == 32
            && row.length > 32
            && [row.length, row.files, row.bytes]
                .into_iter()
                .all(|number| number < 1 << 60);
        match sound {
            true => Ok(row),
            false => Err("a move that cannot be"),
        }
    }
}
