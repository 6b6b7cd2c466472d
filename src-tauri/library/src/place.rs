//! Names of places, from a packaged table of the world's towns: GeoNames' list
//! (CC BY 4.0; docs/licences.md), made by `cargo xtask places`. No photo's
//! coordinates ever leave this machine to be named.

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::{Area, AssetId, Change, Library, LibraryError, Progress};

/// Brotli over six columns of text; `xtask/src/places.mjs` writes it.
const PACKED: &[u8] = include_bytes!("places.br");
/// Stands between columns.
const COLUMN: &str = "\n\u{1e}\n";
/// Farther than this from any town, in thousandths of a degree of latitude (50
/// kilometres), a photo has no place: a far town would be a guess.
const FARTHEST: f64 = 450.0;
/// How many towns a search may meet before it ends.
const MOST_MET: usize = 20_000;
/// How many assets are named in one write.
const AT_ONCE: usize = 500;

/// The towns, band by band of latitude from the south pole, each from west to
/// east. Positions are thousandths of a degree from the south pole and the date
/// line.
#[derive(Default)]
struct Table {
    text: String,
    regions: Vec<Slice>,
    /// Where each band of one degree begins among the towns, and where the last
    /// one ends.
    bands: Vec<usize>,
    towns: Vec<Entry>,
}

/// A run of the table's text.
#[derive(Clone, Copy, Default)]
struct Slice {
    start: u32,
    end: u32,
}

/// A town, as people look for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Town {
    /// Its name alone.
    pub name: String,
    /// Its name, its region and its country.
    pub full_name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

struct Entry {
    east: i32,
    north: i32,
    region: u16,
    name: Slice,
}

/// The name of the place at these coordinates: the nearest town, its region and
/// its country; `None` far from any.
pub(crate) fn name(latitude: f64, longitude: f64) -> Option<String> {
    table().name(latitude, longitude)
}

/// Towns whose names begin with these words; more words may be of the region and the
/// country. Those of exactly this name come first, and of these the ones with the most
/// others around them, for the table has no populations.
pub(crate) fn find(text: &str, most: usize) -> Vec<Town> {
    table().find(text, most)
}

/// Towns within an area, from west to east in each degree of latitude, at most so many;
/// none at all where there are more.
pub(crate) fn within(area: Area, most: usize) -> Vec<Town> {
    table().within(area, most)
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| unpack().unwrap_or_default())
}

/// A text without accents, in small letters.
fn plain(text: &str) -> String {
    text.nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Unpacks the table; it is our own, so that it is whole is a test's matter.
fn unpack() -> Option<Table> {
    let mut text = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut &*PACKED, &mut text).ok()?;
    let text = String::from_utf8(text).ok()?;
    let start = text.as_ptr() as usize;
    let slice = |part: &str| {
        let start = u32::try_from(part.as_ptr() as usize - start).ok()?;
        let end = start + u32::try_from(part.len()).ok()?;
        Some(Slice { start, end })
    };
    let mut columns = text.split(COLUMN).map(|column| column.split('\n'));
    let (regions, bands) = (columns.next()?, columns.next()?);
    let (mut easts, mut norths) = (columns.next()?, columns.next()?);
    let (mut places, mut names) = (columns.next()?, columns.next()?);
    let regions = regions.map(slice).collect::<Option<Vec<Slice>>>()?;
    let mut starts = vec![0];
    let (mut towns, mut region) = (Vec::new(), 0);
    for (count, south) in bands.zip((0..).step_by(1_000)) {
        let mut east = 0;
        for _ in 0..count.parse().ok()? {
            east += easts.next()?.parse::<i32>().ok()?;
            match places.next()? {
                "" => {}
                other => region = other.parse().ok()?,
            }
            towns.push(Entry {
                east,
                north: south + norths.next()?.parse::<i32>().ok()?,
                region,
                name: slice(names.next()?)?,
            });
        }
        starts.push(towns.len());
    }
    Some(Table {
        regions,
        bands: starts,
        towns,
        text,
    })
}

