//! Keeping what was said: within the room there is, and where it belongs.

use rusqlite::{Connection, OptionalExtension};

use super::visitor::Heard;
use super::{ActivityOf, Unsaid, Wanted, resolved, words};
use crate::asset::check_known;
use crate::catalog::Write;
use crate::wire::SayFor;
use crate::{
    ActivityId, AlbumId, AssetId, Change, DeviceId, LibraryError, LinkId, PersonId, hosting, share,
};

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
    pub(super) by: By,
}

/// Who says it.
pub(super) enum By {
    /// The library's person.
    Me,
    /// A member of the album, who gave it this id.
    Member(PersonId, ActivityId),
    /// A visitor.
    Visitor(Heard),
    /// A visitor at a machine that serves the link, which gave it this id; when.
    Elsewhere(Heard, ActivityId, i64),
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
        if let ActivityOf::Album(album) = self.of {
            let talks: bool = conn
                .prepare_cached("SELECT talking FROM album WHERE id = ?1")?
                .query_row([album], |row| row.get(0))?;
            if !talks {
                return Err(Unsaid::Off.into());
            }
        }
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
        let (id, person, made_at) = match self.by {
            By::Member(person, id) => (id, Some(person), write.now_ms),
            By::Elsewhere(_, id, at) => (id, None, at.min(write.now_ms)),
            By::Me | By::Visitor(_) => (ActivityId::new(write.now_ms), None, write.now_ms),
        };
        let (album, link) = match self.of {
            ActivityOf::Album(album) => (Some(album), None),
            ActivityOf::Link(link) => (None, Some(link)),
        };
        let visitor = match &self.by {
            By::Visitor(heard) | By::Elsewhere(heard, ..) => Some(heard),
            By::Me | By::Member(..) => None,
        };
        let kept = conn
            .prepare_cached(
                "INSERT INTO activity (id, home, album, link, asset, kind, text, person, name,
                     through, mark, proof, made_at, waits)
                 VALUES (:id, coalesce((SELECT home FROM album WHERE id = :album),
                         (SELECT home FROM link WHERE id = :link), (SELECT device FROM library)),
                     :album, :link, :asset, :kind, :text,
                     iif(:proof IS NULL, coalesce(:person, (SELECT person FROM library)), NULL),
                     :name, :through, :mark, :proof, :made_at,
                     :proof IS NULL
                         AND EXISTS (SELECT 1 FROM album WHERE id = :album AND owner IS NOT NULL))
                 ON CONFLICT DO NOTHING",
            )?
            .execute(rusqlite::named_params! {
                ":id": id,
                ":album": album,
                ":link": link,
                ":asset": self.asset,
                ":kind": if self.text.is_some() { "comment" } else { "like" },
                ":text": self.text.unwrap_or_default(),
                ":person": person,
                ":name": visitor.map_or("", |visitor| visitor.name.as_str()),
                ":through": visitor.map(|visitor| visitor.through),
                ":mark": visitor.map(|visitor| visitor.mark),
                ":proof": visitor.map(|visitor| visitor.proof),
                ":made_at": made_at,
            })?;
        if kept > 0 {
            if visitor.is_some() {
                match host_of(conn, link)? {
                    Some(home) => hosting::say_onward(write, home, id)?,
                    None => {
                        conn.prepare_cached("INSERT INTO activity_unread (activity) VALUES (?1)")?
                            .execute([id])?;
                    }
                }
            }
            if let (By::Me, Some(album)) = (&self.by, album)
                && let Some(home) = share::home_of_others(conn, album)?
            {
                share::say(write, home, album, (id, self.asset), self.text)?;
            }
            write.announce(Change::Activity);
        }
        Ok(id)
    }
}

/// Keeps what a member of an album said under the id that they gave it; false for a
/// like that is there.
pub(crate) fn keep_of(
    write: &Write<'_>,
    album: AlbumId,
    (id, asset): (ActivityId, Option<AssetId>),
    text: Option<&str>,
    person: PersonId,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let of = placed(conn, ActivityOf::Album(album), asset)?;
    let by = By::Member(person, id);
    New {
        of,
        asset,
        text,
        by,
    }
    .keep(write)?;
    Ok(conn
        .prepare_cached("SELECT 1 FROM activity WHERE id = ?1")?
        .exists([id])?)
}

/// Keeps what a visitor said at a machine that serves a link of the library's.
pub(crate) fn keep_for(
    write: &Write<'_>,
    link: LinkId,
    asset: Option<AssetId>,
    wish: &SayFor,
) -> Result<(), LibraryError> {
    let cannot = || LibraryError::wrong("What is said cannot be kept.");
    let text = wish.text.as_deref().map(words::text).transpose()?;
    let heard = Heard {
        name: words::name(&wish.name)?,
        through: link,
        mark: wish.mark.as_slice().try_into().map_err(|_| cannot())?,
        proof: wish.proof.as_slice().try_into().map_err(|_| cannot())?,
    };
    if text.is_some() && heard.name.is_empty() {
        return Err(Unsaid::Nameless.into());
    }
    let id = ActivityId::from_bytes(wish.id.as_slice().try_into().map_err(|_| cannot())?);
    let new = New {
        of: resolved(write.conn(), ActivityOf::Link(link))?,
        asset,
        text: text.as_deref(),
        by: By::Elsewhere(heard, id, wish.made_at),
    };
    new.keep(write)?;
    let is_kept = write
        .conn()
        .prepare_cached("SELECT 1 FROM activity WHERE id = ?1")?
        .exists([id])?;
    match is_kept {
        true => Ok(()),
        // By another link of the same album.
        false => Err(LibraryError::wrong("Who likes this did so before.")),
    }
}

/// Whose link it is, where this machine serves it for another.
fn host_of(conn: &Connection, link: Option<LinkId>) -> Result<Option<DeviceId>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT nullif(home, (SELECT device FROM library)) FROM link WHERE id = ?1",
        )?
        .query_row([link], |row| row.get(0))
        .optional()?
        .flatten())
}

/// Changes the words of a comment.
pub(crate) fn edit_text(write: &Write<'_>, id: ActivityId, text: &str) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("UPDATE activity SET text = ?2, edited_at = ?3 WHERE id = ?1")?
        .execute((id, text, write.now_ms))?;
    write.announce(Change::Activity);
    Ok(())
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
