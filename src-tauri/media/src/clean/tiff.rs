//! TIFF: new directories of the tags that pixels are shown by (TIFF 6.0), then
//! the strips or tiles to the byte. Reduced pages go, for they may show what a
//! picture was before it was cropped; so do sub-directories.

use super::profile::{Profile, without_private_tags};
use super::{MOST_PARTS, MOST_PUT, Recipe, Withheld, jpeg};
use crate::container::tiff::{Entry, Tiff};

/// Pages more than this are taken for a loop.
const MOST_PAGES: usize = 4_096;

const NEW_SUBFILE_TYPE: u16 = 254;
const COMPRESSION: u16 = 259;
const STRIP_OFFSETS: u16 = 273;
const STRIP_LENGTHS: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_LENGTHS: u16 = 325;
const JPEG_TABLES: u16 = 347;
const PROFILE: u16 = 34_675;

/// The tags of a picture that say how to show it; all hold numbers.
const TAGS: &[u16] = &[
    NEW_SUBFILE_TYPE,
    255,
    256,
    257,
    258,
    COMPRESSION,
    262,
    263,
    266,
    STRIP_OFFSETS,
    274,
    277,
    278,
    STRIP_LENGTHS,
    280,
    281,
    282,
    283,
    284,
    290,
    291,
    292,
    293,
    296,
    297,
    301,
    317,
    318,
    319,
    320,
    321,
    322,
    323,
    TILE_OFFSETS,
    TILE_LENGTHS,
    332,
    334,
    336,
    338,
    339,
    340,
    341,
    342,
    JPEG_TABLES,
    529,
    530,
    531,
    532,
    PROFILE,
];

/// The tags that decide on how a page is cleaned.
const FOLLOWED: &[u16] = &[
    NEW_SUBFILE_TYPE,
    255,
    COMPRESSION,
    STRIP_OFFSETS,
    STRIP_LENGTHS,
    TILE_OFFSETS,
    TILE_LENGTHS,
];

/// Compressions that hold pixels and nothing else; 7 is JPEG, cleaned on its own.
const COMPRESSIONS: &[usize] = &[1, 2, 3, 4, 5, 7, 8, 32_771, 32_773, 32_946, 34_925, 50_000];

/// Entries of a directory more than this are taken for damage.
const MOST_ENTRIES: usize = 512;

/// What may still be taken from a file, whose directories may all point to the
/// same bytes.
struct Budget {
    /// Bytes of values.
    values: usize,
    /// Strips or tiles.
    pieces: usize,
    /// Bytes of JPEG pieces, each of which is walked over.
    coded: usize,
}

/// Takes so much from what is left.
fn spend(left: &mut usize, much: usize) -> Result<(), Withheld> {
    *left = left.checked_sub(much).ok_or(Withheld::TooIntricate)?;
    Ok(())
}

/// A directory to be written, and the pixels that it will point to.
struct Page {
    fields: Vec<Field>,
    pieces: Vec<Recipe>,
    tags: [u16; 2],
}

struct Field {
    tag: u16,
    kind: u16,
    count: u32,
    value: Vec<u8>,
}

/// The clean copy of a TIFF file.
pub(super) fn clean(bytes: &[u8]) -> Result<Recipe, Withheld> {
    let Some(tiff) = Tiff::new(bytes) else {
        let big = bytes.starts_with(b"II+\0") || bytes.starts_with(b"MM\0+");
        return Err(if big {
            Withheld::Rare
        } else {
            Withheld::Malformed
        });
    };
    let mut budget = Budget {
        values: MOST_PUT,
        pieces: MOST_PARTS,
        coded: bytes.len(),
    };
    let mut pages = Vec::new();
    let mut seen = Vec::new();
    let mut at = tiff.first();
    while at != 0 {
        if seen.contains(&at) || seen.len() == MOST_PAGES {
            return Err(Withheld::Malformed);
        }
        seen.push(at);
        let (entries, whole) = tiff.entries_at(at);
        if !whole {
            return Err(Withheld::Malformed);
        }
        if entries.len() > MOST_ENTRIES {
            return Err(Withheld::TooIntricate);
        }
        if pages.is_empty() || !is_reduced(tiff, &entries) {
            pages.push(page(tiff, bytes, &entries, &mut budget)?);
        }
        at = tiff.next(at).ok_or(Withheld::Malformed)?;
    }
    if pages.is_empty() {
        return Err(Withheld::Malformed);
    }
    write(tiff.is_big_endian(), pages)
}

