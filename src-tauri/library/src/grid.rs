//! The timeline as a grid needs it: columns of equal length, without the facts
//! that only a viewer shows; and how many photos each month has.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use rusqlite::Connection;

use crate::album::order;
use crate::remote::waiting_away;
use crate::{AlbumOrder, AssetId, Filter, Library, LibraryError};

/// A month and how many assets it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// Assets.
    pub count: u64,
}

/// Which rows of a grid.
#[derive(Clone, Debug, Default)]
pub struct GridQuery {
    /// Which assets: of an album in its order, of all else newest first.
    pub filter: Filter,
    /// The first row, counted from 0.
    pub first: u64,
    /// At most this many rows; all when absent.
    pub count: Option<u32>,
}

/// Columns of equal length.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// The assets.
    pub ids: Vec<AssetId>,
    /// Width over height, as seen upright.
    pub ratios: Vec<f64>,
    /// What they are sorted by, milliseconds of wall clock.
    pub times: Vec<i64>,
    /// Thumbhashes; empty until rendered.
    pub thumbhashes: Vec<Vec<u8>>,
    /// Indices of the favourites.
    pub favorites: Vec<u32>,
    /// Indices of the videos.
    pub videos: Vec<u32>,
    /// How long each of `videos` is, milliseconds; 0 when unknown.
    pub durations: Vec<u32>,
    /// Indices of photos with a live part.
    pub motions: Vec<u32>,
    /// Indices of what cannot be previewed.
    pub unseen: Vec<u32>,
    /// Indices of what waits for its home, or for an album's.
    pub waiting: Vec<u32>,
    /// Indices of what is another person's.
    pub others: Vec<u32>,
    /// Indices of what is on another machine of one's own.
    pub away: Vec<u32>,
}

