//! What an owner says of assets: their words, stars and tags, when and where they were
//! taken, and which way is up. The originals are never touched, and each edit can be
//! undone.

use media::Turn;

use crate::asset::{TAG_MARK, check_own, checked_text};
use crate::catalog::Write;
use crate::request::{do_at_home, wish_of};
use crate::time::{DAY_MS, TakenAt};
use crate::undo::photos;
use crate::wire::WishOf;
use crate::{Asset, AssetId, Change, Library, LibraryError, place, share, twin};

/// A clock was wrong by no more than this: a hundred years.
const FARTHEST_SHIFT: i64 = 36_525 * DAY_MS;
/// Bytes of one tag.
const LONGEST_TAG: usize = 256;

/// Edits to assets; what is `None` or empty stays as it is, an empty text removes.
#[derive(Clone, Debug, Default)]
pub struct AssetEdit {
    /// Mark as a favourite, or not.
    pub favorite: Option<bool>,
    /// 0 to 5 stars.
    pub rating: Option<u8>,
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// When it was taken.
    pub taken_at: Option<TakenAt>,
    /// By how many milliseconds the camera's clock was slow; below zero when it was
    /// fast. What has no time of its own is left alone.
    pub shift_ms: Option<i64>,
    /// Where it was taken.
    pub place: Option<PlaceEdit>,
    /// Tags to add.
    pub add_tags: Vec<String>,
    /// Tags to take away.
    pub remove_tags: Vec<String>,
    /// To be turned by this, whatever it was turned by before.
    pub turn: Turn,
}

/// Where a photo was taken, as its owner says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlaceEdit {
    /// It has no place.
    Nowhere,
    /// Here.
    At {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
}

impl PlaceEdit {
    /// Reads «48.137, 11.575», the name of a town, or nothing for no place. Of several
    /// towns of a name, it is the one with the most others around it.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for what is neither.
    pub fn parse(text: &str) -> Result<PlaceEdit, LibraryError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(PlaceEdit::Nowhere);
        }
        let numbers: Option<Vec<f64>> = text
            .split(',')
            .map(|part| part.trim().parse().ok())
            .collect();
        match numbers.as_deref() {
            Some([latitude, longitude]) => {
                let edit = PlaceEdit::At {
                    latitude: *latitude,
                    longitude: *longitude,
                };
                edit.checked().map(|()| edit)
            }
            Some(_) => Err(LibraryError::wrong(format!(
                "«{text}» is no place; write degrees north and east, like 48.137,11.575."
            ))),
            None => place::find(text, 1)
                .first()
                .map(|town| PlaceEdit::At {
                    latitude: town.latitude,
                    longitude: town.longitude,
                })
                .ok_or_else(|| {
                    LibraryError::wrong(format!(
                        "No town is called «{text}»; write another, or degrees north and east, \
                         like 48.137,11.575."
                    ))
                }),
        }
    }

    fn checked(self) -> Result<(), LibraryError> {
        match self {
            PlaceEdit::At {
                latitude,
                longitude,
            } if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) => {
                Err(LibraryError::wrong(
                    "A latitude is -90 to 90 degrees, and a longitude -180 to 180.",
                ))
            }
            _ => Ok(()),
        }
    }
}

impl AssetEdit {
    pub(crate) fn checked(mut self) -> Result<AssetEdit, LibraryError> {
        if self.rating.is_some_and(|rating| rating > 5) {
            return Err(LibraryError::wrong("A rating is 0 to 5 stars."));
        }
        if self
            .shift_ms
            .is_some_and(|by| by.unsigned_abs() > FARTHEST_SHIFT.unsigned_abs())
        {
            return Err(LibraryError::wrong(
                "A time is moved by a hundred years at most.",
            ));
        }
        checked_text("title", 512, self.title.as_deref())?;
        checked_text("description", 16 * 1024, self.description.as_deref())?;
        self.place.map_or(Ok(()), PlaceEdit::checked)?;
        for tag in &mut self.add_tags {
            *tag = tag.replace(TAG_MARK, " ").trim().to_owned();
            checked_text("tag", LONGEST_TAG, Some(tag))?;
        }
        self.add_tags.retain(|tag| !tag.is_empty());
        Ok(self)
    }

    /// What it does to so many, in words.
    pub(crate) fn told(&self, count: usize) -> String {
        let way = match self.turn {
            Turn::None => "edited",
            _ => "turned",
        };
        format!("{} {way}", photos(count))
    }
}

