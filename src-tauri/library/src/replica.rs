//! What other homes told of their rows. A replica is exactly what its home showed,
//! row by row, also of kinds that this program does not know; applying a page twice,
//! or one from before, changes nothing. What of it is seen as one's own is made so
//! by `share`.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::card::{Introduction, take_over};
use crate::catalog::Write;
use crate::feed::{PAGE_ROWS, Page, Space};
use crate::kept::{note_parts, want_anew};
use crate::peer::drop_person;
use crate::request::WISHED;
use crate::secret::Secret;
use crate::wire::{AssetRow, Row, RowKind};
use crate::{
    AssetId, Change, DeviceId, Library, LibraryError, PersonId, hosting, partner, peer, remote,
    share,
};

/// Where one has got to in a space of a home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedCursor {
    /// Which life of the home's catalog.
    pub epoch: u64,
    /// The last revision known.
    pub revision: u64,
}

/// How much of a home is known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaTotals {
    /// Photos and videos, without its trash; of another person's machine, those in albums.
    pub assets: u64,
    /// How many of them have a preview here.
    pub previews: u64,
    /// How many have their original here.
    pub originals: u64,
    /// Bytes of what is kept.
    pub bytes: u64,
    /// Rows that could not be and were passed over.
    pub refused: u64,
    /// When nothing newer was there, last; milliseconds since 1970.
    pub complete_at: Option<i64>,
    /// How much asked of it waits.
    pub waiting: u64,
}

impl Library {
    /// Up to where a space of a home is known.
    pub fn feed_cursor(&self, home: DeviceId, space: Space) -> Result<FeedCursor, LibraryError> {
        self.catalog.read(|conn| cursor(conn, home, space))
    }

