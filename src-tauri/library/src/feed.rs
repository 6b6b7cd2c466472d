//! What this library tells others: of each space its rows, each once, at its newest
//! revision. A first look and a later one are the same question: what is newer than
//! this? Rows are written down by triggers as they change (`fed` in the schema), from
//! when the first follower of a space came; what they hold is read when it is asked for.

mod row;

use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use crate::asset::find_any;
use crate::catalog::Write;
use crate::kept::told_parts;
use crate::peer::Guest;
use crate::share::{told_asset, told_link, told_member, told_offer, told_said};
use crate::wire::{Row, RowKind};
use crate::{
    ActivityId, AlbumId, AssetId, Library, LibraryError, LinkId, PersonId, from_hex, hex, hosting,
    moving, partner, safe, share,
};

use row::asset_row;
pub(crate) use row::{album_row, shared_row};

/// The most rows of one page.
pub const PAGE_ROWS: usize = 1_000;
/// About how many bytes of rows a page has at most.
pub const PAGE_BYTES: usize = 768 * 1024;

/// A group of rows that is followed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// All of a library, for the other machines of its person.
    Library,
    /// Who people are.
    Cards,
    /// Which albums are shared with this person.
    Shared(PersonId),
    /// An album: at its home all of it, at a member's machine what waits for that.
    Album(AlbumId),
    /// The library as it is shown to this person.
    Partner(PersonId),
    /// The library's links and what they show, for machines that serve them, too.
    Links,
}

impl Space {
    /// As it is written.
    pub fn name(self) -> String {
        match self {
            Space::Library => "library".to_owned(),
            Space::Cards => "card".to_owned(),
            Space::Links => "links".to_owned(),
            Space::Shared(person) => format!("shared:{}", hex(&person.bytes())),
            Space::Album(album) => format!("album:{}", hex(&album.bytes())),
            Space::Partner(person) => format!("partner:{}", hex(&person.bytes())),
        }
    }

    /// Whether a mirror may pass it on: of one's own machine its library, of somebody else's
    /// what others are shown, which is for one person or those of one album.
    pub fn is_handed_on(self, is_own: bool) -> bool {
        match self {
            Space::Library => is_own,
            Space::Shared(_) | Space::Album(_) | Space::Partner(_) => !is_own,
            Space::Cards | Space::Links => false,
        }
    }

    /// As it was written, where this program knows it.
    pub fn of(name: &str) -> Option<Space> {
        match name.split_once(':') {
            None if name == "library" => Some(Space::Library),
            None if name == "card" => Some(Space::Cards),
            None if name == "links" => Some(Space::Links),
            Some(("shared", id)) => from_hex(id).map(PersonId::from_bytes).map(Space::Shared),
            Some(("album", id)) => from_hex(id).map(AlbumId::from_bytes).map(Space::Album),
            Some(("partner", id)) => from_hex(id).map(PersonId::from_bytes).map(Space::Partner),
            _ => None,
        }
    }
}

/// Rows of a space, in the order of their revisions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Which life of the home's catalog its revisions are of.
    pub epoch: u64,
    /// The rows, each newer than the one before.
    pub rows: Vec<Row>,
    /// Up to which revision the space is known with them.
    pub revision: u64,
    /// Whether that was all.
    pub complete: bool,
}

/// A page that is being filled.
pub(crate) struct Filling {
    /// As far as it is.
    pub page: Page,
    size: usize,
}

impl Filling {
    /// An empty page of a space that is known up to `revision`.
    pub fn begin(epoch: u64, revision: u64) -> Filling {
        let page = Page {
            epoch,
            revision,
            complete: true,
            rows: Vec::new(),
        };
        Filling { page, size: 0 }
    }

    /// Takes a row in; false when it is full, and so ends before this row. `after` is what
    /// was known before the page.
    pub fn take(&mut self, row: Row, after: u64) -> bool {
        if self.page.rows.len() >= PAGE_ROWS || self.size >= PAGE_BYTES {
            self.page.complete = false;
            self.page.revision = self.page.rows.last().map_or(after, |row| row.revision);
            return false;
        }
        self.size += row.encoded_len();
        self.page.rows.push(row);
        true
    }
}

