//! Links that outlive their machine's sleep. A machine that is always on serves another
//! one's links, too: their home tells it what they are and what they show (`tell`), it
//! makes that links of its own catalog (`take`), and serves them by the code that serves
//! its own. It may for only so long without a word of their home (`lease`). What visitors
//! send there waits for that home (`pass`), which fetches it (`arrive`); what they did is
//! counted there and told (`visits`), and what they say goes there, too (`said`).

mod arrive;
mod lease;
mod pass;
mod said;
mod take;
mod tell;
mod visits;

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::feed::{Space, close_space};
use crate::request::enqueue;
use crate::time::DAY_MS;
use crate::wire::{ServeLinks, WishOf};
use crate::{AssetId, Change, DeviceId, Keep, Library, LibraryError, peer};

pub use arrive::Awaited;
pub(crate) use arrive::{hear_upload, hear_withdrawn};
pub(crate) use lease::Leases;
pub(crate) use pass::{ask_back, hear_taken, pass_on};
pub(crate) use said::{ask_unsaid, hear_said, hear_unsaid, refused_said, say_onward};
pub(crate) use take::{is_hosted, settle, take};
pub(crate) use tell::{may_have, told_asset, told_link, told_photo, told_said};
pub(crate) use visits::hear_visits;

/// How long links are served without a word of their home, where nothing else was said.
pub const LEASE_MS: i64 = 10 * 60 * 1_000;
/// How long after their home said that it rests.
pub const REST_MS: i64 = 30 * DAY_MS;

/// A machine that serves the library's links while this one is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Which.
    pub device: DeviceId,
    /// Its name; may be empty.
    pub name: String,
    /// What addresses of links begin with there; `None` until it told, or while it serves
    /// none.
    pub address: Option<String>,
    /// For how long it serves them without a word of this machine, milliseconds.
    pub lease_ms: i64,
    /// For how long after this machine said that it rests, milliseconds.
    pub rest_ms: i64,
}

/// What is served here for another machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosting {
    /// The links' home.
    pub home: DeviceId,
    /// What is kept here of what they show.
    pub keep: Keep,
    /// Whether their home asked for it; else it only may.
    pub asked: bool,
    /// How many links that are not ended it has served here.
    pub links: u64,
    /// How many photos they show, and albums and libraries that are handed on to others.
    pub photos: u64,
    /// How many of those have their original here.
    pub originals: u64,
    /// How many files that visitors sent wait here for their home.
    pub uploads: u64,
    /// How many photos that members put into albums of theirs do.
    pub parcels: u64,
    /// Until when they are served if nothing is heard of their home, milliseconds since
    /// 1970.
    pub until_ms: i64,
}

