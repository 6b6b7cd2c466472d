//! What there is to search for: cameras, places and tags, with their counts.

use crate::shelf::AT_LARGE;
use crate::{Library, LibraryError};

/// All tags are counted, and those of what is not at hand, which is little, taken
/// off again: no asset of the many others has to be looked at.
const TAGS: &str = "
    WITH gone AS (
        SELECT id FROM asset WHERE trashed_at IS NOT NULL
         UNION ALL
        SELECT id FROM asset WHERE trashed_at IS NULL AND shelf IN ('locked', 'album')
    ), each AS (
        SELECT tag, 1 AS one FROM asset_tag
         UNION ALL
        SELECT tag, -1 FROM gone JOIN asset_tag ON asset_tag.asset = gone.id
    )
    SELECT tag, sum(one) AS count FROM each GROUP BY tag HAVING count > 0";

/// Something to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its name.
    pub name: String,
    /// How many assets outside the trash have it.
    pub count: u64,
}

/// What there is to search for, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// Models of cameras.
    pub cameras: Vec<Suggestion>,
    /// Names of places.
    pub places: Vec<Suggestion>,
    /// Tags.
    pub tags: Vec<Suggestion>,
}

impl Library {
    /// At most so many cameras, places and tags to search for.
    pub fn suggestions(&self, most: u32) -> Result<Suggestions, LibraryError> {
        let of_assets = |column: &str| {
            format!(
                "SELECT {column}, count(*) AS count FROM asset
                  WHERE {AT_LARGE} AND {column} > '' GROUP BY {column}"
            )
        };
        Ok(Suggestions {
            cameras: self.most_frequent(&of_assets("asset.camera_model"), most)?,
            places: self.most_frequent(&of_assets("asset.place"), most)?,
            tags: self.most_frequent(TAGS, most)?,
        })
    }

    fn most_frequent(&self, counted: &str, most: u32) -> Result<Vec<Suggestion>, LibraryError> {
        let sql = format!("{counted} ORDER BY count DESC, 1 LIMIT ?1");
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&sql)?
                .query_map([most], |row| {
                    Ok(Suggestion {
                        name: row.get(0)?,
                        count: row.get(1)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }
}
