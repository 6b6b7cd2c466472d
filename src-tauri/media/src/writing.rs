//! Whether a picture looks like a page of writing: a letter, a receipt, a form, a chat.
//! Told from a thumbnail, in cells of ten pixels: paper is bright, nearly without colour,
//! and as bright as the paper beside it; writing on it crosses from paper to ink and back
//! many times, both along and across, and leaves more paper than ink. Snow, walls and
//! foliage lack one of these. Rather silent than wrong: what it says is only a hint.

use pixels::Pixels;

use crate::MediaError;

/// Pixels across and down of a cell.
const CELL: usize = 10;
/// Smaller thumbnails show too little.
const SMALLEST: usize = 200;
/// The least brightness of paper.
const PAPER: u8 = 165;
/// How far apart a pixel's inks are that is coloured.
const COLOURED: u8 = 48;
/// How far apart paper and ink are in a cell with something on it.
const CONTRAST: u8 = 28;
/// Crossings of a cell's middle brightness, along and across, that make it writing.
const CROSSINGS: usize = 10;
/// The mean step of brightness from paper to the paper beside it; letters have up to
/// three, gravel and clouds more than eleven.
const ROUGH: f32 = 6.0;

/// What the paper of a picture looks like.
#[derive(Default)]
struct Found {
    cells: usize,
    paper: usize,
    coloured: usize,
    blank: usize,
    written: usize,
    /// Written with more paper than ink.
    light: usize,
    /// Edges, lines and the like.
    lined: usize,
    steps: usize,
    step_sum: f32,
}

/// Whether a picture of this thumbhash is bright and grey enough to be worth a look.
pub fn may_be_written(thumbhash: &[u8]) -> bool {
    // Five bytes hold the header and its constants; shorter is no thumbhash.
    if thumbhash.len() < 5 {
        return false;
    }
    let Ok((red, green, blue, _)) = thumbhash::thumb_hash_to_average_rgba(thumbhash) else {
        return false;
    };
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    most >= 0.55 && most - least <= 0.2
}

/// Whether a thumbnail shows a page of writing.
pub(crate) fn is_written(thumbnail: &Pixels) -> Result<bool, MediaError> {
    let rgb = thumbnail.rgb_at((thumbnail.width, thumbnail.height))?;
    let (width, height) = (rgb.width as usize, rgb.height as usize);
    if width.min(height) < SMALLEST {
        return Ok(false);
    }
    let (bright, coloured): (Vec<u8>, Vec<bool>) = rgb
        .bytes
        .chunks_exact(3)
        .map(|pixel| match *pixel {
            [r, g, b] => (
                ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b)) >> 8) as u8,
                r.max(g).max(b) - r.min(g).min(b) > COLOURED,
            ),
            _ => (0, false),
        })
        .unzip();
    let paper = part_of(&mut bright.clone(), 70);
    if paper < PAPER {
        return Ok(false);
    }
    let mut found = Found::default();
    let mut above: Vec<Option<u8>> = Vec::new();
    for top in (0..=height - CELL).step_by(CELL) {
        let mut row: Vec<Option<u8>> = Vec::new();
        for left in (0..=width - CELL).step_by(CELL) {
            let lines = |all: usize| (top..top + all).map(|y| y * width + left);
            let cell: Vec<&[u8]> = lines(CELL)
                .filter_map(|at| bright.get(at..at + CELL))
                .collect();
            let inks = lines(CELL).filter_map(|at| coloured.get(at..at + CELL));
            let seen = found.look(&cell, inks.flatten(), paper);
            if let Some(seen) = seen {
                let beside = row.last().copied().flatten();
                let over = above.get(row.len()).copied().flatten();
                for other in [beside, over].into_iter().flatten() {
                    found.steps += 1;
                    found.step_sum += f32::from(seen.abs_diff(other));
                }
            }
            row.push(seen);
        }
        above = row;
    }
    Ok(found.is_page())
}

