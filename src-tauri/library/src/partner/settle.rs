//! The receiver's side: whose libraries are seen here and how, what is let go of when
//! one ends, and the receipt for that.

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::follow::let_go;
use super::{PartnerAlbum, PartnerLibrary, PartnerRules, PartnerState};
use crate::catalog::Write;
use crate::feed::Space;
use crate::request::enqueue;
use crate::share::Effects;
use crate::wire::{AnswerPartner, PartnerDropped, WishOf};
use crate::{AlbumOrder, AssetId, Change, DeviceId, Keep, Library, LibraryError, PersonId};

/// What a picture of a photo takes, before any of a library is here to be measured.
const PICTURE_BYTES: u64 = 350_000;
/// Photos that are moved into the timeline or out of it, or removed, in one commit.
const AT_ONCE: i64 = 2_000;

/// Puts a photo that others told of where it belongs: into the timeline or not.
pub(crate) fn place(write: &Write<'_>, id: AssetId) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "UPDATE asset SET shelf = (SELECT placed.shelf FROM placed WHERE placed.asset = ?1)
              WHERE id = ?1 AND via IS NOT NULL
                AND shelf <> (SELECT placed.shelf FROM placed WHERE placed.asset = ?1)",
        )?
        .execute([id])?;
    Ok(())
}

/// Files that photos of a home's library have here go with their rows: see `remove_doomed`.
/// `?2` is said by `which`.
pub(super) fn doom_files(
    conn: &Connection,
    home: DeviceId,
    which: &str,
    said: impl ToSql,
) -> Result<(), LibraryError> {
    conn.prepare_cached(&format!(
        "INSERT INTO intent (temp, target, hash)
         SELECT original.path, original.path, zeroblob(32)
           FROM asset JOIN original ON original.asset = asset.id AND original.in_place = 0
          WHERE asset.via = ?1 AND asset.partner IS NOT NULL AND {which}"
    ))?
    .execute((home, said))?;
    Ok(())
}

/// A photo of a home's library that an album or a link shows is that one's alone from now on, and
/// comes from where it lives. Answers with that machine.
pub(super) fn leave_to_albums(
    write: &Write<'_>,
    home: DeviceId,
    id: AssetId,
) -> Result<Option<DeviceId>, LibraryError> {
    let conn = write.conn();
    let left: Option<DeviceId> = conn
        .prepare_cached(
            "UPDATE asset SET partner = NULL, via = coalesce(
                    (SELECT album.home FROM album_asset JOIN album ON album.id = album_asset.album
                      WHERE album_asset.asset = asset.id AND album.owner IS NOT NULL
                      ORDER BY album.home <> ?1 LIMIT 1), via)
              WHERE via = ?1 AND partner IS NOT NULL AND id = ?2
                AND (EXISTS (SELECT 1 FROM album_asset WHERE album_asset.asset = asset.id)
                     OR EXISTS (SELECT 1 FROM link_asset WHERE link_asset.asset = asset.id))
             RETURNING via",
        )?
        .query_row((home, id), |row| row.get(0))
        .optional()?;
    if left.is_some() {
        conn.prepare_cached("DELETE FROM partner_album_asset WHERE asset = ?1")?
            .execute([id])?;
        place(write, id)?;
    }
    Ok(left)
}

/// Sees a home's library no more; its photos go with [`drop_some`].
pub(super) fn close(write: &Write<'_>, home: DeviceId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let me: PersonId = conn.query_row("SELECT person FROM library", [], |row| row.get(0))?;
    conn.prepare_cached("DELETE FROM partner_album WHERE home = ?1")?
        .execute([home])?;
    for table in ["replica", "cursor"] {
        conn.prepare_cached(&format!(
            "DELETE FROM {table} WHERE home = ?1 AND space = ?2"
        ))?
        .execute((home, Space::Partner(me).name()))?;
    }
    conn.prepare_cached(
        "UPDATE partner_library SET dropping = dropping OR consent, consent = 0, in_timeline = 0,
                keep = 'nothing'
          WHERE home = ?1",
    )?
    .execute([home])?;
    Ok(())
}

