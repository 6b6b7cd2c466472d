//! At a mirror: rows of a home, kept as they came, and which copies they ask for.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::feed::{Page, Space};
use crate::hosting::kept_of_links;
use crate::kept::forget_outdated;
use crate::peer::Keep;
use crate::share::is_adopted;
use crate::wire::{AssetRow, Row, RowKind};
use crate::{AssetId, Change, DeviceId, FeedCursor, KeptWhat, Library, LibraryError, replica};

impl Library {
    /// What to follow of a home for others, and for other machines of one's own, where its
    /// links are served here.
    pub fn spaces_to_hand_on(&self, home: DeviceId) -> Result<Vec<Space>, LibraryError> {
        self.catalog.read(|conn| super::spaces(conn, home))
    }

    /// Up to where a space is known that is handed on.
    pub fn mirror_cursor(&self, home: DeviceId, space: Space) -> Result<FeedCursor, LibraryError> {
        self.catalog
            .read(|conn| Ok(cursor(conn, home, space)?.unwrap_or_default().0))
    }

    /// Keeps a page of a home's feed to hand it on, all of it and the cursor in one commit.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for a page that no home sends, and
    /// [`LibraryError::NotShared`] for a space that is not, or not any more, handed on.
    pub fn mirror(&self, home: DeviceId, space: Space, page: Page) -> Result<(), LibraryError> {
        replica::check(&page)?;
        let gone = self.catalog.write(move |write| {
            let conn = write.conn();
            if !super::spaces(conn, home)?.contains(&space) {
                return Err(LibraryError::NotShared);
            }
            let (known, was_whole) = cursor(conn, home, space)?
                .filter(|(known, _)| known.epoch == page.epoch)
                .unwrap_or_default();
            let mut gone = Vec::new();
            let news = page.rows.iter().filter(|row| row.revision > known.revision);
            for row in news.filter(|row| row.checked().is_ok()) {
                if space != Space::Library {
                    see_anew(conn, home, space, row)?;
                }
                conn.prepare_cached(
                    "INSERT INTO mirrored (home, space, kind, row, epoch, revision, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT (home, space, kind, row) DO UPDATE SET epoch = excluded.epoch,
                         revision = excluded.revision, body = excluded.body",
                )?
                .execute((
                    home,
                    space.name(),
                    row.kind,
                    &row.row,
                    page.epoch,
                    row.revision,
                    &row.body,
                ))?;
                if let (true, None, Some(id)) = (
                    row.kind == RowKind::Asset as u32 && space != Space::Library,
                    &row.body,
                    row.row.first_chunk().copied(),
                ) {
                    gone.push(AssetId::from_bytes(id));
                }
            }
            if page.complete && !was_whole {
                gone.extend(forget(
                    conn,
                    "home = ?1 AND space = ?2 AND epoch <> ?3",
                    (home, space.name(), page.epoch),
                )?);
            }
            conn.prepare_cached(
                "INSERT INTO mirrored_space (home, space, epoch, revision, whole)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (home, space) DO UPDATE SET epoch = excluded.epoch,
                     revision = excluded.revision, whole = excluded.whole",
            )?
            .execute((
                home,
                space.name(),
                page.epoch,
                page.revision.max(known.revision),
                was_whole || page.complete,
            ))?;
            if matches!(space, Space::Shared(_)) {
                gone.extend(settle(write, home)?);
            }
            write.announce(Change::Replica(home));
            Ok(gone)
        })?;
        self.let_go_of(gone.into_iter().map(|id| (home, id)).collect())
    }
}

/// Copies of a photo that a home tells of otherwise now are fetched anew.
fn see_anew(
    conn: &Connection,
    home: DeviceId,
    space: Space,
    row: &Row,
) -> Result<(), LibraryError> {
    let (Some(now), Some(id)) = (&row.body, row.row.first_chunk().copied()) else {
        return Ok(());
    };
    if row.kind != RowKind::Asset as u32 {
        return Ok(());
    }
    let before = super::told(conn, home, space, RowKind::Asset, &row.row)?;
    if let Some(before) = before
        && let (Ok(before), Ok(now)) = (AssetRow::read(&before), AssetRow::read(now))
    {
        forget_outdated(conn, (home, AssetId::from_bytes(id)), &before, &now)?;
    }
    Ok(())
}

