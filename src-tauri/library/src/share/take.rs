//! What an album's home tells, made rows among one's own, so that the album is seen,
//! searched, opened and talked about as any other. The replica keeps what was told as
//! it came; here is what this program understands of it. A member's machine tells of
//! one thing: what waits for the album's home.

use rusqlite::{Connection, OptionalExtension};

use super::offered::take_offer;
use super::told::{self, Known, Told, let_go, upsert};
use super::{MemberState, Role, link, said};
use crate::catalog::Write;
use crate::feed::Space;
use crate::notice::{self, NoticeKind};
use crate::wire::{AlbumRow, AssetRow, MemberRow, Row, RowKind, SaidRow};
use crate::{
    ActivityId, AlbumId, AlbumOrder, AssetId, Change, DeviceId, LibraryError, LinkId, PersonId,
    partner,
};

/// What became of copies by a row.
#[derive(Default)]
pub(crate) struct Effects {
    /// These photos are gone; who told of each.
    pub gone: Vec<(DeviceId, AssetId)>,
    /// These look otherwise.
    pub stale: Vec<(DeviceId, AssetId)>,
    /// The libraries of these are not seen any more, or anew.
    pub ended: Vec<DeviceId>,
    /// Further files of photos are not told of any more.
    pub has_untold: bool,
}

/// What a machine is for an album of which it tells.
enum Teller {
    /// Its home, of an album one is in.
    Home,
    /// A member's who may add photos: what waits.
    Member(PersonId),
}

/// Takes over a row of what is shared; false for one that cannot be.
pub(crate) fn take(
    write: &Write<'_>,
    home: DeviceId,
    space: Space,
    row: &Row,
    is_first: bool,
    effects: &mut Effects,
) -> Result<bool, LibraryError> {
    let Some(id) = row.row.first_chunk::<16>().copied() else {
        return Ok(true);
    };
    match (space, RowKind::of(row.kind)) {
        (Space::Shared(_), Some(RowKind::Offer)) => {
            take_offer(write, home, AlbumId::from_bytes(id), row, effects)
        }
        (Space::Shared(_), Some(RowKind::Partner)) => {
            partner::take_library(write, home, row, effects)
        }
        (Space::Partner(_), Some(kind)) => partner::take(write, home, kind, row, effects),
        (Space::Album(album), Some(kind)) => match teller(write.conn(), home, album)? {
            Some(Teller::Home) => {
                ensure_album(write, home, album)?;
                let told = Telling {
                    write,
                    home,
                    album,
                    is_first,
                };
                told.take(kind, id, row, effects)
            }
            Some(Teller::Member(person)) => {
                take_waiting(write, home, album, person, (kind, id, row), effects)
            }
            None => Ok(row.body.is_none()),
        },
        _ => Ok(true),
    }
}

fn teller(
    conn: &Connection,
    home: DeviceId,
    album: AlbumId,
) -> Result<Option<Teller>, LibraryError> {
    let is_home = conn
        .prepare_cached("SELECT 1 FROM offer WHERE album = ?1 AND home = ?2 AND state = 'joined'")?
        .exists((album, home))?;
    if is_home {
        return Ok(Some(Teller::Home));
    }
    let member: Option<PersonId> = conn
        .prepare_cached(
            "SELECT member.person FROM member JOIN device ON device.person = member.person
              WHERE member.album = ?1 AND device.id = ?2 AND member.state = 'joined'
                AND member.role = 'editor'",
        )?
        .query_row((album, home), |row| row.get(0))
        .optional()?;
    Ok(member.map(Teller::Member))
}