impl Library {
    /// Edits assets' own facts, all of them alike; the originals are not touched.
    pub fn edit_assets(
        &self,
        ids: &[AssetId],
        edit: AssetEdit,
    ) -> Result<Vec<Asset>, LibraryError> {
        let edit = edit.checked()?;
        let all = ids.to_vec();
        let away = self.catalog.write(move |write| {
            let wish = |ids: &[AssetId]| WishOf::EditAssets(wish_of(ids, edit.clone()));
            let here = |ids: &[AssetId]| ids.iter().try_for_each(|id| edit_one(write, *id, &edit));
            let ((), away) = do_at_home(write, &all, |count| edit.told(count), wish, here)?;
            Ok(away)
        })?;
        // What is not seen here is as its home will have it.
        let elsewhere = |id: &AssetId| away.iter().find(|(_, ids)| ids.contains(id));
        let shown = |id: &AssetId| {
            self.asset(*id).or_else(|error| match elsewhere(id) {
                Some((home, _)) => self.remote_asset(*home, *id).map(|remote| remote.asset),
                None => Err(error),
            })
        };
        ids.iter().map(shown).collect()
    }
}

pub(crate) fn edit_one(
    write: &Write<'_>,
    id: AssetId,
    edit: &AssetEdit,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    check_own(conn, id)?;
    conn.prepare_cached(
        "UPDATE asset SET
                     favorite = coalesce(:favorite, favorite),
                     rating = coalesce(:rating, rating),
                     title = CASE WHEN :title IS NULL THEN title ELSE nullif(:title, '') END,
                     description = CASE WHEN :description IS NULL THEN description
                                        ELSE nullif(:description, '') END
                 WHERE id = :id",
    )?
    .execute(rusqlite::named_params! {
        ":favorite": edit.favorite,
        ":rating": edit.rating,
        ":title": edit.title,
        ":description": edit.description,
        ":id": id,
    })?;
    if let Some(taken) = edit.taken_at {
        conn.prepare_cached(
            "UPDATE asset SET taken_local = ?1, taken_offset = ?2, sorted_at = ?1,
                         taken_from = 'owner'
                     WHERE id = ?3",
        )?
        .execute((taken.local_ms, taken.offset_minutes, id))?;
    }
    if let Some(by) = edit.shift_ms {
        conn.prepare_cached(
            "UPDATE asset SET taken_local = taken_local + ?1, sorted_at = taken_local + ?1,
                         taken_from = 'owner'
                     WHERE id = ?2 AND taken_local IS NOT NULL",
        )?
        .execute((by, id))?;
    }
    if let Some(place) = edit.place {
        let (latitude, longitude) = match place {
            PlaceEdit::Nowhere => (None, None),
            PlaceEdit::At {
                latitude,
                longitude,
            } => (Some(latitude), Some(longitude)),
        };
        let name = latitude
            .zip(longitude)
            .map(|(latitude, longitude)| place::name(latitude, longitude).unwrap_or_default());
        // How high the old place was says nothing of the new one.
        conn.prepare_cached(
            "UPDATE asset SET latitude = ?1, longitude = ?2, altitude = NULL, place = ?3
              WHERE id = ?4",
        )?
        .execute((latitude, longitude, name, id))?;
    }
    for tag in &edit.remove_tags {
        conn.prepare_cached("DELETE FROM asset_tag WHERE asset = ?1 AND tag = ?2")?
            .execute((id, tag))?;
    }
    for tag in &edit.add_tags {
        conn.prepare_cached(
            "INSERT INTO asset_tag (asset, position, tag)
             SELECT ?1, (SELECT coalesce(max(position), -1) + 1 FROM asset_tag WHERE asset = ?1), ?2
              WHERE NOT EXISTS (SELECT 1 FROM asset_tag WHERE asset = ?1 AND tag = ?2)",
        )?
        .execute((id, tag))?;
    }
    if edit.turn != Turn::None {
        turn(write, id, edit.turn)?;
    }
    share::tell_anew(write, id)?;
    write.announce(Change::Asset(id));
    Ok(())
}

/// Turns an asset, and with it what stands for it until its renditions are made anew.
fn turn(write: &Write<'_>, id: AssetId, by: Turn) -> Result<(), LibraryError> {
    let conn = write.conn();
    let thumbhash: Vec<u8> = conn
        .prepare_cached("SELECT thumbhash FROM asset WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    conn.prepare_cached(
        "UPDATE asset SET turn = (turn + ?2) % 4, thumbhash = ?3,
                     width = iif(?2 % 2, height, width), height = iif(?2 % 2, width, height)
                 WHERE id = ?1",
    )?
    .execute((id, by.quarters(), media::turned_thumbhash(&thumbhash, by)))?;
    twin::turn(write, id, by)
}
