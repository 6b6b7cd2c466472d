//! Photos of another machine of one's own among those of this one, where that is wished:
//! one timeline, one search, one map. Each is there as its home told of it, with what
//! waits for that home; so it can be made anew from the replica and the outbox at any
//! time, and what is done to it is asked of its home.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, OptionalExtension};

use super::row_of;
use crate::catalog::Write;
use crate::partner::{Teller, drop_some};
use crate::request::{self, touched};
use crate::share::Effects;
use crate::wire::WishOf;
use crate::{AssetId, Change, DeviceId, Library, LibraryError, PersonId};

/// Photos that are put among one's own in one commit.
const AT_ONCE: i64 = 2_000;

/// Photos, by where they are changed.
pub(crate) struct Split {
    /// Those of this machine.
    pub here: Vec<AssetId>,
    /// Those of others of one's own.
    pub away: BTreeMap<DeviceId, Vec<AssetId>>,
}

impl Library {
    /// Shows the photos of one of one's own machines among those of this one, or on a
    /// page of their own alone.
    ///
    /// # Errors
    /// For a machine that is not one's own.
    pub fn show_machine(&self, home: DeviceId, show: bool) -> Result<(), LibraryError> {
        if !self.peer(home)?.is_own {
            return Err(LibraryError::wrong(
                "Only photos of your own machines are shown so; for another person's, see Partners.",
            ));
        }
        self.catalog.write(move |write| {
            let conn = write.conn();
            match show {
                true => conn.execute(
                    "INSERT INTO partner_library (home, person, decides, state, captions, albums,
                         asked_at, count, bytes, consent, in_timeline)
                     SELECT ?1, person, ?1, 'accepted', 1, 1, ?2, 0, 0, 1, 1 FROM library WHERE 1
                     ON CONFLICT DO NOTHING",
                    (home, write.now_ms),
                )?,
                false => conn.execute(
                    "DELETE FROM partner_library
                      WHERE home = ?1 AND person = (SELECT person FROM library)",
                    [home],
                )?,
            };
            write.announce(Change::Peers);
            Ok(())
        })?;
        if show {
            return self.show_machines();
        }
        while self.catalog.write(move |write| drop_some(write, home))? {}
        Ok(())
    }

    /// Whether the photos of one of one's own machines are shown among those of this one.
    pub fn shows_machine(&self, home: DeviceId) -> Result<bool, LibraryError> {
        self.catalog.read(|conn| Ok(person(conn, home)?.is_some()))
    }

    /// Puts there what lacks, of all machines: some at a time, so that others may write
    /// meanwhile.
    pub fn show_machines(&self) -> Result<(), LibraryError> {
        let homes: Vec<DeviceId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT home FROM partner_library JOIN library USING (person) ORDER BY home",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        for home in homes {
            let mut last = AssetId::from_bytes([0; 16]);
            while let Some(next) = self
                .catalog
                .write(move |write| show_some(write, home, last))?
            {
                last = next;
            }
        }
        Ok(())
    }
}

/// The library's person, where photos of this machine of theirs are shown among those
/// of this one.
fn person(conn: &Connection, home: DeviceId) -> Result<Option<PersonId>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT person FROM partner_library JOIN library USING (person) WHERE home = ?1",
        )?
        .query_row([home], |row| row.get(0))
        .optional()?)
}

/// Puts some there that lack; answers with the last that was looked at.
fn show_some(
    write: &Write<'_>,
    home: DeviceId,
    after: AssetId,
) -> Result<Option<AssetId>, LibraryError> {
    let lacking: Vec<AssetId> = write
        .conn()
        .prepare_cached(
            "SELECT row FROM replica
              WHERE home = ?1 AND space = 'library' AND kind = 1 AND row > ?2
                AND sorted_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM asset
                                 WHERE asset.id = replica.row AND asset.partner IS NOT NULL)
              ORDER BY row LIMIT ?3",
        )?
        .query_map((home, after, AT_ONCE), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    refresh(write, home, &lacking, &mut Effects::default())?;
    Ok(lacking.last().copied())
}

/// Shows photos as their home tells of them, with what waits for it; nothing where that
/// machine's photos are not among one's own.
pub(crate) fn refresh(
    write: &Write<'_>,
    home: DeviceId,
    ids: &[AssetId],
    effects: &mut Effects,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let Some(person) = person(conn, home)?.filter(|_| !ids.is_empty()) else {
        return Ok(());
    };
    let waiting = request::waiting(conn, home)?;
    let teller = Teller {
        write,
        home,
        person,
    };
    for id in ids {
        let told = row_of(conn, home, *id, &waiting)?;
        match told.filter(|row| !row.trashed && !row.archived) {
            Some(row) => {
                if teller.show(*id, &row, effects)? {
                    conn.prepare_cached(
                        "UPDATE asset SET favorite = ?2, rating = ?3
                          WHERE id = ?1 AND (favorite, rating) IS NOT (?2, ?3)",
                    )?
                    .execute((id, row.favorite, row.rating))?;
                }
            }
            // What is kept of it stays: its home has it still, or says that it has not.
            None => teller.forget(*id, &mut Effects::default())?,
        }
    }
    Ok(())
}

/// Shows what a wish is about as it will be, or as it was.
pub(crate) fn refresh_wished(
    write: &Write<'_>,
    home: DeviceId,
    wish: &WishOf,
) -> Result<(), LibraryError> {
    let ids: Vec<AssetId> = touched(wish).collect();
    refresh(write, home, &ids, &mut Effects::default())
}

/// Photos of those machines of which something waits for their homes.
pub(crate) fn waiting_away(conn: &Connection) -> Result<HashSet<AssetId>, LibraryError> {
    let homes: Vec<DeviceId> = conn
        .prepare_cached(
            "SELECT DISTINCT outbox.home FROM outbox
               JOIN partner_library ON partner_library.home = outbox.home
               JOIN library ON library.person = partner_library.person
              WHERE outbox.state = 'waiting'",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut all = HashSet::new();
    for home in homes {
        for wish in request::waiting(conn, home)? {
            all.extend(touched(&wish));
        }
    }
    Ok(all)
}

/// Which of these photos are changed here, and which at another machine of one's own.
pub(crate) fn split(conn: &Connection, ids: &[AssetId]) -> Result<Split, LibraryError> {
    let mut away = conn.prepare_cached(
        "SELECT via FROM asset JOIN library ON library.person = asset.partner WHERE asset.id = ?1
         UNION ALL
         SELECT replica.home FROM partner_library JOIN library USING (person)
           JOIN replica ON replica.home = partner_library.home AND replica.space = 'library'
                       AND replica.kind = 1 AND replica.row = ?1
          WHERE NOT EXISTS (SELECT 1 FROM asset WHERE id = ?1)
         LIMIT 1",
    )?;
    let mut split = Split {
        here: Vec::new(),
        away: BTreeMap::new(),
    };
    for id in ids {
        match away.query_row([id], |row| row.get(0)).optional()? {
            Some(home) => split.away.entry(home).or_default().push(*id),
            None => split.here.push(*id),
        }
    }
    Ok(split)
}
