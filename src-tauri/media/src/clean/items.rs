//! The `meta` box of HEIC and AVIF (ISO/IEC 23008-12), written anew in the same
//! length. What is kept is the picture that is shown: the primary item, what it
//! is made of, and its transparency.
//!
//! Thumbnails, depth and gain maps, other pictures of the file, EXIF and XMP go:
//! each may show or tell what the picture does not.

use super::Withheld;
use super::iso::{Contents, all_atoms, clean_references};
use super::patch::{Patches, united};
use crate::Span;
use crate::container::bmff::Atom;
use crate::container::heif::primary;

mod properties;
mod rows;

use rows::{References, Row};

/// Kinds of items that are pictures, or made of pictures.
const PICTURES: &[&[u8; 4]] = &[
    b"hvc1", b"av01", b"avc1", b"vvc1", b"grid", b"iden", b"iovl",
];
/// Items that are bytes of something else than a picture.
const PICTURE_LIKE: &[&[u8; 4]] = &[b"jpeg", b"j2k1", b"unci", b"tmap", b"hvt1", b"lhv1"];

/// Gives the new `meta` box, and notes what of the file its pictures need.
pub(super) fn clean(meta: &Atom, contents: &mut Contents) -> Result<Vec<u8>, Withheld> {
    let inside = meta.body.get(4..).ok_or(Withheld::Malformed)?;
    let boxes = all_atoms(inside, meta.body_start() + 4)?;
    let one = |kind: &[u8; 4]| {
        let mut found = boxes.iter().filter(|atom| atom.kind == *kind);
        let first = found.next();
        found
            .next()
            .is_none()
            .then_some(first)
            .ok_or(Withheld::Malformed)
    };
    let needed = |kind: &[u8; 4]| one(kind)?.ok_or(Withheld::Malformed);
    let handler = needed(b"hdlr")?;
    if handler.body.get(8..12) != Some(b"pict") {
        return Err(Withheld::Malformed);
    }
    if one(b"ipro")?.is_some() {
        return Err(Withheld::Protected);
    }
    let primary = primary(needed(b"pitm")?).ok_or(Withheld::Malformed)?;
    let items = rows::infos(needed(b"iinf")?)?;
    let locations = rows::locations(needed(b"iloc")?)?;
    let references = match one(b"iref")? {
        Some(iref) => rows::references(iref)?,
        None => References::default(),
    };
    let properties = needed(b"iprp")?;
    let kept = kept_items(primary, &items, &references, properties)?;

    let data = one(b"idat")?;
    let mut kept_data = Vec::new();
    for location in &locations.rows {
        let row = items.iter().find(|row| row.id == location.id);
        let keep = is_in(&kept, location.id);
        match (location.method, keep) {
            (0, true) => contents.kept.extend(&location.extents),
            (0, false) => {
                let picture = row.is_some_and(|row| {
                    PICTURES.contains(&&row.kind) || PICTURE_LIKE.contains(&&row.kind)
                });
                if !picture {
                    contents.private.extend(&location.extents);
                }
            }
            (1, true) => kept_data.extend(&location.extents),
            (_, false) => {}
            _ => return Err(Withheld::Rare),
        }
        if keep && (location.elsewhere || location.extents.iter().any(|span| span.length == 0)) {
            return Err(Withheld::Scattered);
        }
    }
    let kept_data = united(kept_data);
    let mut body = meta.body.get(..4).unwrap_or_default().to_vec();
    let mut handler_at = None;
    for found in &boxes {
        match &found.kind {
            b"hdlr" => {
                let fields = found.body.get(..12).unwrap_or_default();
                put_box(&mut body, b"hdlr", &[fields, &[0; 13]].concat());
                handler_at = Some(body.len());
            }
            b"pitm" => put_box(&mut body, b"pitm", found.body),
            b"iinf" => put_box(&mut body, b"iinf", &rows::write_infos(&items, &kept)),
            b"iloc" => put_box(&mut body, b"iloc", &locations.write(&kept)),
            b"iref" => put_box(&mut body, b"iref", &references.write(&kept)),
            b"iprp" => put_box(&mut body, b"iprp", &properties::clean(found, &kept)?),
            b"dinf" => {
                let alone = Atom {
                    start: 0,
                    header: 0,
                    ..*found
                };
                let mut patches = Patches::default();
                clean_references(&alone, &mut patches)?;
                put_box(&mut body, b"dinf", &patches.onto(found.body)?);
            }
            b"idat" => {
                let whole = Span {
                    start: 0,
                    length: found.body.len() as u64,
                };
                let mut patches = Patches::default();
                patches.zero_between(whole, &kept_data);
                put_box(&mut body, b"idat", &patches.onto(found.body)?);
            }
            _ => {}
        }
    }
    let length = data.map_or(0, |data| data.body.len() as u64);
    if kept_data
        .last()
        .is_some_and(|last| last.start + last.length > length)
    {
        return Err(Withheld::Malformed);
    }
    fill(meta, body, handler_at.ok_or(Withheld::Malformed)?)
}