    /// Takes over a page of a home's feed, all of it and the cursor in one commit.
    /// Rows that cannot be are passed over and counted; the answer is how many.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for a page that no home sends.
    pub fn receive(&self, home: DeviceId, space: Space, page: Page) -> Result<u64, LibraryError> {
        check(&page)?;
        let secret = Arc::clone(&self.secret);
        let (refused, gone, strangers, stale, effects) = self.catalog.write(move |write| {
            let conn = write.conn();
            let is_own = peer::is_own(conn, home)?;
            let known = cursor(conn, home, space)?;
            let since = match known.epoch == page.epoch {
                true => known.revision,
                false => 0,
            };
            let mut gone = Vec::new();
            let mut strangers = Vec::new();
            let mut stale = Vec::new();
            let mut refused = 0_u64;
            let mut changed = false;
            let mut effects = share::Effects::default();
            let mut told = Vec::new();
            let was_complete = known.epoch == page.epoch && is_complete(conn, home, space)?;
            for row in page.rows.iter().filter(|row| row.revision > since) {
                changed = true;
                let taken = match (space, &row.body) {
                    (Space::Cards, Some(body)) if row.kind == RowKind::Card as u32 => {
                        take_card(write, &secret, row, body, is_own)?
                    }
                    // Others tell of themselves, and of nothing else.
                    (Space::Cards, Some(_)) if !is_own => None,
                    (Space::Library, body) if is_own && row.kind == RowKind::Partner as u32 => {
                        let (named, body) = (row.row.first_chunk::<16>(), body.as_deref());
                        match (row.checked(), named.copied().map(PersonId::from_bytes)) {
                            (Ok(_), Some(person)) => {
                                partner::take_rules(write, home, person, body)?.then_some(None)
                            }
                            _ => None,
                        }
                    }
                    (Space::Links, _) => match row.checked() {
                        Ok(place) => {
                            hosting::take(write, &secret, home, row, &mut effects)?.then_some(place)
                        }
                        Err(_) => None,
                    },
                    (Space::Shared(_) | Space::Album(_) | Space::Partner(_), _) => {
                        let is_first = !was_complete;
                        let taken = match row.checked() {
                            Ok(_) => share::take(write, home, space, row, is_first, &mut effects)?,
                            Err(_) => false,
                        };
                        taken.then_some(None)
                    }
                    _ => row.checked().ok(),
                };
                if space == Space::Library
                    && let Some(id) = looks_otherwise(conn, home, row)?
                {
                    stale.push(id);
                }
                if let (Space::Library, Some(_), Some((id, told))) = (space, taken, asset_of(row)) {
                    effects.has_untold |= note_parts(write, home, id, &told.parts)?;
                }
                match taken {
                    Some(sorted_at) => apply(write, home, space, page.epoch, row, sorted_at)?,
                    None => refused += 1,
                }
                if let (Space::Links, Some(RowKind::Asset), Some(id)) =
                    (space, RowKind::of(row.kind), row.row.first_chunk().copied())
                {
                    let id = AssetId::from_bytes(id);
                    match row.body {
                        Some(_) => want_anew(conn, home, Some(id))?,
                        None => gone.push(id),
                    }
                }
                if space == Space::Library && row.kind == RowKind::Asset as u32 {
                    told.extend(row.row.first_chunk().copied().map(AssetId::from_bytes));
                }
                if let (None, Some(id)) = (&row.body, row.row.first_chunk::<16>()) {
                    match RowKind::of(row.kind) {
                        Some(RowKind::Asset) if space == Space::Library => {
                            gone.push(AssetId::from_bytes(*id))
                        }
                        Some(RowKind::Card) if is_own => {
                            strangers.extend(drop_person(write, PersonId::from_bytes(*id))?);
                        }
                        _ => {}
                    }
                }
            }
            if page.complete && !was_complete {
                for row in sweep(conn, home, space, page.epoch)? {
                    match (space, row.row.first_chunk::<16>()) {
                        (Space::Library, Some(id)) if row.kind == RowKind::Asset as u32 => {
                            gone.push(AssetId::from_bytes(*id));
                            told.push(AssetId::from_bytes(*id));
                        }
                        (Space::Library, Some(id)) if row.kind == RowKind::Partner as u32 => {
                            partner::take_rules(write, home, PersonId::from_bytes(*id), None)?;
                        }
                        (Space::Library | Space::Cards, _) => {}
                        (Space::Links, id) => {
                            hosting::take(write, &secret, home, &row, &mut effects)?;
                            if let (Some(RowKind::Asset), Some(id)) = (RowKind::of(row.kind), id) {
                                gone.push(AssetId::from_bytes(*id));
                            }
                        }
                        _ => {
                            share::take(write, home, space, &row, true, &mut effects)?;
                        }
                    }
                }
            }
            remote::refresh(write, home, &told, &mut effects)?;
            if let (Space::Album(album), true) = (space, page.complete) {
                share::settle(write, home, album, !was_complete)?;
            }
            if space == Space::Links && page.complete && (changed || !was_complete) {
                hosting::settle(write, home)?;
            }
            conn.prepare_cached(
                "INSERT INTO cursor (home, space, epoch, revision, complete_at, refused)
                 VALUES (?1, ?2, ?3, ?4, iif(?5, ?6, NULL), ?7)
                 ON CONFLICT (home, space) DO UPDATE SET epoch = excluded.epoch,
                     revision = excluded.revision,
                     complete_at = iif(epoch = excluded.epoch,
                         coalesce(excluded.complete_at, complete_at), excluded.complete_at),
                     refused = refused + excluded.refused",
            )?
            .execute((
                home,
                space.name(),
                page.epoch,
                page.revision.max(since),
                page.complete,
                write.now_ms,
                refused,
            ))?;
            if let (Space::Album(album), true) = (space, page.complete) {
                share::proceed(write, home, album)?;
            }
            if changed || !gone.is_empty() {
                write.announce(Change::Replica(home));
            }
            Ok((refused, gone, strangers, stale, effects))
        })?;
        let gone = gone.into_iter().map(|asset| (home, asset));
        let gone: Vec<(DeviceId, AssetId)> = effects.gone.into_iter().chain(gone).collect();
        match space {
            // What is kept of the library stays, whether a link shows it or not.
            Space::Links => self.let_go_of(gone)?,
            _ => self.drop_kept(&gone)?,
        }
        self.confirm_dropped(effects.ended)?;
        self.remove_doomed()?;
        if effects.has_untold {
            self.drop_parts(home)?;
        }
        for (via, asset) in effects.stale {
            self.drop_pictures(via, asset)?;
        }
        for device in strangers {
            self.drop_all_kept(device);
        }
        for asset in stale {
            self.drop_pictures(home, asset)?;
        }
        Ok(refused)
    }

