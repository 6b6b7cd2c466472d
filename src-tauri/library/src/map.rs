//! The map: where the timeline's photos were taken. Triggers count them in squares of
//! several sizes (`map_cell` in schema.sql), so that a look at the whole world costs as
//! little as one at a street.

use std::f64::consts::PI;

use rusqlite::{Connection, OptionalExtension};

use crate::place::{self, Town};
use crate::{AssetId, Library, LibraryError, PersonId, Setting};

/// The sizes of squares there are: every second power of two from and to these.
const LEVELS: (u32, u32) = (4, 20);
/// Clusters are at least this many pixels apart, on a map whose world is 256 · 2^zoom.
const APART: f64 = 60.0;
/// A map has at most this many columns of squares: more pixels than any screen.
const MOST_COLUMNS: i64 = 512;
/// From here on a map has the names of towns, if it has room for them.
const TOWNS_FROM: u8 = 8;
/// More towns than this leave no room for their names.
const MOST_TOWNS: usize = 1_500;
/// The names of towns are this many pixels apart, across and down.
const NAMES_APART: (f64, f64) = (110.0, 44.0);
/// Below this, an import's number is in a spot; see schema.sql.
const SEQ: i64 = (1 << 24) - 1;

/// A part of the world, in degrees. Its south and west belong to it, its north and
/// east do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Degrees north.
    pub south: f64,
    /// Degrees east.
    pub west: f64,
    /// Degrees north.
    pub north: f64,
    /// Degrees east.
    pub east: f64,
}

impl std::str::FromStr for Area {
    type Err = LibraryError;

    fn from_str(text: &str) -> Result<Area, LibraryError> {
        let numbers: Option<Vec<f64>> = text
            .split(',')
            .map(|part| {
                part.trim()
                    .parse()
                    .ok()
                    .filter(|number: &f64| number.is_finite())
            })
            .collect();
        match numbers.as_deref() {
            Some([south, west, north, east]) if south < north && west < east => Ok(Area {
                south: *south,
                west: *west,
                north: *north,
                east: *east,
            }),
            _ => Err(LibraryError::wrong(format!(
                "«{text}» is no area; write its south, west, north and east in degrees, like \
                 44.2,8.7,44.6,9.4."
            ))),
        }
    }
}

/// The squares that [`home`] looks at: some 600 m from south to north.
const HOME_LEVEL: u32 = 16;
/// Fewer photos in one square make no home.
const OF_A_HOME: u64 = 10;

/// Where most of the timeline's photos were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Home {
    x: i64,
    y: i64,
}

/// The densest place of the library, by its own photos alone; `None` while no place has
/// many.
pub(crate) fn home(conn: &Connection) -> Result<Option<Home>, LibraryError> {
    let has_others = conn
        .prepare_cached("SELECT 1 FROM asset WHERE via IS NOT NULL AND shelf = 'timeline'")?
        .exists([])?;
    let squares = match has_others {
        // Those of others in the timeline are counted in its map, too.
        true => {
            "SELECT CAST((longitude + 180.0) / 360.0 * (1 << ?1) AS INTEGER) AS x,
                    CAST((latitude + 90.0) / 360.0 * (1 << ?1) AS INTEGER) AS y
               FROM asset WHERE via IS NULL AND shelf = 'timeline' AND trashed_at IS NULL
                AND latitude IS NOT NULL AND longitude IS NOT NULL
              GROUP BY x, y HAVING count(*) >= ?2 ORDER BY count(*) DESC, y, x LIMIT 1"
        }
        false => {
            "SELECT x, y FROM map_cell WHERE level = ?1 AND count >= ?2
              ORDER BY count DESC, y, x LIMIT 1"
        }
    };
    Ok(conn
        .prepare_cached(squares)?
        .query_row((HOME_LEVEL, OF_A_HOME), |row| {
            Ok(Home {
                x: row.get(0)?,
                y: row.get(1)?,
            })
        })
        .optional()?)
}

