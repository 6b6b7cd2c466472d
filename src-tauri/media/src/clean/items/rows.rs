//! The tables of a `meta` box, read strictly and written again without the
//! items that go: `iinf`, `iloc` and `iref` (ISO/IEC 14496-12, section 8.11).

use super::super::Withheld;
use super::super::iso::all_atoms;
use crate::Span;
use crate::container::bmff::Atom;
use crate::container::heif::Fields;

/// Items more than this are taken for damage.
const MOST_ITEMS: usize = 4_096;
/// References, and extents, more than this are taken for damage.
const MOST_ROWS: usize = 1 << 16;

/// One entry of `iinf`.
pub(super) struct Row {
    pub(super) id: u32,
    pub(super) kind: [u8; 4],
    pub(super) protected: bool,
    hidden: u8,
}

/// The entries of `iinf`.
pub(super) fn infos(iinf: &Atom) -> Result<Vec<Row>, Withheld> {
    let skip = if iinf.body.first() == Some(&0) { 6 } else { 8 };
    let inside = iinf.body.get(skip..).ok_or(Withheld::Malformed)?;
    let entries = all_atoms(inside, iinf.body_start() + skip as u64)?;
    if entries.len() > MOST_ITEMS {
        return Err(Withheld::TooIntricate);
    }
    let rows = entries
        .iter()
        .map(|entry| info(entry.body).ok_or(Withheld::Malformed));
    rows.collect()
}

fn info(body: &[u8]) -> Option<Row> {
    let (&[version, _, _, flags], rest) = body.split_first_chunk()?;
    let mut fields = Fields(rest);
    let id = match version {
        2 => u32::from(fields.short()?),
        3 => fields.long()?,
        _ => return None,
    };
    Some(Row {
        id,
        protected: fields.short()? != 0,
        kind: *fields.0.first_chunk::<4>()?,
        hidden: flags & 1,
    })
}

/// The body of an `iinf` with the kept items, whose names are empty.
pub(super) fn write_infos(items: &[Row], kept: &[u32]) -> Vec<u8> {
    let kept: Vec<&Row> = items
        .iter()
        .filter(|row| super::is_in(kept, row.id))
        .collect();
    // Items are at most 4,096, so version 0 holds their count.
    let mut body = vec![0; 4];
    body.extend((kept.len() as u16).to_be_bytes());
    for row in kept {
        let short = u16::try_from(row.id).ok();
        let mut entry = vec![if short.is_some() { 2 } else { 3 }, 0, 0, row.hidden];
        match short {
            Some(id) => entry.extend(id.to_be_bytes()),
            None => entry.extend(row.id.to_be_bytes()),
        }
        entry.extend([0, 0]);
        entry.extend(row.kind);
        entry.push(0);
        super::put_box(&mut body, b"infe", &entry);
    }
    body
}

/// The table of `iloc`.
pub(super) struct Locations<'a> {
    version: u8,
    sizes: u16,
    pub(super) rows: Vec<Location<'a>>,
}

/// One entry of `iloc`.
pub(super) struct Location<'a> {
    pub(super) id: u32,
    /// 0 counts from the start of the file, 1 within `idat`, 2 within an item.
    pub(super) method: u16,
    /// Whether it is in another file.
    pub(super) elsewhere: bool,
    pub(super) extents: Vec<Span>,
    bytes: &'a [u8],
}

/// The entries of `iloc`.
pub(super) fn locations<'a>(iloc: &Atom<'a>) -> Result<Locations<'a>, Withheld> {
    let version = iloc.body.first().copied().ok_or(Withheld::Malformed)?;
    let mut fields = Fields(iloc.body.get(4..).ok_or(Withheld::Malformed)?);
    let sizes = fields.short().ok_or(Withheld::Malformed)?;
    let count = match version {
        0 | 1 => fields.short().map(u32::from),
        2 => fields.long(),
        _ => None,
    };
    let mut rows: Vec<Location> = Vec::new();
    let mut extents = 0;
    for _ in 0..count.ok_or(Withheld::Malformed)? {
        let row = location(&mut fields, version, sizes).ok_or(Withheld::Malformed)?;
        extents += row.extents.len();
        if rows.len() == MOST_ITEMS || extents > MOST_ROWS {
            return Err(Withheld::TooIntricate);
        }
        if rows.iter().any(|other| other.id == row.id) {
            return Err(Withheld::Malformed);
        }
        rows.push(row);
    }
    Ok(Locations {
        version,
        sizes,
        rows,
    })
}