    /// How much of a home is known and kept here.
    pub fn replica_totals(&self, home: DeviceId) -> Result<ReplicaTotals, LibraryError> {
        self.catalog.read(|conn| {
            let kept = |what: &str| -> Result<(u64, u64), LibraryError> {
                Ok(conn
                    .prepare_cached(
                        "SELECT count(*), coalesce(sum(bytes), 0) FROM kept
                          WHERE home = ?1 AND what GLOB ?2",
                    )?
                    .query_row((home, what), |row| Ok((row.get(0)?, row.get(1)?)))?)
            };
            let mut totals = ReplicaTotals {
                previews: kept("preview")?.0,
                originals: kept("original")?.0,
                bytes: kept("*")?.1,
                ..ReplicaTotals::default()
            };
            totals.assets = conn
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM replica
                              WHERE home = ?1 AND space = 'library' AND sorted_at IS NOT NULL)
                          + (SELECT count(*) FROM asset
                              WHERE via = ?1 AND partner IS NULL AND trashed_at IS NULL
                                AND EXISTS (SELECT 1 FROM album_asset
                                             WHERE album_asset.asset = asset.id))",
                )?
                .query_row([home], |row| row.get(0))?;
            (totals.refused, totals.complete_at) = conn
                .prepare_cached(
                    "SELECT coalesce(sum(refused), 0), max(complete_at) FROM cursor WHERE home = ?1",
                )?
                .query_row([home], |row| Ok((row.get(0)?, row.get(1)?)))?;
            totals.waiting = conn
                .prepare_cached(&format!(
                    "SELECT count(*) FROM outbox WHERE home = ?1 AND state = 'waiting' AND {WISHED}"
                ))?
                .query_row([home], |row| row.get(0))?;
            Ok(totals)
        })
    }
}

/// A page's revisions rise, and it is no larger than one may be.
pub(crate) fn check(page: &Page) -> Result<(), LibraryError> {
    let rises = page
        .rows
        .windows(2)
        .all(|two| two.first().map(|row| row.revision) < two.last().map(|row| row.revision));
    let ends = page
        .rows
        .last()
        .is_none_or(|row| row.revision <= page.revision);
    match rises && ends && page.rows.len() <= PAGE_ROWS && page.epoch <= i64::MAX.unsigned_abs() {
        true => Ok(()),
        false => Err(LibraryError::wrong(
            "The other machine sent rows in an order that cannot be; they were not taken over.",
        )),
    }
}

fn cursor(conn: &Connection, home: DeviceId, space: Space) -> Result<FeedCursor, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT epoch, revision FROM cursor WHERE home = ?1 AND space = ?2")?
        .query_row((home, space.name()), |row| {
            Ok(FeedCursor {
                epoch: row.get(0)?,
                revision: row.get(1)?,
            })
        })
        .optional()?
        .unwrap_or_default())
}

/// Takes over a card that its own row tells; nothing of it where it cannot be.
#[expect(clippy::option_option, reason = "the inner is when an asset was taken")]
fn take_card(
    write: &Write<'_>,
    secret: &Secret,
    row: &Row,
    body: &[u8],
    is_own: bool,
) -> Result<Option<Option<i64>>, LibraryError> {
    let card = Introduction::read(body).ok();
    let Some(card) = card.filter(|card| row.row == card.person.bytes()) else {
        return Ok(None);
    };
    let conn = write.conn();
    conn.execute_batch("SAVEPOINT card")?;
    let taken = take_over(write, secret, &card, is_own);
    if taken.is_err() {
        conn.execute_batch("ROLLBACK TO card")?;
    }
    conn.execute_batch("RELEASE card")?;
    match taken {
        Ok(_) => Ok(Some(None)),
        Err(error) if error.concerns_all() => Err(error),
        Err(_) => Ok(None),
    }
}