impl Guest {
    /// Whether this peer may follow a space now: for itself, or to hand it on.
    fn may_follow(
        &self,
        conn: &Connection,
        space: Space,
        hands_on: bool,
    ) -> Result<bool, LibraryError> {
        if hands_on {
            let is_shown = match space {
                // For the other machines of its person, to which it is told by another of those.
                Space::Library => self.is_own(),
                Space::Shared(_) => true,
                Space::Album(album) => share::is_shared(conn, album)?,
                Space::Partner(person) => partner::is_accepted(conn, person)?,
                Space::Cards | Space::Links => false,
            };
            return Ok(is_shown && hosting::serves(conn, self.device())?);
        }
        Ok(match space {
            Space::Cards => true,
            Space::Library => self.is_own(),
            Space::Links => hosting::serves(conn, self.device())?,
            Space::Shared(person) => person == self.person(),
            Space::Partner(person) => {
                person == self.person() && partner::is_accepted(conn, person)?
            }
            // At its home and at machines of others who are in it.
            Space::Album(album) => conn
                .prepare_cached(
                    "SELECT 1 FROM member WHERE album = ?1 AND person = ?2 AND state = 'joined'",
                )?
                .exists((album, self.person()))?,
        })
    }

    /// What is newer in a space than revision `after` of `epoch`; of another epoch
    /// all of it.
    ///
    /// # Errors
    /// [`LibraryError::NotShared`] for a space that is not for this peer.
    pub fn feed(&self, space: Space, epoch: u64, after: u64) -> Result<Page, LibraryError> {
        self.page(space, (epoch, after), false)
    }

    /// As [`Guest::feed`], for a machine that hands on what others are shown, and what the
    /// other machines of the library's person are: of a space whatever any of them is.
    ///
    /// # Errors
    /// [`LibraryError::NotShared`] for a machine that is no mirror, a space that is shown to
    /// nobody else, and the library for a mirror of somebody else's.
    pub fn feed_to_hand_on(
        &self,
        space: Space,
        epoch: u64,
        after: u64,
    ) -> Result<Page, LibraryError> {
        self.page(space, (epoch, after), true)
    }

