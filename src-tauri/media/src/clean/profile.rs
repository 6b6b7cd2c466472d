//! Colour profiles (ICC.1): the tags that the specification defines stay to the
//! byte; private ones go, for Apple's tell the serial number of a display.

/// What becomes of a profile.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// It holds nothing private.
    AsItIs,
    /// The same in the same length, without what was private.
    Without(Vec<u8>),
    /// It is none, and readers ignore it.
    Drop,
}

const HEADER: usize = 128;
/// A profile with more tags than this is taken for damage.
const MOST_TAGS: usize = 256;

/// The tags of ICC.1:2001-04, ICC.1:2010 and ICC.2 that a reader may need, and
/// the names a profile goes by.
const TAGS: &[&[u8; 4]] = &[
    b"A2B0", b"A2B1", b"A2B2", b"A2B3", b"B2A0", b"B2A1", b"B2A2", b"B2A3", b"B2D0", b"B2D1",
    b"B2D2", b"B2D3", b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"bTRC", b"bXYZ", b"bkpt", b"chad",
    b"chrm", b"cicp", b"clot", b"clro", b"clrt", b"cprt", b"desc", b"dmdd", b"dmnd", b"gTRC",
    b"gXYZ", b"gamt", b"kTRC", b"lumi", b"meas", b"ncl2", b"ncol", b"pre0", b"pre1", b"pre2",
    b"rTRC", b"rXYZ", b"resp", b"rig0", b"rig2", b"tech", b"view", b"vued", b"wtpt",
];

/// Looks for what is private in the profile that `bytes` are.
pub(super) fn without_private_tags(bytes: &[u8]) -> Profile {
    match rebuilt(bytes) {
        None => Profile::Drop,
        Some(same) if same == bytes => Profile::AsItIs,
        Some(mut other) => {
            // The profile's own checksum, which is of the bytes that were; zeros
            // mean that there is none.
            if let Some(checksum) = other.get_mut(84..100) {
                checksum.fill(0);
            }
            Profile::Without(other)
        }
    }
}

/// Header, kept entries of the tag table, and what they point to; zeros elsewhere.
fn rebuilt(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.get(36..40)? != b"acsp" {
        return None;
    }
    let declared = number(bytes, 0)?;
    let profile = bytes.get(..declared)?;
    let count = number(profile, HEADER).filter(|count| *count <= MOST_TAGS)?;
    let mut new = vec![0; bytes.len()];
    new.get_mut(..HEADER)?
        .copy_from_slice(profile.get(..HEADER)?);
    let mut kept = 0_u32;
    let mut next = HEADER + 4;
    for index in 0..count {
        let at = HEADER + 4 + index * 12;
        let entry = profile.get(at..at + 12)?;
        let (start, length) = (number(entry, 4)?, number(entry, 8)?);
        let end = start.checked_add(length)?;
        let body = profile.get(start..end)?;
        if !TAGS.iter().any(|tag| entry.starts_with(*tag)) || start < HEADER + 4 + count * 12 {
            continue;
        }
        new.get_mut(next..next + 12)?.copy_from_slice(entry);
        new.get_mut(start..end)?.copy_from_slice(body);
        next += 12;
        kept += 1;
    }
    new.get_mut(HEADER..HEADER + 4)?
        .copy_from_slice(&kept.to_be_bytes());
    (kept > 0).then_some(new)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_tag(profile: &[u8], tag: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let count = number(profile, HEADER).unwrap();
        let table = HEADER + 4;
        let mut new = profile[..table].to_vec();
        new[HEADER..table].copy_from_slice(&(count as u32 + 1).to_be_bytes());
        for entry in profile[table..table + count * 12].chunks(12) {
            let moved = number(entry, 4).unwrap() as u32 + 12;
            new.extend([&entry[..4], &moved.to_be_bytes(), &entry[8..]].concat());
        }
        let start = profile.len() as u32 + 12;
        new.extend(tag);
        new.extend(start.to_be_bytes());
        new.extend((body.len() as u32).to_be_bytes());
        new.extend(&profile[table + count * 12..]);
        new.extend(body);
        let length = new.len() as u32;
        new[..4].copy_from_slice(&length.to_be_bytes());
        new
    }

    #[test]
    fn a_displays_serial_number_goes_and_its_colours_stay() {
        let plain = moxcms::ColorProfile::new_display_p3().encode().unwrap();
        assert_eq!(without_private_tags(&plain), Profile::AsItIs);
        let private = with_tag(&plain, b"mmod", b"mmod\0\0\0\0SERIAL 4711 ");
        let Profile::Without(clean) = without_private_tags(&private) else {
            panic!("the private tag was not seen");
        };
        assert_eq!(clean.len(), private.len());
        assert!(!clean.windows(6).any(|window| window == b"SERIAL"));
        assert_eq!(without_private_tags(&clean), Profile::AsItIs);
        let read = moxcms::ColorProfile::new_from_slice(&clean).unwrap();
        let wanted = moxcms::ColorProfile::new_from_slice(&plain).unwrap();
        assert_eq!(read.red_colorant, wanted.red_colorant);
        assert_eq!(without_private_tags(b"nonsense"), Profile::Drop);
        for length in 0..plain.len() {
            assert_eq!(without_private_tags(&plain[..length]), Profile::Drop);
        }
    }
}
