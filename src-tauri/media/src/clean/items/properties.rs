//! The properties of items (ISO/IEC 23008-12, section 6.5), of which those stay
//! that decide on how a kept item is decoded and shown; the others become
//! `free` boxes, because properties are counted.

use super::super::Withheld;
use super::super::iso::all_atoms;
use super::super::profile::{Profile, without_private_tags};
use crate::container::bmff::Atom;
use crate::container::heif::{self, Association};

/// Properties that say how a picture is decoded and shown.
const KNOWN: &[&[u8; 4]] = &[
    b"ispe", b"pixi", b"hvcC", b"lhvC", b"avcC", b"av1C", b"vvcC", b"colr", b"pasp", b"clap",
    b"irot", b"imir", b"auxC", b"lsel", b"a1op", b"a1lx", b"oinf", b"tols", b"clli", b"mdcv",
    b"cclv", b"amve",
];

/// The names that an alpha plane goes by (HEIF, MIAF).
const ALPHA: &[&[u8]] = &[
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0",
    b"urn:mpeg:hevc:2015:auxid:1\0",
    b"urn:mpeg:avc:2015:auxid:1\0",
];

/// The items that are alpha planes.
pub(super) fn alpha_items(iprp: &Atom) -> Result<Vec<u32>, Withheld> {
    let (properties, associations) = read(iprp)?;
    let alphas = associations.into_iter().filter(|association| {
        let property = association.property.checked_sub(1);
        property
            .and_then(|index| properties.get(index))
            .is_some_and(is_alpha)
    });
    Ok(alphas.map(|association| association.item).collect())
}

fn is_alpha(property: &Atom) -> bool {
    let name = property.body.get(4..).unwrap_or_default();
    property.kind == *b"auxC" && ALPHA.iter().any(|alpha| name.starts_with(alpha))
}

/// The body of an `iprp` in which only kept items have properties.
pub(super) fn clean(iprp: &Atom, kept: &[u32]) -> Result<Vec<u8>, Withheld> {
    let (properties, mut associations) = read(iprp)?;
    associations.retain(|association| super::is_in(kept, association.item));
    // By the number of a property: whether it is used, and whether it must be.
    let mut uses = vec![(false, false); properties.len() + 1];
    for association in &associations {
        if let Some(uses) = uses.get_mut(association.property) {
            *uses = (true, uses.1 | association.essential);
        }
    }
    let mut inside = Vec::new();
    let mut stays = vec![false];
    for (property, (used, essential)) in properties.iter().zip(uses.into_iter().skip(1)) {
        let new = new_body(property).filter(|_| used);
        stays.push(new.is_some());
        match new {
            Some(body) => super::put_box(&mut inside, &property.kind, &body),
            None if essential => return Err(Withheld::Rare),
            None => super::put_box(&mut inside, b"free", &vec![0; property.body.len()]),
        }
    }
    associations.retain(|association| stays.get(association.property) == Some(&true));
    let mut body = Vec::new();
    super::put_box(&mut body, b"ipco", &inside);
    super::put_box(&mut body, b"ipma", &write(associations, properties.len())?);
    Ok(body)
}

/// A property as it stays, in the same length, or none when it goes.
fn new_body(property: &Atom) -> Option<Vec<u8>> {
    let body = property.body.to_vec();
    match &property.kind {
        b"auxC" => ALPHA.iter().find_map(|name| {
            let rest = property.body.get(4..)?.strip_prefix(*name)?;
            // What follows the name is for the decoder of the plane, which
            // HEVC's and AV1's do not read.
            Some([&[0; 4], *name, &vec![0; rest.len()]].concat())
        }),
        b"colr" => match property.body.split_first_chunk::<4>()? {
            (b"nclx", rest) => (rest.len() == 7).then_some(body),
            (b"prof" | b"rICC", profile) => match without_private_tags(profile) {
                Profile::AsItIs => Some(body),
                Profile::Without(new) => Some([b"prof", new.as_slice()].concat()),
                Profile::Drop => None,
            },
            _ => None,
        },
        kind => KNOWN.contains(&kind).then_some(body),
    }
}

fn read<'a>(iprp: &Atom<'a>) -> Result<(Vec<Atom<'a>>, Vec<Association>), Withheld> {
    let mut properties = None;
    let mut associations = Vec::new();
    for found in all_atoms(iprp.body, iprp.body_start())? {
        match &found.kind {
            b"ipco" if properties.is_none() => {
                properties = Some(all_atoms(found.body, found.body_start())?);
            }
            b"ipma" => {
                heif::associations(found.body, &mut associations).ok_or(Withheld::Malformed)?;
            }
            _ => return Err(Withheld::Malformed),
        }
    }
    let properties = properties.ok_or(Withheld::Malformed)?;
    // The position of each is stored in at most 15 bits.
    if properties.len() >= 1 << 15 {
        return Err(Withheld::TooIntricate);
    }
    Ok((properties, associations))
}

/// The body of an `ipma`, its items in rising order as MIAF wants them.
fn write(mut associations: Vec<Association>, properties: usize) -> Result<Vec<u8>, Withheld> {
    associations.sort_by_key(|association| association.item);
    let last = associations.last();
    let long_ids = last.is_some_and(|last| last.item > u32::from(u16::MAX));
    let wide = properties > 127;
    let mut items = 0_u32;
    let mut rows = Vec::new();
    for of_item in associations.chunk_by(|one, next| one.item == next.item) {
        let item = of_item.first().map_or(0, |first| first.item).to_be_bytes();
        rows.extend(item.iter().skip(if long_ids { 0 } else { 2 }));
        rows.push(u8::try_from(of_item.len()).map_err(|_| Withheld::Malformed)?);
        for association in of_item {
            let number = association.property as u16;
            let essential = u16::from(association.essential);
            match wide {
                true => rows.extend((number | essential << 15).to_be_bytes()),
                false => rows.push((number | essential << 7) as u8),
            }
        }
        items += 1;
    }
    let mut body = vec![u8::from(long_ids), 0, 0, u8::from(wide)];
    body.extend(items.to_be_bytes());
    body.extend(rows);
    Ok(body)
}