impl Table {
    fn name(&self, latitude: f64, longitude: f64) -> Option<String> {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return None;
        }
        let (north, east) = ((latitude + 90.0) * 1_000.0, (longitude + 180.0) * 1_000.0);
        // A degree of longitude is shorter the nearer it is to a pole.
        let shrunk = latitude.to_radians().cos().max(0.01);
        let mut nearest: Option<(&Entry, f64)> = None;
        // Beside the date line, the other side is near.
        for east in [east, east - 360_000.0, east + 360_000.0] {
            for town in self.around(north, east, FARTHEST / shrunk) {
                let across = (f64::from(town.east) - east) * shrunk;
                let distance = across.hypot(f64::from(town.north) - north);
                if distance <= FARTHEST && nearest.is_none_or(|(_, least)| distance < least) {
                    nearest = Some((town, distance));
                }
            }
        }
        let (town, _) = nearest?;
        self.full_name(town)
    }

    fn full_name(&self, town: &Entry) -> Option<String> {
        let name = self.text(town.name)?;
        let region = self.region(town)?;
        // Not «Tokyo, Tokyo, Japan».
        match region.split_once(", ") {
            Some((of_the_same_name, country)) if of_the_same_name == name => {
                Some(format!("{name}, {country}"))
            }
            _ if region == name => Some(name.to_owned()),
            _ => Some(format!("{name}, {region}")),
        }
    }

    fn region(&self, town: &Entry) -> Option<&str> {
        self.text(*self.regions.get(usize::from(town.region))?)
    }

    fn find(&self, text: &str, most: usize) -> Vec<Town> {
        let text = plain(text);
        let words: Vec<&str> = text
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let Some((first, others)) = words.split_first() else {
            return Vec::new();
        };
        let regions: Vec<String> = self
            .regions
            .iter()
            .map(|region| plain(self.text(*region).unwrap_or_default()))
            .collect();
        let has = |text: &str, word: &str| {
            text.split(|letter: char| !letter.is_alphanumeric())
                .any(|other| other.starts_with(word))
        };
        let mut found: Vec<(bool, usize, &Entry)> = self
            .towns
            .iter()
            .filter_map(|town| {
                let name = plain(self.text(town.name)?);
                let region = regions.get(usize::from(town.region))?;
                let fits = name.starts_with(first)
                    && others
                        .iter()
                        .all(|word| has(&name, word) || has(region, word));
                let is_whole = || {
                    name.split(|letter: char| !letter.is_alphanumeric())
                        .all(|part| part.is_empty() || words.contains(&part))
                };
                fits.then(|| (!is_whole(), town))
            })
            .take(MOST_MET)
            .map(|(part, town)| (part, usize::MAX - self.crowd(town), town))
            .collect();
        found.sort_by_key(|(part, crowd, _)| (*part, *crowd));
        found
            .into_iter()
            .filter_map(|(.., town)| self.told(town))
            .take(most)
            .collect()
    }

    /// How many towns there are within a few hours' walk.
    fn crowd(&self, town: &Entry) -> usize {
        let (north, east) = (f64::from(town.north), f64::from(town.east));
        let shrunk = (north / 1_000.0 - 90.0).to_radians().cos().max(0.01);
        self.around(north, east, FARTHEST / shrunk / 2.0).count()
    }

    fn within(&self, area: Area, most: usize) -> Vec<Town> {
        let scaled = |degrees: f64, from: f64| (degrees + from) * 1_000.0;
        let (south, north) = (scaled(area.south, 90.0), scaled(area.north, 90.0));
        let (west, east) = (scaled(area.west, 180.0), scaled(area.east, 180.0));
        let found: Vec<&Entry> = self
            .towns_of(south, north, west, east)
            .filter(|town| (south..north).contains(&f64::from(town.north)))
            .take(most + 1)
            .collect();
        match found.len() > most {
            true => Vec::new(),
            false => found
                .into_iter()
                .filter_map(|town| self.told(town))
                .collect(),
        }
    }

    fn told(&self, town: &Entry) -> Option<Town> {
        Some(Town {
            name: self.text(town.name)?.to_owned(),
            full_name: self.full_name(town)?,
            latitude: f64::from(town.north) / 1_000.0 - 90.0,
            longitude: f64::from(town.east) / 1_000.0 - 180.0,
        })
    }

    /// The towns of the bands near `north` that are within `width` of `east`.
    fn around(&self, north: f64, east: f64, width: f64) -> impl Iterator<Item = &Entry> {
        self.towns_of(
            north - FARTHEST,
            north + FARTHEST,
            east - width,
            east + width,
        )
    }

    /// The towns of the bands from `south` to `north` that are between `west` and `east`.
    fn towns_of(
        &self,
        south: f64,
        north: f64,
        west: f64,
        east: f64,
    ) -> impl Iterator<Item = &Entry> {
        let band = |north: f64| (north / 1_000.0).clamp(0.0, 179.0) as usize;
        (band(south)..=band(north)).flat_map(move |band| {
            let towns = match (self.bands.get(band), self.bands.get(band + 1)) {
                (Some(start), Some(end)) => self.towns.get(*start..*end).unwrap_or_default(),
                _ => &[],
            };
            let before = |edge: f64| towns.partition_point(|town| f64::from(town.east) < edge);
            towns.get(before(west)..before(east)).unwrap_or_default()
        })
    }

    fn text(&self, slice: Slice) -> Option<&str> {
        self.text.get(slice.start as usize..slice.end as usize)
    }
}

