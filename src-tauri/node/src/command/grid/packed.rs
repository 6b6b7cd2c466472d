//! A part of a grid as bytes, for `ui/src/timeline/chunk.ts` to read: a header of
//! 32 bytes, then columns one after the other, little-endian, each at a multiple of
//! its own numbers' size. Thumbhashes, of which each has a length of its own, come
//! last.
//!
//! | Bytes | Header |
//! |---|---|
//! | 0 | version, 1 |
//! | 1 | bit 0: ids alone; bit 1: the last day goes on in the next part |
//! | 4, 8, 12, 16 | how many photos `n`, lines `l`, days `d`, months `m` (u32) |
//! | 20 | height (f32) |
//!
//! | Column | Of |
//! |---|---|
//! | times, ms of wall clock | f64 × `n` |
//! | ids | 16 bytes × `n` (this column alone, when only ids were asked for) |
//! | ratios, lefts, widths | f32 × `n`, each |
//! | lengths, ms; 0 not known, `ffffffff` no video | u32 × `n` |
//! | where each thumbhash ends | u32 × `n` |
//! | lines: first, top, height | u32, f32, f32 × `l` |
//! | days: first, top, left, width | u32, f32, f32, f32 × `d` |
//! | months: first, top | u32, f32 × `m` |
//! | marks: 1 favourite, 2 with a live part, 4 without preview, 8 waits for its home, 16 another person's, 32 on another machine of one's own | u8 × `n` |
//! | thumbhashes | the rest |

use std::ops::Range;

use library::{AssetId, Grid};

use crate::geometry::{Layout, Part};

const VERSION: u8 = 1;
const IDS_ALONE: u8 = 1;
const GOES_ON: u8 = 2;
const NO_VIDEO: u32 = u32::MAX;

/// The rows that were asked for, among those that were read: with `lead` before
/// them, and perhaps one after them.
pub fn rows_between(read: usize, lead: u64, count: u32) -> Range<usize> {
    let first = usize::try_from(lead).unwrap_or(0).min(read);
    first..read.min(first + count as usize)
}

/// Ids alone.
pub fn ids(ids: &[AssetId]) -> Vec<u8> {
    let mut bytes = header(IDS_ALONE, [ids.len(), 0, 0, 0], 0.0);
    ids.iter().for_each(|id| bytes.extend(id.bytes()));
    bytes
}

/// These rows of a grid, of which `part` has the times.
pub fn rows(grid: &Grid, part: Part<'_>, rows: Range<usize>, layout: &Layout) -> Vec<u8> {
    let flags = if layout.goes_on { GOES_ON } else { 0 };
    let counts = [
        rows.len(),
        layout.lines.len(),
        layout.days.len(),
        layout.months.len(),
    ];
    let mut bytes = header(flags, counts, layout.height);
    let times = part.times.iter().map(|time| *time as f64);
    times.for_each(|time| bytes.extend(time.to_le_bytes()));
    let ids = grid.ids.get(rows.clone()).unwrap_or_default();
    ids.iter().for_each(|id| bytes.extend(id.bytes()));
    floats(&mut bytes, part.ratios.iter().copied());
    floats(&mut bytes, layout.lefts.iter().copied());
    floats(&mut bytes, layout.widths.iter().copied());

    let mut lengths = vec![NO_VIDEO; rows.len()];
    for (video, length) in grid.videos.iter().zip(&grid.durations) {
        if let Some(place) = place(&mut lengths, &rows, *video) {
            *place = (*length).min(NO_VIDEO - 1);
        }
    }
    lengths
        .iter()
        .for_each(|length| bytes.extend(length.to_le_bytes()));
    let hashes = grid.thumbhashes.get(rows.clone()).unwrap_or_default();
    let mut end = 0;
    numbers(
        &mut bytes,
        hashes.iter().map(|hash| {
            end += hash.len();
            end
        }),
    );
    let Layout {
        lines,
        days,
        months,
        ..
    } = layout;
    numbers(&mut bytes, lines.iter().map(|line| line.first));
    floats(&mut bytes, lines.iter().map(|line| line.top));
    floats(&mut bytes, lines.iter().map(|line| line.height));
    numbers(&mut bytes, days.iter().map(|day| day.first));
    floats(&mut bytes, days.iter().map(|day| day.top));
    floats(&mut bytes, days.iter().map(|day| day.left));
    floats(&mut bytes, days.iter().map(|day| day.width));
    numbers(&mut bytes, months.iter().map(|month| month.first));
    floats(&mut bytes, months.iter().map(|month| month.top));

    let mut marks = vec![0_u8; rows.len()];
    for (mark, marked) in [
        (1, &grid.favorites),
        (2, &grid.motions),
        (4, &grid.unseen),
        (8, &grid.waiting),
        (16, &grid.others),
        (32, &grid.away),
    ] {
        for row in marked {
            if let Some(place) = place(&mut marks, &rows, *row) {
                *place |= mark;
            }
        }
    }
    bytes.extend(marks);
    hashes.iter().for_each(|hash| bytes.extend(hash));
    bytes
}

