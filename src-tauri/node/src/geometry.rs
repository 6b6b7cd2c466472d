//! Where the photos of one part of a grid stand: justified lines at true aspect,
//! short days side by side, or squares. Pure, and of a part alone: it sees no more
//! of its neighbours than when the photo before and the photo after were taken, so
//! that any part of a million can be laid out by itself and the seams do not show.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

const DAY: i64 = 86_400_000;
/// A panorama is drawn no flatter than this, a strip no taller.
const FLATTEST: f64 = 4.5;
const TALLEST: f64 = 0.42;

/// How a grid is drawn; lengths are CSS px.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Shape {
    /// The width that lines fill.
    pub width: f64,
    /// The height that lines come near to; of squares, the least side.
    pub row_height: f64,
    /// Between two photos.
    pub gap: f64,
    /// Photos are cut to squares, and days have no headers.
    pub squares: bool,
    /// Days and months have headers; without, the photos simply follow each other.
    pub dated: bool,
    /// How tall a day's words are.
    pub day_header: f64,
    /// How tall a month's words are.
    pub month_header: f64,
    /// Between two days on one line.
    pub day_gap: f64,
    /// The width a day's words need, however narrow its only photo.
    pub day_minimum: f64,
}

/// The photos of one part, in order, and what stands around them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part<'a> {
    /// Width over height of each.
    pub ratios: &'a [f64],
    /// When each was taken, milliseconds of wall clock.
    pub times: &'a [i64],
    /// When the photo before the first was taken.
    pub before: Option<i64>,
    /// When the photo after the last was taken.
    pub after: Option<i64>,
}

/// A line of photos.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Its first photo.
    pub first: usize,
    /// How far below the part's top it begins.
    pub top: f64,
    /// How tall its photos are.
    pub height: f64,
}

/// A day's header, and how wide the day is below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// Its first photo.
    pub first: usize,
    /// Where the header begins.
    pub top: f64,
    /// From the left edge.
    pub left: f64,
    /// Of header and photos.
    pub width: f64,
}

/// A month's header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthHeader {
    /// Its first photo.
    pub first: usize,
    /// Where it begins.
    pub top: f64,
}

/// A part, laid out.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// How tall all of it is.
    pub height: f64,
    /// Of each photo, from the left edge.
    pub lefts: Vec<f64>,
    /// Of each photo.
    pub widths: Vec<f64>,
    /// From top to bottom.
    pub lines: Vec<Line>,
    /// The days that begin here.
    pub days: Vec<Day>,
    /// The months that begin here.
    pub months: Vec<MonthHeader>,
    /// The last day has more photos in the next part.
    pub goes_on: bool,
}

/// A short day, waiting for others to share its line.
struct Short {
    first: usize,
    end: usize,
    natural: f64,
}

struct Pen<'a> {
    shape: &'a Shape,
    aspects: Vec<f64>,
    y: f64,
    waiting: Vec<Short>,
    layout: Layout,
}

/// Lays out a part.
pub fn lay_out(part: Part<'_>, shape: &Shape) -> Layout {
    let mut pen = Pen {
        shape,
        aspects: part.ratios.iter().map(|ratio| aspect(*ratio)).collect(),
        y: 0.0,
        waiting: Vec::new(),
        layout: Layout::default(),
    };
    match shape.dated {
        true => pen.days(part),
        false => pen.lines(0, part.ratios.len(), part.after.is_some()),
    }
    pen.layout.height = pen.y;
    pen.layout
}

fn aspect(ratio: f64) -> f64 {
    if ratio > 0.0 {
        ratio.clamp(TALLEST, FLATTEST)
    } else {
        1.0
    }
}

fn day_of(time: i64) -> i64 {
    time.div_euclid(DAY)
}

/// Months since the year 0 (Hinnant, «chrono-compatible low-level date algorithms»).
fn month_of(time: i64) -> i64 {
    let days = day_of(time) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    (year + era * 400) * 12 + from_march + 2
}

