//! A RIFF file, such as WebP, as a row of chunks (WebP Container Specification).

/// One chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    /// Its four-letter type.
    pub(crate) kind: [u8; 4],
    /// Where its type begins in the file.
    pub(crate) start: usize,
    /// What it holds, without the padding byte.
    pub(crate) body: &'a [u8],
}

impl Chunk<'_> {
    /// Where it ends, its padding byte included.
    pub(crate) fn end(&self) -> usize {
        self.start + 8 + self.body.len() + self.body.len() % 2
    }
}

/// The chunks after the twelve bytes of the RIFF header, up to the first that
/// does not fit into the file.
pub(crate) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut at = 12;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..)?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let chunk = Chunk {
            kind: *kind,
            start: at,
            body: rest.get(..length)?,
        };
        at = chunk.end();
        Some(chunk)
    })
}