impl Library {
    /// Towns to choose from; see the packaged table.
    pub fn towns(&self, text: &str, most: usize) -> Vec<Town> {
        find(text, most)
    }

    /// Whether the places of any assets wait for their names.
    pub fn has_places_waiting(&self) -> Result<bool, LibraryError> {
        Ok(!self.places_waiting(1)?.is_empty())
    }

    /// Names the places of all assets that an earlier Albumen took in, for as long
    /// as `watch` says so.
    pub fn name_places(
        &self,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<(), LibraryError> {
        let mut progress = Progress::default();
        loop {
            let waiting = self.places_waiting(AT_ONCE)?;
            if waiting.is_empty() {
                return Ok(());
            }
            let is_last = waiting.len() < AT_ONCE;
            progress.done += waiting.len() as u64;
            progress.found = progress.done;
            self.catalog.write(move |write| {
                for (id, latitude, longitude) in waiting {
                    write
                        .conn()
                        .prepare_cached("UPDATE asset SET place = ?2 WHERE id = ?1")?
                        .execute((id, name(latitude, longitude).unwrap_or_default()))?;
                }
                if is_last {
                    write.announce(Change::Everything);
                }
                Ok(())
            })?;
            if !watch(&progress) {
                return Ok(());
            }
        }
    }

    fn places_waiting(&self, most: usize) -> Result<Vec<(AssetId, f64, f64)>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id, latitude, coalesce(longitude, 0) FROM asset
                      WHERE latitude IS NOT NULL AND place IS NULL AND via IS NULL
                      ORDER BY seq LIMIT ?1",
                )?
                .query_map([most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packaged_table_is_whole() {
        let table = unpack().unwrap();
        assert_eq!(table.bands.len(), 181);
        assert!(table.towns.len() > 150_000, "{}", table.towns.len());
        for town in &table.towns {
            assert!((0..=360_000).contains(&town.east));
            assert!(table.regions.len() > usize::from(town.region));
            assert!(!table.text(town.name).unwrap().is_empty());
        }
    }

    #[test]
    fn places_have_the_names_of_their_towns() {
        let named = |latitude, longitude| name(latitude, longitude).unwrap();
        assert_eq!(named(44.407, 8.934), "Genoa, Liguria, Italy");
        assert_eq!(named(48.137, 11.575), "Munich, Bavaria, Germany");
        // Either side of the date line.
        assert_eq!(named(63.06, 179.99), named(63.06, -179.99));
        assert_eq!(name(0.0, -30.0), None, "the middle of the Atlantic");
        assert_eq!(name(90.0, 0.0), None, "the north pole");
        assert_eq!(name(f64::NAN, 0.0), None);
        assert_eq!(name(91.0, 400.0), None);
    }

    #[test]
    fn towns_are_found_by_the_beginnings_of_their_words() {
        let first = |text: &str| find(text, 5).remove(0).full_name;
        assert_eq!(first("Munich"), "Munich, Bavaria, Germany");
        assert_eq!(first("paris tex"), "Paris, Texas, United States");
        assert_eq!(first("paris"), "Paris, Île-de-France, France");
        assert_eq!(first("reykjavi"), "Reykjavík, Capital Region, Iceland");
        assert_eq!(find("", 5), []);
        assert_eq!(find("no such town at all", 5), []);
        let town = find("Genoa Liguria", 1).remove(0);
        assert_eq!(name(town.latitude, town.longitude).unwrap(), town.full_name);
    }

    #[test]
    fn the_towns_of_an_area_are_all_or_none() {
        let area = Area {
            south: 44.3,
            west: 8.8,
            north: 44.5,
            east: 9.2,
        };
        let towns = within(area, 1_000);
        assert!(towns.iter().any(|town| town.name == "Genoa"), "{towns:?}");
        for town in &towns {
            assert!((44.3..44.5).contains(&town.latitude), "{town:?}");
            assert!((8.8..9.2).contains(&town.longitude), "{town:?}");
        }
        assert_eq!(within(area, 1), []);
    }
}