/// Removes some photos of a home's library, so that others may write meanwhile; what an
/// album shows of it stays there. False when there was none.
pub(crate) fn drop_some(write: &Write<'_>, home: DeviceId) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let upto: Option<i64> = conn
        .prepare_cached(
            "SELECT max(seq) FROM (SELECT seq FROM asset WHERE via = ?1 AND partner IS NOT NULL
                                    ORDER BY seq LIMIT ?2)",
        )?
        .query_row((home, AT_ONCE), |row| row.get(0))?;
    let Some(upto) = upto else {
        return Ok(false);
    };
    let shown: Vec<AssetId> = conn
        .prepare_cached(
            "SELECT id FROM asset WHERE via = ?1 AND partner IS NOT NULL AND seq <= ?2
                AND (EXISTS (SELECT 1 FROM album_asset WHERE album_asset.asset = asset.id)
                     OR EXISTS (SELECT 1 FROM link_asset WHERE link_asset.asset = asset.id))",
        )?
        .query_map((home, upto), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in shown {
        leave_to_albums(write, home, id)?;
    }
    // All at once: for each statement SQLite notes every page it changes, and writes out what
    // can be searched.
    doom_files(conn, home, "asset.seq <= ?2", upto)?;
    conn.prepare_cached("DELETE FROM asset WHERE via = ?1 AND partner IS NOT NULL AND seq <= ?2")?
        .execute((home, upto))?;
    write.announce(Change::Everything);
    Ok(true)
}

/// A home's library, before those of one person are put together.
fn from_row(row: &Row<'_>) -> rusqlite::Result<PartnerLibrary> {
    let told = PartnerState::of(&row.get::<_, String>(4)?);
    let keep: String = row.get(12)?;
    Ok(PartnerLibrary {
        person: row.get(1)?,
        name: row.get(2)?,
        // What a person accepted on another of their machines is still asked here.
        state: match (told, row.get(3)?) {
            (PartnerState::Asked | PartnerState::Accepted, true) => PartnerState::Accepted,
            (PartnerState::Asked | PartnerState::Accepted, false) => PartnerState::Asked,
            (ended, _) => ended,
        },
        rules: PartnerRules {
            since: row.get(5)?,
            captions: row.get(6)?,
            albums: row.get(7)?,
        },
        asked_at: row.get(8)?,
        count: row.get(9)?,
        bytes: row.get(10)?,
        in_timeline: row.get(11)?,
        keep: Keep::of(&keep).unwrap_or_default(),
        preview_bytes: 0,
        previews: 0,
        originals: 0,
        kept_bytes: 0,
        is_complete: false,
        homes: vec![row.get(0)?],
    })
}

/// What is known and kept of a library that is seen.
fn count(conn: &Connection, library: &mut PartnerLibrary) -> Result<(), LibraryError> {
    let person = library.person;
    (library.count, library.bytes) = conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(bytes), 0) + (
                        SELECT coalesce(sum(part.bytes), 0)
                          FROM part JOIN asset ON asset.id = part.asset AND asset.via = part.home
                         WHERE asset.partner = ?1)
               FROM asset WHERE partner = ?1",
        )?
        .query_row([person], |row| Ok((row.get(0)?, row.get(1)?)))?;
    (library.previews, library.originals, library.kept_bytes) = conn
        .prepare_cached(
            "SELECT coalesce(sum(kept.what = 'preview'), 0), coalesce(sum(kept.what = 'original'), 0),
                    coalesce(sum(kept.bytes), 0)
               FROM kept JOIN asset ON asset.id = kept.asset AND asset.via = kept.home
              WHERE asset.partner = ?1",
        )?
        .query_row([person], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let lacking: u64 = conn
        .prepare_cached(
            "SELECT count(*) FROM partner_library, library
              WHERE partner_library.person = ?1 AND consent AND NOT EXISTS (
                    SELECT 1 FROM cursor WHERE cursor.home = partner_library.home
                       AND cursor.space = 'partner:' || lower(hex(library.person))
                       AND cursor.complete_at IS NOT NULL)",
        )?
        .query_row([person], |row| row.get(0))?;
    library.is_complete = lacking == 0;
    Ok(())
}

/// What a photo's pictures take together: as those do that are here of others' photos.
fn picture_bytes(conn: &Connection) -> Result<u64, LibraryError> {
    let average: Option<f64> = conn
        .prepare_cached("SELECT avg(bytes) FROM kept WHERE what = 'preview'")?
        .query_row([], |row| row.get(0))?;
    Ok(average.map_or(PICTURE_BYTES, |bytes| bytes as u64))
}

