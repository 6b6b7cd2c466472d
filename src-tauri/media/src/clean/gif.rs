//! GIF: the screen, the pictures with how they are shown, how often an
//! animation repeats, and the colour profile.

use super::profile::{Profile, without_private_tags};
use super::{Recipe, Withheld};
use crate::container::gif::{Block, BlockKind, block_at, blocks_start};

/// The clean copy of a GIF file.
pub(super) fn clean(bytes: &[u8]) -> Result<Recipe, Withheld> {
    let mut at = blocks_start(bytes)
        .filter(|start| *start <= bytes.len())
        .ok_or(Withheld::Malformed)?;
    let mut recipe = Recipe::default();
    recipe.keep_range(0, at)?;
    let mut control: Option<Block> = None;
    let mut pictures = 0;
    // Writers forget the trailer, so the end of the file after a whole block
    // is an end, too.
    while at < bytes.len() {
        let block = block_at(bytes, at).ok_or(Withheld::Malformed)?;
        match block.kind {
            BlockKind::Trailer => break,
            BlockKind::Control => control = Some(block),
            BlockKind::Picture => {
                if let Some(control) = control.take() {
                    keep_control(&mut recipe, &control)?;
                }
                recipe.keep_range(block.start, block.end)?;
                pictures += 1;
            }
            BlockKind::Application(b"NETSCAPE2.0" | b"ANIMEXTS1.0", &[1, low, high]) => {
                recipe.put(b"\x21\xff\x0bNETSCAPE2.0\x03\x01")?;
                recipe.put(&[low, high, 0])?;
            }
            BlockKind::Application(b"ICCRGBG1012", _) => keep_profile(&mut recipe, bytes, &block)?,
            BlockKind::Application(..) => {}
            // A text is shown by the control before it, and takes it along.
            BlockKind::Other => control = control.filter(|_| bytes.get(at + 1) != Some(&1)),
        }
        at = block.end;
    }
    if pictures == 0 {
        return Err(Withheld::Malformed);
    }
    recipe.put(b"\x3b")?;
    Ok(recipe)
}

/// A control has one sub-block; more would be no control's.
fn keep_control(recipe: &mut Recipe, control: &Block) -> Result<(), Withheld> {
    const LENGTH: usize = 8;
    if control.end - control.start == LENGTH {
        return recipe.keep_range(control.start, control.end);
    }
    recipe.keep_range(control.start, control.start + LENGTH - 1)?;
    recipe.put(&[0])
}

fn keep_profile(recipe: &mut Recipe, bytes: &[u8], block: &Block) -> Result<(), Withheld> {
    const HEADER: usize = 14;
    let mut profile = Vec::new();
    let mut rest = bytes
        .get(block.start + HEADER..block.end)
        .unwrap_or_default();
    while let Some((length, after)) = rest.split_first() {
        let (body, next) = after
            .split_at_checked(usize::from(*length))
            .unwrap_or_default();
        profile.extend_from_slice(body);
        rest = next;
    }
    match without_private_tags(&profile) {
        Profile::Drop => Ok(()),
        Profile::AsItIs => recipe.keep_range(block.start, block.end),
        Profile::Without(profile) => {
            recipe.put(b"\x21\xff\x0bICCRGBG1012")?;
            for piece in profile.chunks(255) {
                recipe.put(&[u8::try_from(piece.len()).unwrap_or(u8::MAX)])?;
                recipe.put(piece)?;
            }
            recipe.put(&[0])
        }
    }
}