fn header(flags: u8, counts: [usize; 4], height: f64) -> Vec<u8> {
    let mut bytes = vec![VERSION, flags, 0, 0];
    numbers(&mut bytes, counts.into_iter());
    floats(&mut bytes, std::iter::once(height));
    bytes.resize(32, 0);
    bytes
}

/// Where a row of the grid is in a column of some of its rows.
fn place<'a, T>(column: &'a mut [T], rows: &Range<usize>, row: u32) -> Option<&'a mut T> {
    column.get_mut((row as usize).checked_sub(rows.start)?)
}

fn numbers(bytes: &mut Vec<u8>, numbers: impl Iterator<Item = usize>) {
    for number in numbers {
        bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }
}

fn floats(bytes: &mut Vec<u8>, numbers: impl Iterator<Item = f64>) {
    numbers.for_each(|number| bytes.extend((number as f32).to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Shape, lay_out};

    /// The same bytes as `ui/src/timeline/chunk.test.ts` reads; written anew with
    /// `ALBUMEN_RECORD=1`.
    #[test]
    fn the_recorded_bytes_are_what_is_packed() {
        const DAY: i64 = 86_400_000;
        let count = 12_u32;
        let times: Vec<i64> = (0..i64::from(count))
            .map(|row| 1_777_809_600_000 - row / 5 * DAY - row)
            .collect();
        let id = |row: u32| {
            format!("0190b6a0-0000-7000-8000-{row:012}")
                .parse()
                .unwrap()
        };
        let grid = Grid {
            ids: (0..count).map(id).collect(),
            ratios: (0..count)
                .map(|row| [1.5, 0.75, 1.0][row as usize % 3])
                .collect(),
            times: Vec::new(),
            thumbhashes: (0..count)
                .map(|row| vec![row as u8; row as usize % 4])
                .collect(),
            favorites: vec![1, 4],
            videos: vec![2, 3, 11],
            durations: vec![0, 14_000, 9],
            motions: vec![4],
            unseen: vec![5],
            waiting: vec![7],
            others: vec![7, 8],
            away: vec![9],
        };
        let shape = Shape {
            width: 600.0,
            row_height: 150.0,
            gap: 4.0,
            squares: false,
            dated: true,
            day_header: 36.0,
            month_header: 60.0,
            day_gap: 20.0,
            day_minimum: 120.0,
        };
        let within = rows_between(times.len(), 1, 10);
        assert_eq!(within, 1..11);
        let part = Part {
            ratios: &grid.ratios[within.clone()],
            times: &times[within.clone()],
            before: Some(times[0]),
            after: Some(times[11]),
        };
        let layout = lay_out(part, &shape);
        let packed = rows(&grid, part, within, &layout);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/timeline");
        let path = std::path::Path::new(folder).join("recorded.chunk");
        if std::env::var_os("ALBUMEN_RECORD").is_some() {
            std::fs::write(&path, &packed).unwrap();
        }
        assert!(
            std::fs::read(&path).unwrap() == packed,
            "{}",
            path.display()
        );
        assert_eq!(ids(&grid.ids).len(), 32 + 12 * 16);
    }
}
