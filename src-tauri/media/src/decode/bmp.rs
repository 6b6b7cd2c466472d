//! Bitmaps of OS/2 2.x, written anew with the header of Windows, which the decoder
//! reads. Their header is 64 bytes long, or the first 16 of these; and 24-bit
//! pixels may be runs.

use std::borrow::Cow;

use crate::MediaError;
use crate::worker::limits::check_size;

const FILE_HEADER: usize = 14;
/// The header that Windows has in place of theirs (`BITMAPINFOHEADER`).
const WINDOWS: usize = 40;
/// Where OS/2 means runs of 24-bit pixels and Windows a JPEG.
const RUNS_OF_24: u32 = 4;

/// The same bitmap with a header that the decoder knows.
pub(super) fn for_windows(bytes: &[u8]) -> Result<Cow<'_, [u8]>, MediaError> {
    match rewritten(bytes) {
        None => Ok(Cow::Borrowed(bytes)),
        Some(rewritten) => rewritten.map(Cow::Owned),
    }
}

fn rewritten(bytes: &[u8]) -> Option<Result<Vec<u8>, MediaError>> {
    let length = match long(bytes, FILE_HEADER)? {
        length @ (16 | 64) => usize::try_from(length).ok()?,
        _ => return None,
    };
    let own = bytes.get(FILE_HEADER..FILE_HEADER + length)?;
    let mut header = [0; WINDOWS];
    let shared = length.min(WINDOWS);
    header
        .get_mut(..shared)?
        .copy_from_slice(own.get(..shared)?);
    header
        .first_chunk_mut::<4>()?
        .copy_from_slice(&40_u32.to_le_bytes());
    let pixels_at = usize::try_from(long(bytes, 10)?).ok()?;
    let between = bytes.get(FILE_HEADER + length..pixels_at)?;
    let (width, height) = (long(&header, 4)?, long(&header, 8)?);
    let mut pixels = Cow::Borrowed(bytes.get(pixels_at..)?);
    if long(&header, 16)? == RUNS_OF_24 {
        let count = u64::from(width).saturating_mul(u64::from(height));
        if let Err(error) = check_size(width, height, count.saturating_mul(3)) {
            return Some(Err(error));
        }
        pixels = Cow::Owned(unrolled(&pixels, width as usize, height as usize));
        header.get_mut(16..24)?.fill(0);
    }
    let pixels_at = FILE_HEADER + WINDOWS + between.len();
    let mut whole = b"BM\0\0\0\0\0\0\0\0".to_vec();
    whole.extend(u32::try_from(pixels_at).ok()?.to_le_bytes());
    whole.extend(header);
    whole.extend(between);
    whole.extend(pixels.as_ref());
    Some(Ok(whole))
}

/// Rows of 24-bit pixels, of runs; what the runs leave out is black.
fn unrolled(mut runs: &[u8], width: usize, height: usize) -> Vec<u8> {
    let row = (width * 3).next_multiple_of(4);
    let mut rows = vec![0; row * height];
    let (mut x, mut y) = (0, 0);
    let mut next = |count: usize| runs.split_off(..count);
    while let Some(&[count, code]) = next(2) {
        let count = usize::from(count);
        let literal = usize::from(code);
        let pixels = match (count, code) {
            (0, 0) => {
                (x, y) = (0, y + 1);
                continue;
            }
            (0, 1) => break,
            (0, 2) => {
                let Some(&[right, up]) = next(2) else { break };
                (x, y) = (x + usize::from(right), y + usize::from(up));
                continue;
            }
            // Literal pixels, filled up to an even number of bytes.
            (0, _) => next((literal * 3).next_multiple_of(2))
                .and_then(|bytes| bytes.get(..literal * 3))
                .map(<[u8]>::to_vec),
            _ => next(2).map(|rest| [&[code], rest].concat().repeat(count)),
        };
        let Some(pixels) = pixels else { break };
        let room = width.saturating_sub(x) * 3;
        let from = y * row + x * 3;
        let fits = pixels.len().min(room);
        if let (Some(place), Some(pixels)) = (rows.get_mut(from..from + fits), pixels.get(..fits)) {
            place.copy_from_slice(pixels);
        }
        x += pixels.len() / 3;
    }
    rows
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(four))
}
