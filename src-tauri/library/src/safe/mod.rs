//! Where originals are among one's own machines: which photos would be lost if one of
//! them died, the promise that every original is on two, and what is left of a machine
//! that is lost for good.
//!
//! Each machine tells the others which originals it keeps of theirs (rows of kind «held»
//! in the space of its library), with which of a photo's further files. A copy counts once its bytes were checked and are kept by
//! wish; what was only looked at may go at any time, and does not count.

mod adopt;
mod bring;

use prost::Message;
use rusqlite::Connection;

use crate::catalog::Write;
use crate::request::enqueue;
use crate::wire::{AssetRow, HeldRow, KeepTwo, MOST_PARTS, WishOf};
use crate::{Asset, AssetId, Change, DeviceId, Library, LibraryError, Setting, asset};

pub use adopt::Adopted;
pub use bring::Missing;

/// The machines of the library's own person, as a list in SQL.
const OWN: &str = "(SELECT device.id FROM device, library WHERE device.person = library.person)";

/// One of one's own machines, and what is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSafety {
    /// The machine.
    pub device: DeviceId,
    /// Its name; may be empty.
    pub name: String,
    /// Whether it is this one.
    pub is_here: bool,
    /// Photos and videos that were imported there, without its trash.
    pub photos: u64,
    /// How many of them are nowhere else, of this machine's also not at the off-site store:
    /// they would be lost if it died.
    pub alone: u64,
    /// Bytes of those.
    pub alone_bytes: u64,
    /// Originals of other machines that it keeps.
    pub holds: u64,
    /// Up to when it is known here what it has, milliseconds since 1970; `None` for this
    /// machine, and before it has told all.
    pub known_at: Option<i64>,
}

/// How safe originals are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
    /// Whether every original is to be on two machines.
    pub promise: bool,
    /// This machine first.
    pub machines: Vec<MachineSafety>,
}

/// A machine that has a photo's original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The machine.
    pub device: DeviceId,
    /// Its name; may be empty.
    pub name: String,
    /// Whether it is this one.
    pub is_here: bool,
}

/// The condition that a row tells of all files that a photo has, with the bytes that they
/// have: those of this library, or those that its home told of.
const ALL_FILES: &str = "AND substr(held.body, 1, 34) = CAST(x'0a20' || asset.hash AS BLOB)
     AND NOT EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id
                        AND original.part <> 'whole' AND instr(held.body, original.hash) = 0)
     AND NOT EXISTS (SELECT 1 FROM part WHERE part.home = asset.via AND part.asset = asset.id
                        AND instr(held.body, part.hash) = 0)";

/// The same, of a photo that a row of a replica tells of.
const ALL_TOLD: &str = "AND NOT EXISTS (SELECT 1 FROM part WHERE part.home = replica.home
     AND part.asset = replica.row AND instr(held.body, part.hash) = 0)";

/// The condition that no other machine is known to hold the original `(home, row)` of a
/// query's columns, and `all` else that it has to.
fn nowhere_else(home: &str, row: &str, all: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM replica AS held
                      WHERE held.home IN {OWN} AND held.home <> {home}
                        AND held.space = 'library' AND held.kind = 10
                        AND held.row = CAST({home} || {row} AS BLOB) {all})"
    )
}

/// The condition that not all files of one of the library's own photos are at the off-site store.
const NOT_AT_STORE: &str = "(NOT EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id)
     OR EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id
                   AND NOT EXISTS (SELECT 1 FROM offsite_copy
                                    WHERE offsite_copy.hash = original.hash AND place <> 'lost')))";

/// The condition that this machine does not keep all that was told of another home's photo.
const NOT_ALL_KEPT: &str = "NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = replica.home
     AND kept.asset = replica.row AND kept.what = 'original' AND kept.wanted = 1
     AND NOT EXISTS (SELECT 1 FROM part WHERE part.home = replica.home
        AND part.asset = replica.row
        AND NOT EXISTS (SELECT 1 FROM kept AS file WHERE file.home = part.home
           AND file.asset = part.asset AND file.hash = part.hash AND file.wanted = 1)))";

/// The condition that this machine does not keep the original of another home's photo.
const NOT_KEPT: &str = "NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = replica.home
     AND kept.asset = replica.row AND kept.what = 'original' AND kept.wanted = 1)";

