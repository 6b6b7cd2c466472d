//! Names of places, from a packaged table of the world's towns: GeoNames' list
//! (CC BY 4.0; docs/licences.md), made by `cargo xtask places`. No photo's
//! coordinates ever leave this machine to be named.

use std::sync::OnceLock;

use crate::{AssetId, Change, Library, LibraryError, Progress};

/// Brotli over six columns of text; `xtask/src/places.mjs` writes it.
const PACKED: &[u8] = include_bytes!("places.br");
/// Stands between columns.
const COLUMN: &str = "\n\u{1e}\n";
/// Farther than this from any town, in thousandths of a degree of latitude (50
/// kilometres), a photo has no place: a far town would be a guess.
const FARTHEST: f64 = 450.0;
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
    towns: Vec<Town>,
}

/// A run of the table's text.
#[derive(Clone, Copy, Default)]
struct Slice {
    start: u32,
    end: u32,
}

struct Town {
    east: i32,
    north: i32,
    region: u16,
    name: Slice,
}

/// The name of the place at these coordinates: the nearest town, its region and
/// its country; `None` far from any.
pub(crate) fn name(latitude: f64, longitude: f64) -> Option<String> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE
        .get_or_init(|| unpack().unwrap_or_default())
        .name(latitude, longitude)
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
            towns.push(Town {
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
        let mut nearest: Option<(&Town, f64)> = None;
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
        let name = self.text(town.name)?;
        let region = self.text(*self.regions.get(usize::from(town.region))?)?;
        // Not «Tokyo, Tokyo, Japan».
        match region.split_once(", ") {
            Some((of_the_same_name, country)) if of_the_same_name == name => {
                Some(format!("{name}, {country}"))
            }
            _ if region == name => Some(name.to_owned()),
            _ => Some(format!("{name}, {region}")),
        }
    }

    /// The towns of the bands near `north` that are within `width` of `east`.
    fn around(&self, north: f64, east: f64, width: f64) -> impl Iterator<Item = &Town> {
        let band = |north: f64| (north / 1_000.0).clamp(0.0, 179.0) as usize;
        (band(north - FARTHEST)..=band(north + FARTHEST)).flat_map(move |band| {
            let towns = match (self.bands.get(band), self.bands.get(band + 1)) {
                (Some(start), Some(end)) => self.towns.get(*start..*end).unwrap_or_default(),
                _ => &[],
            };
            let before = |edge: f64| towns.partition_point(|town| f64::from(town.east) < edge);
            towns
                .get(before(east - width)..before(east + width))
                .unwrap_or_default()
        })
    }

    fn text(&self, slice: Slice) -> Option<&str> {
        self.text.get(slice.start as usize..slice.end as usize)
    }
}

impl Library {
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
                      WHERE latitude IS NOT NULL AND place IS NULL ORDER BY seq LIMIT ?1",
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
}
