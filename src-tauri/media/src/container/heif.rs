//! The items of a HEIF file (ISO/IEC 23008-12): pictures, grids, and metadata
//! that HEIC and AVIF keep beside them.

use super::bmff::{Atom, Atoms, atoms};
use crate::Span;

/// Items more than this are not looked at.
const MOST_ITEMS: usize = 4_096;

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// Its number.
    pub(crate) id: u32,
    /// Its type: `hvc1`, `av01`, `grid`, `Exif`, `mime` …
    pub(crate) kind: [u8; 4],
    /// The media type of a `mime` item; empty of others.
    pub(crate) content_type: &'a str,
    /// Where its bytes are, in order, counted from the start of the file. Empty
    /// when they are computed from other items.
    pub(crate) extents: Vec<Span>,
}

impl Item<'_> {
    /// Whether it is an XMP packet.
    pub(crate) fn is_xmp(&self) -> bool {
        self.kind == *b"mime" && self.content_type.starts_with("application/rdf+xml")
    }

    /// Its bytes, joined; `None` when an extent lies outside of the file.
    pub(crate) fn bytes(&self, file: &[u8]) -> Option<Vec<u8>> {
        let mut joined = Vec::new();
        for extent in &self.extents {
            let start = usize::try_from(extent.start).ok()?;
            let length = usize::try_from(extent.length).ok()?;
            joined.extend_from_slice(file.get(start..start.checked_add(length)?)?);
            if joined.len() > file.len() {
                return None;
            }
        }
        Some(joined)
    }
}

/// The `meta` box at the top of a file.
pub(crate) fn meta(file: &[u8]) -> Option<Atom<'_>> {
    atoms(file, 0).find_kind(b"meta")
}

/// The items that a file's `meta` box lists.
pub(crate) fn items(file: &[u8]) -> Vec<Item<'_>> {
    let Some(meta) = meta(file) else {
        return Vec::new();
    };
    let boxes = meta.children_after(4);
    let mut items = boxes
        .clone()
        .find_kind(b"iinf")
        .map_or(Vec::new(), |iinf| infos(&iinf));
    let data_start = boxes
        .clone()
        .find_kind(b"idat")
        .map(|idat| idat.body_start());
    let Some(iloc) = boxes.clone().find_kind(b"iloc") else {
        return items;
    };
    for (id, extents) in locations(iloc.body, data_start).unwrap_or_default() {
        if let Some(item) = items.iter_mut().find(|item| item.id == id) {
            item.extents = extents;
        }
    }
    items
}

/// The number of the item that is shown, by the `pitm` box.
pub(crate) fn primary(pitm: &Atom) -> Option<u32> {
    let mut fields = Fields(pitm.body.get(4..)?);
    match pitm.body.first()? {
        0 => fields.short().map(u32::from),
        _ => fields.long(),
    }
}

/// The properties of all items, which `ipma` counts from 1.
pub(crate) fn properties(file: &[u8]) -> Option<Atoms<'_>> {
    let iprp = meta(file)?.children_after(4).find_kind(b"iprp")?;
    Some(iprp.children().find_kind(b"ipco")?.children())
}

/// The properties of the item that is shown, in the order of its associations.
pub(crate) fn primary_properties(file: &[u8]) -> Option<Vec<Atom<'_>>> {
    let boxes = meta(file)?.children_after(4);
    let primary = primary(&boxes.clone().find_kind(b"pitm")?)?;
    let all: Vec<Atom> = properties(file)?.collect();
    let iprp = boxes.clone().find_kind(b"iprp")?;
    let mut links = Vec::new();
    for ipma in iprp.children().filter(|found| found.kind == *b"ipma") {
        associations(ipma.body, &mut links)?;
    }
    let own = links.iter().filter(|link| link.item == primary);
    Some(
        own.filter_map(|link| all.get(link.property.checked_sub(1)?).copied())
            .collect(),
    )
}

/// That an item has a property, counted from 1, and must be refused by whoever
/// does not know it.
pub(crate) struct Association {
    pub(crate) item: u32,
    pub(crate) property: usize,
    pub(crate) essential: bool,
}

/// Associations more than this are not read.
const MOST_ASSOCIATIONS: usize = 1 << 16;

