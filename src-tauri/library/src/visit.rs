//! How a visitor comes in: the address of a link and the cookie they carry
//! become an [`Access`], a locked door, or nothing. Whatever opens nothing is
//! answered alike and after the same work.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{OptionalExtension, Row};

use crate::access::{Keys, Scope};
use crate::{
    Access, AlbumId, DeviceId, Download, Library, LibraryError, LinkId, LinkState, Terms, Uploads,
    link,
};

/// How a link was addressed, exactly as it stood in the address; may be
/// anything.
#[derive(Clone, Copy, Debug)]
pub enum Address<'a> {
    /// `/share/<key>`
    Key(&'a str),
    /// `/s/<name>`
    Name(&'a str),
}

/// What an address opens.
pub enum Visit {
    /// A right to look.
    Open(Access),
    /// A link that first wants its password, or that a seat is taken.
    Locked(LockedLink),
    /// Unknown, expired, revoked or malformed: one and the same.
    Nothing,
}

/// A link before which something is still to be done.
pub struct LockedLink {
    pub(crate) link: LinkId,
    /// To be known first; `None` where there is none, or it was given.
    pub(crate) password_hash: Option<String>,
    pub(crate) password_version: i64,
    /// What the visitor carries: a pass, a seat, or both.
    pub(crate) carried: Carried,
    /// Whether a seat is to be taken.
    pub(crate) wants_seat: bool,
    pub(crate) is_full: bool,
}

impl LockedLink {
    /// Whether the password is to be given.
    pub fn asks_password(&self) -> bool {
        self.password_hash.is_some()
    }

    /// Whether one of its seats is to be taken.
    pub fn wants_seat(&self) -> bool {
        self.wants_seat
    }

    /// Whether all of its seats are taken, by others.
    pub fn is_full(&self) -> bool {
        self.wants_seat && self.is_full
    }
}

/// What of a visitor's cookie was found good: `pass.seat`, either of which may be
/// empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) pass: Option<String>,
    pub(crate) seat: Option<String>,
}

/// A link whose key is known, as it was found open.
pub(crate) struct Known {
    row: LinkRow,
    keys: Keys,
}

struct LinkRow {
    link: LinkId,
    /// Whose link it is, where this machine serves it for another.
    host_of: Option<DeviceId>,
    /// Whether it shows an album in that album's order.
    follows: bool,
    album: Option<AlbumId>,
    key_sealed: Vec<u8>,
    password_hash: Option<String>,
    password_version: i64,
    people: Option<u32>,
    seats: u32,
    seat_version: i64,
    generation: i64,
    state: LinkState,
    terms: Arc<Terms>,
}

impl LinkRow {
    fn access(&self, library: Arc<Library>, keys: Keys) -> Access {
        let scope = Scope {
            link: self.link,
            album: self.album,
            follows: self.follows,
            host_of: self.host_of,
        };
        Access::new(
            library,
            scope,
            self.generation,
            Arc::clone(&self.terms),
            keys,
        )
    }
}

impl Library {
    /// What an address opens for a visitor who carries this cookie value: what a
    /// password or a gesture at the door was answered with.
    pub fn visit(
        self: &Arc<Self>,
        address: Address<'_>,
        carried: Option<&str>,
    ) -> Result<Visit, LibraryError> {
        // Counted before the row is read: what is read may be newer, never older.
        let commits = self.catalog.commits();
        let Some(row) = self.find_link(address)? else {
            return Ok(Visit::Nothing);
        };
        let Some(key) = self.secret.unseal(&row.key_sealed) else {
            return Ok(Visit::Nothing);
        };
        if row.state != LinkState::Open || !self.may_host(row.host_of) {
            return Ok(Visit::Nothing);
        }
        let keys = Keys::of(&key);
        let known = Arc::new(Known { row, keys });
        let hash = self.address_hash(address);
        self.recent.keep_link(commits, hash, Arc::clone(&known));
        Ok(self.admit(&known, carried))
    }

    /// As [`Library::visit`], of a link that was found open a moment ago, if nothing was
    /// committed since; touches no disk.
    pub fn visit_again(
        self: &Arc<Self>,
        address: Address<'_>,
        carried: Option<&str>,
    ) -> Option<Visit> {
        let hash = self.address_hash(address);
        let known = self.recent.link(self.catalog.commits(), &hash)?;
        let ends = known.row.terms.expires_at_ms;
        let holds =
            ends.is_none_or(|ends| ends > self.clock.now_ms()) && self.may_host(known.row.host_of);
        holds.then(|| self.admit(&known, carried))
    }

