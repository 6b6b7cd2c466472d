//! Comments and likes of albums whose home is another machine.

use rusqlite::OptionalExtension;

use crate::activity::words;
use crate::catalog::Write;
use crate::notice::{self, NoticeKind};
use crate::wire::SaidRow;
use crate::{ActivityId, AlbumId, AssetId, Change, DeviceId, LibraryError, PersonId};

/// Takes over what was said, where the photo it is of is known.
pub(super) fn take(
    write: &Write<'_>,
    (home, album): (DeviceId, AlbumId),
    id: ActivityId,
    told: &SaidRow,
    is_news: bool,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let asset: Option<AssetId> = told
        .asset
        .as_deref()
        .and_then(|asset| asset.try_into().ok())
        .map(AssetId::from_bytes);
    let person: Option<PersonId> = told
        .person
        .as_deref()
        .and_then(|person| person.try_into().ok())
        .map(PersonId::from_bytes);
    // Words are cleaned where they come in, whoever sends them.
    let text = match told.text.as_deref().map(words::text).transpose() {
        Ok(text) => text,
        Err(_) => return Ok(()),
    };
    let name = words::name(&told.name).unwrap_or_default();
    if let Some(person) = person {
        conn.prepare_cached(
            "INSERT INTO person (id, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute((person, &name))?;
    }
    let was: Option<bool> = conn
        .prepare_cached("SELECT waits FROM activity WHERE id = ?1 AND album = ?2")?
        .query_row((id, album), |row| row.get(0))
        .optional()?;
    let kind = match text {
        Some(_) => "comment",
        None => "like",
    };
    // A like that waited under another id is the same like.
    conn.prepare_cached(
        "DELETE FROM activity
          WHERE album = ?1 AND asset IS ?2 AND kind = 'like' AND ?3 = 'like' AND person = ?4
            AND id <> ?5 AND home = ?6",
    )?
    .execute((album, asset, kind, person, id, home))?;
    conn.prepare_cached(
        "INSERT INTO activity (id, home, album, asset, kind, text, person, name, proof, made_at,
             edited_at, waits)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, iif(?7 IS NULL, ?1, NULL), ?9, ?10, 0
          WHERE ?4 IS NULL OR EXISTS (SELECT 1 FROM album_asset WHERE album = ?3 AND asset = ?4)
         ON CONFLICT (id) DO UPDATE SET text = excluded.text, asset = excluded.asset,
             made_at = excluded.made_at, edited_at = excluded.edited_at, waits = 0
          WHERE activity.home = excluded.home AND activity.album = excluded.album",
    )?
    .execute((
        id,
        home,
        album,
        asset,
        kind,
        text.as_deref().unwrap_or_default(),
        person,
        match person {
            Some(_) => "",
            None => &name,
        },
        told.made_at,
        told.edited_at,
    ))?;
    write.announce(Change::Activity);
    if is_news && was.is_none() {
        heard(write, album, id)?;
    }
    Ok(())
}

/// Marks what another person said as not seen yet, and tells of it.
pub(super) fn heard(write: &Write<'_>, album: AlbumId, id: ActivityId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let said: Option<(Option<PersonId>, Option<AssetId>, String, String)> = conn
        .prepare_cached(
            "SELECT person, asset, kind, text FROM activity
              WHERE id = ?1 AND person IS NOT (SELECT person FROM library)",
        )?
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((person, asset, kind, text)) = said else {
        return Ok(());
    };
    conn.prepare_cached(
        "INSERT INTO activity_unread (activity) VALUES (?1) ON CONFLICT DO NOTHING",
    )?
    .execute([id])?;
    let me: String = conn
        .prepare_cached("SELECT name FROM person WHERE id = (SELECT person FROM library)")?
        .query_row([], |row| row.get(0))?;
    let kind = match kind.as_str() {
        "like" => NoticeKind::Like,
        _ if words::mentions(&text, &me) => NoticeKind::Mention,
        _ => NoticeKind::Comment,
    };
    match person {
        Some(person) => notice::note(write, kind, album, person, asset, &text),
        None => Ok(()),
    }
}

/// Forgets what its home does not tell any more.
pub(super) fn forget(
    write: &Write<'_>,
    album: AlbumId,
    id: ActivityId,
) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached("DELETE FROM activity WHERE id = ?1 AND album = ?2")?
        .execute((id, album))?;
    write.announce(Change::Activity);
    Ok(())
}
