//! A PNG as a row of chunks (PNG, third edition, section 5.3).

/// The eight bytes every PNG begins with.
pub(crate) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// One chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    /// Its four-letter type.
    pub(crate) kind: [u8; 4],
    /// Where its length field begins in the file.
    pub(crate) start: usize,
    /// What it holds.
    pub(crate) body: &'a [u8],
}

impl Chunk<'_> {
    /// Where it ends, its checksum included.
    pub(crate) fn end(&self) -> usize {
        self.start + 12 + self.body.len()
    }
}

/// The chunks of a PNG file, up to the first that does not fit into it.
pub(crate) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut at = SIGNATURE.len();
    std::iter::from_fn(move || {
        let rest = bytes.get(at..)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let body = rest.get(..length)?;
        rest.get(length..length.checked_add(4)?)?;
        let chunk = Chunk {
            kind: *kind,
            start: at,
            body,
        };
        at = chunk.end();
        Some(chunk)
    })
}

/// The checksum of a chunk's type and body (ISO 3309).
pub(crate) fn checksum(bytes: &[&[u8]]) -> [u8; 4] {
    let sum = bytes.iter().copied().flatten().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    });
    (!sum).to_be_bytes()
}