impl Library {
    /// Libraries that others show to the library's person, those without an answer first.
    pub fn partner_libraries(&self) -> Result<Vec<PartnerLibrary>, LibraryError> {
        self.catalog.read(|conn| {
            let all: Vec<PartnerLibrary> = conn
                .prepare_cached(
                    "SELECT partner_library.home, person.id, person.name, consent, state, since,
                            captions, albums, asked_at, count, bytes, in_timeline,
                            partner_library.keep
                       FROM partner_library JOIN person ON person.id = partner_library.person
                      WHERE state <> 'ended' AND person.id <> (SELECT person FROM library)
                      ORDER BY person.name, person.id, partner_library.home",
                )?
                .query_map([], from_row)?
                .collect::<Result<_, _>>()?;
            let mut libraries: Vec<PartnerLibrary> = Vec::new();
            for library in all {
                let same = libraries
                    .last_mut()
                    .filter(|last| last.person == library.person);
                match same {
                    // Two machines of one person are one library.
                    Some(last) => {
                        last.count += library.count;
                        last.bytes += library.bytes;
                        last.homes.extend(library.homes);
                        if last.state != PartnerState::Accepted {
                            last.state = library.state;
                            last.in_timeline = library.in_timeline;
                            last.keep = library.keep;
                        }
                    }
                    None => libraries.push(library),
                }
            }
            let each = picture_bytes(conn)?;
            for library in &mut libraries {
                if library.state == PartnerState::Accepted {
                    count(conn, library)?;
                }
                library.preview_bytes = library.count * each;
            }
            libraries.sort_by_key(|library| match library.state {
                PartnerState::Asked => 0,
                PartnerState::Accepted => 1,
                PartnerState::Declined | PartnerState::Ended => 2,
            });
            Ok(libraries)
        })
    }

    /// The library that somebody shows.
    ///
    /// # Errors
    /// With a sentence, where they do not.
    pub fn partner_library(&self, person: PersonId) -> Result<PartnerLibrary, LibraryError> {
        let mut libraries = self.partner_libraries()?;
        libraries.retain(|library| library.person == person);
        libraries
            .pop()
            .ok_or_else(|| LibraryError::wrong("This person does not show you their library."))
    }