/// Up to where a space is known, and whether it once was whole in that life of its home.
fn cursor(
    conn: &Connection,
    home: DeviceId,
    space: Space,
) -> Result<Option<(FeedCursor, bool)>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT epoch, revision, whole FROM mirrored_space WHERE home = ?1 AND space = ?2",
        )?
        .query_row((home, space.name()), |row| {
            let known = FeedCursor {
                epoch: row.get(0)?,
                revision: row.get(1)?,
            };
            Ok((known, row.get(2)?))
        })
        .optional()?)
}

/// Up to where a space is known whole; `None` while it is not.
pub(super) fn whole(
    conn: &Connection,
    home: DeviceId,
    space: Space,
) -> Result<Option<FeedCursor>, LibraryError> {
    let known = cursor(conn, home, space)?;
    Ok(known.and_then(|(known, whole)| whole.then_some(known)))
}

/// Forgets rows; answers with the photos among them that copies may be kept of for that: of
/// one's own library they are as its machine's.
fn forget(
    conn: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<AssetId>, LibraryError> {
    let mut deleting = conn.prepare_cached(&format!(
        "DELETE FROM mirrored WHERE {which} RETURNING kind = 1 AND space <> 'library', row"
    ))?;
    let mut rows = deleting.query(params)?;
    let mut gone = Vec::new();
    while let Some(row) = rows.next()? {
        let id: Vec<u8> = row.get(1)?;
        if let (true, Some(id)) = (row.get(0)?, id.first_chunk().copied()) {
            gone.push(AssetId::from_bytes(id));
        }
    }
    Ok(gone)
}

/// Forgets what nobody is shown any more.
fn settle(write: &Write<'_>, home: DeviceId) -> Result<Vec<AssetId>, LibraryError> {
    let conn = write.conn();
    let shown = super::spaces(conn, home)?;
    let known: Vec<String> = conn
        .prepare_cached("SELECT space FROM mirrored_space WHERE home = ?1")?
        .query_map([home], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut gone = Vec::new();
    for space in known {
        if Space::of(&space).is_some_and(|space| shown.contains(&space)) {
            continue;
        }
        gone.extend(forget(conn, "home = ?1 AND space = ?2", (home, &space))?);
        conn.prepare_cached("DELETE FROM mirrored_space WHERE home = ?1 AND space = ?2")?
            .execute((home, &space))?;
    }
    Ok(gone)
}

/// Hands nothing of a home on any more; answers with the photos it was of.
pub(crate) fn drop_home(write: &Write<'_>, home: DeviceId) -> Result<Vec<AssetId>, LibraryError> {
    let conn = write.conn();
    conn.prepare_cached("DELETE FROM mirrored_space WHERE home = ?1")?
        .execute([home])?;
    forget(conn, "home = ?1", [home])
}

/// Photos that are handed on, and that lack a copy here which is to be kept: of albums as
/// of links, with what moves; of partners' libraries pictures alone, and of one's own what is to be kept of
/// its machine, which is asked for with that. Newest first, as their home told them.
pub(crate) fn lacking(
    conn: &Connection,
    home: DeviceId,
    what: KeptWhat,
    limit: usize,
) -> Result<Vec<AssetId>, LibraryError> {
    if limit == 0 || !kept_of_links(conn, home)?.is_some_and(|keep| what.is_in(keep)) {
        return Ok(Vec::new());
    }
    let mut found = conn.prepare_cached(&format!(
        "SELECT mirrored.row, mirrored.body
           FROM mirrored_space AS known
                CROSS JOIN mirrored ON mirrored.home = known.home AND mirrored.space = known.space
          WHERE known.home = ?1 AND known.space <> 'library'
            AND (?3 OR known.space GLOB 'album:*')
            AND mirrored.kind = 1 AND mirrored.body IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = ?1 AND kept.asset = mirrored.row
                               AND kept.what = ?2)
            AND NOT {}
          ORDER BY known.space, mirrored.revision",
        is_adopted("mirrored.row")
    ))?;
    let mut rows = found.query((home, what.name(), what.is_in(Keep::Previews)))?;
    let mut lacking = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let there =
            AssetRow::read(&row.get::<_, Vec<u8>>(1)?).is_ok_and(|asset| what.is_told(&asset));
        if there && !lacking.contains(&id) {
            lacking.push(id);
        }
        if lacking.len() >= limit {
            break;
        }
    }
    Ok(lacking)
}