/// Adds the associations of an `ipma` box, or says that it is no such box.
pub(crate) fn associations(body: &[u8], found: &mut Vec<Association>) -> Option<()> {
    let (&[version, _, _, flags], rest) = body.split_first_chunk()?;
    let mut fields = Fields(rest);
    let items = fields.long()?;
    for _ in 0..items {
        let item = match version {
            0 => u32::from(fields.short()?),
            _ => fields.long()?,
        };
        for _ in 0..fields.byte()? {
            let (essential, property) = if flags & 1 == 1 {
                let number = fields.short()?;
                (number >> 15 == 1, usize::from(number & 0x7fff))
            } else {
                let number = fields.byte()?;
                (number >> 7 == 1, usize::from(number & 0x7f))
            };
            found.push(Association {
                item,
                property,
                essential,
            });
            if found.len() > MOST_ASSOCIATIONS {
                return None;
            }
        }
    }
    Some(())
}

/// The entries of an `iinf` box.
fn infos<'a>(iinf: &Atom<'a>) -> Vec<Item<'a>> {
    let wide = iinf.body.first().is_some_and(|version| *version > 0);
    let entries = iinf.children_after(if wide { 8 } else { 6 });
    entries
        .filter(|entry| entry.kind == *b"infe")
        .take(MOST_ITEMS)
        .filter_map(|entry| info(entry.body))
        .collect()
}

fn info(body: &[u8]) -> Option<Item<'_>> {
    let version = *body.first()?;
    let mut fields = Fields(body.get(4..)?);
    let id = match version {
        2 => u32::from(fields.short()?),
        3 => fields.long()?,
        _ => return None,
    };
    fields.short()?; // protection
    let (kind, rest) = fields.0.split_first_chunk::<4>()?;
    let mut texts = rest.split(|byte| *byte == 0);
    let content_type = match kind {
        b"mime" => texts.nth(1).and_then(|text| std::str::from_utf8(text).ok()),
        _ => None,
    };
    Some(Item {
        id,
        kind: *kind,
        content_type: content_type.unwrap_or_default(),
        extents: Vec::new(),
    })
}

/// The entries of an `iloc` box. `data_start` is where the `idat` box's body
/// begins, which items of construction method 1 are counted from.
fn locations(body: &[u8], data_start: Option<u64>) -> Option<Vec<(u32, Vec<Span>)>> {
    let version = *body.first()?;
    let mut fields = Fields(body.get(4..)?);
    let sizes = fields.short()?;
    let size = |shift: u16| usize::from(sizes >> shift & 15);
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version > 0 { size(0) } else { 0 };
    let count = match version {
        0 | 1 => usize::from(fields.short()?),
        2 => usize::try_from(fields.long()?).ok()?,
        _ => return None,
    };
    let mut found = Vec::new();
    for _ in 0..count.min(MOST_ITEMS) {
        let id = match version {
            2 => fields.long()?,
            _ => u32::from(fields.short()?),
        };
        let method = if version > 0 { fields.short()? & 15 } else { 0 };
        fields.short()?; // which file: always this one
        let base = fields.sized(base_size)?;
        let mut extents = Vec::new();
        for _ in 0..fields.short()? {
            fields.sized(index_size)?;
            let offset = fields.sized(offset_size)?;
            let length = fields.sized(length_size)?;
            let origin = match method {
                0 => Some(0),
                1 => data_start,
                _ => None,
            };
            if let (Some(origin), true) = (origin, extents.len() < MOST_ITEMS) {
                let start = origin.checked_add(base)?.checked_add(offset)?;
                extents.push(Span { start, length });
            }
        }
        found.push((id, extents));
    }
    Some(found)
}

/// Big-endian numbers, one after the other.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    /// The next byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (number, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*number)
    }

    /// The next two bytes.
    pub(crate) fn short(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }

    /// The next four bytes.
    pub(crate) fn long(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    /// A number of 0, 4 or 8 bytes.
    pub(crate) fn sized(&mut self, size: usize) -> Option<u64> {
        match size {
            0 => Some(0),
            4 => self.long().map(u64::from),
            8 => Some(u64::from(self.long()?) << 32 | u64::from(self.long()?)),
            _ => None,
        }
    }
}
