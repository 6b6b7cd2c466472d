//! Films that are seen turned: the same bytes, with other matrices in the headers of
//! their tracks (ISO/IEC 14496-12, 8.3.2). No picture is encoded anew.

use std::io::{Read, Seek, SeekFrom};

use super::iso::{MOST_OF_MOVIE, top_level};
use super::{CleanReader, Recipe};
use crate::container::bmff::{Atom, atoms};
use crate::{MediaError, Turn};

/// Nine numbers of four bytes: `a b u c d v x y w`.
const MATRIX: usize = 36;

impl<R: Read + Seek> CleanReader<R> {
    /// The same film, seen turned; what has no tracks as MP4 has them stays as it is.
    ///
    /// # Errors
    /// That it cannot be read.
    pub fn film_turned(mut self, turn: Turn) -> Result<CleanReader<R>, MediaError> {
        let matrices = matrices(&mut self, turn)?;
        let (file, recipe) = self.into_parts();
        Ok(CleanReader::new(file, recipe.written_over(&matrices)?)?)
    }
}

/// A recipe that moves no byte of `file`, so that it is seen turned.
pub(super) fn film<R: Read + Seek>(
    recipe: Recipe,
    file: &mut R,
    turn: Turn,
) -> Result<Recipe, MediaError> {
    let matrices = matrices(file, turn)?;
    Ok(recipe.written_over(&matrices)?)
}

/// What to write where, in order.
fn matrices<R: Read + Seek>(
    film: &mut R,
    turn: Turn,
) -> Result<Vec<(u64, [u8; MATRIX])>, MediaError> {
    if turn == Turn::None {
        return Ok(Vec::new());
    }
    let boxes = top_level(film)?;
    let Some(movie) = boxes.iter().find(|found| found.kind == *b"moov") else {
        return Ok(Vec::new());
    };
    let body = movie.body();
    if body.length > MOST_OF_MOVIE {
        return Err(super::Withheld::TooIntricate.into());
    }
    film.seek(SeekFrom::Start(body.start))?;
    let mut bytes = Vec::new();
    film.take(body.length).read_to_end(&mut bytes)?;
    Ok(atoms(&bytes, body.start)
        .filter(|atom| atom.kind == *b"trak")
        .filter_map(|track| turned(&track.children().find_kind(b"tkhd")?, turn))
        .collect())
}

/// The matrix of a track that is seen, after the turn, and where it stands.
fn turned(header: &Atom, turn: Turn) -> Option<(u64, [u8; MATRIX])> {
    let start = if header.body.first() == Some(&1) {
        52
    } else {
        40
    };
    let long = |index: usize| {
        let at = start + index * 4;
        let bytes = header.body.get(at..at + 4)?.try_into().ok()?;
        Some(i64::from(i32::from_be_bytes(bytes)))
    };
    let (width, height) = (long(9)? >> 16, long(10)? >> 16);
    if width == 0 || height == 0 {
        return None;
    }
    let mut rows = [(long(0)?, long(1)?), (long(3)?, long(4)?)];
    for _ in 0..turn.quarters() {
        rows = rows.map(|(across, down)| (-down, across));
    }
    let [(a, b), (c, d)] = rows;
    // Its corner goes where all of it is right of and below the corner of the screen.
    let corner = |one: i64, other: i64| -(one * width).min(0) - (other * height).min(0);
    let numbers = [a, b, 0, c, d, 0, corner(a, c), corner(b, d), 1 << 30];
    let mut matrix = [0; MATRIX];
    let (places, _) = matrix.as_chunks_mut::<4>();
    for (place, number) in places.iter_mut().zip(numbers) {
        *place = i32::try_from(number).ok()?.to_be_bytes();
    }
    Some((header.body_start() + start as u64, matrix))
}
