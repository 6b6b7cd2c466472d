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
mod tests;