/// An original that is kept here of another of one's own machines, as the others are told.
pub(crate) fn told_held(conn: &Connection, row: &[u8]) -> Result<Option<Vec<u8>>, LibraryError> {
    let (Some(home), Some(asset)) = (row.get(..16), row.get(16..)) else {
        return Ok(None);
    };
    let kept: Vec<(Vec<u8>, bool)> = conn
        .prepare_cached(&format!(
            "SELECT hash, what = 'original' FROM kept
              WHERE home = ?1 AND asset = ?2 AND what NOT IN ('thumbnail', 'preview', 'motion', 'film')
                AND wanted = 1 AND home IN {OWN}
              ORDER BY hash LIMIT {}",
            1 + MOST_PARTS
        ))?
        .query_map((home, asset), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let (whole, parts): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(_, whole)| *whole);
    Ok(whole.into_iter().next().map(|(hash, _)| {
        let parts = parts.into_iter().map(|(hash, _)| hash).collect();
        HeldRow { hash, parts }.encode_to_vec()
    }))
}

/// Whether every original is to be on two machines.
fn promises(conn: &Connection) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM setting WHERE name = ?1 AND value = 'on'")?
        .exists([Setting::TwoCopies.name()])?)
}

/// What another of one's own machines has promised, this one promises, too.
pub(crate) fn promise(write: &Write<'_>, on: bool) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "INSERT INTO setting (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute((Setting::TwoCopies.name(), if on { "on" } else { "off" }))?;
    write.announce(Change::Safety);
    write.announce(Change::Peers);
    Ok(())
}

/// Lets a machine that has become one's own know of the promise.
pub(crate) fn tell_promise(write: &Write<'_>, device: DeviceId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let is_own = conn
        .prepare_cached(
            "SELECT 1 FROM device, library
              WHERE device.id = ?1 AND device.person = library.person AND device.id <> library.device",
        )?
        .exists([device])?;
    if is_own && promises(conn)? {
        let wish = WishOf::KeepTwo(KeepTwo { on: true });
        enqueue(
            write,
            device,
            wish,
            "every original on two machines".to_owned(),
        )?;
    }
    Ok(())
}

impl Library {
    /// How safe originals are, as far as is known here.
    pub fn safety(&self) -> Result<Safety, LibraryError> {
        self.catalog.read(|conn| {
            let moment = conn.unchecked_transaction()?;
            let mut machines = vec![here(&moment)?];
            let others: Vec<(DeviceId, String)> = moment
                .prepare_cached(
                    "SELECT device.id, device.name FROM device, library
                      WHERE device.person = library.person AND device.id <> library.device
                        AND device.key IS NOT NULL
                      ORDER BY device.name, device.id",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            for (device, name) in others {
                machines.push(there(&moment, device, name)?);
            }
            Ok(Safety {
                promise: promises(&moment)?,
                machines,
            })
        })
    }

