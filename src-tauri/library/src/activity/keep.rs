//! Keeping what was said: within the room there is, and where it belongs.

use rusqlite::Connection;

use super::visitor::Heard;
use super::{ActivityOf, Unsaid, Wanted, resolved};
use crate::asset::check_known;
use crate::catalog::Write;
use crate::{ActivityId, AssetId, Change, LibraryError};

/// Comments a photo may have, or the whole.
const MOST_COMMENTS: u64 = 1_000;
/// Comments and likes a conversation may have.
const MOST_IN_ALL: u64 = 50_000;

/// A comment or a like to be.
pub(super) struct New<'a> {
    pub(super) of: ActivityOf,
    pub(super) asset: Option<AssetId>,
    /// `None` for a like.
    pub(super) text: Option<&'a str>,
    /// `None` for the owner.
    pub(super) speaker: Option<Heard>,
}

impl New<'_> {
    pub(super) fn wanted(&self) -> Wanted {
        Wanted::new().of(self.of).exactly(self.asset)
    }

    /// Fails with a sentence where as much was said as may be.
    fn check_room(&self, conn: &Connection) -> Result<(), LibraryError> {
        let count = |wanted: &Wanted, kind: &str| -> Result<u64, LibraryError> {
            let counted = format!(
                "SELECT count(*) FROM activity WHERE {} AND {kind}",
                wanted.condition()
            );
            Ok(conn
                .prepare_cached(&counted)?
                .query_row(wanted.values(), |row| row.get(0))?)
        };
        let is_comment = self.text.is_some();
        let alike = Wanted::hidden_too().of(self.of).exactly(self.asset);
        if is_comment && count(&alike, "kind = 'comment'")? >= MOST_COMMENTS {
            return Err(Unsaid::Full(MOST_COMMENTS).into());
        }
        if count(&Wanted::hidden_too().of(self.of), "1")? >= MOST_IN_ALL {
            return Err(Unsaid::Full(MOST_IN_ALL).into());
        }
        Ok(())
    }

    /// Keeps it; a repeated like is the same like.
    pub(super) fn keep(&self, write: &Write<'_>) -> Result<ActivityId, LibraryError> {
        let conn = write.conn();
        self.check_room(conn)?;
        let id = ActivityId::new(write.now_ms);
        let (album, link) = match self.of {
            ActivityOf::Album(album) => (Some(album), None),
            ActivityOf::Link(link) => (None, Some(link)),
        };
        let speaker = self.speaker.as_ref();
        let kept = conn
            .prepare_cached(
                "INSERT INTO activity (id, home, album, link, asset, kind, text, person, name,
                     through, mark, proof, made_at)
                 VALUES (:id, (SELECT device FROM library), :album, :link, :asset, :kind, :text,
                     iif(:proof IS NULL, (SELECT person FROM library), NULL), :name, :through,
                     :mark, :proof, :made_at)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(rusqlite::named_params! {
                ":id": id,
                ":album": album,
                ":link": link,
                ":asset": self.asset,
                ":kind": if self.text.is_some() { "comment" } else { "like" },
                ":text": self.text.unwrap_or_default(),
                ":name": speaker.map_or("", |speaker| speaker.name.as_str()),
                ":through": speaker.map(|speaker| speaker.through),
                ":mark": speaker.map(|speaker| speaker.mark),
                ":proof": speaker.map(|speaker| speaker.proof),
                ":made_at": write.now_ms,
            })?;
        if kept > 0 {
            if speaker.is_some() {
                conn.prepare_cached("INSERT INTO activity_unread (activity) VALUES (?1)")?
                    .execute([id])?;
            }
            write.announce(Change::Activity);
        }
        Ok(id)
    }
}

/// The conversation that is meant, if that photo is in it.
pub(super) fn placed(
    conn: &Connection,
    of: ActivityOf,
    asset: Option<AssetId>,
) -> Result<ActivityOf, LibraryError> {
    let of = resolved(conn, of)?;
    let Some(asset) = asset else {
        return Ok(of);
    };
    check_known(conn, asset)?;
    let held = match of {
        ActivityOf::Album(album) => conn
            .prepare_cached("SELECT 1 FROM album_asset WHERE album = ?1 AND asset = ?2")?
            .exists((album, asset))?,
        ActivityOf::Link(link) => conn
            .prepare_cached("SELECT 1 FROM link_asset WHERE link = ?1 AND asset = ?2")?
            .exists((link, asset))?,
    };
    match held {
        true => Ok(of),
        false => Err(LibraryError::wrong(
            "This photo is not there to be spoken of; name the album or the link that shows it.",
        )),
    }
}

/// What was said of one asset is said of another from now on, wherever both are.
pub(crate) fn take_over(
    write: &Write<'_>,
    keep: AssetId,
    other: AssetId,
) -> Result<(), LibraryError> {
    let moved = write
        .conn()
        .prepare_cached("UPDATE OR IGNORE activity SET asset = ?1 WHERE asset = ?2")?
        .execute((keep, other))?;
    if moved > 0 {
        write.announce(Change::Activity);
    }
    Ok(())
}
