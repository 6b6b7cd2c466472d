//! PNG and APNG: the chunks that a picture is shown by (PNG, third edition,
//! section 11), each of exactly the length that the specification gives it.

use std::io::Read;

use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};

use super::profile::{Profile, without_private_tags};
use super::{Recipe, Withheld, exif};
use crate::container::png::{Chunk, SIGNATURE, checksum, chunks};

/// Chunks more than this are taken for damage.
const MOST_CHUNKS: usize = 1 << 18;

/// The clean copy of a PNG file.
pub(super) fn clean(bytes: &[u8]) -> Result<Recipe, Withheld> {
    if !bytes.starts_with(SIGNATURE) {
        return Err(Withheld::Malformed);
    }
    let found: Vec<Chunk> = chunks(bytes)
        .take(MOST_CHUNKS)
        .scan(false, |ended, chunk| {
            let before = !*ended;
            *ended |= chunk.kind == *b"IEND";
            before.then_some(chunk)
        })
        .collect();
    let has = |kind: &[u8; 4]| found.iter().any(|chunk| chunk.kind == *kind);
    let whole = found.first().is_some_and(|first| first.kind == *b"IHDR")
        && has(b"IDAT")
        && found.last().is_some_and(|last| last.kind == *b"IEND");
    if !whole {
        return Err(Withheld::Malformed);
    }
    let shown = found
        .iter()
        .find(|chunk| chunk.kind == *b"eXIf")
        .and_then(|chunk| exif::minimal(chunk.body));
    let mut recipe = Recipe::default();
    recipe.keep_range(0, SIGNATURE.len())?;
    let mut seen = Vec::new();
    for (index, chunk) in found.iter().enumerate() {
        let repeats = matches!(&chunk.kind, b"IDAT" | b"fcTL" | b"fdAT");
        if seen.contains(&chunk.kind) {
            continue;
        }
        let fate = fate(chunk)?;
        if !repeats && !matches!(fate, Fate::Drop) {
            seen.push(chunk.kind);
        }
        match fate {
            Fate::Keep => recipe.keep_range(chunk.start, chunk.end())?,
            Fate::Profile => keep_profile(&mut recipe, chunk)?,
            Fate::Drop => {}
        }
        if index == 0
            && let Some(tiff) = &shown
        {
            put_chunk(&mut recipe, b"eXIf", tiff)?;
        }
    }
    Ok(recipe)
}

enum Fate {
    Keep,
    Profile,
    Drop,
}

/// What becomes of a chunk. Those that a decoder may not ignore begin with a
/// capital letter: an unknown one of these is not a PNG we understand.
fn fate(chunk: &Chunk) -> Result<Fate, Withheld> {
    let length = chunk.body.len();
    let fits = match &chunk.kind {
        b"IHDR" if length == 13 => true,
        b"PLTE" if length <= 768 && length.is_multiple_of(3) => true,
        b"IEND" if length == 0 => true,
        b"IDAT" => true,
        [first, ..] if first.is_ascii_uppercase() => return Err(Withheld::Malformed),
        b"iCCP" => return Ok(Fate::Profile),
        b"fdAT" => true,
        b"acTL" | b"gAMA" => length == if chunk.kind == *b"gAMA" { 4 } else { 8 },
        b"fcTL" => length == 26,
        b"tRNS" => length <= 256,
        b"cHRM" => length == 32,
        b"sRGB" => length == 1,
        b"cICP" => length == 4,
        b"mDCV" => length == 24,
        b"cLLI" => length == 8,
        b"sBIT" => length <= 4,
        b"pHYs" => length == 9,
        b"bKGD" => length <= 6,
        b"hIST" => length <= 512,
        _ => false,
    };
    Ok(if fits { Fate::Keep } else { Fate::Drop })
}

/// A profile's name is free text; the profile itself is compressed.
fn keep_profile(recipe: &mut Recipe, chunk: &Chunk) -> Result<(), Withheld> {
    let name = chunk.body.iter().take(80).position(|byte| *byte == 0);
    let Some((name, compressed)) = name.and_then(|name| Some((name, chunk.body.get(name + 2..)?)))
    else {
        return Ok(());
    };
    let profile = match inflated(compressed) {
        Some(profile) => without_private_tags(&profile),
        None => Profile::Drop,
    };
    match profile {
        Profile::Drop => Ok(()),
        Profile::AsItIs => {
            let length = u32::try_from(compressed.len() + 5).map_err(|_| Withheld::Malformed)?;
            recipe.put(&length.to_be_bytes())?;
            recipe.put(b"iCCPICC\0\0")?;
            let start = chunk.start + 8 + name + 2;
            recipe.keep_range(start, start + compressed.len())?;
            recipe.put(&checksum(&[b"iCCPICC\0\0", compressed]))
        }
        Profile::Without(profile) => {
            let mut body = b"ICC\0\0".to_vec();
            ZlibEncoder::new(profile.as_slice(), Compression::default())
                .read_to_end(&mut body)
                .map_err(|_| Withheld::Malformed)?;
            put_chunk(recipe, b"iCCP", &body)
        }
    }
}

/// A profile unpacked, of which more than 16 MiB are never read.
fn inflated(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut profile = Vec::new();
    ZlibDecoder::new(compressed)
        .take(16 << 20)
        .read_to_end(&mut profile)
        .ok()?;
    Some(profile)
}

fn put_chunk(recipe: &mut Recipe, kind: &[u8; 4], body: &[u8]) -> Result<(), Withheld> {
    let length = u32::try_from(body.len()).map_err(|_| Withheld::Malformed)?;
    recipe.put(&length.to_be_bytes())?;
    recipe.put(kind)?;
    recipe.put(body)?;
    recipe.put(&checksum(&[kind, body]))
}
