//! JPEG XL: the codestream, which holds orientation and colours itself. Of the
//! container (ISO/IEC 18181-2) only the boxes that the codestream is in.
//!
//! A bare codestream does not state its length, so it is kept to the end.

use std::io::{Read, Seek, SeekFrom};

use super::iso::top_level;
use super::{Recipe, Withheld};
use crate::MediaError;

/// The clean copy of a JPEG XL file.
pub(super) fn clean<R: Read + Seek>(file: &mut R) -> Result<Recipe, MediaError> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut start = [0; 2];
    file.read_exact(&mut start)
        .map_err(|_| Withheld::Malformed)?;
    let mut recipe = Recipe::default();
    if start == [0xff, 0x0a] {
        recipe.keep(0, length)?;
        return Ok(recipe);
    }
    let mut coded = 0;
    for found in top_level(file)? {
        match &found.kind {
            b"JXL " | b"ftyp" | b"jxll" if found.length <= 64 => {
                recipe.keep(found.start, found.length)?;
            }
            b"jxlc" | b"jxlp" => {
                recipe.keep(found.start, found.length)?;
                coded += 1;
            }
            _ => {}
        }
    }
    if coded == 0 {
        return Err(Withheld::Malformed.into());
    }
    Ok(recipe)
}
