//! What visitors did with a link, counted for its owner alone. A page tells it after
//! a gesture of a person, so a messenger's preview or a crawler counts nothing. No
//! address is kept, and a page's token is a random word of its own.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::time::DAY_MS;
use crate::wire::{Visited, VisitsOfDay};
use crate::{Access, Change, Library, LibraryError, LinkId};

/// The visits that are kept of a link; its days are kept for good.
const KEPT: u32 = 200;
/// The most that one visit can count of anything.
const MOST: u32 = 10_000;

/// What a visitor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Opened the link.
    Opened,
    /// Looked at a photo or video.
    Photo,
    /// Downloaded so many files.
    Download(u32),
}

/// What visitors did on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Its beginning, milliseconds since 1970, UTC.
    pub begins_at: i64,
    /// Openings by people.
    pub visits: u64,
    /// Photos and videos looked at.
    pub photos: u64,
    /// Files downloaded.
    pub downloads: u64,
    /// Files sent.
    pub uploads: u64,
    /// Comments written that still stand.
    pub comments: u64,
    /// Likes given that were not taken back.
    pub likes: u64,
}

/// One visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Milliseconds since 1970.
    pub began_at: i64,
    /// The last thing that was done, milliseconds since 1970.
    pub last_at: i64,
    /// «Safari on an iPhone», as far as the browser tells.
    pub device: String,
    /// Photos and videos looked at.
    pub photos: u64,
    /// Files downloaded.
    pub downloads: u64,
    /// Files sent.
    pub uploads: u64,
}

/// What visitors did with a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Oldest first; days on which nothing was done are left out.
    pub days: Vec<Day>,
    /// The last two hundred, newest first.
    pub visits: Vec<Seen>,
}

impl Access {
    /// Counts what a visitor did. `token` is the page's own; `device` is kept as it
    /// came, up to 64 characters.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] when the right holds no more.
    pub fn note(&self, token: [u8; 16], device: &str, deed: Deed) -> Result<(), LibraryError> {
        if !self.is_current()? {
            return Err(LibraryError::Refused);
        }
        let link = self.link();
        let device: String = device.chars().take(64).collect();
        self.library().catalog.write(move |write| {
            let (conn, now) = (write.conn(), write.now_ms);
            let is_new = begin(conn, link, &token, &device, now)?;
            let (column, count) = match deed {
                Deed::Opened => (None, 0),
                Deed::Photo => (Some("photos"), 1),
                Deed::Download(count) => (Some("downloads"), count),
            };
            if let Some(column) = column {
                count_in(conn, link, &token, now, column, count.min(MOST))?;
            }
            if is_new || column == Some("downloads") {
                write.announce(Change::Link(link));
            }
            Ok(())
        })
    }
}

/// Begins a visit, or goes on with it; whether it is new.
fn begin(
    conn: &Connection,
    link: LinkId,
    token: &[u8; 16],
    device: &str,
    now: i64,
) -> Result<bool, LibraryError> {
    let known = conn
        .prepare_cached(
            "UPDATE link_visit SET last_at = ?3, told = 0 WHERE link = ?1 AND token = ?2",
        )?
        .execute((link, token, now))?;
    if known > 0 {
        return Ok(false);
    }
    conn.prepare_cached(
        "INSERT INTO link_visit (link, token, began_at, last_at, device)
         VALUES (?1, ?2, ?3, ?3, ?4)",
    )?
    .execute((link, token, now, device))?;
    forget_early(conn, link)?;
    conn.prepare_cached(
        "INSERT INTO link_day (link, day, visits) VALUES (?1, ?2, 1)
         ON CONFLICT (link, day) DO UPDATE SET visits = visits + 1",
    )?
    .execute((link, now.div_euclid(DAY_MS)))?;
    Ok(true)
}

/// Keeps the last visits of a link alone.
fn forget_early(conn: &Connection, link: LinkId) -> Result<(), LibraryError> {
    conn.prepare_cached(
        "DELETE FROM link_visit WHERE link = ?1 AND token IN
             (SELECT token FROM link_visit WHERE link = ?1
               ORDER BY last_at DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute((link, KEPT))?;
    Ok(())
}

/// Adds what was done on a day at a machine that serves the link, too.
pub(crate) fn add_day(
    write: &Write<'_>,
    link: LinkId,
    day: &VisitsOfDay,
) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "INSERT INTO link_day (link, day, visits, photos, downloads)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (link, day) DO UPDATE SET visits = visits + excluded.visits,
                 photos = photos + excluded.photos, downloads = downloads + excluded.downloads",
        )?
        .execute((link, day.day, day.visits, day.photos, day.downloads))?;
    Ok(())
}