impl Pen<'_> {
    fn days(&mut self, part: Part<'_>) {
        let Shape { width, .. } = *self.shape;
        let (mut first, mut month) = (0, part.before.map(month_of));
        let mut taken = 0.0;
        while let Some(&time) = part.times.get(first) {
            let day = day_of(time);
            let unit = |time: i64| match self.shape.squares {
                true => month_of(time),
                false => day_of(time),
            };
            let rest = part.times.get(first..).unwrap_or_default();
            let length = rest.iter().take_while(|now| unit(**now) == unit(time));
            let end = first + length.count();
            let begins = first > 0 || part.before.map(day_of) != Some(day);
            let more = end == part.times.len() && part.after.map(day_of) == Some(day);
            if month != Some(month_of(time)) {
                self.share();
                month = Some(month_of(time));
                self.layout.months.push(MonthHeader { first, top: self.y });
                self.y += self.shape.month_header;
            }
            if self.shape.squares {
                self.lines(first, end, false);
                first = end;
                continue;
            }
            let natural = self.natural(first, end);
            if natural >= width || !begins || more {
                self.share();
                if begins {
                    let (top, left) = (self.y, 0.0);
                    self.layout.days.push(Day {
                        first,
                        top,
                        left,
                        width,
                    });
                    self.y += self.shape.day_header;
                }
                self.lines(first, end, more);
                self.layout.goes_on = more;
            } else {
                let room = natural.max(self.shape.day_minimum);
                if !self.waiting.is_empty() && taken + self.shape.day_gap + room > width {
                    self.share();
                }
                taken = match self.waiting.is_empty() {
                    true => room,
                    false => taken + self.shape.day_gap + room,
                };
                self.waiting.push(Short {
                    first,
                    end,
                    natural,
                });
            }
            first = end;
        }
        self.share();
    }

    /// How wide photos are beside each other at the wished height.
    fn natural(&self, first: usize, end: usize) -> f64 {
        self.sum(first, end) * self.shape.row_height + self.gaps(first, end)
    }

    fn sum(&self, first: usize, end: usize) -> f64 {
        self.aspects
            .get(first..end)
            .unwrap_or_default()
            .iter()
            .sum()
    }

    fn gaps(&self, first: usize, end: usize) -> f64 {
        (end - first).saturating_sub(1) as f64 * self.shape.gap
    }

    /// The height at which photos beside each other fill the width.
    fn filling(&self, first: usize, end: usize) -> f64 {
        (self.shape.width - self.gaps(first, end)) / self.sum(first, end)
    }

    /// Puts photos beside each other, from `x` on; answers where they end.
    fn put(&mut self, first: usize, end: usize, height: f64, mut x: f64) -> f64 {
        for aspect in self.aspects.get(first..end).unwrap_or_default() {
            let width = match self.shape.squares {
                true => height,
                false => aspect * height,
            };
            self.layout.lefts.push(x);
            self.layout.widths.push(width);
            x += width + self.shape.gap;
        }
        x - self.shape.gap
    }

    fn line(&mut self, first: usize, end: usize, height: f64) {
        let top = self.y;
        self.layout.lines.push(Line { first, top, height });
        self.put(first, end, height, 0.0);
        self.y += height + self.shape.gap;
    }

    /// Full lines of one day, of a month of squares, or of everything when there
    /// are no days. What goes on in the next part leaves no line unfilled.
    fn lines(&mut self, first: usize, end: usize, goes_on: bool) {
        if self.shape.squares {
            let (columns, side) = self.squares();
            for first in (first..end).step_by(columns) {
                self.line(first, end.min(first + columns), side);
            }
            return;
        }
        let mut lines = Vec::new();
        let mut start = first;
        while start < end {
            let (stop, height) = self.justified(start, end);
            lines.push((start, stop, height));
            start = stop;
        }
        if goes_on {
            self.fill_last(&mut lines);
        }
        for (start, stop, height) in lines {
            self.line(start, stop, height);
        }
    }

    /// How many squares a line has, and their side.
    fn squares(&self) -> (usize, f64) {
        let Shape {
            width,
            row_height,
            gap,
            ..
        } = *self.shape;
        let columns = ((width + gap) / (row_height + gap)).floor().max(1.0);
        (columns as usize, (width - (columns - 1.0) * gap) / columns)
    }

    /// Where the line that begins at `start` ends, and how tall it is.
    fn justified(&self, start: usize, end: usize) -> (usize, f64) {
        let Shape {
            width, row_height, ..
        } = *self.shape;
        let mut stop = start + 1;
        while stop < end && self.natural(start, stop) < width {
            stop += 1;
        }
        let height = self.filling(start, stop);
        if height > row_height {
            let nearly = height < row_height * 1.12;
            return (stop, if nearly { height } else { row_height });
        }
        if stop - start > 1 {
            // One photo fewer may come nearer to the wished height.
            let taller = self.filling(start, stop - 1);
            if taller - row_height < row_height - height && taller < row_height * 1.5 {
                return (stop - 1, taller);
            }
        }
        (stop, height)
    }

    /// Fills the last line with what it has and what the line before it can give.
    fn fill_last(&self, lines: &mut Vec<(usize, usize, f64)>) {
        let Some((start, stop, height)) = lines.pop() else {
            return;
        };
        if self.natural(start, stop) >= self.shape.width || height > self.shape.row_height {
            return lines.push((start, stop, height));
        }
        let wished = self.shape.row_height;
        let Some((from, ..)) = lines.pop() else {
            // It stands alone: no taller than half as much again.
            return lines.push((start, stop, self.filling(start, stop).min(wished * 1.5)));
        };
        let off = |height: f64| (height / wished).ln().abs();
        let one = self.filling(from, stop);
        let two = |cut: usize| (self.filling(from, cut), self.filling(cut, stop));
        let worse = |(a, b): (f64, f64)| off(a).max(off(b));
        let cut = (from + 1..stop).min_by(|a, b| worse(two(*a)).total_cmp(&worse(two(*b))));
        match cut {
            Some(cut) if worse(two(cut)) < off(one) => {
                let (upper, lower) = two(cut);
                lines.extend([(from, cut, upper), (cut, stop, lower)]);
            }
            _ => lines.push((from, stop, one)),
        }
    }

    /// Short days share a line, each under its own words; a nearly full line is
    /// filled.
    fn share(&mut self) {
        let days = std::mem::take(&mut self.waiting);
        let Some(first) = days.first().map(|day| day.first) else {
            return;
        };
        let Shape {
            width,
            row_height,
            day_gap,
            day_minimum,
            ..
        } = *self.shape;
        let mut pictures = 0.0;
        let mut fixed = (days.len() - 1) as f64 * day_gap;
        for day in &days {
            let gaps = self.gaps(day.first, day.end);
            pictures += day.natural - gaps;
            fixed += gaps + (day_minimum - day.natural).max(0.0);
        }
        let filling = (width - fixed) / pictures;
        let height = row_height * if filling < 1.22 { filling } else { 1.0 };
        let header = self.y;
        let top = header + self.shape.day_header;
        self.layout.lines.push(Line { first, top, height });
        let mut left = 0.0;
        for Short { first, end, .. } in days {
            let right = self.put(first, end, height, left);
            let width = (right - left).max(day_minimum);
            self.layout.days.push(Day {
                first,
                top: header,
                left,
                width,
            });
            left += width + day_gap;
        }
        self.y = top + height + self.shape.gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAY_3: i64 = 1_777_809_600_000;

    fn shape() -> Shape {
        Shape {
            width: 1_000.0,
            row_height: 200.0,
            gap: 4.0,
            squares: false,
            dated: true,
            day_header: 36.0,
            month_header: 56.0,
            day_gap: 24.0,
            day_minimum: 140.0,
        }
    }

    fn undated() -> Shape {
        Shape {
            dated: false,
            ..shape()
        }
    }

    fn many(count: usize, per_day: usize) -> (Vec<f64>, Vec<i64>) {
        let shapes = [1.5, 0.667, 1.333, 1.0, 1.778, 0.75];
        let ratios = (0..count).map(|at| shapes[at * 7 % shapes.len()]).collect();
        let times = (0..count).map(|at| MAY_3 - (at / per_day) as i64 * DAY);
        (ratios, times.collect())
    }

    fn of<'a>(ratios: &'a [f64], times: &'a [i64]) -> Part<'a> {
        Part {
            ratios,
            times,
            ..Part::default()
        }
    }

    fn right(layout: &Layout, at: usize) -> f64 {
        layout.lefts[at] + layout.widths[at]
    }

    #[test]
    fn lines_fill_the_width_at_true_aspect_near_the_wished_height() {
        let (ratios, times) = many(200, 200);
        let layout = lay_out(of(&ratios, &times), &undated());
        for pair in layout.lines.windows(2) {
            let (line, next) = (pair[0], pair[1].first);
            assert!((right(&layout, next - 1) - 1_000.0).abs() < 0.01);
            assert!((140.0..300.0).contains(&line.height), "{line:?}");
            let widths = &layout.widths[line.first..next];
            for (width, ratio) in widths.iter().zip(&ratios[line.first..]) {
                assert!((width / line.height - ratio).abs() < 0.001);
            }
        }
    }

    #[test]
    fn a_last_line_is_never_stretched_unless_the_day_goes_on() {
        let (ratios, times) = ([1.5; 2], [MAY_3; 2]);
        let alone = lay_out(of(&ratios, &times), &undated());
        assert_eq!((alone.lines[0].height, alone.widths[0]), (200.0, 300.0));

        let (ratios, times) = many(203, 400);
        for shape in [shape(), undated()] {
            let part = Part {
                after: Some(MAY_3),
                ..of(&ratios, &times)
            };
            let layout = lay_out(part, &shape);
            assert!((right(&layout, 202) - 1_000.0).abs() < 0.01);
            assert!(
                layout
                    .lines
                    .iter()
                    .all(|line| (120.0..320.0).contains(&line.height))
            );
            assert_eq!(layout.goes_on, shape.dated);
        }
    }

    #[test]
    fn parts_of_a_day_have_one_header_together() {
        let (ratios, times) = many(60, 400);
        let whole = lay_out(of(&ratios, &times), &shape());
        assert_eq!((whole.days.len(), whole.months.len()), (1, 1));
        let later = lay_out(
            Part {
                before: Some(MAY_3),
                ..of(&ratios, &times)
            },
            &shape(),
        );
        assert_eq!((later.days.len(), later.months.len()), (0, 0));
        assert_eq!(later.lines[0].top, 0.0);
        let next_day = Part {
            before: Some(MAY_3 + DAY),
            ..of(&ratios, &times)
        };
        let layout = lay_out(next_day, &shape());
        assert_eq!((layout.days.len(), layout.months.len()), (1, 0));
    }

    #[test]
    fn lines_follow_each_other_without_gaps_or_overlaps() {
        let (ratios, times) = many(300, 40);
        let layout = lay_out(of(&ratios, &times), &shape());
        for pair in layout.lines.windows(2) {
            assert!(pair[1].top >= pair[0].top + pair[0].height + 3.99);
        }
        assert_eq!(layout.lefts.len(), 300);
        assert!(layout.height > layout.lines.last().unwrap().top);
    }

    #[test]
    fn a_panorama_and_a_strip_are_kept_within_reason() {
        let layout = lay_out(of(&[12.0, 0.1, 0.0], &[MAY_3; 3]), &undated());
        assert!(layout.widths[0] <= 1_000.0);
        assert!(layout.widths[1] > 40.0 && layout.widths[2] > 0.0);
    }

    #[test]
    fn short_days_share_a_line_each_with_its_own_header() {
        let times = [MAY_3, MAY_3 - DAY, MAY_3 - 2 * DAY];
        let layout = lay_out(of(&[1.5, 1.5, 1.0], &times), &shape());
        assert_eq!((layout.lines.len(), layout.lines[0].top), (1, 56.0 + 36.0));
        let firsts: Vec<_> = layout.days.iter().map(|day| (day.first, day.top)).collect();
        assert_eq!(firsts, [(0, 56.0), (1, 56.0), (2, 56.0)]);
        assert!(layout.days[1].left > layout.days[0].left + layout.days[0].width);

        let (ratios, times) = many(400, 2);
        let layout = lay_out(of(&ratios, &times), &shape());
        assert!((0..400).all(|at| right(&layout, at) <= 1_000.5));
        assert!(
            layout
                .days
                .iter()
                .all(|day| day.left + day.width <= 1_000.5)
        );
    }

    #[test]
    fn a_new_month_begins_on_a_line_of_its_own_below_its_name() {
        let june_1 = MAY_3 + 29 * DAY;
        let layout = lay_out(of(&[1.0; 2], &[june_1, june_1 - DAY]), &shape());
        assert_eq!((layout.months.len(), layout.lines.len()), (2, 2));
        assert!(layout.months[1].top > layout.lines[0].top);
        assert_eq!(month_of(MAY_3), 2026 * 12 + 4);
        assert_eq!(month_of(-1), 1969 * 12 + 11);
    }

    #[test]
    fn squares_fill_lines_of_equal_cells_under_their_month() {
        let (ratios, times) = many(23, 5);
        let shape = Shape {
            squares: true,
            row_height: 100.0,
            ..shape()
        };
        let layout = lay_out(of(&ratios, &times), &shape);
        let months: Vec<_> = layout.months.iter().map(|month| month.first).collect();
        assert_eq!((months, layout.days.len()), (vec![0, 15], 0));
        let firsts: Vec<_> = layout.lines.iter().map(|line| line.first).collect();
        assert_eq!(firsts, [0, 9, 15]);
        assert!(
            layout
                .widths
                .iter()
                .all(|width| *width == layout.lines[0].height)
        );
        assert!((right(&layout, 8) - 1_000.0).abs() < 0.01);
    }

    #[test]
    fn nothing_has_no_height() {
        assert_eq!(lay_out(Part::default(), &shape()).height, 0.0);
    }
}
