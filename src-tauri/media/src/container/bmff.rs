//! ISO base media files (ISO/IEC 14496-12) as boxes: HEIC, AVIF, CR3, MP4, MOV.

/// A box whose header and body lie within the bytes at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Atom<'a> {
    /// Its four-letter type.
    pub(crate) kind: [u8; 4],
    /// Where its header begins, counted like the walk's `base`.
    pub(crate) start: u64,
    /// Bytes of its header: 8, or 16 with a long size.
    pub(crate) header: usize,
    /// What it holds.
    pub(crate) body: &'a [u8],
}

impl<'a> Atom<'a> {
    /// Where its body begins, counted like `start`.
    pub(crate) fn body_start(&self) -> u64 {
        self.start + self.header as u64
    }

    /// The boxes it holds, of a box that holds nothing else.
    pub(crate) fn children(&self) -> Atoms<'a> {
        atoms(self.body, self.body_start())
    }

    /// The boxes after `skip` bytes of its body: 4 for a full box's version and
    /// flags. None when the body is shorter.
    pub(crate) fn children_after(&self, skip: usize) -> Atoms<'a> {
        let body = self.body.get(skip..).unwrap_or_default();
        atoms(body, self.body_start() + skip as u64)
    }
}

/// The boxes in `bytes`, which begin at `base` in their file. The walk ends at
/// the first box that does not fit into what is left; a size of 0 means "to the
/// end".
pub(crate) fn atoms(bytes: &[u8], base: u64) -> Atoms<'_> {
    Atoms { bytes, base }
}

/// See [`atoms`].
#[derive(Clone, Debug)]
pub(crate) struct Atoms<'a> {
    bytes: &'a [u8],
    base: u64,
}

impl<'a> Atoms<'a> {
    /// The first box of this type.
    pub(crate) fn find_kind(mut self, kind: &[u8; 4]) -> Option<Atom<'a>> {
        self.find(|atom| atom.kind == *kind)
    }
}

impl<'a> Iterator for Atoms<'a> {
    type Item = Atom<'a>;

    fn next(&mut self) -> Option<Atom<'a>> {
        let (short, rest) = self.bytes.split_first_chunk::<4>()?;
        let kind = *rest.first_chunk::<4>()?;
        let (header, length) = match u32::from_be_bytes(*short) {
            0 => (8, self.bytes.len()),
            1 => {
                let long = self.bytes.get(8..16)?.try_into().ok()?;
                (16, usize::try_from(u64::from_be_bytes(long)).ok()?)
            }
            length => (8, usize::try_from(length).ok()?),
        };
        let body = self.bytes.get(header..length)?;
        let atom = Atom {
            kind,
            start: self.base,
            header,
            body,
        };
        self.bytes = self.bytes.get(length..)?;
        self.base += length as u64;
        Some(atom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_walked_and_lies_end_the_walk() {
        let bytes = b"\0\0\0\x0cftypheic\0\0\0\x01mdat\0\0\0\0\0\0\0\x12ab\0\0\0\0freexyz";
        let found: Vec<_> = atoms(bytes, 100)
            .map(|atom| (atom.kind, atom.start, atom.body))
            .collect();
        assert_eq!(
            found,
            [
                (*b"ftyp", 100, &b"heic"[..]),
                (*b"mdat", 112, &b"ab"[..]),
                (*b"free", 130, &b"xyz"[..]),
            ]
        );
        assert!(atoms(b"\0\0\0\x07free", 0).next().is_none());
        assert!(atoms(b"\0\0\0\x09free", 0).next().is_none());
        assert!(
            atoms(b"\0\0\0\x01free\xff\xff\xff\xff\xff\xff\xff\xff", 0)
                .next()
                .is_none()
        );
    }
}
