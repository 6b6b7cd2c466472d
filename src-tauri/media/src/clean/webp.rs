//! WebP: the chunks that hold pixels, frames and the colour profile (RFC 9649),
//! inside a header that announces no others.

use super::profile::{Profile, without_private_tags};
use super::{Recipe, Withheld, exif};
use crate::container::riff::{Chunk, chunks};

/// Frames more than this are taken for damage.
const MOST_CHUNKS: usize = 1 << 16;

/// Bits of the first byte of a `VP8X` chunk.
const HAS_PROFILE: u8 = 0x20;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

/// The clean copy of a WebP file.
pub(super) fn clean(bytes: &[u8]) -> Result<Recipe, Withheld> {
    let announced = bytes.get(4..8).and_then(|four| four.try_into().ok());
    let length = announced.map_or(0, u32::from_le_bytes) as usize;
    let file = bytes
        .get(..length.saturating_add(8).min(bytes.len()))
        .filter(|file| file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP"))
        .ok_or(Withheld::Malformed)?;
    let found: Vec<Chunk> = chunks(file).take(MOST_CHUNKS).collect();
    // Writers forget the padding byte of the last chunk.
    let end = found.last().map_or(0, Chunk::end);
    if length + 8 > bytes.len() + 1 || end.abs_diff(file.len()) > 1 {
        return Err(Withheld::Malformed);
    }
    let body = match found.first() {
        Some(first) if &first.kind == b"VP8X" => extended(&found)?,
        Some(first) if is_pixels(first) => {
            let mut recipe = Recipe::default();
            keep_chunk(&mut recipe, first)?;
            recipe
        }
        _ => return Err(Withheld::Malformed),
    };
    let length = u32::try_from(body.length() + 4).map_err(|_| Withheld::Malformed)?;
    let mut recipe = Recipe::default();
    recipe.put(b"RIFF")?;
    recipe.put(&length.to_le_bytes())?;
    recipe.put(b"WEBP")?;
    recipe.append(&body, 0)?;
    Ok(recipe)
}

fn is_pixels(chunk: &Chunk) -> bool {
    matches!(&chunk.kind, b"VP8 " | b"VP8L")
}

/// The chunks of a file that begins with a `VP8X` header.
fn extended(found: &[Chunk]) -> Result<Recipe, Withheld> {
    let first = |kind: &[u8; 4]| found.iter().find(|chunk| chunk.kind == *kind);
    let (flags, size) = first(b"VP8X")
        .filter(|header| header.body.len() == 10)
        .and_then(|header| header.body.split_first())
        .ok_or(Withheld::Malformed)?;
    let shown = first(b"EXIF").and_then(|chunk| {
        // Some writers begin the chunk as JPEG's segment begins.
        exif::minimal(chunk.body.strip_prefix(b"Exif\0\0").unwrap_or(chunk.body))
    });
    let profile = first(b"ICCP");
    let verdict = profile.map_or(Profile::Drop, |chunk| without_private_tags(chunk.body));
    let mut flags = flags & !(HAS_EXIF | HAS_XMP | HAS_PROFILE);
    if shown.is_some() {
        flags |= HAS_EXIF;
    }
    if verdict != Profile::Drop {
        flags |= HAS_PROFILE;
    }
    let mut recipe = Recipe::default();
    put_chunk(&mut recipe, b"VP8X", &[&[flags], size].concat())?;
    match (verdict, profile) {
        (Profile::AsItIs, Some(chunk)) => keep_chunk(&mut recipe, chunk)?,
        (Profile::Without(profile), _) => put_chunk(&mut recipe, b"ICCP", &profile)?,
        _ => {}
    }
    if let Some(animation) = first(b"ANIM").filter(|chunk| chunk.body.len() == 6) {
        keep_chunk(&mut recipe, animation)?;
    }
    let mut pictures = 0;
    for chunk in found {
        match &chunk.kind {
            b"ANMF" => {
                keep_frame(&mut recipe, chunk)?;
                pictures += 1;
            }
            b"VP8 " | b"VP8L" => {
                keep_chunk(&mut recipe, chunk)?;
                pictures += 1;
            }
            b"ALPH" => keep_chunk(&mut recipe, chunk)?,
            _ => {}
        }
    }
    if pictures == 0 {
        return Err(Withheld::Malformed);
    }
    if let Some(tiff) = shown {
        put_chunk(&mut recipe, b"EXIF", &tiff)?;
    }
    Ok(recipe)
}

/// A frame of an animation: sixteen bytes, then its own chunks.
fn keep_frame(recipe: &mut Recipe, frame: &Chunk) -> Result<(), Withheld> {
    const HEADER: usize = 16;
    // The walker skips the twelve bytes of a file's header, four fewer.
    let inner = frame.body.get(HEADER - 12..).ok_or(Withheld::Malformed)?;
    let base = frame.start + 8 + HEADER - 12;
    let mut pixels = Recipe::default();
    let mut pictures = 0;
    for chunk in chunks(inner).take(MOST_CHUNKS) {
        if chunk.kind == *b"ALPH" || is_pixels(&chunk) {
            pictures += usize::from(is_pixels(&chunk));
            let chunk = Chunk {
                start: chunk.start + base,
                ..chunk
            };
            keep_chunk(&mut pixels, &chunk)?;
        }
    }
    if pictures != 1 {
        return Err(Withheld::Malformed);
    }
    let length = u32::try_from(pixels.length() + HEADER as u64).map_err(|_| Withheld::Malformed)?;
    recipe.put(b"ANMF")?;
    recipe.put(&length.to_le_bytes())?;
    recipe.keep_range(frame.start + 8, frame.start + 8 + HEADER)?;
    recipe.append(&pixels, 0)
}

/// Keeps a chunk; its padding is zero whatever it was, and even if it was not.
fn keep_chunk(recipe: &mut Recipe, chunk: &Chunk) -> Result<(), Withheld> {
    let end = chunk.start + 8 + chunk.body.len();
    recipe.keep_range(chunk.start, end)?;
    recipe.put(padding(chunk.body))
}

fn put_chunk(recipe: &mut Recipe, kind: &[u8; 4], body: &[u8]) -> Result<(), Withheld> {
    let length = u32::try_from(body.len()).map_err(|_| Withheld::Malformed)?;
    recipe.put(kind)?;
    recipe.put(&length.to_le_bytes())?;
    recipe.put(body)?;
    recipe.put(padding(body))
}

fn padding(body: &[u8]) -> &'static [u8] {
    if body.len().is_multiple_of(2) {
        b""
    } else {
        b"\0"
    }
}
