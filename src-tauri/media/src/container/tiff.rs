//! The directories of a TIFF (TIFF 6.0, section 2), read by hand: enough to tell
//! RAW pictures from real ones, cut files from broken ones, and to find previews.

/// A classic TIFF's bytes; numbers are in the order that its header states.
#[derive(Clone, Copy)]
pub(crate) struct Tiff<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

/// One entry of a directory.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// What the entry says something about.
    pub(crate) tag: u16,
    /// The type of its values (TIFF 6.0, section 2): 3 is SHORT, 4 is LONG.
    pub(crate) kind: u16,
    /// How many values it has.
    pub(crate) count: usize,
    /// Where its values are, counted from the start of the file.
    pub(crate) at: usize,
}

impl<'a> Tiff<'a> {
    /// Bytes that begin like a classic TIFF, or like the RAW formats that put
    /// another number in the place of 42: Olympus and Panasonic.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Tiff<'a>> {
        let big_endian = match bytes.get(..4)? {
            b"II*\0" | b"IIRO" | b"IIRS" | b"IIU\0" => false,
            b"MM\0*" | b"MMOR" => true,
            _ => return None,
        };
        Some(Tiff { bytes, big_endian })
    }

    /// The entries of the first directory, and whether all of them are there.
    pub(crate) fn entries(self) -> (Vec<Entry>, bool) {
        self.entries_at(self.first())
    }

    /// Where the first directory is.
    pub(crate) fn first(self) -> usize {
        self.long(4).unwrap_or(usize::MAX)
    }

    /// Where the directory after the one at `directory` is; 0 after the last.
    pub(crate) fn next(self, directory: usize) -> Option<usize> {
        let count = usize::from(self.short(directory)?);
        self.long(directory.checked_add(2 + count * 12)?)
    }

    /// The entries of the directory at `directory`, and whether all are there.
    pub(crate) fn entries_at(self, directory: usize) -> (Vec<Entry>, bool) {
        let Some(count) = self.short(directory) else {
            return (Vec::new(), false);
        };
        let entries: Vec<Entry> = (0..usize::from(count))
            .map_while(|index| self.entry(directory.checked_add(2 + index * 12)?))
            .collect();
        let whole = entries.len() == usize::from(count);
        (entries, whole)
    }

    /// Whether something that the first directory points to lies after the end.
    pub(crate) fn ends_early(self) -> bool {
        let (entries, whole) = self.entries();
        let values = |tags: [u16; 2]| {
            let entry = entries.iter().find(|entry| tags.contains(&entry.tag));
            entry.map_or(Vec::new(), |entry| self.numbers(*entry))
        };
        // Offsets and lengths, of strips or else of tiles.
        let (offsets, lengths) = (values([273, 324]), values([279, 325]));
        let pixels_missing = offsets
            .iter()
            .zip(lengths)
            .any(|(offset, length)| offset.saturating_add(length) > self.bytes.len());
        let values_missing = entries
            .iter()
            .any(|entry| entry.at.saturating_add(entry.length()) > self.bytes.len());
        !whole || pixels_missing || values_missing
    }

    /// The text of an entry may go on after these `length` bytes.
    pub(crate) fn start_of(self, entry: Entry, length: usize) -> Option<&'a [u8]> {
        self.bytes.get(entry.at..entry.at.checked_add(length)?)
    }

    /// The whole numbers that an entry holds.
    pub(crate) fn numbers(self, entry: Entry) -> Vec<usize> {
        (0..entry.count)
            .map_while(|index| match entry.kind {
                3 => self
                    .short(entry.at.checked_add(index * 2)?)
                    .map(usize::from),
                4 => self.long(entry.at.checked_add(index * 4)?),
                _ => None,
            })
            .collect()
    }

    fn entry(self, at: usize) -> Option<Entry> {
        let mut entry = Entry {
            tag: self.short(at)?,
            kind: self.short(at + 2)?,
            count: self.long(at + 4)?,
            at: at + 8,
        };
        let pointed_to = self.long(at + 8)?;
        if entry.length() > 4 {
            entry.at = pointed_to;
        }
        Some(entry)
    }

    fn short(self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self.big_endian {
            true => u16::from_be_bytes(bytes),
            false => u16::from_le_bytes(bytes),
        })
    }

    fn long(self, at: usize) -> Option<usize> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let number = match self.big_endian {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        };
        usize::try_from(number).ok()
    }
}

impl Entry {
    /// The bytes its values take.
    pub(crate) fn length(self) -> usize {
        let each = match self.kind {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => 1,
        };
        self.count.saturating_mul(each)
    }
}