fn location<'a>(fields: &mut Fields<'a>, version: u8, sizes: u16) -> Option<Location<'a>> {
    let start = fields.0;
    let size = |shift: u16| usize::from(sizes >> shift & 15);
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version > 0 { size(0) } else { 0 };
    let id = match version {
        2 => fields.long()?,
        _ => u32::from(fields.short()?),
    };
    let method = if version > 0 { fields.short()? & 15 } else { 0 };
    let elsewhere = fields.short()? != 0;
    let base = fields.sized(base_size)?;
    let mut extents = Vec::new();
    for _ in 0..fields.short()? {
        fields.sized(index_size)?;
        let start = base.checked_add(fields.sized(offset_size)?)?;
        let length = fields.sized(length_size)?;
        start.checked_add(length)?;
        extents.push(Span { start, length });
    }
    Some(Location {
        id,
        method,
        elsewhere,
        extents,
        bytes: start.get(..start.len() - fields.0.len())?,
    })
}

impl Locations<'_> {
    /// The body of an `iloc` with the kept items.
    pub(super) fn write(&self, kept: &[u32]) -> Vec<u8> {
        let rows: Vec<_> = self
            .rows
            .iter()
            .filter(|row| super::is_in(kept, row.id))
            .collect();
        let mut body = vec![self.version, 0, 0, 0];
        body.extend(self.sizes.to_be_bytes());
        match self.version {
            2 => body.extend((rows.len() as u32).to_be_bytes()),
            _ => body.extend((rows.len() as u16).to_be_bytes()),
        }
        rows.iter().for_each(|row| body.extend(row.bytes));
        body
    }
}

/// The table of `iref`.
#[derive(Default)]
pub(super) struct References {
    version: u8,
    pub(super) rows: Vec<Reference>,
}

/// What one item says of others.
pub(super) struct Reference {
    pub(super) kind: [u8; 4],
    pub(super) from: u32,
    pub(super) to: Vec<u32>,
}

/// The entries of `iref`.
pub(super) fn references(iref: &Atom) -> Result<References, Withheld> {
    let version = iref.body.first().copied().ok_or(Withheld::Malformed)?;
    let inside = iref.body.get(4..).ok_or(Withheld::Malformed)?;
    let mut rows = Vec::new();
    let mut ids = 0;
    for entry in all_atoms(inside, iref.body_start() + 4)? {
        let reference = reference(&entry, version).ok_or(Withheld::Malformed)?;
        ids += reference.to.len();
        if rows.len() == MOST_ITEMS || ids > MOST_ROWS {
            return Err(Withheld::TooIntricate);
        }
        rows.push(reference);
    }
    Ok(References { version, rows })
}

fn reference(entry: &Atom, version: u8) -> Option<Reference> {
    let mut fields = Fields(entry.body);
    let id = |fields: &mut Fields| match version {
        0 => fields.short().map(u32::from),
        _ => fields.long(),
    };
    let from = id(&mut fields)?;
    let count = fields.short()?;
    let to: Option<Vec<u32>> = (0..count).map(|_| id(&mut fields)).collect();
    Some(Reference {
        kind: entry.kind,
        from,
        to: to?,
    })
}

impl References {
    /// The body of an `iref` in which kept items refer to kept items.
    pub(super) fn write(&self, kept: &[u32]) -> Vec<u8> {
        let mut body = vec![self.version, 0, 0, 0];
        let known = |row: &&Reference| matches!(&row.kind, b"dimg" | b"auxl" | b"prem");
        for row in self.rows.iter().filter(known) {
            let to: Vec<u32> = row
                .to
                .iter()
                .copied()
                .filter(|id| super::is_in(kept, *id))
                .collect();
            if !super::is_in(kept, row.from) || to.is_empty() {
                continue;
            }
            let mut entry = Vec::new();
            let ids = [row.from, to.len() as u32];
            for (index, number) in ids.into_iter().chain(to).enumerate() {
                let bytes = number.to_be_bytes();
                // The count, which comes second, is always short.
                let skip = if self.version == 0 || index == 1 {
                    2
                } else {
                    0
                };
                entry.extend(bytes.iter().skip(skip));
            }
            super::put_box(&mut body, &row.kind, &entry);
        }
        body
    }
}