impl Home {
    /// Whether a place is there, or in a square beside: a home may lie at an edge.
    pub(crate) fn is_near(self, latitude: f64, longitude: f64) -> bool {
        let squares = f64::from(1 << HOME_LEVEL) / 360.0;
        let square = |degrees: f64| (degrees * squares).floor() as i64;
        (square(longitude + 180.0) - self.x).abs() <= 1
            && (square(latitude + 90.0) - self.y).abs() <= 1
    }
}

/// Photos that are near each other on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Degrees north of their middle.
    pub latitude: f64,
    /// Degrees east of their middle.
    pub longitude: f64,
    /// How many they are.
    pub count: u64,
    /// One of them, if possible the newest.
    pub cover: AssetId,
    /// Where that was taken, by name.
    pub place: Option<String>,
    /// All that was taken within is counted.
    pub area: Area,
}

/// A part of the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The largest clusters first.
    pub clusters: Vec<Cluster>,
    /// Towns to find one's way by, where there is room for their names.
    pub towns: Vec<Town>,
}

/// One square that has photos.
#[derive(Clone, Copy, Debug)]
struct Cell {
    x: i64,
    y: i64,
    count: i64,
    north: f64,
    east: f64,
    newest: Option<i64>,
}

impl Cell {
    fn at(&self, zoom: u8) -> (f64, f64) {
        let count = self.count as f64;
        on_map(self.north / count, self.east / count, zoom)
    }
}

/// Where a place is on a map (EPSG:3857), in pixels from its north-west corner.
fn on_map(latitude: f64, longitude: f64, zoom: u8) -> (f64, f64) {
    let world = 256.0 * f64::from(1_u32 << zoom.min(24));
    let sine = latitude.to_radians().sin().clamp(-0.9999, 0.9999);
    let down = 0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * PI);
    ((longitude + 180.0) / 360.0 * world, down * world)
}

/// The degrees of one side of a square.
fn side(level: u32) -> f64 {
    360.0 / f64::from(1_u32 << level)
}

impl Library {
    /// The part of the map within `area`, as it is drawn at this zoom: 0 shows the
    /// world in 256 pixels, and each step twice as large. Of a partner's library alone,
    /// where one is named.
    pub fn map(
        &self,
        area: Area,
        zoom: u8,
        partner: Option<PersonId>,
    ) -> Result<Map, LibraryError> {
        let zoom = zoom.min(22);
        self.catalog.read(|conn| {
            // Counts and covers are of one moment.
            let conn = conn.unchecked_transaction()?;
            let (level, cells) = cells_within(&conn, area, zoom, partner)?;
            let mut clusters = Vec::new();
            for (cluster, of) in gathered(&cells, level, zoom) {
                let newest = of.iter().filter_map(|cell| cell.newest).max();
                let spot = match (newest, of.first()) {
                    (Some(spot), _) => Some(spot),
                    (None, Some(cell)) => newest_within(&conn, level, *cell)?,
                    (None, None) => None,
                };
                let Some((cover, place)) = spot.map_or(Ok(None), |spot| cover(&conn, spot))? else {
                    continue;
                };
                clusters.push(Cluster {
                    cover,
                    place,
                    ..cluster
                });
            }
            clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.count));
            Ok(Map {
                clusters,
                towns: towns_within(area, zoom),
            })
        })
    }

    /// The address of map tiles, and whom they are by: none when the map is drawn from
    /// what is packaged, so that nobody is asked.
    pub fn map_tiles(&self) -> Result<Option<(String, String)>, LibraryError> {
        let url = self.setting(Setting::MapTiles)?.unwrap_or_default();
        let by = self.setting(Setting::MapAttribution)?.unwrap_or_default();
        Ok((!url.is_empty()).then_some((url, by)))
    }

    /// Sets the address of map tiles, with `{z}`, `{x}` and `{y}` in it, and whom they
    /// are by; empty for none.
    pub fn set_map_tiles(&self, url: &str, by: &str) -> Result<(), LibraryError> {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        let has_all = ["{z}", "{x}", "{y}"].iter().all(|part| url.contains(part));
        let is_fine = url.is_empty() || (is_web && has_all);
        if !is_fine {
            return Err(LibraryError::wrong(
                "The address of map tiles begins with https:// and has {z}, {x} and {y} in it.",
            ));
        }
        self.set_setting(Setting::MapTiles, url)?;
        self.set_setting(Setting::MapAttribution, by)
    }
}

