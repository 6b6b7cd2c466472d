//! BMP: header, colours and pixels, each where it was; what lies between and
//! after them is left out.

use super::{Recipe, Withheld};

const FILE_HEADER: usize = 14;

/// The clean copy of a bitmap file.
pub(super) fn clean(bytes: &[u8]) -> Result<Recipe, Withheld> {
    plan(bytes).ok_or(Withheld::Malformed)?
}

fn plan(bytes: &[u8]) -> Option<Result<Recipe, Withheld>> {
    if !bytes.starts_with(b"BM") {
        return None;
    }
    let pixels_start = long(bytes, 10)?;
    let header = long(bytes, FILE_HEADER)?;
    let (width, height, bits, compression, stated) = match header {
        12 => (
            short(bytes, 18)?,
            short(bytes, 20)?,
            short(bytes, 24)?,
            0,
            0,
        ),
        40 | 52 | 56 | 108 | 124 => (
            long(bytes, 18)?,
            (long(bytes, 22)? as u32 as i32).unsigned_abs() as usize,
            short(bytes, 28)?,
            long(bytes, 30)?,
            long(bytes, 34)?,
        ),
        _ => return Some(Err(Withheld::Rare)),
    };
    // The last header has a colour profile after the pixels, or its path.
    if header == 124 && (long(bytes, 14 + 112)? != 0 || long(bytes, 14 + 116)? != 0) {
        return Some(Err(Withheld::Rare));
    }
    let length = match compression {
        0 | 3 | 6 => width
            .checked_mul(bits)?
            .div_ceil(32)
            .checked_mul(4)?
            .checked_mul(height)?,
        1 | 2 if stated > 0 => stated,
        _ => return Some(Err(Withheld::Rare)),
    };
    let pixels_end = pixels_start.checked_add(length)?;
    bytes.get(..pixels_end)?;
    let masks = match (header, compression) {
        (40, 3) => 12,
        (40, 6) => 16,
        _ => 0,
    };
    let colours = colour_table(bytes, header, bits)?;
    let colours_end = (FILE_HEADER + header + masks + colours).min(pixels_start);
    Some(assemble(pixels_start, pixels_end, colours_end))
}

/// The bytes of the colour table: four a colour, three in the oldest header.
fn colour_table(bytes: &[u8], header: usize, bits: usize) -> Option<usize> {
    let all = if bits <= 8 { 1 << bits } else { 0 };
    if header == 12 {
        return Some(all * 3);
    }
    match long(bytes, 46)? {
        0 => Some(all * 4),
        used => Some(used.min(256) * 4),
    }
}

fn assemble(pixels: usize, end: usize, colours_end: usize) -> Result<Recipe, Withheld> {
    let mut recipe = Recipe::default();
    let length = u32::try_from(end).map_err(|_| Withheld::Malformed)?;
    recipe.put(b"BM")?;
    recipe.put(&length.to_le_bytes())?;
    recipe.zeros(4)?;
    recipe.keep_range(10, colours_end)?;
    recipe.zeros((pixels - colours_end) as u64)?;
    recipe.keep_range(pixels, end)?;
    Ok(recipe)
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(two)))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}