    /// Photos of this machine whose original is nowhere else, also not at the off-site store,
    /// newest first.
    pub fn alone(&self, limit: u32) -> Result<Vec<Asset>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT {} FROM asset, library
                      WHERE asset.via IS NULL AND asset.trashed_at IS NULL
                        AND (asset.shelf <> 'locked' OR shows_locked()) AND {NOT_AT_STORE} AND {}
                      ORDER BY asset.sorted_at DESC, asset.seq DESC LIMIT ?1",
                    asset::COLUMNS,
                    nowhere_else("library.device", "asset.id", ALL_FILES)
                ))?
                .query_map([limit], asset::from_row)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// On which of one's own machines the original of a photo is, as far as is known here;
    /// none for another person's.
    pub fn holders(&self, id: AssetId) -> Result<Vec<Holder>, LibraryError> {
        self.catalog.read(|conn| {
            asset::check_known(conn, id)?;
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT device.id, device.name, device.id = library.device
                       FROM device, library, asset
                      WHERE asset.id = ?1
                        AND (asset.via IS NULL OR asset.partner = library.person)
                        AND device.person = library.person
                        AND (device.id = coalesce(asset.via, library.device)
                             OR device.id = library.device
                                AND EXISTS (SELECT 1 FROM kept
                                             WHERE kept.home = asset.via AND kept.asset = asset.id
                                               AND kept.what = 'original')
                             OR EXISTS (SELECT 1 FROM replica AS held
                                         WHERE held.home = device.id AND held.space = 'library'
                                           AND held.kind = 10
                                           AND held.row = CAST(coalesce(asset.via, library.device)
                                                               || asset.id AS BLOB)
                                           {ALL_FILES}))
                      ORDER BY device.id <> library.device, device.name, device.id"
                ))?
                .query_map([id], |row| {
                    Ok(Holder {
                        device: row.get(0)?,
                        name: row.get(1)?,
                        is_here: row.get(2)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Promises that every original is on two of one's own machines, or no more: each of
    /// them is told, and keeps what would else be on one alone.
    pub fn set_promise(&self, on: bool) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            promise(write, on)?;
            let others: Vec<DeviceId> = write
                .conn()
                .prepare_cached(
                    "SELECT peer.device FROM peer JOIN device ON device.id = peer.device, library
                      WHERE device.person = library.person AND device.id <> library.device",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let told = match on {
                true => "every original on two machines",
                false => "originals no more on two machines",
            };
            for device in others {
                let wish = WishOf::KeepTwo(KeepTwo { on });
                enqueue(write, device, wish, told.to_owned())?;
            }
            Ok(())
        })?;
        self.keep_promise()
    }

    /// Whether every original is to be on two of one's own machines.
    pub fn has_promise(&self) -> Result<bool, LibraryError> {
        self.catalog.read(promises)
    }

    /// Keeps for good what the promise asks for. What it asks for no more is let go of
    /// only once its home is seen alive ([`Library::keep_as_wanted`]): of one that is lost,
    /// these may be the last copies.
    pub(crate) fn keep_promise(&self) -> Result<(), LibraryError> {
        if !self.has_promise()? {
            return Ok(());
        }
        let own = self.peers()?.into_iter().filter(|peer| peer.is_own);
        own.map(|peer| peer.device)
            .try_for_each(|device| self.keep_as_wanted(device))
    }

    /// Photos of another of one's own machines that are to be kept here by the promise, and
    /// are not yet, newest first.
    pub fn lacking_by_promise(
        &self,
        home: DeviceId,
        limit: usize,
    ) -> Result<Vec<AssetId>, LibraryError> {
        self.catalog.read(|conn| {
            if !promises(conn)? {
                return Ok(Vec::new());
            }
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT replica.row FROM replica
                      WHERE replica.home = ?1 AND replica.home IN {OWN}
                        AND replica.space = 'library' AND replica.sorted_at IS NOT NULL
                        AND {NOT_KEPT} AND {}
                      ORDER BY replica.sorted_at DESC, replica.row DESC LIMIT ?2",
                    nowhere_else("replica.home", "replica.row", "")
                ))?
                .query_map((home, limit), |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }
}

fn here(conn: &Connection) -> Result<MachineSafety, LibraryError> {
    let (device, name, holds) = conn
        .prepare_cached(&format!(
            "SELECT library.device, device.name,
                    (SELECT count(*) FROM kept WHERE what = 'original' AND wanted = 1
                        AND home IN {OWN})
               FROM library JOIN device ON device.id = library.device"
        ))?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let (photos, alone, alone_bytes) = conn
        .prepare_cached(&format!(
            "SELECT count(*), coalesce(sum(alone), 0), coalesce(sum(iif(alone, bytes, 0)), 0)
               FROM (SELECT asset.bytes + coalesce((SELECT sum(bytes) FROM (
                                SELECT DISTINCT original.hash, original.bytes FROM original
                                 WHERE original.asset = asset.id AND original.part <> 'whole')), 0) AS bytes,
                            {NOT_AT_STORE} AND {} AS alone FROM asset, library
                      WHERE asset.via IS NULL AND asset.trashed_at IS NULL
                        AND (asset.shelf <> 'locked' OR shows_locked()))",
            nowhere_else("library.device", "asset.id", ALL_FILES)
        ))?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(MachineSafety {
        device,
        name,
        is_here: true,
        photos,
        alone,
        alone_bytes,
        holds,
        known_at: None,
    })
}

fn there(conn: &Connection, device: DeviceId, name: String) -> Result<MachineSafety, LibraryError> {
    let (holds, known_at) = conn
        .prepare_cached(
            "SELECT (SELECT count(*) FROM replica WHERE home = ?1 AND space = 'library' AND kind = 10),
                    (SELECT complete_at FROM cursor WHERE home = ?1 AND space = 'library')",
        )?
        .query_row([device], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut safety = MachineSafety {
        device,
        name,
        is_here: false,
        photos: 0,
        alone: 0,
        alone_bytes: 0,
        holds,
        known_at,
    };
    let mut found = conn.prepare_cached(&format!(
        "SELECT body, {NOT_ALL_KEPT} AND {} FROM replica
          WHERE replica.home = ?1 AND replica.space = 'library' AND replica.kind = 1",
        nowhere_else("replica.home", "replica.row", ALL_TOLD)
    ))?;
    let mut rows = found.query([device])?;
    while let Some(row) = rows.next()? {
        let told = AssetRow::read(&row.get::<_, Vec<u8>>(0)?).unwrap_or_default();
        // What is in its trash is about to go there, too.
        if told.trashed {
            continue;
        }
        safety.photos += 1;
        if row.get(1)? {
            safety.alone += 1;
            let parts = told.parts.iter().map(|part| part.bytes);
            safety.alone_bytes += told.bytes + parts.sum::<u64>();
        }
    }
    Ok(safety)
}