/// The squares within an area, of the size that suits the zoom, and their level.
fn cells_within(
    conn: &Connection,
    area: Area,
    zoom: u8,
    partner: Option<PersonId>,
) -> Result<(u32, Vec<Cell>), LibraryError> {
    let at = |degrees: f64, level: u32| (degrees / side(level)).floor() as i64;
    let columns = |level: u32| (at(area.west + 180.0, level), at(area.east + 180.0, level));
    let mut level = (u32::from(zoom) + 3).clamp(LEVELS.0, LEVELS.1) & !1;
    while level > LEVELS.0 && columns(level).1 - columns(level).0 > MOST_COLUMNS {
        level -= 2;
    }
    let (first, last) = columns(level);
    let most = 1_i64 << level;
    let squares = match partner {
        None => {
            "WITH RECURSIVE column (x) AS
                 (VALUES (?2) UNION ALL SELECT x + 1 FROM column WHERE x < ?3)
             SELECT cell.x, cell.y, cell.count, cell.north, cell.east, cell.newest
               FROM column CROSS JOIN map_cell AS cell
                 ON cell.level = ?1 AND cell.x = column.x AND cell.y BETWEEN ?4 AND ?5 AND ?6 IS NULL"
        }
        // A partner's library has no map of its own that is kept.
        Some(_) => {
            "SELECT CAST((longitude + 180.0) / 360.0 * (1 << ?1) AS INTEGER) AS x,
                    CAST((latitude + 90.0) / 360.0 * (1 << ?1) AS INTEGER) AS y,
                    count(*), sum(latitude), sum(longitude), max(spot)
               FROM asset
              WHERE partner = ?6 AND latitude IS NOT NULL AND longitude IS NOT NULL
              GROUP BY x, y HAVING x BETWEEN ?2 AND ?3 AND y BETWEEN ?4 AND ?5"
        }
    };
    let cells = conn
        .prepare_cached(squares)?
        .query_map(
            (
                level,
                first.clamp(0, most),
                last.clamp(0, most),
                at(area.south + 90.0, level),
                at(area.north + 90.0, level),
                partner,
            ),
            |row| {
                Ok(Cell {
                    x: row.get(0)?,
                    y: row.get(1)?,
                    count: row.get(2)?,
                    north: row.get(3)?,
                    east: row.get(4)?,
                    newest: row.get(5)?,
                })
            },
        )?
        .collect::<Result<_, _>>()?;
    Ok((level, cells))
}

