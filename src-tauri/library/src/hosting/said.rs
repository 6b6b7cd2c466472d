//! What is said of what a link shows, between its home and a machine that serves it: the home
//! tells what there is, and what a visitor says at the other is shown there at once, asked of
//! the home, and then told by it like all else.

use rusqlite::{Connection, OptionalExtension};

use crate::activity;
use crate::catalog::Write;
use crate::request::enqueue;
use crate::wire::{Row, SaidRow, SayFor, UnsayFor, WishOf};
use crate::{ActivityId, AssetId, Change, DeviceId, LibraryError, LinkId, PersonId, peer};

/// Takes over what its home tells was said; where there is nothing of it yet, [`settle`] makes
/// it, for its link or its photo may be told later.
pub(super) fn take(write: &Write<'_>, home: DeviceId, row: &Row) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let changed = match &row.body {
        None => conn
            .prepare_cached("DELETE FROM activity WHERE told = ?1 AND home = ?2")?
            .execute((&row.row, home))?,
        Some(body) => {
            let Ok(told) = SaidRow::read(body) else {
                return Ok(false);
            };
            conn.prepare_cached(
                "UPDATE activity SET waits = 0, text = ?3, edited_at = ?4
                  WHERE told = ?1 AND home = ?2",
            )?
            .execute((
                &row.row,
                home,
                told.text.as_deref().unwrap_or_default(),
                told.edited_at,
            ))?
        }
    };
    if changed > 0 {
        write.announce(Change::Activity);
    }
    Ok(true)
}

/// Puts right what was said, once all is told that there is now.
pub(super) fn settle(write: &Write<'_>, home: DeviceId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let mut changed = conn
        .prepare_cached(
            "DELETE FROM activity WHERE home = ?1 AND told IS NOT NULL AND waits = 0
                AND NOT EXISTS (SELECT 1 FROM replica WHERE replica.home = ?1
                    AND space = 'links' AND kind = 14 AND row = activity.told)",
        )?
        .execute([home])?;
    let lacking: Vec<(Vec<u8>, LinkId, Vec<u8>)> = conn
        .prepare_cached(
            "SELECT replica.row, link.id, body
               FROM replica JOIN link ON link.id = substr(replica.row, 1, 16) AND link.home = ?1
              WHERE replica.home = ?1 AND space = 'links' AND kind = 14
                AND NOT EXISTS (SELECT 1 FROM activity WHERE told = replica.row)",
        )?
        .query_map([home], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let person: Option<PersonId> = conn
        .prepare_cached("SELECT person FROM device WHERE id = ?1")?
        .query_row([home], |row| row.get(0))
        .optional()?;
    for (name, link, body) in lacking {
        if let Ok(told) = SaidRow::read(&body) {
            changed += put(write, home, person, (&name, link), &told)?;
        }
    }
    if changed > 0 {
        write.announce(Change::Activity);
    }
    Ok(())
}

/// Of people, the links' own person alone is known here; of others there is a name.
fn put(
    write: &Write<'_>,
    home: DeviceId,
    person: Option<PersonId>,
    (name, link): (&[u8], LinkId),
    told: &SaidRow,
) -> Result<usize, LibraryError> {
    let said_by = told.person.as_deref().and_then(|id| id.try_into().ok());
    let person = person.filter(|own| said_by.map(PersonId::from_bytes) == Some(*own));
    Ok(write
        .conn()
        .prepare_cached(
            "INSERT INTO activity (id, home, link, asset, kind, text, person, name, mark, proof,
                 made_at, edited_at, told)
             SELECT :id, :home, :link, :asset, :kind, :text, :person,
                    iif(:person IS NULL, :name, ''), :mark, iif(:person IS NULL, :told, NULL),
                    :made_at, :edited_at, :told
              WHERE :asset IS NULL
                 OR EXISTS (SELECT 1 FROM link_asset WHERE link = :link AND asset = :asset)
             ON CONFLICT DO NOTHING",
        )?
        .execute(rusqlite::named_params! {
            ":id": ActivityId::new(told.made_at),
            ":home": home,
            ":link": link,
            ":asset": told.asset,
            ":kind": if told.text.is_some() { "comment" } else { "like" },
            ":text": told.text.as_deref().unwrap_or_default(),
            ":person": person,
            ":name": told.name,
            ":mark": told.mark,
            ":made_at": told.made_at,
            ":edited_at": told.edited_at,
            ":told": name,
        })?)
}

