//! How lines, days, months and seams between parts come out.

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