/// Keeps a visit at such a machine as it is by now.
pub(crate) fn put_visit(
    write: &Write<'_>,
    link: LinkId,
    visit: &Visited,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached(
        "INSERT INTO link_visit (link, token, began_at, last_at, device, photos, downloads)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (link, token) DO UPDATE SET last_at = max(last_at, excluded.last_at),
             photos = max(photos, excluded.photos),
             downloads = max(downloads, excluded.downloads)",
    )?
    .execute((
        link,
        &visit.token,
        visit.began_at,
        visit.last_at.min(write.now_ms),
        &visit.device,
        visit.photos,
        visit.downloads,
    ))?;
    forget_early(conn, link)
}

/// Adds to one of a visit's counts, and to that of its day, never beyond what one
/// visit may have.
fn count_in(
    conn: &Connection,
    link: LinkId,
    token: &[u8; 16],
    now: i64,
    column: &'static str,
    count: u32,
) -> Result<(), LibraryError> {
    let had: u32 = conn
        .prepare_cached(&format!(
            "SELECT {column} FROM link_visit WHERE link = ?1 AND token = ?2"
        ))?
        .query_row((link, token), |row| row.get(0))
        .optional()?
        .unwrap_or(MOST);
    let count = count.min(MOST.saturating_sub(had));
    conn.prepare_cached(&format!(
        "UPDATE link_visit SET {column} = {column} + ?3 WHERE link = ?1 AND token = ?2"
    ))?
    .execute((link, token, count))?;
    conn.prepare_cached(&format!(
        "INSERT INTO link_day (link, day, {column}) VALUES (?1, ?2, ?3)
         ON CONFLICT (link, day) DO UPDATE SET {column} = {column} + ?3"
    ))?
    .execute((link, now.div_euclid(DAY_MS), count))?;
    Ok(())
}

/// Counts a file that a visitor sent, when all of it is here; it was sent then.
pub(crate) fn count_upload(write: &Write<'_>, link: LinkId, at: i64) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "INSERT INTO link_day (link, day, uploads)
             SELECT id, ?2, 1 FROM link WHERE id = ?1
             ON CONFLICT (link, day) DO UPDATE SET uploads = uploads + 1",
        )?
        .execute((link, at.div_euclid(DAY_MS)))?;
    write.announce(Change::Link(link));
    Ok(())
}

impl Library {
    /// What visitors did with a link.
    pub fn tally(&self, link: LinkId) -> Result<Tally, LibraryError> {
        self.link(link)?;
        self.catalog.read(|conn| {
            let days = conn
                .prepare_cached(
                    "SELECT day, sum(visits), sum(photos), sum(downloads), sum(uploads),
                            sum(comments), sum(likes)
                       FROM (SELECT day, visits, photos, downloads, uploads, 0 AS comments,
                                    0 AS likes
                               FROM link_day WHERE link = ?1
                              UNION ALL
                             SELECT made_at / ?2, 0, 0, 0, 0, kind = 'comment', kind = 'like'
                               FROM activity WHERE through = ?1)
                      GROUP BY day ORDER BY day",
                )?
                .query_map((link, DAY_MS), |row| {
                    Ok(Day {
                        begins_at: row.get::<_, i64>(0)? * DAY_MS,
                        visits: row.get(1)?,
                        photos: row.get(2)?,
                        downloads: row.get(3)?,
                        uploads: row.get(4)?,
                        comments: row.get(5)?,
                        likes: row.get(6)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            let visits = conn
                .prepare_cached(
                    "SELECT began_at, last_at, device, photos, downloads, uploads
                       FROM link_visit WHERE link = ?1 ORDER BY last_at DESC",
                )?
                .query_map([link], |row| {
                    Ok(Seen {
                        began_at: row.get(0)?,
                        last_at: row.get(1)?,
                        device: row.get(2)?,
                        photos: row.get(3)?,
                        downloads: row.get(4)?,
                        uploads: row.get(5)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(Tally { days, visits })
        })
    }
}