impl Found {
    /// Looks at a cell; its paper's brightness, where it has any.
    fn look<'a>(
        &mut self,
        cell: &[&[u8]],
        coloured: impl Iterator<Item = &'a bool>,
        paper: u8,
    ) -> Option<u8> {
        let mut all = cell.concat();
        let high = part_of(&mut all, 90);
        self.cells += 1;
        if u32::from(high) * 100 < u32::from(paper) * 72 {
            return None;
        }
        self.paper += 1;
        self.coloured += coloured.filter(|is_coloured| **is_coloured).count();
        let low = part_of(&mut all, 5);
        if high - low < CONTRAST {
            self.blank += 1;
            return Some(high);
        }
        let middle = low + (high - low) / 2;
        let crosses = |pair: (&u8, &u8)| (*pair.0 > middle) != (*pair.1 > middle);
        let along: usize = cell
            .iter()
            .map(|line| {
                let next = line.iter().skip(1);
                line.iter().zip(next).filter(|pair| crosses(*pair)).count()
            })
            .sum();
        let across: usize = cell
            .iter()
            .zip(cell.iter().skip(1))
            .map(|(line, next)| {
                let pairs = line.iter().zip(next.iter());
                pairs.filter(|pair| crosses(*pair)).count()
            })
            .sum();
        match along >= CROSSINGS && across >= CROSSINGS {
            true => {
                self.written += 1;
                self.light += usize::from(part_of(&mut all, 50) > middle);
            }
            false => self.lined += 1,
        }
        Some(high)
    }

    fn is_page(&self) -> bool {
        let of_paper = |count: usize, hundredths: usize| count * 100 >= self.paper * hundredths;
        let paper_pixels = self.paper * CELL * CELL;
        self.paper * 100 >= self.cells * 60
            && self.coloured * 100 <= paper_pixels * 8
            && of_paper(self.blank, 8)
            && of_paper(self.written, 20)
            && self.light * 100 >= self.written * 75
            && self.lined <= self.written * 2
            && self.step_sum <= ROUGH * self.steps as f32
    }
}

/// The brightness below which so many hundredths lie. Changes their order.
fn part_of(all: &mut [u8], hundredths: usize) -> u8 {
    let place = all.len() * hundredths / 100;
    match place < all.len() {
        true => *all.select_nth_unstable(place).1,
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixels::Ink;

    /// A picture of 250 × 350 grey pixels.
    fn grey(level: impl Fn(usize, usize) -> u8) -> Pixels {
        let pixels = (0..350).flat_map(|y| (0..250).map(move |x| (x, y)));
        Pixels {
            width: 250,
            height: 350,
            bytes: pixels.flat_map(|(x, y)| [level(x, y); 3]).collect(),
            ink: Ink::Rgb,
        }
    }

    /// Whether something dark is there, as if by chance.
    fn chance(x: usize, y: usize, of: u32) -> bool {
        let seed = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
        (seed ^ (seed >> 13)).wrapping_mul(0xC2B2_AE35) >> 16 & 0xff < of
    }

    fn says(level: impl Fn(usize, usize) -> u8) -> bool {
        is_written(&grey(level)).unwrap()
    }

    #[test]
    fn lines_of_letters_are_writing() {
        // Six pixels a line, strokes of one or two, a margin, a lamp at one side.
        let page = |x: usize, y: usize| {
            let paper = 250 - (x / 6) as u8;
            let is_line = y % 6 < 3 && (25..225).contains(&x) && (30..300).contains(&y);
            match is_line && chance(x / 2, y / 2, 120) {
                true => paper - 120,
                false => paper,
            }
        };
        assert!(says(page));
        // The same in the colour of grass is none.
        let mut green = grey(page);
        for pixel in green.bytes.chunks_exact_mut(3) {
            pixel[0] -= 70;
            pixel[2] -= 70;
        }
        assert!(!is_written(&green).unwrap());
    }

    #[test]
    fn what_is_only_bright_is_none() {
        assert!(!says(|x, _| 230 - (x / 10) as u8), "a wall");
        assert!(!says(|_, y| if y < 150 { 210 } else { 240 }), "snow");
        assert!(!says(|x, _| if x % 9 < 4 { 120 } else { 235 }), "birches");
        assert!(!says(|_, y| if y % 8 < 3 { 140 } else { 240 }), "blinds");
        assert!(
            !says(|x, y| if chance(x / 20, y / 20, 60) { 60 } else { 238 }),
            "people far away in the snow"
        );
        assert!(
            !says(|x, y| 150 + u8::from(chance(x / 3, y / 3, 128)) * 90),
            "gravel"
        );
        assert!(
            !says(|x, y| if chance(x, y, 100) { 90 } else { 20 }),
            "night"
        );
    }

    #[test]
    fn only_what_is_bright_and_grey_is_worth_a_look() {
        let of = |level: u8| crate::rendition::thumbhash(&grey(|_, _| level)).unwrap();
        assert!(may_be_written(&of(235)));
        assert!(!may_be_written(&of(60)));
        assert!(!may_be_written(&[]));
    }
}