/// Brings the new box to the old one's length: by a `free` box, or, where that
/// would not fit, by zeros after the handler's empty name.
fn fill(meta: &Atom, mut body: Vec<u8>, handler_end: usize) -> Result<Vec<u8>, Withheld> {
    let spare = meta
        .body
        .len()
        .checked_sub(body.len())
        .ok_or(Withheld::Malformed)?;
    if spare >= 8 {
        put_box(&mut body, b"free", &vec![0; spare - 8]);
    } else if spare > 0 {
        // The handler's box has 8 bytes of header and 25 of body.
        let length = 33 + spare;
        let at = handler_end - 33;
        body.splice(handler_end..handler_end, std::iter::repeat_n(0, spare));
        let size = body.get_mut(at..at + 4).ok_or(Withheld::Malformed)?;
        size.copy_from_slice(&(length as u32).to_be_bytes());
    }
    let length = meta.header + meta.body.len();
    let mut bytes = Vec::with_capacity(length);
    if meta.header == 16 {
        bytes.extend(b"\0\0\0\x01meta");
        bytes.extend((length as u64).to_be_bytes());
    } else {
        bytes.extend((length as u32).to_be_bytes());
        bytes.extend(b"meta");
    }
    bytes.extend(body);
    Ok(bytes)
}

fn put_box(bytes: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    // A box of `meta` is shorter than `meta`, which was read whole.
    bytes.extend(((body.len() + 8) as u32).to_be_bytes());
    bytes.extend(kind);
    bytes.extend(body);
}

/// The items to keep, sorted: the primary one, what it is made of, their alpha.
fn kept_items(
    primary: u32,
    items: &[Row],
    references: &References,
    properties: &Atom,
) -> Result<Vec<u32>, Withheld> {
    let alphas = properties::alpha_items(properties)?;
    let mut kept = vec![primary];
    let mut next = 0;
    while let Some(id) = kept.get(next).copied() {
        next += 1;
        let row = items
            .iter()
            .find(|row| row.id == id)
            .ok_or(Withheld::Malformed)?;
        if !PICTURES.contains(&&row.kind) {
            return Err(Withheld::Rare);
        }
        if row.protected {
            return Err(Withheld::Protected);
        }
        for reference in &references.rows {
            let found: Vec<u32> = match &reference.kind {
                b"dimg" if reference.from == id => reference.to.clone(),
                b"auxl" if reference.to.contains(&id) && alphas.contains(&reference.from) => {
                    vec![reference.from]
                }
                _ => Vec::new(),
            };
            for id in found {
                if !kept.contains(&id) {
                    kept.push(id);
                }
            }
        }
    }
    kept.sort_unstable();
    Ok(kept)
}

/// Whether the kept items, which are sorted, have this one.
fn is_in(kept: &[u32], id: u32) -> bool {
    kept.binary_search(&id).is_ok()
}
