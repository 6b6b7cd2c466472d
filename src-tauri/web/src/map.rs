//! The map of an album, where its link tells of places: what was taken near together is
//! one circle, which leads to a map of that part and its photos. Drawn by the server; the
//! outline of the world and a town's name say where it is, and nobody else is asked.

use std::{cmp::Reverse, collections::BTreeMap};

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use library::{Access, LibraryError, Spot};

use crate::{
    album::{Part, cells, title_of},
    files::{FILES, Files},
    notice::Refusal,
    phrases::Language,
    visitor::{Visitor, blocking},
};

/// Photos below the map at once.
const PAGE: usize = 48;
/// How much wider than high a map is.
const RATIO: f64 = 1.5;
/// The narrowest part of the world that is shown, in degrees: nearer, its outline is none.
const LEAST: f64 = 9.0;
/// The whole world is as wide.
const WORLD: f64 = 360.0;
/// What is nearer than this share of the width is one circle.
const NEAR: f64 = 0.1;
/// How wide a map is for the names of towns, in pixels: on a screen, on a phone.
const WIDTHS: [f64; 2] = [880.0, 340.0];
/// About how wide a letter of a name is, and how high, in pixels.
const LETTER: (f64, f64) = (7.0, 15.0);

/// A part of the world: degrees east of the date line, and south of the north pole.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// What was taken near together.
struct Cluster {
    area: Area,
    x: f64,
    y: f64,
    photos: u64,
    videos: u64,
    /// The first of them, in the link's order.
    first: u32,
}

/// A circle on the map.
struct Circle {
    /// Percent of the map's sides.
    x: String,
    y: String,
    /// In pixels.
    radius: u32,
    /// Where its name stands below its middle, in pixels.
    below: u32,
    count: u64,
    /// The nearest town; empty where there is none.
    town: String,
    /// Whether there is room for the name, and on a phone, too.
    is_named: bool,
    is_named_small: bool,
    /// What a screen reader says.
    words: String,
    /// What it leads to; nothing where that is this very map.
    link: Option<String>,
}

#[derive(Template)]
#[template(path = "map.html", whitespace = "minimize")]
struct MapPage<'a> {
    say: Language,
    files: &'a Files,
    heading: String,
    base: &'a str,
    from: &'a str,
    count: String,
    view: String,
    circles: Vec<Circle>,
    part: Part,
    /// The area, as the address has it; empty for all.
    asked: String,
    page: u64,
    pages: u64,
    selecting: bool,
}

impl MapPage<'_> {
    fn to(&self, page: u64) -> String {
        format!("{}?map={}&page={page}", self.base, self.asked)
    }
}

/// The map of a link's photos, or of an area of it; `None` where the link tells of no
/// place.
pub(crate) async fn page(
    visitor: &Visitor,
    asked: &str,
    wanted: u64,
) -> Result<Option<Response>, Refusal> {
    let say = visitor.asked.say;
    let access = visitor.access.clone();
    let base = visitor.place.base();
    let area = Area::parse(asked);
    let terms = visitor.access.terms();
    let from = terms.from.clone();
    let heading = format!("{} · {}", title_of(terms, say), say.map());
    let made = blocking(say, move || {
        let mut spots = access.spots()?;
        // An area in which there is nothing is none.
        let within = |spot: &Spot| area.is_none_or(|area| area.holds(spot));
        let area = area.filter(|_| spots.iter().any(within));
        if area.is_some() {
            spots.retain(within);
        }
        if spots.is_empty() {
            return Ok(None);
        }
        let view = Area::around(&spots).seen();
        let circles = circles(&access, &clusters(&spots, view), view, &base, say)?;
        let pages = spots.len().div_ceil(PAGE) as u64;
        let page = wanted.clamp(1, pages);
        let first = usize::try_from(page - 1).unwrap_or_default() * PAGE;
        let shown = spots.iter().skip(first).take(PAGE);
        let entries = access.entries_at(shown.map(|spot| spot.index.into()))?;
        let videos = spots.iter().filter(|spot| spot.is_video).count() as u64;
        let page = MapPage {
            say,
            files: &FILES,
            heading,
            base: &base,
            from: &from,
            count: say.count_of(spots.len() as u64 - videos, videos),
            view: view.as_view(),
            circles,
            part: Part {
                heading: None,
                cells: cells(&entries, say),
            },
            asked: area.map(Area::as_asked).unwrap_or_default(),
            page,
            pages,
            selecting: false,
        };
        Ok(Some(page.render()))
    })
    .await?;
    made.map(|html| {
        let html = html.map_err(|_| Refusal::failed(say))?;
        Ok(Html(html).into_response())
    })
    .transpose()
}

