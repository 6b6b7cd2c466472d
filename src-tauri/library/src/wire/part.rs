//! Further files of photos: live parts that are files of their own, and sidecars.

use super::AssetRow;

/// How many further files of a photo are told at most.
pub(crate) const MOST_PARTS: usize = 64;

/// A further file of a photo.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PartRow {
    /// 1 its live part, 2 a sidecar.
    #[prost(uint32, tag = "1")]
    pub part: u32,
    /// BLAKE3 of its bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub hash: Vec<u8>,
    /// Size.
    #[prost(uint64, tag = "3")]
    pub bytes: u64,
    /// As it is called beside the photo.
    #[prost(string, tag = "4")]
    pub name: String,
}

impl AssetRow {
    /// Whether its further files can be.
    pub(super) fn has_sound_parts(&self) -> bool {
        self.parts.len() <= MOST_PARTS
            && self.parts.iter().all(|part| {
                part.hash.len() == 32 && part.bytes <= 1 << 50 && part.name.len() <= 255
            })
    }
}
