//! The part of a HEIF picture that is shown, where its `clap` property says that
//! it is not all of it (ISO/IEC 14496-12, section 12.1.4).
//!
//! libheif 1.23 holds its decoders to the size after the crop, and so refuses a
//! picture that much is cut from. It is given the file without the property, and
//! the pixels are cut here, as it would.

use crate::container::bmff::Atom;
use crate::container::heif::{Fields, primary_properties, properties};

/// A part of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aperture {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// A file whose primary picture is shown in part.
pub(super) struct Cut {
    /// The file with its crops made `free` boxes, which count among properties.
    pub(super) whole: Vec<u8>,
    /// The size of the whole picture, upright.
    pub(super) size: (u32, u32),
    /// What is shown of that.
    pub(super) shown: Aperture,
}

/// What a file shows of its primary picture; `None` when that is all of it, or
/// when nobody can tell.
pub(super) fn cut(file: &[u8]) -> Option<Cut> {
    let own = primary_properties(file)?;
    if own.iter().all(|property| property.kind != *b"clap") {
        return None;
    }
    let extent = own.iter().find(|property| property.kind == *b"ispe")?;
    let mut fields = Fields(extent.body.get(4..)?);
    let mut size = (fields.long()?, fields.long()?);
    let mut shown = Aperture {
        left: 0,
        top: 0,
        width: size.0,
        height: size.1,
    };
    // What cuts, turns and mirrors does so in the order of the properties.
    for property in &own {
        match (&property.kind, property.body.first()) {
            (b"clap", _) => shown = shown.cropped(property)?,
            (b"irot", Some(turns)) => {
                for _ in 0..turns & 3 {
                    shown = Aperture {
                        left: shown.top,
                        top: size.0 - (shown.left + shown.width),
                        width: shown.height,
                        height: shown.width,
                    };
                    size = (size.1, size.0);
                }
            }
            (b"imir", Some(axis)) if axis & 1 == 1 => {
                shown.left = size.0 - (shown.left + shown.width);
            }
            (b"imir", Some(_)) => shown.top = size.1 - (shown.top + shown.height),
            _ => {}
        }
    }
    let mut whole = file.to_vec();
    for clap in properties(file)?.filter(|property| property.kind == *b"clap") {
        let at = usize::try_from(clap.start).ok()?.checked_add(4)?;
        whole.get_mut(at..at + 4)?.copy_from_slice(b"free");
    }
    Some(Cut { whole, size, shown })
}

impl Aperture {
    /// What a `clap` leaves of this, or `None` when that is nothing.
    fn cropped(self, clap: &Atom) -> Option<Aperture> {
        let mut fields = Fields(clap.body);
        let mut fraction = |is_signed: bool| {
            let (over, under) = (fields.long()?, fields.long()?);
            let over = match is_signed {
                true => f64::from(over.cast_signed()),
                false => f64::from(over),
            };
            (under != 0).then(|| over / f64::from(under))
        };
        let (width, height) = (fraction(false)?, fraction(false)?);
        let (across, down) = (fraction(true)?, fraction(true)?);
        let (left, width) = side(self.width, width, across)?;
        let (top, height) = side(self.height, height, down)?;
        Some(Aperture {
            left: self.left + left,
            top: self.top + top,
            width,
            height,
        })
    }
}

/// Where `part` of a side begins whose middle is `offset` from the side's, and
/// how long it is; to whole pixels, and within the side.
fn side(whole: u32, part: f64, offset: f64) -> Option<(u32, u32)> {
    let rounded = |place: f64| (place + 0.5).floor();
    let first = rounded(offset + (f64::from(whole) - part) / 2.0);
    let end = rounded(first + part).min(f64::from(whole));
    let first = first.max(0.0);
    // Both are whole numbers between zero and the side.
    (end > first).then_some((first as u32, (end - first) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32 + 8).to_be_bytes();
        [&length[..], kind, body].concat()
    }

    fn numbers(numbers: &[i32]) -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect()
    }

    /// A file whose first item has these properties, of 100 × 60 pixels.
    fn file(properties: &[Vec<u8>]) -> Vec<u8> {
        let all = [boxed(b"ispe", &numbers(&[0, 100, 60])), properties.concat()].concat();
        let count = properties.len() as u8 + 1;
        let links: Vec<u8> = (1..=count).collect();
        let ipma = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, count], &links[..]].concat();
        let iprp = [boxed(b"ipco", &all), boxed(b"ipma", &ipma)].concat();
        let pitm = boxed(b"pitm", &[0, 0, 0, 0, 0, 1]);
        let meta = [&[0; 4], &pitm[..], &boxed(b"iprp", &iprp)].concat();
        [boxed(b"ftyp", b"avif"), boxed(b"meta", &meta)].concat()
    }

    /// 20 × 10 pixels, of which the left upper one is at 5, 40.
    fn clap() -> Vec<u8> {
        boxed(b"clap", &numbers(&[40, 2, 10, 1, -35, 1, 15, 1]))
    }

    fn shown(properties: &[Vec<u8>]) -> Option<(u32, u32, u32, u32)> {
        let cut = cut(&file(properties))?;
        assert!(!cut.whole.windows(4).any(|word| word == b"clap"));
        assert_eq!(cut.whole.len(), file(properties).len());
        let part = cut.shown;
        Some((part.left, part.top, part.width, part.height))
    }

    #[test]
    fn a_crop_is_turned_and_mirrored_with_what_follows_it() {
        let (turn, mirror) = (
            |turns| boxed(b"irot", &[turns]),
            |axis| boxed(b"imir", &[axis]),
        );
        assert_eq!(shown(&[clap()]), Some((5, 40, 20, 10)));
        assert_eq!(shown(&[clap(), mirror(1)]), Some((75, 40, 20, 10)));
        assert_eq!(shown(&[clap(), mirror(0)]), Some((5, 10, 20, 10)));
        assert_eq!(shown(&[clap(), turn(1)]), Some((40, 75, 10, 20)));
        assert_eq!(shown(&[clap(), turn(2)]), Some((75, 10, 20, 10)));
        assert_eq!(shown(&[clap(), turn(3)]), Some((10, 5, 10, 20)));
        assert_eq!(cut(&file(&[clap(), turn(3)])).unwrap().size, (60, 100));
        // Of 60 × 100 pixels, 20 × 10 around (-35, 15) from the middle: the left
        // of it lies outside.
        assert_eq!(shown(&[turn(3), clap()]), Some((0, 60, 5, 10)));
        // A crop of the crop: its left upper quarter.
        let again = boxed(b"clap", &numbers(&[10, 1, 5, 1, -5, 1, -5, 2]));
        assert_eq!(shown(&[clap(), again]), Some((5, 40, 10, 5)));
    }

    #[test]
    fn what_makes_no_sense_is_left_to_the_library() {
        let bad = |fields: &[i32]| cut(&file(&[boxed(b"clap", &numbers(fields))])).is_none();
        assert!(cut(&file(&[])).is_none());
        assert!(bad(&[20, 0, 10, 1, 0, 1, 0, 1]), "a fraction of nothing");
        assert!(bad(&[20, 1, 10, 1, 0, 1, 0]), "cut short");
        assert!(bad(&[0, 1, 10, 1, 0, 1, 0, 1]), "nothing");
        assert!(bad(&[20, 1, 10, 1, 900, 1, 0, 1]), "outside");
        assert!(!bad(&[-1, 1, -1, 1, 0, 1, 0, 1]), "all of it");
        let whole = file(&[clap()]);
        for end in 0..whole.len() {
            assert!(cut(&whole[..end]).is_none(), "{end}");
        }
    }
}
