//! What visitors did at a machine that serves a link, on its way to what the link's home
//! counts. Days are moved: what was told is counted here no more, and the request that tells
//! it is done once, so nothing counts twice. Visits go on, so each is told as it is by now.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::request::{WISHED, enqueue};
use crate::tally;
use crate::time::DAY_MS;
use crate::wire::{AddVisits, MOST_VISITS, Visited, VisitsOfDay, WishOf};
use crate::{Change, DeviceId, Library, LibraryError, LinkId};

/// Days of links of a home, and what was done with them.
const DAYS: &str = "FROM link_day WHERE link IN (SELECT id FROM link WHERE home = ?1)";
/// Visits that their home does not know as they are.
const VISITS: &str =
    "FROM link_visit WHERE told = 0 AND link IN (SELECT id FROM link WHERE home = ?1)";

impl Library {
    /// Tells a home what visitors did with its links here since that was told last, if they
    /// did anything and nothing of it is on its way; the most of it that fits into a request.
    ///
    /// # Errors
    /// When the catalog cannot be read or written.
    pub fn tell_visits(&self, home: DeviceId) -> Result<(), LibraryError> {
        let is_news = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT (EXISTS (SELECT 1 {DAYS}) OR EXISTS (SELECT 1 {VISITS}))
                        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.home = ?1
                                           AND outbox.state = 'waiting' AND NOT {WISHED})"
                ))?
                .query_row([home], |row| row.get::<_, bool>(0))?)
        })?;
        match is_news {
            true => self.catalog.write(move |write| tell(write, home)),
            false => Ok(()),
        }
    }
}

/// As [`Library::tell_visits`], whatever is on its way: before links go.
pub(super) fn tell(write: &Write<'_>, home: DeviceId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let wish = AddVisits {
        days: days(conn, home)?,
        visits: visits(conn, home)?,
    };
    for day in &wish.days {
        conn.prepare_cached("DELETE FROM link_day WHERE link = ?1 AND day = ?2")?
            .execute((&day.link, day.day))?;
    }
    for visit in &wish.visits {
        conn.prepare_cached("UPDATE link_visit SET told = 1 WHERE link = ?1 AND token = ?2")?
            .execute((&visit.link, &visit.token))?;
    }
    match wish.days.is_empty() && wish.visits.is_empty() {
        true => Ok(()),
        false => enqueue(write, home, WishOf::AddVisits(wish), String::new()).map(|_| ()),
    }
}

fn days(conn: &Connection, home: DeviceId) -> Result<Vec<VisitsOfDay>, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT link, day, visits, photos, downloads {DAYS} ORDER BY day, link LIMIT ?2"
        ))?
        .query_map((home, MOST_VISITS), |row| {
            Ok(VisitsOfDay {
                link: row.get(0)?,
                day: row.get(1)?,
                visits: row.get(2)?,
                photos: row.get(3)?,
                downloads: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

fn visits(conn: &Connection, home: DeviceId) -> Result<Vec<Visited>, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT link, token, began_at, last_at, device, photos, downloads {VISITS}
              ORDER BY last_at LIMIT ?2"
        ))?
        .query_map((home, MOST_VISITS), |row| {
            Ok(Visited {
                link: row.get(0)?,
                token: row.get(1)?,
                began_at: row.get(2)?,
                last_at: row.get(3)?,
                device: row.get(4)?,
                photos: row.get(5)?,
                downloads: row.get(6)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// Counts what visitors did at a machine that serves the library's links; of links that are
/// gone, nothing.
pub(crate) fn hear_visits(
    write: &Write<'_>,
    by: DeviceId,
    wish: &AddVisits,
) -> Result<(), LibraryError> {
    let (conn, wish) = (write.conn(), wish.checked()?);
    if !super::serves(conn, by)? && !crate::peer::is_own(conn, by)? {
        return Err(LibraryError::wrong(
            "Your machine does not serve those links any more; nothing was counted.",
        ));
    }
    let today = u32::try_from(write.now_ms.div_euclid(DAY_MS)).unwrap_or_default();
    for day in &wish.days {
        // A clock may be ahead by a day, and no more.
        if let (Some(link), true) = (own_link(conn, &day.link)?, day.day <= today + 1) {
            tally::add_day(write, link, day)?;
            write.announce(Change::Link(link));
        }
    }
    for visit in &wish.visits {
        if let Some(link) = own_link(conn, &visit.link)? {
            tally::put_visit(write, link, visit)?;
            write.announce(Change::Link(link));
        }
    }
    Ok(())
}

fn own_link(conn: &Connection, id: &[u8]) -> Result<Option<LinkId>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT id FROM link WHERE id = ?1 AND home = (SELECT device FROM library)",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?)
}