/// What is near together on a map of this part, the largest first.
fn clusters(spots: &[Spot], view: Area) -> Vec<Cluster> {
    let near = (view.right - view.left) * NEAR;
    let mut cells: BTreeMap<(i64, i64), Cluster> = BTreeMap::new();
    for spot in spots {
        let (x, y) = position(spot);
        // Whole numbers of at most a few thousand.
        let cell = ((x / near).floor() as i64, (y / near).floor() as i64);
        let one = Cluster::of(spot);
        match cells.get_mut(&cell) {
            Some(cluster) => cluster.take(one),
            None => {
                cells.insert(cell, one);
            }
        }
    }
    let mut cells: Vec<Cluster> = cells.into_values().collect();
    cells.sort_by_key(|cluster| (Reverse(cluster.count()), cluster.first));
    let mut clusters: Vec<Cluster> = Vec::new();
    for cell in cells {
        let beside = |other: &&mut Cluster| (other.x - cell.x).hypot(other.y - cell.y) < near;
        match clusters.iter_mut().find(beside) {
            Some(cluster) => cluster.take(cell),
            None => clusters.push(cell),
        }
    }
    clusters
}

fn circles(
    access: &Access,
    clusters: &[Cluster],
    view: Area,
    base: &str,
    say: Language,
) -> Result<Vec<Circle>, LibraryError> {
    let firsts = access.entries_at(clusters.iter().map(|cluster| cluster.first.into()))?;
    let towns: Vec<String> = firsts
        .iter()
        .map(|entry| {
            let place = entry.shown.as_ref().and_then(|shown| shown.place.as_ref());
            let town = place.and_then(|place| place.split(',').next());
            town.unwrap_or_default().to_owned()
        })
        .collect();
    let named = WIDTHS.map(|width| named(clusters, &towns, view, width));
    let percent = |part: f64, whole: f64| format!("{:.2}%", 100.0 * part / whole);
    Ok(clusters
        .iter()
        .zip(&towns)
        .enumerate()
        .map(|(at, (cluster, town))| {
            let count = say.count_of(cluster.photos, cluster.videos);
            let is_named = |names: &[bool]| names.get(at).copied().unwrap_or_default();
            Circle {
                x: percent(cluster.x - view.left, view.right - view.left),
                y: percent(cluster.y - view.top, view.bottom - view.top),
                radius: cluster.radius(),
                below: cluster.radius() + 14,
                count: cluster.count(),
                is_named: is_named(&named[0]),
                is_named_small: is_named(&named[1]),
                words: match town.is_empty() {
                    true => count,
                    false => format!("{town}, {count}"),
                },
                town: town.clone(),
                link: (clusters.len() > 1)
                    .then(|| format!("{base}?map={}", cluster.area.as_asked())),
            }
        })
        .collect())
}

/// Which of the names have room on a map so many pixels wide; the largest circles have
/// theirs first.
fn named(clusters: &[Cluster], towns: &[String], view: Area, width: f64) -> Vec<bool> {
    let scale = width / (view.right - view.left);
    let place = |cluster: &Cluster| {
        (
            (cluster.x - view.left) * scale,
            (cluster.y - view.top) * scale,
            f64::from(cluster.radius()),
        )
    };
    let mut taken: Vec<Area> = clusters
        .iter()
        .map(|cluster| {
            let (x, y, radius) = place(cluster);
            Area::of_middle(x, y, radius, radius)
        })
        .collect();
    clusters
        .iter()
        .zip(towns)
        .map(|(cluster, town)| {
            let (x, y, radius) = place(cluster);
            let half = town.chars().count() as f64 * LETTER.0 / 2.0;
            // Its own circle ends above it.
            let label = Area::of_middle(x, y + radius + 3.0 + LETTER.1 / 2.0, half, LETTER.1 / 2.0);
            let inside = label.left >= 0.0 && label.right <= width && label.bottom <= width / RATIO;
            let free = !town.is_empty() && inside && !taken.iter().any(|area| area.meets(label));
            if free {
                taken.push(label);
            }
            free
        })
        .collect()
}

/// Degrees east of the date line and south of the north pole.
fn position(spot: &Spot) -> (f64, f64) {
    let (longitude, latitude) = (f64::from(spot.longitude), f64::from(spot.latitude));
    (
        (longitude + 180.0).clamp(0.0, WORLD),
        (90.0 - latitude).clamp(0.0, WORLD / 2.0),
    )
}

impl Cluster {
    fn of(spot: &Spot) -> Cluster {
        let (x, y) = position(spot);
        Cluster {
            area: Area::of_middle(x, y, 0.0, 0.0),
            x,
            y,
            photos: u64::from(!spot.is_video),
            videos: u64::from(spot.is_video),
            first: spot.index,
        }
    }

    fn count(&self) -> u64 {
        self.photos + self.videos
    }

    fn take(&mut self, other: Cluster) {
        let (own, more) = (self.count() as f64, other.count() as f64);
        self.x = (self.x * own + other.x * more) / (own + more);
        self.y = (self.y * own + other.y * more) / (own + more);
        self.area = self.area.with(other.area);
        self.photos += other.photos;
        self.videos += other.videos;
        self.first = self.first.min(other.first);
    }