    fn page(
        &self,
        space: Space,
        (epoch, after): (u64, u64),
        hands_on: bool,
    ) -> Result<Page, LibraryError> {
        let may = self.library.catalog.read(|conn| {
            self.check(conn)?;
            self.may_follow(conn, space, hands_on)
        })?;
        if !may {
            return Err(LibraryError::NotShared);
        }
        self.library.open_space(space)?;
        match space {
            // Any machine of theirs may have it from there.
            Space::Partner(person) if hands_on => self.library.note_copies(person)?,
            Space::Partner(person) => self.library.note_copy(person, self.device())?,
            _ => {}
        }
        self.library.catalog.read(|conn| {
            // One moment for the whole page: the revision it ends at is that of its rows.
            let moment = conn.unchecked_transaction()?;
            self.check(&moment)?;
            if !self.may_follow(&moment, space, hands_on)? {
                return Err(LibraryError::NotShared);
            }
            let (now, newest) = moment
                .prepare_cached("SELECT epoch, revision FROM feed_state")?
                .query_row([], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?)))?;
            let after = if epoch == now { after } else { 0 };
            let mut filling = Filling::begin(now, newest);
            let mut found = moment.prepare_cached(
                "SELECT kind, row, revision, removed FROM feed
                  WHERE space = ?1 AND revision > ?2
                    AND (?3 OR space <> 'card' OR row = (SELECT person FROM library))
                  ORDER BY revision",
            )?;
            let mut rows = found.query((space.name(), after, self.is_own()))?;
            while let Some(row) = rows.next()? {
                let mut told = Row {
                    kind: row.get(0)?,
                    row: row.get(1)?,
                    revision: row.get(2)?,
                    body: None,
                };
                if !row.get::<_, bool>(3)? {
                    told.body = self.body(&moment, space, &told, hands_on)?;
                }
                if !filling.take(told, after) {
                    break;
                }
            }
            Ok(filling.page)
        })
    }

    /// What a row holds now; `None` for one that is gone, or not for this peer.
    fn body(
        &self,
        conn: &Connection,
        space: Space,
        row: &Row,
        hands_on: bool,
    ) -> Result<Option<Vec<u8>>, LibraryError> {
        let id = row.row.first_chunk::<16>().copied().unwrap_or_default();
        match (space, RowKind::of(row.kind)) {
            (Space::Album(album), Some(RowKind::Asset)) => {
                told_asset(conn, album, AssetId::from_bytes(id))
            }
            (Space::Album(album), Some(RowKind::Member)) => {
                told_member(conn, album, PersonId::from_bytes(id))
            }
            (Space::Album(_), Some(RowKind::Said)) => told_said(conn, ActivityId::from_bytes(id)),
            (Space::Album(album), Some(RowKind::Link)) => {
                let secret = &self.library.secret;
                let whose = (!hands_on).then(|| self.person());
                told_link(conn, secret, (album, LinkId::from_bytes(id)), whose)
            }
            (Space::Shared(person), Some(RowKind::Offer)) => {
                told_offer(conn, person, AlbumId::from_bytes(id))
            }
            (Space::Shared(_) | Space::Library, Some(RowKind::Partner)) => {
                partner::told_rules(conn, PersonId::from_bytes(id))
            }
            (Space::Library, Some(RowKind::Held)) => safe::told_held(conn, &row.row),
            (Space::Library, Some(RowKind::Moving)) => {
                let to = (!hands_on).then(|| self.device());
                moving::told_moving(conn, to, &row.row)
            }
            (Space::Partner(person), Some(RowKind::Asset)) => {
                partner::told_asset(conn, person, AssetId::from_bytes(id))
            }
            (Space::Partner(person), Some(RowKind::Album)) => {
                partner::told_album(conn, person, AlbumId::from_bytes(id))
            }
            (Space::Links, Some(RowKind::Asset)) => {
                hosting::told_asset(conn, AssetId::from_bytes(id))
            }
            (Space::Links, Some(RowKind::ServedLink)) => {
                hosting::told_link(conn, &self.library.secret, LinkId::from_bytes(id))
            }
            (Space::Links, Some(RowKind::ServedPhoto)) => hosting::told_photo(conn, &row.row),
            (Space::Links, Some(RowKind::ServedSaid)) => hosting::told_said(conn, &row.row),
            (_, Some(RowKind::Asset)) => match find_any(conn, AssetId::from_bytes(id)) {
                Ok(asset) if asset.is_locked || asset.via.is_some() => Ok(None),
                Ok(asset) => {
                    let mut row = asset_row(&asset);
                    row.parts = told_parts(conn, asset.id, true)?;
                    Ok(Some(row.encode_to_vec()))
                }
                Err(LibraryError::Unknown { .. }) => Ok(None),
                Err(error) => Err(error),
            },
            (_, Some(RowKind::Album)) => album_body(conn, AlbumId::from_bytes(id)),
            (_, Some(RowKind::AlbumAsset)) => Ok(Some(Vec::new())),
            (_, Some(RowKind::Card)) => self.card_body(conn, PersonId::from_bytes(id)),
            _ => Ok(None),
        }
    }

    /// One's own machines hear of everyone who is known, others of the library's
    /// person alone.
    fn card_body(
        &self,
        conn: &Connection,
        person: PersonId,
    ) -> Result<Option<Vec<u8>>, LibraryError> {
        Ok(conn
            .prepare_cached(
                "SELECT person.card FROM person, library
                  WHERE person.id = ?1 AND (?2 OR person.id = library.person)
                    AND person.card IS NOT NULL",
            )?
            .query_row((person, self.is_own()), |row| row.get(0))
            .optional()?)
    }
}

fn album_body(conn: &Connection, id: AlbumId) -> Result<Option<Vec<u8>>, LibraryError> {
    Ok(album_row(conn, id)?.map(|album| album.encode_to_vec()))
}

impl Library {
    /// Begins to note what changes in a space, where nobody has followed it before.
    fn open_space(&self, space: Space) -> Result<(), LibraryError> {
        let open = self.catalog.read(|conn| is_open(conn, space))?;
        if open {
            return Ok(());
        }
        self.catalog.write(move |write| open_space(write, space))
    }
}

fn is_open(conn: &Connection, space: Space) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM feed_space WHERE space = ?1)")?
        .query_row([space.name()], |row| row.get(0))?)
}