    /// Accepts a library that is shown, at this machine; or does not, or not any more:
    /// then everything of it goes from here at once.
    pub fn answer_library(&self, person: PersonId, accept: bool) -> Result<(), LibraryError> {
        let homes = self.partner_library(person)?.homes;
        let ended = self.catalog.write(move |write| {
            let conn = write.conn();
            let mut effects = Effects::default();
            let deciding: Vec<DeviceId> = conn
                .prepare_cached(
                    "SELECT DISTINCT decides FROM partner_library
                       JOIN peer ON peer.device = decides WHERE person = ?1",
                )?
                .query_map([person], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for home in homes {
                match accept {
                    true => {
                        conn.prepare_cached(
                            "UPDATE partner_library SET consent = 1, state = 'asked'
                              WHERE home = ?1 AND NOT consent AND state IN ('asked', 'accepted')",
                        )?
                        .execute([home])?;
                    }
                    false => let_go(write, home, PartnerState::Declined, &mut effects)?,
                }
            }
            let told = match accept {
                true => "a library that is shown to you accepted",
                false => "a library that is shown to you declined",
            };
            for home in deciding {
                let wish = WishOf::AnswerPartner(AnswerPartner { accept });
                enqueue(write, home, wish, told.to_owned())?;
            }
            write.announce(Change::Partners);
            Ok(effects.ended)
        })?;
        self.confirm_dropped(ended)
    }

    /// Shows a library in the timeline, too, or only on a page of its own.
    pub fn show_library(&self, person: PersonId, show: bool) -> Result<(), LibraryError> {
        self.must_see(person)?;
        self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached(
                    "UPDATE partner_library SET in_timeline = ?2 WHERE person = ?1 AND consent",
                )?
                .execute((person, show))?;
            write.announce(Change::Partners);
            Ok(())
        })?;
        self.place_partners()
    }

    /// Moves photos of partners into the timeline or out of it, where they are not as is
    /// wished: some at a time, so that others may write meanwhile.
    pub fn place_partners(&self) -> Result<(), LibraryError> {
        loop {
            let moved = self.catalog.write(|write| {
                let moved = write
                    .conn()
                    .prepare_cached(
                        "UPDATE asset SET shelf = iif(shelf = 'album', 'timeline', 'album')
                          WHERE seq IN (SELECT asset.seq FROM asset JOIN placed ON placed.asset = asset.id
                                         WHERE asset.partner IS NOT NULL AND placed.shelf <> asset.shelf
                                         LIMIT ?1)",
                    )?
                    .execute([AT_ONCE])?;
                if moved > 0 {
                    write.announce(Change::Everything);
                }
                Ok(moved)
            })?;
            if moved == 0 {
                return Ok(());
            }
        }
    }

    /// Says what is kept here of a library; originals that are not to be any more are
    /// removed.
    pub fn keep_library(&self, person: PersonId, keep: Keep) -> Result<(), LibraryError> {
        let homes = self.must_see(person)?.homes;
        self.catalog.write(move |write| {
            write
                .conn()
                .prepare_cached(
                    "UPDATE partner_library SET keep = ?2 WHERE person = ?1 AND consent",
                )?
                .execute((person, keep.name()))?;
            write.announce(Change::Partners);
            Ok(())
        })?;
        homes
            .into_iter()
            .try_for_each(|home| self.keep_as_wanted(home))
    }

    fn must_see(&self, person: PersonId) -> Result<PartnerLibrary, LibraryError> {
        let library = self.partner_library(person)?;
        match library.state {
            PartnerState::Accepted => Ok(library),
            _ => Err(LibraryError::wrong(
                "You do not see this person's library here; accept it first.",
            )),
        }
    }

    /// The albums of a library that is shown, newest first.
    pub fn partner_albums(&self, person: PersonId) -> Result<Vec<PartnerAlbum>, LibraryError> {
        self.must_see(person)?;
        let first = |order: AlbumOrder| {
            let by = order.by(["first.sorted_at", "first.seq"]);
            format!(
                "(SELECT first.id FROM partner_album_asset AS put
                    JOIN asset AS first ON first.id = put.asset
                   WHERE put.album = partner_album.id AND first.partner = ?1
                   ORDER BY {by} LIMIT 1)"
            )
        };
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT partner_album.id, partner_album.title, partner_album.description,
                            count(asset.id),
                            coalesce((SELECT id FROM asset AS chosen WHERE chosen.id = partner_album.cover
                                         AND chosen.partner = ?1),
                                     iif(partner_album.sort_order = 'newest', {}, {}))
                       FROM partner_album
                       JOIN partner_library ON partner_library.home = partner_album.home
                       LEFT JOIN partner_album_asset ON partner_album_asset.album = partner_album.id
                       LEFT JOIN asset ON asset.id = partner_album_asset.asset AND asset.partner = ?1
                      WHERE partner_library.person = ?1
                      GROUP BY partner_album.home, partner_album.id
                      ORDER BY partner_album.created_at DESC, partner_album.id",
                    first(AlbumOrder::Newest),
                    first(AlbumOrder::Oldest),
                ))?
                .query_map([person], |row| {
                    Ok(PartnerAlbum {
                        id: row.get(0)?,
                        title: row.get(1)?,
                        description: row.get(2)?,
                        count: row.get(3)?,
                        cover: row.get(4)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Removes what is left on the disk of libraries that are not seen any more, and
    /// only then tells their homes that it is gone.
    pub(crate) fn confirm_dropped(&self, homes: Vec<DeviceId>) -> Result<(), LibraryError> {
        for home in homes {
            while self.catalog.write(move |write| drop_some(write, home))? {}
            self.remove_doomed()?;
            self.drop_unknown(home)?;
            // Of what an album shows, too, its home's word alone counts from now on.
            self.keep_as_wanted(home)?;
            self.catalog.write(move |write| {
                let conn = write.conn();
                let had = conn
                    .prepare_cached(
                        "UPDATE partner_library SET dropping = 0 WHERE home = ?1 AND dropping",
                    )?
                    .execute([home])?;
                if had > 0 {
                    let wish = WishOf::PartnerDropped(PartnerDropped {});
                    enqueue(write, home, wish, "a library confirmed as gone".to_owned())?;
                }
                conn.prepare_cached(
                    "DELETE FROM partner_library WHERE home = ?1 AND state = 'ended'",
                )?
                .execute([home])?;
                write.announce(Change::Partners);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Goes on where the program was stopped between the end of a partnership and its
    /// receipt.
    pub fn drop_ended_libraries(&self) -> Result<(), LibraryError> {
        let homes: Vec<DeviceId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT home FROM partner_library WHERE dropping OR state = 'ended'",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        self.confirm_dropped(homes)
    }
}