impl Library {
    /// The months that have assets, newest first.
    pub fn months(&self) -> Result<Vec<Month>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT month / 100, month % 100, count FROM month_count
                      WHERE count > 0 ORDER BY month DESC",
                )?
                .query_map([], month)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The months that have assets of a filter, newest first.
    pub fn months_of(&self, filter: &Filter) -> Result<Vec<Month>, LibraryError> {
        const MONTH: &str =
            "CAST(strftime('%Y%m', asset.sorted_at / 1000, 'unixepoch') AS INTEGER) AS month";
        self.check_shelf(filter)?;
        let plan = filter.plan();
        if plan.is_whole_timeline() {
            return self.months();
        }
        let sql = format!(
            "SELECT month / 100, month % 100, count(*) FROM ({})
              GROUP BY month ORDER BY month DESC",
            plan.select(MONTH, true)
        );
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&sql)?
                .query_map(rusqlite::params_from_iter(plan.into_values()), month)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The columns of a grid.
    pub fn grid(&self, query: &GridQuery) -> Result<Grid, LibraryError> {
        const COLUMNS: &str = "asset.id, asset.width, asset.height, asset.sorted_at,
                               asset.thumbhash, asset.favorite, asset.kind = 'video',
                               asset.duration_ms, asset.unseen IS NOT NULL,
                               EXISTS (SELECT 1 FROM motion WHERE motion.asset = asset.id),
                               EXISTS (SELECT 1 FROM album_asset AS put
                                        WHERE put.asset = asset.id AND put.waits > 0),
                               asset.via IS NOT NULL,
                               asset.partner IS (SELECT person FROM library)";
        let mut grid = Grid::default();
        let waiting = self.catalog.read(waiting_away)?;
        self.rows(query, COLUMNS, |row| {
            let index = u32::try_from(grid.ids.len()).unwrap_or(u32::MAX);
            if row.get(5)? {
                grid.favorites.push(index);
            }
            if row.get(6)? {
                grid.videos.push(index);
                let length: Option<u32> = row.get(7)?;
                grid.durations.push(length.unwrap_or(0));
            }
            if row.get(8)? {
                grid.unseen.push(index);
            }
            if row.get(9)? {
                grid.motions.push(index);
            }
            if row.get(10)? {
                grid.waiting.push(index);
            }
            match (row.get(11)?, row.get(12)?) {
                (true, true) => {
                    grid.away.push(index);
                    if waiting.contains(&row.get(0)?) {
                        grid.waiting.push(index);
                    }
                }
                (true, false) => grid.others.push(index),
                (false, _) => {}
            }
            let (width, height): (f64, f64) = (row.get(1)?, row.get(2)?);
            grid.ids.push(row.get(0)?);
            // A size that is not known is drawn as a square.
            grid.ratios.push(if width * height > 0.0 {
                width / height
            } else {
                1.0
            });
            grid.times.push(row.get(3)?);
            grid.thumbhashes.push(row.get(4)?);
            Ok(())
        })?;
        Ok(grid)
    }

    /// The first column of a grid alone: which assets its rows are.
    pub fn grid_ids(&self, query: &GridQuery) -> Result<Vec<AssetId>, LibraryError> {
        let mut ids = Vec::new();
        self.rows(query, "asset.id", |row| {
            ids.push(row.get(0)?);
            Ok(())
        })?;
        Ok(ids)
    }

    /// Reads these columns of the rows of a grid, one row after the other.
    fn rows(
        &self,
        query: &GridQuery,
        columns: &str,
        mut read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LibraryError> {
        self.check_shelf(&query.filter)?;
        self.catalog.read(|conn| {
            // Its counts and its rows are of one moment.
            let conn = conn.unchecked_transaction()?;
            let filter = &query.filter;
            let order = match (filter.album, filter.partner_album) {
                (Some(album), _) => order::of_album(&conn, album)?,
                (None, Some(album)) => order::of_partner_album(&conn, album)?,
                (None, None) => AlbumOrder::Newest,
            };
            let mut plan = filter.plan();
            let mut skipped = query.first;
            if plan.is_whole_timeline() {
                // Whole months are jumped over by their counts.
                let (month, passed) = month_of_row(&conn, query.first)?;
                skipped -= passed;
                if let Some(end) = month {
                    plan.before(end);
                }
            }
            let sql = format!(
                "{} LIMIT {} OFFSET {skipped}",
                plan.select(columns, order == AlbumOrder::Newest),
                query.count.map_or(-1, i64::from),
            );
            let mut statement = conn.prepare(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(plan.into_values()))?;
            while let Some(row) = rows.next()? {
                read(row)?;
            }
            Ok(())
        })
    }
}

fn month(row: &rusqlite::Row<'_>) -> rusqlite::Result<Month> {
    Ok(Month {
        year: row.get(0)?,
        month: row.get(1)?,
        count: row.get(2)?,
    })
}

/// The end of the month that holds a row of the timeline, and how many rows are
/// newer than that; none while the row is in the newest month.
fn month_of_row(conn: &Connection, row: u64) -> Result<(Option<i64>, u64), LibraryError> {
    let mut statement = conn.prepare_cached(
        "SELECT month / 100, month % 100, count FROM month_count
          WHERE count > 0 ORDER BY month DESC",
    )?;
    let mut months = statement.query([])?;
    let (mut end, mut passed) = (None, 0);
    while let Some(month) = months.next()? {
        let count: u64 = month.get(2)?;
        if row < passed + count || row == 0 {
            break;
        }
        passed += count;
        // What is older than a month ends where it begins.
        end = beginning(month.get(0)?, month.get(1)?);
        if end.is_none() {
            return Ok((None, 0));
        }
    }
    Ok((end, passed))
}

/// When a month begins, milliseconds of wall clock.
fn beginning(year: i16, month: i8) -> Option<i64> {
    let first = Date::new(year, month, 1).ok()?;
    let midnight = first.to_datetime(Time::midnight()).to_zoned(TimeZone::UTC);
    Some(midnight.ok()?.timestamp().as_millisecond())
}