impl Library {
    /// Has a machine serve the library's links, too, or ends that: it hears so when it is
    /// next in contact. One's own machines do; another person's must have been told to.
    ///
    /// # Errors
    /// For times of more than a year.
    pub fn set_server(&self, device: DeviceId, on: bool) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            peer::find(conn, device)?;
            match on {
                true => conn.execute(
                    "INSERT INTO server (device, since, lease_ms, rest_ms) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (device) DO NOTHING",
                    (device, write.now_ms, LEASE_MS, REST_MS),
                )?,
                false => conn.execute("DELETE FROM server WHERE device = ?1", [device])?,
            };
            if !on && !has_servers(conn)? {
                close_space(write, Space::Links)?;
            }
            ask(write, device)
        })
    }

    /// For how long a machine serves the library's links without a word of this one, and
    /// after this one said that it rests; milliseconds. `None` stays as it is.
    ///
    /// # Errors
    /// For a machine that does not serve them, and times of more than a year.
    pub fn set_lease(
        &self,
        device: DeviceId,
        lease_ms: Option<i64>,
        rest_ms: Option<i64>,
    ) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let known = write.conn().execute(
                "UPDATE server SET lease_ms = coalesce(?2, lease_ms), rest_ms = coalesce(?3, rest_ms)
                  WHERE device = ?1",
                (device, lease_ms, rest_ms),
            )?;
            if known == 0 {
                return Err(LibraryError::wrong(
                    "That machine does not serve your links; have it do so first.",
                ));
            }
            ask(write, device)
        })
    }

    /// The machines that serve the library's links.
    pub fn servers(&self) -> Result<Vec<Server>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT device.id, device.name, server.address, server.lease_ms,
                            server.rest_ms
                       FROM server JOIN device ON device.id = server.device
                      ORDER BY server.address IS NULL, server.since, device.id",
                )?
                .query_map([], |row| {
                    Ok(Server {
                        device: row.get(0)?,
                        name: row.get(1)?,
                        address: row.get(2)?,
                        lease_ms: row.get(3)?,
                        rest_ms: row.get(4)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Keeps what addresses of links begin with at a machine that serves them, as it
    /// tells; true when that is new.
    pub fn note_server_address(
        &self,
        device: DeviceId,
        address: Option<&str>,
    ) -> Result<bool, LibraryError> {
        let address = address
            .filter(|address| is_base(address))
            .map(str::to_owned);
        let servers = self.servers()?;
        let known = servers.iter().find(|server| server.device == device);
        if known.is_none_or(|known| known.address == address) {
            return Ok(false);
        }
        self.catalog.write(move |write| {
            write.conn().execute(
                "UPDATE server SET address = ?2 WHERE device = ?1",
                (device, address),
            )?;
            write.announce(Change::Everything);
            Ok(true)
        })
    }

    /// Lets another machine have its links served here, and keeps this much of what they
    /// show; `Nothing` ends it, and what is here of them goes.
    pub fn set_hosting(&self, home: DeviceId, keep: Keep) -> Result<(), LibraryError> {
        let gone = self.catalog.write(move |write| {
            let conn = write.conn();
            peer::find(conn, home)?;
            match keep {
                Keep::Nothing => take::end(write, home),
                keep => {
                    conn.execute(
                        "INSERT INTO hosting (home, keep) VALUES (?1, ?2)
                         ON CONFLICT (home) DO UPDATE SET keep = excluded.keep",
                        (home, keep.name()),
                    )?;
                    write.announce(Change::Peers);
                    Ok(Vec::new())
                }
            }
        })?;
        self.take_leases()?;
        self.let_go_of(gone)?;
        self.keep_as_wanted(home)
    }

    /// For whom links are served here.
    pub fn hostings(&self) -> Result<Vec<Hosting>, LibraryError> {
        let all: Vec<Hosting> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "WITH shown AS (
                         SELECT home, row FROM replica WHERE space = 'links' AND kind = 1
                          UNION
                         SELECT home, row FROM mirrored
                          WHERE kind = 1 AND body IS NOT NULL AND space <> 'library')
                     SELECT home, keep, asked,
                            (SELECT count(*) FROM link WHERE link.home = hosting.home),
                            (SELECT count(*) FROM shown WHERE shown.home = hosting.home),
                            (SELECT count(*) FROM shown JOIN kept ON kept.home = shown.home
                                AND kept.asset = shown.row AND kept.what = 'original'
                              WHERE shown.home = hosting.home),
                            (SELECT count(*) FROM upload
                              WHERE upload.home = hosting.home AND state = 'waiting'),
                            (SELECT count(DISTINCT asset) FROM parcel
                              WHERE parcel.home = hosting.home)
                       FROM hosting ORDER BY home",
                )?
                .query_map([], |row| {
                    let keep: String = row.get(1)?;
                    Ok(Hosting {
                        home: row.get(0)?,
                        keep: Keep::of(&keep).unwrap_or_default(),
                        asked: row.get(2)?,
                        links: row.get(3)?,
                        photos: row.get(4)?,
                        originals: row.get(5)?,
                        uploads: row.get(6)?,
                        parcels: row.get(7)?,
                        until_ms: 0,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })?;
        let until = |hosting: Hosting| Hosting {
            until_ms: self.leases.until(hosting.home, self.clock.now_ms()),
            ..hosting
        };
        Ok(all.into_iter().map(until).collect())
    }
}

/// Asks a machine to serve the library's links as is set now.
fn ask(write: &Write<'_>, device: DeviceId) -> Result<(), LibraryError> {
    let terms: Option<(i64, i64)> = write
        .conn()
        .prepare_cached("SELECT lease_ms, rest_ms FROM server WHERE device = ?1")?
        .query_row([device], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (lease_ms, rest_ms) = terms.unwrap_or_default();
    let wish = ServeLinks {
        on: terms.is_some(),
        lease_ms,
        rest_ms,
    };
    wish.checked()?;
    let told = match wish.on {
        true => "your links served",
        false => "your links served no more",
    };
    write.announce(Change::Peers);
    enqueue(write, device, WishOf::ServeLinks(wish), told.to_owned()).map(|_| ())
}

/// A machine that was asked to serve the library's links does not.
pub(crate) fn refused(write: &Write<'_>, device: DeviceId) -> Result<(), LibraryError> {
    write
        .conn()
        .execute("DELETE FROM server WHERE device = ?1", [device])?;
    write.announce(Change::Everything);
    Ok(())
}

/// Hears that another machine's links are to be served here, or no more; answers with the
/// photos that were shown for it and are not any more.
pub(crate) fn hear(
    write: &Write<'_>,
    home: DeviceId,
    wish: &ServeLinks,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let wish = wish.checked()?;
    let conn = write.conn();
    if !wish.on {
        // Whether it may ask again stays.
        conn.execute("UPDATE hosting SET asked = 0 WHERE home = ?1", [home])?;
        return take::end_links(write, home);
    }
    if !peer::is_own(conn, home)? && !may_ask(conn, home)? {
        return Err(LibraryError::wrong(
            "Whose machine that is has not let it serve your links; ask them to.",
        ));
    }
    conn.execute(
        "INSERT INTO hosting (home, asked, keep, lease_ms, rest_ms, heard_at)
         VALUES (?1, 1, 'originals', ?2, ?3, ?4)
         ON CONFLICT (home) DO UPDATE SET asked = 1, lease_ms = excluded.lease_ms,
             rest_ms = excluded.rest_ms, heard_at = excluded.heard_at, rests = 0",
        (home, wish.lease_ms, wish.rest_ms, write.now_ms),
    )?;
    write.announce(Change::Peers);
    Ok(Vec::new())
}

/// Whether a machine may have its links served here.
pub(crate) fn may_ask(conn: &Connection, home: DeviceId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM hosting WHERE home = ?1")?
        .exists([home])?)
}

/// Whether one of both serves the other's links, or has something of its visitors.
pub(crate) fn is_between(conn: &Connection, other: DeviceId) -> Result<bool, LibraryError> {
    let waits = conn
        .prepare_cached("SELECT 1 FROM upload WHERE home = ?1")?
        .exists([other])?;
    Ok(waits || may_ask(conn, other)? || serves(conn, other)?)
}

/// Whether a machine's links are served here, as it asked.
pub(crate) fn hosts(conn: &Connection, home: DeviceId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM hosting WHERE home = ?1 AND asked")?
        .exists([home])?)
}

/// What is kept here of what a machine's links show, where they are served here.
pub(crate) fn kept_of_links(
    conn: &Connection,
    home: DeviceId,
) -> Result<Option<Keep>, LibraryError> {
    let keep: Option<String> = conn
        .prepare_cached("SELECT keep FROM hosting WHERE home = ?1 AND asked")?
        .query_row([home], |row| row.get(0))
        .optional()?;
    Ok(keep.and_then(|keep| Keep::of(&keep)))
}

/// Whether a machine serves the library's links.
pub(crate) fn serves(conn: &Connection, device: DeviceId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM server WHERE device = ?1")?
        .exists([device])?)
}

fn has_servers(conn: &Connection) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM server)")?
        .query_row([], |row| row.get(0))?)
}

/// Whether it can be what addresses of links begin with.
fn is_base(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    address.len() <= 512
        && rest.is_some_and(|host| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || b"-._~:[]/".contains(&c))
        })
}