/// A photo that a row tells of.
fn asset_of(row: &Row) -> Option<(AssetId, AssetRow)> {
    let (Some(RowKind::Asset), Some(body)) = (RowKind::of(row.kind), &row.body) else {
        return None;
    };
    let id = row.row.first_chunk().copied().map(AssetId::from_bytes)?;
    Some((id, AssetRow::read(body).ok()?))
}

/// The asset of a row that tells of another picture than was known.
fn looks_otherwise(
    conn: &Connection,
    home: DeviceId,
    row: &Row,
) -> Result<Option<AssetId>, LibraryError> {
    let (Some(RowKind::Asset), Some(body)) = (RowKind::of(row.kind), &row.body) else {
        return Ok(None);
    };
    let known: Option<Vec<u8>> = conn
        .prepare_cached(
            "SELECT body FROM replica
              WHERE home = ?1 AND space = 'library' AND kind = 1 AND row = ?2",
        )?
        .query_row((home, &row.row), |row| row.get(0))
        .optional()?;
    let looks = |body: &[u8]| {
        AssetRow::read(body)
            .ok()
            .map(|asset| (asset.turn, asset.thumbhash))
    };
    let changed = known.is_some_and(|known| looks(&known) != looks(body));
    Ok(changed
        .then(|| row.row.first_chunk().copied().map(AssetId::from_bytes))
        .flatten())
}

/// Whether a space was known whole in this life of its home.
fn is_complete(conn: &Connection, home: DeviceId, space: Space) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM cursor
                             WHERE home = ?1 AND space = ?2 AND complete_at IS NOT NULL)",
        )?
        .query_row((home, space.name()), |row| row.get(0))?)
}

fn apply(
    write: &Write<'_>,
    home: DeviceId,
    space: Space,
    epoch: u64,
    row: &Row,
    sorted_at: Option<i64>,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    match &row.body {
        Some(body) => conn
            .prepare_cached(
                "INSERT INTO replica (home, space, kind, row, epoch, body, sorted_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (home, space, kind, row) DO UPDATE SET epoch = excluded.epoch,
                     body = excluded.body, sorted_at = excluded.sorted_at",
            )?
            .execute((
                home,
                space.name(),
                row.kind,
                &row.row,
                epoch,
                body,
                sorted_at,
            ))?,
        None => conn
            .prepare_cached(
                "DELETE FROM replica WHERE home = ?1 AND space = ?2 AND kind = ?3 AND row = ?4",
            )?
            .execute((home, space.name(), row.kind, &row.row))?,
    };
    Ok(())
}

/// Removes what the home knew in an earlier life and does not know now; answers with
/// those rows, as gone. But a photo whose original is kept here stays: a home that was
/// restored from a backup does not know what came after that, and here it is not lost.
fn sweep(
    conn: &Connection,
    home: DeviceId,
    space: Space,
    epoch: u64,
) -> Result<Vec<Row>, LibraryError> {
    let gone = conn
        .prepare_cached(
            "DELETE FROM replica
              WHERE home = ?1 AND space = ?2 AND epoch <> ?3
                AND NOT (space = 'library' AND kind = 1 AND EXISTS (
                     SELECT 1 FROM kept WHERE kept.home = ?1 AND kept.asset = replica.row
                        AND kept.what = 'original' AND kept.wanted = 1))
             RETURNING kind, row",
        )?
        .query_map((home, space.name(), epoch), |row| {
            Ok(Row {
                kind: row.get(0)?,
                row: row.get(1)?,
                ..Row::default()
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(gone)
}
