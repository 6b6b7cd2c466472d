//! The timeline as a grid needs it: columns of equal length, without the facts
//! that only a viewer shows; and how many photos each month has.

use crate::shelf::{AT_HAND, Shelf};
use crate::{AlbumId, AssetId, Library, LibraryError};

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

/// Which assets a grid shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct GridQuery {
    /// Those of this album, oldest first; else the whole timeline, newest first.
    pub album: Option<AlbumId>,
    /// Those of this shelf, when no album is given.
    pub shelf: Shelf,
    /// Only favourites.
    pub favorites: bool,
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
                .query_map([], |row| {
                    Ok(Month {
                        year: row.get(0)?,
                        month: row.get(1)?,
                        count: row.get(2)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The columns of a grid.
    pub fn grid(&self, query: GridQuery) -> Result<Grid, LibraryError> {
        const COLUMNS: &str = "asset.id, asset.width, asset.height, asset.sorted_at,
                               asset.thumbhash, asset.favorite, asset.kind = 'video',
                               asset.duration_ms, asset.unseen IS NOT NULL,
                               EXISTS (SELECT 1 FROM motion WHERE motion.asset = asset.id)";
        let favorites = if query.favorites {
            "asset.favorite = 1"
        } else {
            "1"
        };
        let sql = match query.album {
            None => format!(
                "SELECT {COLUMNS} FROM asset WHERE {} AND {favorites}
                  ORDER BY asset.sorted_at DESC, asset.seq DESC",
                query.shelf.condition()
            ),
            Some(_) => format!(
                "SELECT {COLUMNS} FROM album_asset JOIN asset ON asset.id = album_asset.asset
                  WHERE album_asset.album = ?1 AND {AT_HAND} AND {favorites}
                  ORDER BY asset.sorted_at, asset.seq"
            ),
        };
        self.catalog.read(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = match query.album {
                None => statement.query([])?,
                Some(album) => statement.query([album])?,
            };
            let mut grid = Grid::default();
            while let Some(row) = rows.next()? {
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
            }
            Ok(grid)
        })
    }
}