fn is_reduced(tiff: Tiff, entries: &[Entry]) -> bool {
    // The older tag says 2 of a reduced picture.
    let kinds = [NEW_SUBFILE_TYPE, 255].map(|tag| number_of(tiff, entries, tag));
    kinds[0].is_some_and(|kind| kind & 1 == 1) || kinds[1] == Some(2)
}

/// The first number of an entry.
fn number_of(tiff: Tiff, entries: &[Entry], tag: u16) -> Option<usize> {
    let entry = entries.iter().find(|entry| entry.tag == tag)?;
    let one = Entry {
        count: entry.count.min(1),
        ..*entry
    };
    tiff.numbers(one).first().copied()
}

fn page(
    tiff: Tiff,
    bytes: &[u8],
    entries: &[Entry],
    budget: &mut Budget,
) -> Result<Page, Withheld> {
    let compression = number_of(tiff, entries, COMPRESSION).unwrap_or(1);
    if !COMPRESSIONS.contains(&compression) {
        return Err(Withheld::Rare);
    }
    let mut fields: Vec<Field> = Vec::new();
    let mut seen = Vec::new();
    for entry in entries.iter().filter(|entry| TAGS.contains(&entry.tag)) {
        // Of two, nobody can tell which one counts for whom.
        if seen.contains(&entry.tag) {
            return Err(Withheld::Malformed);
        }
        seen.push(entry.tag);
        fields.extend(field(tiff, entry, budget)?);
    }
    fields.sort_by_key(|field| field.tag);
    let tags = match number_of(tiff, entries, TILE_OFFSETS) {
        None => [STRIP_OFFSETS, STRIP_LENGTHS],
        Some(_) => [TILE_OFFSETS, TILE_LENGTHS],
    };
    let [offsets, lengths] = tags.map(|tag| {
        // An entry longer than the budget was refused as a field.
        let entry = entries.iter().find(|entry| entry.tag == tag);
        entry.map_or(Vec::new(), |entry| tiff.numbers(*entry))
    });
    spend(&mut budget.pieces, offsets.len())?;
    if offsets.is_empty() || offsets.len() != lengths.len() {
        return Err(Withheld::Malformed);
    }
    // A page has its pixels in strips or in tiles; what it says of the others
    // would point into nothing.
    fields.retain(|field| {
        let pixels = [STRIP_OFFSETS, STRIP_LENGTHS, TILE_OFFSETS, TILE_LENGTHS];
        tags.contains(&field.tag) || !pixels.contains(&field.tag)
    });
    let mut pieces = Vec::new();
    for (start, length) in offsets.into_iter().zip(lengths) {
        let end = start.checked_add(length).ok_or(Withheld::Malformed)?;
        let piece = bytes.get(start..end).ok_or(Withheld::Malformed)?;
        let mut recipe = Recipe::default();
        if compression == 7 && !piece.is_empty() {
            spend(&mut budget.coded, length)?;
            recipe.append(&jpeg::clean_abbreviated(piece, false)?, start as u64)?;
        } else {
            recipe.keep_range(start, end)?;
        }
        pieces.push(recipe);
    }
    Ok(Page {
        fields,
        pieces,
        tags,
    })
}

/// A field as it is, or none when its values are of a type that is no number.
fn field(tiff: Tiff, entry: &Entry, budget: &mut Budget) -> Result<Option<Field>, Withheld> {
    let bytes = entry.tag == PROFILE || entry.tag == JPEG_TABLES;
    let fits = match bytes {
        true => matches!(entry.kind, 1 | 7),
        false => matches!(entry.kind, 1 | 3 | 4 | 5 | 8 | 9 | 10 | 11 | 12),
    };
    // What decides on the cleaning must say the same to everyone.
    if FOLLOWED.contains(&entry.tag) && (entry.count == 0 || !matches!(entry.kind, 3 | 4)) {
        return Err(Withheld::Malformed);
    }
    if entry.count == 0 || !fits {
        return Ok(None);
    }
    spend(&mut budget.values, entry.length())?;
    let value = tiff
        .start_of(*entry, entry.length())
        .ok_or(Withheld::Malformed)?;
    let value = match entry.tag {
        PROFILE => match without_private_tags(value) {
            Profile::AsItIs => value.to_vec(),
            Profile::Without(profile) => profile,
            Profile::Drop => return Ok(None),
        },
        JPEG_TABLES => tables(value)?,
        _ => value.to_vec(),
    };
    let count = match bytes {
        true => u32::try_from(value.len()),
        false => u32::try_from(entry.count),
    };
    Ok(Some(Field {
        tag: entry.tag,
        kind: entry.kind,
        count: count.map_err(|_| Withheld::Malformed)?,
        value,
    }))
}