/// Asks a link's home to keep what a visitor said here, which waits until it tells of it.
pub(crate) fn say_onward(
    write: &Write<'_>,
    home: DeviceId,
    id: ActivityId,
) -> Result<(), LibraryError> {
    let wish = write
        .conn()
        .prepare_cached(
            "UPDATE activity SET told = CAST(link || id AS BLOB), waits = 1
              WHERE id = ?1 AND home = ?2
             RETURNING link, asset, iif(kind = 'comment', text, NULL), name, mark, proof, made_at",
        )?
        .query_row((id, home), |row| {
            Ok(SayFor {
                id: id.bytes().to_vec(),
                link: row.get(0)?,
                asset: row.get(1)?,
                text: row.get(2)?,
                name: row.get(3)?,
                mark: row.get(4)?,
                proof: row.get(5)?,
                made_at: row.get(6)?,
            })
        })?;
    enqueue(write, home, WishOf::SayFor(wish), String::new()).map(|_| ())
}

/// Asks a link's home to delete what a visitor said here, before it is deleted here; of the
/// library's own links, nothing is asked.
pub(crate) fn ask_unsaid(write: &Write<'_>, id: ActivityId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let told: Option<(DeviceId, Vec<u8>, Vec<u8>)> = conn
        .prepare_cached(
            "SELECT home, told, proof FROM activity WHERE id = ?1 AND told IS NOT NULL",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((home, told, proof)) = told else {
        return Ok(());
    };
    // It is not made again of what was told before.
    conn.prepare_cached(
        "DELETE FROM replica WHERE home = ?1 AND space = 'links' AND kind = 14 AND row = ?2",
    )?
    .execute((home, &told))?;
    let (link, id) = told.split_at_checked(16).unwrap_or_default();
    let wish = UnsayFor {
        link: link.to_vec(),
        id: id.to_vec(),
        proof,
    };
    enqueue(write, home, WishOf::UnsayFor(wish), String::new()).map(|_| ())
}

/// A link's home does not keep what a visitor said here.
pub(crate) fn refused_said(write: &Write<'_>, wish: &SayFor) -> Result<(), LibraryError> {
    let told = [wish.link.as_slice(), &wish.id].concat();
    write
        .conn()
        .prepare_cached("DELETE FROM activity WHERE told = ?1 AND waits = 1")?
        .execute([told])?;
    write.announce(Change::Activity);
    Ok(())
}

/// Keeps what a visitor said at a machine that serves the library's link, where it lets
/// visitors speak.
pub(crate) fn hear_said(
    write: &Write<'_>,
    by: DeviceId,
    wish: &SayFor,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    check_serves(conn, by)?;
    let silent = || LibraryError::wrong("The link lets nobody comment any more.");
    let link: LinkId = conn
        .prepare_cached(
            "SELECT id FROM link
              WHERE id = ?1 AND home = (SELECT device FROM library) AND revoked_at IS NULL
                AND comments AND (expires_at IS NULL OR expires_at > ?2)",
        )?
        .query_row((&wish.link, wish.made_at), |row| row.get(0))
        .optional()?
        .ok_or_else(silent)?;
    let asset: Option<AssetId> = match &wish.asset {
        Some(asset) => Some(
            conn.prepare_cached("SELECT asset FROM linked WHERE link = ?1 AND asset = ?2")?
                .query_row((link, asset), |row| row.get(0))
                .optional()?
                .ok_or_else(|| LibraryError::wrong("The link does not show that photo."))?,
        ),
        None => None,
    };
    activity::keep_for(write, link, asset, wish)
}

/// Deletes what a visitor said at such a machine: that alone knows by what they prove it.
pub(crate) fn hear_unsaid(
    write: &Write<'_>,
    by: DeviceId,
    wish: &UnsayFor,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    check_serves(conn, by)?;
    let gone = conn
        .prepare_cached("DELETE FROM activity WHERE id = ?1 AND through = ?2 AND proof = ?3")?
        .execute((&wish.id, &wish.link, &wish.proof))?;
    if gone > 0 {
        write.announce(Change::Activity);
    }
    Ok(())
}

fn check_serves(conn: &Connection, by: DeviceId) -> Result<(), LibraryError> {
    match super::serves(conn, by)? || peer::is_own(conn, by)? {
        true => Ok(()),
        false => Err(LibraryError::wrong(
            "Your machine does not serve those links any more; nothing was changed.",
        )),
    }
}