/// Puts squares together whose photos would cover each other on the screen: around the
/// fullest first. Each cluster comes with its squares, and as yet without a cover.
fn gathered(cells: &[Cell], level: u32, zoom: u8) -> Vec<(Cluster, Vec<Cell>)> {
    let mut waiting: Vec<(Cell, (f64, f64))> =
        cells.iter().map(|cell| (*cell, cell.at(zoom))).collect();
    waiting.sort_by_key(|(cell, _)| std::cmp::Reverse(cell.count));
    let mut clusters = Vec::new();
    while let Some((_, middle)) = waiting.first().copied() {
        let mut bounds = (i64::MAX, i64::MAX, i64::MIN, i64::MIN);
        for (cell, at) in &waiting {
            if (at.0 - middle.0).hypot(at.1 - middle.1) < APART {
                let (x, y, right, up) = bounds;
                bounds = (
                    x.min(cell.x),
                    y.min(cell.y),
                    right.max(cell.x),
                    up.max(cell.y),
                );
            }
        }
        let (x, y, right, up) = bounds;
        let is_within = |cell: &Cell| (x..=right).contains(&cell.x) && (y..=up).contains(&cell.y);
        // What an earlier cluster has taken may lie within this one's area, too; it is
        // counted where it is shown.
        let count: i64 = cells
            .iter()
            .filter(|cell| is_within(cell))
            .map(|cell| cell.count)
            .sum();
        let (of, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(cell, _)| is_within(cell));
        waiting = rest;
        let of: Vec<Cell> = of.into_iter().map(|(cell, _)| cell).collect();
        let sum = |part: fn(&Cell) -> f64| of.iter().map(part).sum::<f64>();
        let ours = sum(|cell| cell.count as f64).max(1.0);
        let degrees = |square: i64, from: f64| square as f64 * side(level) - from;
        let cluster = Cluster {
            latitude: sum(|cell| cell.north) / ours,
            longitude: sum(|cell| cell.east) / ours,
            count: u64::try_from(count).unwrap_or(0),
            cover: AssetId::from_bytes([0; 16]),
            place: None,
            area: Area {
                south: degrees(y, 90.0),
                west: degrees(x, 180.0),
                north: degrees(up + 1, 90.0),
                east: degrees(right + 1, 180.0),
            },
        };
        clusters.push((cluster, of));
    }
    clusters
}

/// The spot of a photo in a square whose newest has left it: of the newest smaller
/// square within that knows one, and at last of any photo there.
fn newest_within(conn: &Connection, level: u32, cell: Cell) -> Result<Option<i64>, LibraryError> {
    let (mut level, mut x, mut y) = (level, cell.x, cell.y);
    while level < LEVELS.1 {
        level += 2;
        let child: Option<(i64, i64, Option<i64>)> = conn
            .prepare_cached(
                "SELECT x, y, newest FROM map_cell
                  WHERE level = ?1 AND x BETWEEN ?2 * 4 AND ?2 * 4 + 3
                    AND y BETWEEN ?3 * 4 AND ?3 * 4 + 3
                  ORDER BY newest DESC LIMIT 1",
            )?
            .query_row((level, x, y), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        match child {
            Some((.., Some(newest))) => return Ok(Some(newest)),
            Some((left, below, None)) => (x, y) = (left, below),
            None => return Ok(None),
        }
    }
    let (south, west) = (
        y as f64 * side(level) - 90.0,
        x as f64 * side(level) - 180.0,
    );
    Ok(conn
        .prepare_cached(
            "SELECT spot FROM asset INDEXED BY asset_on_map
              WHERE shelf = 'timeline' AND trashed_at IS NULL
                AND latitude >= ?1 AND latitude < ?2 AND longitude >= ?3 AND longitude < ?4
              ORDER BY spot DESC LIMIT 1",
        )?
        .query_row(
            (south, south + side(level), west, west + side(level)),
            |row| row.get(0),
        )
        .optional()?)
}

/// The asset of a spot, and the name of its place.
fn cover(conn: &Connection, spot: i64) -> Result<Option<(AssetId, Option<String>)>, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT id, nullif(place, '') FROM asset WHERE seq = ?1")?
        .query_row([spot & SEQ], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// The towns whose names have room beside each other.
fn towns_within(area: Area, zoom: u8) -> Vec<Town> {
    if zoom < TOWNS_FROM {
        return Vec::new();
    }
    let mut placed: Vec<(f64, f64)> = Vec::new();
    let mut towns = place::within(area, MOST_TOWNS);
    towns.retain(|town| {
        let (x, y) = on_map(town.latitude, town.longitude, zoom);
        let has_room = placed.iter().all(|other| {
            (other.0 - x).abs() > NAMES_APART.0 || (other.1 - y).abs() > NAMES_APART.1
        });
        if has_room {
            placed.push((x, y));
        }
        has_room
    });
    towns
}