    /// What an open link is to a visitor who carries this cookie value.
    fn admit(self: &Arc<Self>, Known { row, keys }: &Known, carried: Option<&str>) -> Visit {
        let carried = carried.unwrap_or_default();
        let (pass, seat) = carried.split_once('.').unwrap_or((carried, ""));
        let carried = Carried {
            pass: (row.password_hash.is_some()
                && self.is_pass(pass, row.link, row.password_version))
            .then(|| pass.to_owned()),
            seat: self
                .is_seat(seat, row.link, row.seat_version)
                .then(|| seat.to_owned()),
        };
        let asks_password = row.password_hash.is_some() && carried.pass.is_none();
        let wants_seat = row.people.is_some() && carried.seat.is_none();
        if asks_password || wants_seat {
            return Visit::Locked(LockedLink {
                link: row.link,
                password_hash: row.password_hash.clone().filter(|_| asks_password),
                password_version: row.password_version,
                carried,
                wants_seat,
                is_full: row.people.is_some_and(|people| row.seats >= people),
            });
        }
        Visit::Open(row.access(Arc::clone(self), *keys))
    }

    /// Whether a link of this home may be served now; one's own always.
    pub(crate) fn may_host(&self, home: Option<DeviceId>) -> bool {
        home.is_none_or(|home| self.leases.hold(home, self.clock.now_ms()))
    }

    fn address_hash(&self, address: Address<'_>) -> [u8; 32] {
        match address {
            Address::Key(key) => self.secret.lookup_address(b"key ", key.as_bytes()),
            Address::Name(name) => self.secret.lookup_address(b"name", name.as_bytes()),
        }
    }

    /// What a link gives its visitors, for its owner to look at.
    ///
    /// # Errors
    /// When it opens nothing, with the reason.
    pub(crate) fn visit_own(self: &Arc<Self>, id: LinkId) -> Result<Access, LibraryError> {
        let key = self.link(id)?.key.unwrap_or_default();
        let row = self.find_link(Address::Key(&key))?;
        let Some(row) = row.filter(|row| row.state == LinkState::Open) else {
            return Err(LibraryError::wrong(
                "This link opens nothing: it has expired or was ended.",
            ));
        };
        let key = self.secret.unseal(&row.key_sealed).unwrap_or_default();
        Ok(row.access(Arc::clone(self), Keys::of(&key)))
    }

    /// The link at an address, whatever its state; the same work is done for an
    /// address that cannot be one.
    fn find_link(&self, address: Address<'_>) -> Result<Option<LinkRow>, LibraryError> {
        const SELECT: &str = "
            SELECT link.id, link.album, link.key_sealed, link.title,
                   nullif(link.home, (SELECT device FROM library)) AS host_of, link.password_hash,
                   link.password_version, link.people, link.seats, link.seat_version,
                   link.generation, link.revoked_at, link.expires_at,
                   link.paused,
                   link.download, link.show_metadata, link.comments, link.description, link.upload,
                   link.auto_accept,
                   EXISTS (SELECT 1 FROM setting WHERE name = 'moving_to') AS leaving,
                   coalesce(album.title, link.title, '') AS called,
                   (SELECT person.name FROM device JOIN person ON person.id = device.person
                     WHERE device.id = link.home) AS person
              FROM link LEFT JOIN album ON album.id = link.album";
        let now = self.clock.now_ms();
        let from_row = |row: &Row<'_>| {
            let (expires_at, password_hash): (Option<i64>, Option<String>) =
                (row.get("expires_at")?, row.get("password_hash")?);
            let people: Option<u32> = row.get("people")?;
            let (download, upload): (String, String) = (row.get("download")?, row.get("upload")?);
            let upload = Uploads::from_name(&upload).unwrap_or(Uploads::None);
            // What visitors left here while the library moves would stay behind.
            let leaving: bool = row.get("leaving")?;
            let state = match link::state(row, now)? {
                LinkState::Open if leaving && upload == Uploads::Only => LinkState::Paused,
                state => state,
            };
            let album: Option<AlbumId> = row.get("album")?;
            Ok(LinkRow {
                link: row.get("id")?,
                host_of: row.get("host_of")?,
                follows: album.is_some() || row.get::<_, Option<String>>("title")?.is_some(),
                album,
                key_sealed: row.get("key_sealed")?,
                password_version: row.get("password_version")?,
                people,
                seats: row.get("seats")?,
                seat_version: row.get("seat_version")?,
                generation: row.get("generation")?,
                state,
                terms: Arc::new(Terms {
                    title: row.get("called")?,
                    description: row.get("description")?,
                    from: row.get("person")?,
                    expires_at_ms: expires_at,
                    download: Download::from_name(&download).unwrap_or(Download::None),
                    show_metadata: row.get("show_metadata")?,
                    comments: row.get::<_, bool>("comments")? && !leaving,
                    has_door: password_hash.is_some() || people.is_some(),
                    upload: if leaving { Uploads::None } else { upload },
                    auto_accept: row.get("auto_accept")?,
                }),
                password_hash,
            })
        };
        self.catalog.read(|conn| {
            let found = match address {
                Address::Key(text) => {
                    let key = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
                    conn.prepare_cached(&format!("{SELECT} WHERE link.key_hash = ?1"))?
                        .query_row([self.secret.lookup(&key)], from_row)
                }
                Address::Name(name) => conn
                    .prepare_cached(&format!("{SELECT} WHERE link.name = ?1"))?
                    .query_row([name], from_row),
            };
            Ok(found.optional()?)
        })
    }
}