/// The tables that all JPEG pieces of a page share, without other segments.
fn tables(value: &[u8]) -> Result<Vec<u8>, Withheld> {
    let mut bytes = Vec::new();
    for part in jpeg::clean_abbreviated(value, true)?.parts() {
        match part {
            super::Part::Put(put) => bytes.extend_from_slice(put),
            super::Part::Zeros(_) => return Err(Withheld::Malformed),
            super::Part::Keep(span) => {
                let from_start = value.get(usize::try_from(span.start).unwrap_or(usize::MAX)..);
                let kept = from_start.unwrap_or_default().iter().copied();
                bytes.extend(kept.take(usize::try_from(span.length).unwrap_or(usize::MAX)));
            }
        }
    }
    Ok(bytes)
}

/// Header, directories with their values, then the pixels of all pages.
fn write(big_endian: bool, mut pages: Vec<Page>) -> Result<Recipe, Withheld> {
    let order = Order { big_endian };
    let directories: usize = pages.iter().map(Page::length).sum();
    let mut pixels_at = 8 + directories as u64;
    for page in &mut pages {
        let [offsets_tag, lengths_tag] = page.tags;
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for piece in &page.pieces {
            offsets.extend(order.long(number(pixels_at)?));
            lengths.extend(order.long(number(piece.length())?));
            pixels_at += piece.length();
        }
        for field in &mut page.fields {
            if field.tag == offsets_tag {
                (field.kind, field.value) = (4, std::mem::take(&mut offsets));
            } else if field.tag == lengths_tag {
                (field.kind, field.value) = (4, std::mem::take(&mut lengths));
            }
        }
    }
    let mut head = order.header();
    let count = pages.len();
    for (index, page) in pages.iter().enumerate() {
        let last = index + 1 == count;
        page.write(&order, &mut head, last)?;
    }
    let mut recipe = Recipe::default();
    recipe.put(&head)?;
    for piece in pages.iter().flat_map(|page| &page.pieces) {
        recipe.append(piece, 0)?;
    }
    Ok(recipe)
}

impl Page {
    /// The bytes of the directory and of the values that do not fit into it.
    fn length(&self) -> usize {
        let values = self.fields.iter().map(|field| {
            // Offsets and lengths become LONG, whatever they were.
            let long = self.tags.contains(&field.tag);
            let length = if long {
                self.pieces.len() * 4
            } else {
                field.value.len()
            };
            if length > 4 {
                length.next_multiple_of(2)
            } else {
                0
            }
        });
        2 + self.fields.len() * 12 + 4 + values.sum::<usize>()
    }

    fn write(&self, order: &Order, bytes: &mut Vec<u8>, last: bool) -> Result<(), Withheld> {
        let start = bytes.len();
        let next = if last {
            0
        } else {
            number((start + self.length()) as u64)?
        };
        let count = u16::try_from(self.fields.len()).map_err(|_| Withheld::Malformed)?;
        let mut value_at = start + 2 + self.fields.len() * 12 + 4;
        let mut values = Vec::new();
        bytes.extend(order.short(count));
        for field in &self.fields {
            bytes.extend(order.short(field.tag));
            bytes.extend(order.short(field.kind));
            bytes.extend(order.long(field.count));
            if field.value.len() > 4 {
                bytes.extend(order.long(number(value_at as u64)?));
                values.extend_from_slice(&field.value);
                values.resize(values.len().next_multiple_of(2), 0);
                value_at = start + 2 + self.fields.len() * 12 + 4 + values.len();
            } else {
                let mut inline = field.value.clone();
                inline.resize(4, 0);
                bytes.extend(inline);
            }
        }
        bytes.extend(order.long(next));
        bytes.extend(values);
        Ok(())
    }
}

fn number(number: u64) -> Result<u32, Withheld> {
    u32::try_from(number).map_err(|_| Withheld::TooIntricate)
}

/// The order of bytes, which is the original's: its pixels have it, too.
struct Order {
    big_endian: bool,
}

impl Order {
    fn header(&self) -> Vec<u8> {
        let name: &[u8] = if self.big_endian { b"MM" } else { b"II" };
        [name, &self.short(42), &self.long(8)].concat()
    }

    fn short(&self, number: u16) -> [u8; 2] {
        match self.big_endian {
            true => number.to_be_bytes(),
            false => number.to_le_bytes(),
        }
    }

    fn long(&self, number: u32) -> [u8; 4] {
        match self.big_endian {
            true => number.to_be_bytes(),
            false => number.to_le_bytes(),
        }
    }
}