/// Everything that there is of it already becomes rows.
fn open_space(write: &Write<'_>, space: Space) -> Result<(), LibraryError> {
    let conn = write.conn();
    if is_open(conn, space)? {
        return Ok(());
    }
    conn.execute(
        "INSERT INTO feed_space (space, opened_at) VALUES (?1, ?2)",
        (space.name(), write.now_ms),
    )?;
    let rows = match space {
        // What was taken last is told first.
        Space::Library => {
            "SELECT 2 AS kind, id AS row, 0 AS place FROM album
              UNION ALL SELECT 1, id, -sorted_at FROM asset WHERE shelf <> 'locked' AND via IS NULL
              UNION ALL SELECT 3, CAST(album || asset AS BLOB), 1e18 FROM album_asset
               WHERE asset IN (SELECT id FROM asset WHERE shelf <> 'locked')
              UNION ALL SELECT 9, person, -1e18 FROM partner
              UNION ALL SELECT 10, CAST(kept.home || kept.asset AS BLOB), 2e18
                FROM kept JOIN device ON device.id = kept.home
                     JOIN library ON library.person = device.person
               WHERE kept.what = 'original' AND kept.wanted = 1"
        }
        Space::Cards => {
            "SELECT 4 AS kind, id AS row, 0 AS place FROM person WHERE card IS NOT NULL"
        }
        Space::Links => {
            "SELECT 12 AS kind, id AS row, -2e18 AS place FROM link
              WHERE home = (SELECT device FROM library) AND revoked_at IS NULL
              UNION ALL SELECT 1, asset, -max(position) FROM linked GROUP BY asset
              UNION ALL SELECT 13, CAST(link || asset AS BLOB), 2e18 FROM linked
              UNION ALL SELECT 14, CAST(link || activity AS BLOB), 3e18 FROM linked_said"
        }
        Space::Shared(_) => {
            "SELECT 7 AS kind, member.album AS row, 0 AS place
               FROM member JOIN album ON album.id = member.album
              WHERE 'shared:' || lower(hex(member.person)) = ?1 AND album.owner IS NULL
              UNION ALL
             SELECT 9, person, -1 FROM partner
              WHERE 'shared:' || lower(hex(person)) = ?1 AND state <> 'ended'"
        }
        Space::Partner(_) => {
            "SELECT 2 AS kind, album AS row, -2e18 AS place FROM partner_told_album
              WHERE space = ?1 AND NOT removed
              UNION ALL
             SELECT 1, asset.id, -asset.sorted_at
               FROM partner_sees JOIN asset ON asset.id = partner_sees.asset
              WHERE 'partner:' || lower(hex(partner_sees.person)) = ?1"
        }
        // Of others' albums what waits for their home.
        Space::Album(_) => {
            "SELECT * FROM (
                SELECT 2 AS kind, id AS row, -2e18 AS place FROM album
                 WHERE 'album:' || lower(hex(id)) = ?1 AND owner IS NULL
                UNION ALL
                SELECT 5, member.person, -1e18 FROM member JOIN album ON album.id = member.album
                 WHERE 'album:' || lower(hex(album.id)) = ?1 AND owner IS NULL
                UNION ALL
                SELECT 1, asset.id, -asset.sorted_at
                  FROM album JOIN album_asset ON album_asset.album = album.id
                       JOIN asset ON asset.id = album_asset.asset
                 WHERE 'album:' || lower(hex(album.id)) = ?1
                   AND (owner IS NULL OR waits = 1 AND asset.via IS NULL)
                   AND asset.trashed_at IS NULL AND asset.shelf <> 'locked'
                UNION ALL
                SELECT 6, activity.id, 1e18 FROM activity JOIN album ON album.id = activity.album
                 WHERE 'album:' || lower(hex(album.id)) = ?1 AND owner IS NULL
                UNION ALL
                SELECT 8, link.id, 2e18 FROM link JOIN album ON album.id = link.album
                 WHERE 'album:' || lower(hex(album.id)) = ?1 AND owner IS NULL
                   AND link.person IS NOT NULL AND link.revoked_at IS NULL)"
        }
    };
    conn.execute(
        &format!(
            "INSERT INTO feed (space, kind, row, revision, removed)
             SELECT ?1, kind, row,
                    (SELECT revision FROM feed_state) + row_number() OVER (ORDER BY place, row), 0
               FROM ({rows})"
        ),
        [space.name()],
    )?;
    conn.execute(
        "UPDATE feed_state SET revision = max(revision,
             (SELECT coalesce(max(revision), 0) FROM feed WHERE space = ?1))",
        [space.name()],
    )?;
    Ok(())
}

/// Forgets what was told of a space: its next follower is told all of it.
pub(crate) fn close_space(write: &Write<'_>, space: Space) -> Result<(), LibraryError> {
    for table in ["feed_space", "feed"] {
        write.conn().execute(
            &format!("DELETE FROM {table} WHERE space = ?1"),
            [space.name()],
        )?;
    }
    Ok(())
}