    /// In pixels: ten more photos are a little more.
    fn radius(&self) -> u32 {
        11 + 5 * self.count().ilog10()
    }
}

impl Area {
    fn of_middle(x: f64, y: f64, across: f64, down: f64) -> Area {
        Area {
            left: x - across,
            top: y - down,
            right: x + across,
            bottom: y + down,
        }
    }

    fn around(spots: &[Spot]) -> Area {
        let mut areas = spots.iter().map(|spot| Cluster::of(spot).area);
        let first = areas
            .next()
            .unwrap_or(Area::of_middle(180.0, 90.0, 0.0, 0.0));
        areas.fold(first, Area::with)
    }

    fn with(self, other: Area) -> Area {
        Area {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn meets(self, other: Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn holds(self, spot: &Spot) -> bool {
        let (x, y) = position(spot);
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    /// The part of the world that a map of this area shows, with some room around it. East
    /// and west it ends with the world; of the whole, there is sea beyond the poles.
    fn seen(self) -> Area {
        let across = (self.right - self.left) * 1.3;
        let down = (self.bottom - self.top) * 1.3 * RATIO;
        let width = across.max(down).clamp(LEAST, WORLD);
        let x = f64::midpoint(self.left, self.right);
        let y = f64::midpoint(self.top, self.bottom);
        let x = x.clamp(width / 2.0, WORLD - width / 2.0);
        Area::of_middle(x, y, width / 2.0, width / RATIO / 2.0)
    }

    /// In tenths of a degree, as the outline of the world is drawn.
    fn as_view(self) -> String {
        format!(
            "{:.1} {:.1} {:.1} {:.1}",
            self.left * 10.0,
            self.top * 10.0,
            (self.right - self.left) * 10.0,
            (self.bottom - self.top) * 10.0
        )
    }

    /// As an address has it, a little larger, for it is rounded.
    fn as_asked(self) -> String {
        let out = |degrees: f64, by: f64| format!("{:.3}", degrees + by);
        [
            out(self.left, -0.001),
            out(self.top, -0.001),
            out(self.right, 0.001),
            out(self.bottom, 0.001),
        ]
        .join(",")
    }

    fn parse(asked: &str) -> Option<Area> {
        let sides: Option<Vec<f64>> = asked
            .split(',')
            .map(|side| side.parse().ok().filter(|side: &f64| side.is_finite()))
            .collect();
        match sides.as_deref() {
            Some([left, top, right, bottom]) => Some(Area {
                left: *left,
                top: *top,
                right: *right,
                bottom: *bottom,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(index: u32, latitude: f32, longitude: f32) -> Spot {
        Spot {
            index,
            latitude,
            longitude,
            is_video: index == 0,
        }
    }

    #[test]
    fn what_is_near_is_one_circle_and_none_is_lost() {
        let kiel = (0..30).map(|at| spot(at, 54.3 + at as f32 / 1e3, 10.1));
        let spots: Vec<Spot> = kiel
            .chain([spot(30, 48.1, 11.6), spot(31, 48.1, 11.6)])
            .collect();
        let view = Area::around(&spots).seen();
        let found = clusters(&spots, view);
        let counts: Vec<u64> = found.iter().map(Cluster::count).collect();
        assert_eq!(counts, [30, 2]);
        assert_eq!(
            (found[0].videos, found[0].first, found[1].first),
            (1, 0, 30)
        );
        // What a circle leads to holds what it counts.
        for cluster in &found {
            let area = Area::parse(&cluster.area.as_asked()).unwrap();
            let inside = spots.iter().filter(|spot| area.holds(spot)).count();
            assert_eq!(inside as u64, cluster.count());
        }
    }

    #[test]
    fn a_map_shows_all_of_it_and_ends_where_the_world_does() {
        for spots in [
            vec![spot(0, 0.0, 179.9)],
            vec![spot(0, -17.0, 179.9), spot(1, -17.0, -179.9)],
            vec![spot(0, 89.0, -180.0), spot(1, -89.0, 180.0)],
            vec![spot(0, 54.0, 10.0), spot(1, 55.0, 11.0)],
        ] {
            let view = Area::around(&spots).seen();
            assert!(view.left >= 0.0 && view.right <= WORLD, "{view:?}");
            assert!(view.right - view.left >= LEAST);
            for spot in &spots {
                let (x, y) = position(spot);
                assert!((view.left..=view.right).contains(&x), "{view:?}");
                assert!((view.top..=view.bottom).contains(&y), "{view:?}");
            }
        }
    }

    #[test]
    fn garbage_is_no_area() {
        for asked in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "a,b,c,d",
            "NaN,1,2,3",
            "inf,0,0,0",
        ] {
            assert_eq!(Area::parse(asked), None, "{asked}");
        }
    }
}