/// Makes an album that is followed from now on, as its offer told of it.
fn ensure_album(write: &Write<'_>, home: DeviceId, album: AlbumId) -> Result<(), LibraryError> {
    let made = write
        .conn()
        .prepare_cached(
            "INSERT INTO album (id, home, title, created_at, owner, role, owns)
             SELECT offer.album, ?2, offer.title, offer.asked_at,
                    coalesce(offer.owner, device.person), offer.role, offer.owns
               FROM offer JOIN device ON device.id = offer.home WHERE offer.album = ?1
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute((album, home))?;
    if made > 0 {
        write.announce(Change::Album(album));
    }
    Ok(())
}

/// A row that an album's home tells.
struct Telling<'a, 'w> {
    write: &'a Write<'w>,
    home: DeviceId,
    album: AlbumId,
    /// Whether the album is not known whole yet: then nothing is news.
    is_first: bool,
}

impl Telling<'_, '_> {
    fn take(
        &self,
        kind: RowKind,
        id: [u8; 16],
        row: &Row,
        effects: &mut Effects,
    ) -> Result<bool, LibraryError> {
        let (conn, album) = (self.write.conn(), self.album);
        let is_its = conn
            .prepare_cached(
                "SELECT 1 FROM album WHERE id = ?1 AND home = ?2 AND owner IS NOT NULL",
            )?
            .exists((album, self.home))?;
        if !is_its {
            return Ok(false);
        }
        let done = match kind {
            RowKind::Album if id == album.bytes() => self.take_album(row),
            RowKind::Asset => self.take_asset(AssetId::from_bytes(id), row, effects),
            RowKind::Member => self.take_member(PersonId::from_bytes(id), row),
            RowKind::Said => self.take_said(ActivityId::from_bytes(id), row),
            RowKind::Link => {
                let body = row.body.as_deref();
                link::take(self.write, album, LinkId::from_bytes(id), body)
            }
            _ => Ok(false),
        };
        self.write.announce(Change::Album(album));
        done
    }

    fn take_album(&self, row: &Row) -> Result<bool, LibraryError> {
        let Some(body) = &row.body else {
            return Ok(true);
        };
        let Ok(told) = AlbumRow::read(body) else {
            return Ok(false);
        };
        let everyone = (told.everyone > 0).then(|| Role::of_number(told.everyone));
        self.write
            .conn()
            .prepare_cached(
                "UPDATE album SET title = ?2, description = ?3, created_at = ?4, originals = ?5,
                        linking = ?6, talking = ?7,
                        everyone = ?9, keeping = coalesce(?10, keeping), sort_order = ?11,
                        cover = (SELECT asset FROM album_asset WHERE album = ?1 AND asset = ?8)
                  WHERE id = ?1",
            )?
            .execute((
                self.album,
                told.title,
                told.description,
                told.created_at,
                told.originals,
                told.linking,
                told.talking,
                told.cover,
                everyone.map(Role::name),
                told.keeping,
                AlbumOrder::of_number(told.order).name(),
            ))?;
        Ok(true)
    }

    fn take_asset(
        &self,
        id: AssetId,
        row: &Row,
        effects: &mut Effects,
    ) -> Result<bool, LibraryError> {
        let (write, album) = (self.write, self.album);
        let conn = write.conn();
        let Some(body) = &row.body else {
            conn.prepare_cached("DELETE FROM album_asset WHERE album = ?1 AND asset = ?2")?
                .execute((album, id))?;
            effects.gone.extend(let_go(write, id)?);
            return Ok(true);
        };
        let Ok(told) = AssetRow::read(body) else {
            return Ok(false);
        };
        let home = told
            .home
            .as_deref()
            .and_then(|home| home.try_into().ok())
            .map_or(self.home, DeviceId::from_bytes);
        // An id is one photo's for good: another's own is never told over.
        let mine = match told::known(conn, id)? {
            Some(Known::Own(own)) if own == home => true,
            Some(Known::Own(_)) => return Ok(false),
            Some(Known::Told(via, from)) if from != home && via != self.home => return Ok(false),
            _ => false,
        };
        if !mine {
            let in_timeline = conn
                .prepare_cached("SELECT in_timeline FROM album WHERE id = ?1")?
                .query_row([album], |row| row.get(0))?;
            let stale = upsert(
                write,
                &Told {
                    id,
                    via: self.home,
                    home,
                    row: &told,
                    in_timeline,
                    partner: None,
                },
            )?;
            if stale {
                effects.stale.push((self.home, id));
            }
        }
        let person: Option<PersonId> = told
            .person
            .as_deref()
            .and_then(|person| person.try_into().ok())
            .map(PersonId::from_bytes);
        let was = conn
            .prepare_cached("SELECT 1 FROM album_asset WHERE album = ?1 AND asset = ?2")?
            .exists((album, id))?;
        conn.prepare_cached(
            "INSERT INTO album_asset (album, asset, added_at, person, waits, given)
             VALUES (?1, ?2, ?3, ?4, 0, EXISTS (SELECT 1 FROM given
                 WHERE given.album = ?1 AND given.asset = ?2 AND given.home = ?5))
             ON CONFLICT (album, asset) DO UPDATE SET added_at = excluded.added_at,
                 person = excluded.person, waits = 0",
        )?
        .execute((album, id, told.added_at, person, self.home))?;
        if !was && !self.is_first {
            let by = match person {
                Some(person) => person,
                None => self.owner()?,
            };
            notice::note(write, NoticeKind::Added, album, by, Some(id), "")?;
        }
        Ok(true)
    }

    fn owner(&self) -> Result<PersonId, LibraryError> {
        Ok(self
            .write
            .conn()
            .prepare_cached("SELECT owner FROM album WHERE id = ?1")?
            .query_row([self.album], |row| row.get(0))?)
    }

    fn take_member(&self, person: PersonId, row: &Row) -> Result<bool, LibraryError> {
        let conn = self.write.conn();
        let Some(body) = &row.body else {
            conn.prepare_cached("DELETE FROM member WHERE album = ?1 AND person = ?2")?
                .execute((self.album, person))?;
            return Ok(true);
        };
        let Ok(told) = MemberRow::read(body) else {
            return Ok(false);
        };
        // Somebody whom only the album's home knows is known here by name alone.
        conn.prepare_cached(
            "INSERT INTO person (id, name) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name
              WHERE person.key IS NULL AND person.name <> excluded.name",
        )?
        .execute((person, &told.name))?;
        let role = Role::of_number(told.role).name();
        conn.prepare_cached(
            "INSERT INTO member (album, person, role, state, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (album, person) DO UPDATE SET role = excluded.role,
                 state = excluded.state, asked_at = excluded.asked_at",
        )?
        .execute((
            self.album,
            person,
            role,
            MemberState::of_number(told.state).name(),
            told.asked_at,
        ))?;
        conn.prepare_cached(
            "UPDATE album SET role = ?2 WHERE id = ?1 AND ?3 = (SELECT person FROM library)",
        )?
        .execute((self.album, role, person))?;
        Ok(true)
    }

    fn take_said(&self, id: ActivityId, row: &Row) -> Result<bool, LibraryError> {
        let Some(body) = &row.body else {
            said::forget(self.write, self.album, id)?;
            return Ok(true);
        };
        let Ok(told) = SaidRow::read(body) else {
            return Ok(false);
        };
        let is_news = !self.is_first;
        said::take(self.write, (self.home, self.album), id, &told, is_news)?;
        Ok(true)
    }
}

/// Once all is told that there is now: what the home took and does not tell waits no
/// more; and of an album that is known whole for the first time, what came before that
/// which it is of.
pub(crate) fn settle(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    is_first: bool,
) -> Result<(), LibraryError> {
    if !matches!(teller(write.conn(), home, album)?, Some(Teller::Home)) {
        return Ok(());
    }
    write
        .conn()
        .prepare_cached("DELETE FROM album_asset WHERE album = ?1 AND waits = 2")?
        .execute([album])?;
    if is_first {
        ensure_album(write, home, album)?;
        take_again(write, home, album, "kind IN (2, 6)")?;
    }
    Ok(())
}

/// Shows rows of an album as its home told them last.
pub(super) fn take_again(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    which: &str,
) -> Result<(), LibraryError> {
    let space = Space::Album(album);
    let told: Vec<Row> = write
        .conn()
        .prepare_cached(&format!(
            "SELECT kind, row, body FROM replica WHERE home = ?1 AND space = ?2 AND {which}"
        ))?
        .query_map((home, space.name()), |row| {
            Ok(Row {
                kind: row.get(0)?,
                row: row.get(1)?,
                revision: 0,
                body: row.get(2)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    for row in told {
        take(write, home, space, &row, true, &mut Effects::default())?;
    }
    Ok(())
}

/// A photo that waits at a member's machine for the album's home.
fn take_waiting(
    write: &Write<'_>,
    via: DeviceId,
    album: AlbumId,
    person: PersonId,
    (kind, id, row): (RowKind, [u8; 16], &Row),
    effects: &mut Effects,
) -> Result<bool, LibraryError> {
    if kind != RowKind::Asset {
        return Ok(row.body.is_none());
    }
    let conn = write.conn();
    let id = AssetId::from_bytes(id);
    let known = told::known(conn, id)?;
    // What the album's home has told is true, whatever a member says.
    let is_waiting = matches!(known, Some(Known::Told(teller, _)) if teller == via);
    let Some(body) = &row.body else {
        if is_waiting {
            conn.prepare_cached(
                "DELETE FROM album_asset WHERE album = ?1 AND asset = ?2 AND waits > 0",
            )?
            .execute((album, id))?;
            effects.gone.extend(let_go(write, id)?);
        }
        return Ok(true);
    };
    if known.is_some() && !is_waiting {
        return Ok(true);
    }
    let Ok(told) = AssetRow::read(body) else {
        return Ok(false);
    };
    let home = told
        .home
        .as_deref()
        .and_then(|home| home.try_into().ok())
        .map_or(via, DeviceId::from_bytes);
    let stale = upsert(
        write,
        &Told {
            id,
            via,
            home,
            row: &told,
            in_timeline: false,
            partner: None,
        },
    )?;
    if stale {
        effects.stale.push((via, id));
    }
    conn.prepare_cached(
        "INSERT INTO album_asset (album, asset, added_at, person, waits) VALUES (?1, ?2, ?3, ?4, 1)
         ON CONFLICT (album, asset) DO NOTHING",
    )?
    .execute((album, id, told.added_at, person))?;
    write.announce(Change::Album(album));
    Ok(true)
}
