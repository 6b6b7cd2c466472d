//! The one door by which bytes leave a library: an [`Access`] is a right in
//! hand; every picture a visitor sees is found and read through one, and each
//! reading asks the catalog again whether the right still holds. The owner's
//! window and command read by [`Library::own`].

use std::sync::Arc;

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use media::{MediaError, Rendition, extension_of};
use rusqlite::{Connection, OptionalExtension};

use crate::album::order;
use crate::asset::find as find_asset;
use crate::roll::{Part, Roll};
use crate::served::{Form, Served, What};
use crate::shelf::AT_HAND;
use crate::{
    AlbumId, AlbumOrder, Asset, AssetId, DeviceId, Download, Library, LibraryError, LinkId, Shown,
    Uploads, link,
};

/// What a link shows and allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The album's title; empty for a selection.
    pub title: String,
    /// What the owner wrote for visitors.
    pub description: String,
    /// The owner's name; empty when not given.
    pub from: String,
    /// When it ends, milliseconds since 1970.
    pub expires_at_ms: Option<i64>,
    /// What may be downloaded.
    pub download: Download,
    /// Whether names, times, places and cameras are shown.
    pub show_metadata: bool,
    /// Whether visitors may comment and like, and see what others said.
    pub comments: bool,
    /// Whether it has a door: it asks for a password, or is for so many people.
    pub has_door: bool,
    /// Whether photos may be added.
    pub upload: Uploads,
    /// Whether what is added is taken in without asking.
    pub auto_accept: bool,
}

/// How much a link shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Photos and videos.
    pub files: u64,
    /// How many of them are videos.
    pub videos: u64,
    /// How many of them cannot be previewed.
    pub unseen: u64,
    /// Bytes of their originals.
    pub bytes: u64,
}

/// A photo of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name within this link: random, 22 characters of base64url.
    pub item: String,
    /// Its place in the link's order, from 0.
    pub index: u64,
    /// Pixels across, as seen upright.
    pub width: u32,
    /// Pixels down, as seen upright.
    pub height: u32,
    /// Thumbhash; may be empty.
    pub thumbhash: Vec<u8>,
    /// Whether it is a video.
    pub is_video: bool,
    /// Length of a video, milliseconds.
    pub duration_ms: Option<u64>,
    /// Whether browsers play the video as it came.
    pub plays: bool,
    /// Whether it is a photo with a moving part.
    pub moves: bool,
    /// Whether it cannot be previewed, so that it has no renditions.
    pub unseen: bool,
    /// What people call its format by: `JPG`, `DNG`, `MOV`.
    pub format: String,
    /// Size of the original.
    pub bytes: u64,
    /// What is known of it; `None` when the link hides metadata.
    pub shown: Option<Shown>,
    pub(crate) asset: AssetId,
}

/// A visitor's right to look at what one link shows.
#[derive(Clone)]
pub struct Access {
    library: Arc<Library>,
    scope: Scope,
    generation: i64,
    terms: Arc<Terms>,
    keys: Keys,
}

/// What a link shows, and whose it is.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) link: LinkId,
    /// The album that it follows.
    pub(crate) album: Option<AlbumId>,
    /// Whether it follows one, here or at its home.
    pub(crate) follows: bool,
    /// Its home, where this machine serves it for another.
    pub(crate) host_of: Option<DeviceId>,
}

/// What is derived of the secret of a link's address: once, for each of its visits.
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    item: [u8; 16],
    upload: [u8; 16],
    etag: [u8; 32],
}

impl Keys {
    pub(crate) fn of(key: &[u8]) -> Keys {
        Keys {
            item: block_key("albumen 2026 link item ids", key),
            upload: block_key("albumen 2026 link upload ids", key),
            etag: blake3::derive_key("albumen 2026 link etags", key),
        }
    }
}

impl Access {
    /// The right that a link gives.
    pub(crate) fn new(
        library: Arc<Library>,
        scope: Scope,
        generation: i64,
        terms: Arc<Terms>,
        keys: Keys,
    ) -> Access {
        Access {
            library,
            scope,
            generation,
            terms,
            keys,
        }
    }

    pub(crate) fn link(&self) -> LinkId {
        self.scope.link
    }

    /// The link's home, where this machine serves it for another.
    pub(crate) fn host_of(&self) -> Option<DeviceId> {
        self.scope.host_of
    }

    pub(crate) fn upload_key(&self) -> &[u8; 16] {
        &self.keys.upload
    }

    /// The album that the link follows.
    pub(crate) fn album(&self) -> Option<AlbumId> {
        self.scope.album
    }

    /// What the link shows and allows.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether the right still holds: nothing of the link was changed, and its
    /// time is not over.
    pub fn is_current(&self) -> Result<bool, LibraryError> {
        self.library.catalog.read(|conn| self.holds(conn))
    }

    /// As [`Access::is_current`].
    pub(crate) fn holds(&self, conn: &Connection) -> Result<bool, LibraryError> {
        let now = self.library.clock.now_ms();
        let generation = conn
            .prepare_cached(&format!(
                "SELECT generation FROM link WHERE id = ?1 AND {}",
                link::opens("?2")
            ))?
            .query_row((self.scope.link, now), |row| row.get::<_, i64>(0))
            .optional()?;
        Ok(generation == Some(self.generation) && self.library.may_host(self.scope.host_of))
    }

    /// Whether the link's time is not over.
    pub(crate) fn is_in_time(&self) -> bool {
        let ends = self.terms.expires_at_ms;
        ends.is_none_or(|ends| ends > self.library.clock.now_ms())
            && self.library.may_host(self.scope.host_of)
    }

    /// How many files the link shows, and how many bytes their originals have.
    pub fn totals(&self) -> Result<Totals, LibraryError> {
        Ok(self.roll()?.totals)
    }

    /// When the earliest and the latest photo were taken, wall clock in milliseconds
    /// since 1970 as if UTC; `None` when the link hides metadata, or when its order
    /// is not that of time.
    pub fn span(&self) -> Result<Option<(i64, i64)>, LibraryError> {
        let told = self.terms.show_metadata && self.scope.follows;
        Ok(if told { self.roll()?.span } else { None })
    }

    /// Up to `limit` photos in the link's order, beginning with number `from`.
    pub fn entries(&self, from: u64, limit: u64) -> Result<Vec<Entry>, LibraryError> {
        let end = from.saturating_add(limit).min(self.totals()?.files);
        self.entries_at(from..end)
    }

    /// The photos at these places in the link's order, as far as there are such.
    pub fn entries_at(
        &self,
        indexes: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Entry>, LibraryError> {
        let roll = self.roll()?;
        let id_at = |index| roll.ids.get(usize::try_from(index).ok()?);
        self.library.catalog.read(|conn| {
            let found = indexes
                .into_iter()
                .filter_map(|index| id_at(index).map(|id| (*id, index)));
            found
                .map(|(id, index)| Ok(self.make_entry(&find_asset(conn, id)?, index)))
                .collect()
        })
    }

    /// The photo of this name; `None` when the link shows none such.
    pub fn entry(&self, item: &str) -> Result<Option<Entry>, LibraryError> {
        match self.asset_of(item) {
            Some(id) => match self.roll()?.index_of(id) {
                Some(index) => self.entry_at(index),
                None => Ok(None),
            },
            None => Ok(None),
        }
    }

    /// The photo at this place in the link's order.
    pub fn entry_at(&self, index: u64) -> Result<Option<Entry>, LibraryError> {
        Ok(self.entries(index, 1)?.pop())
    }

    /// The first photo in the link's order that can be previewed.
    pub fn first_seen(&self) -> Result<Option<Entry>, LibraryError> {
        match self.roll()?.first_seen {
            Some(index) => self.entry_at(index as u64),
            None => Ok(None),
        }
    }

    /// Opens bytes of a photo, if the right still holds and reaches that far.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] when it does not; [`LibraryError::Unseen`] for a
    /// rendition of what cannot be previewed; [`LibraryError::Converting`] for a
    /// video that browsers do not play yet.
    pub fn read(&self, entry: &Entry, what: What) -> Result<Served, LibraryError> {
        let asset = self.shown_asset(entry.asset)?;
        let read = || self.read_here(&asset, entry.index, what);
        self.library.or_bring(asset.id, read)
    }

    /// Whether a photo has a live part for visitors, here or to be brought when it is played.
    pub fn moves(&self, entry: &Entry) -> bool {
        let read = |asset: Asset| self.read_here(&asset, entry.index, What::Motion);
        let found = self.shown_asset(entry.asset).and_then(read);
        entry.moves && matches!(found, Ok(_) | Err(LibraryError::NotHere { .. }))
    }

    fn read_here(&self, asset: &Asset, index: u64, what: What) -> Result<Served, LibraryError> {
        match what {
            What::Rendition(rendition) => self.rendition(asset, rendition),
            What::Film if asset.kind == "video" => {
                self.open_first(asset, index, Form::of_film(asset))
            }
            What::Download => {
                let (size, shown) = (self.terms.download, self.terms.show_metadata);
                self.open_first(asset, index, Form::of_download(asset, size, shown))
            }
            What::Screen if self.terms.download != Download::None => {
                let forms = Form::of_download(asset, Download::Screen, false);
                self.open_first(asset, index, forms)
            }
            What::Motion if asset.motion.is_some() => {
                let name =
                    (!self.terms.show_metadata).then(|| format!("photo-{:04}.mp4", index + 1));
                let etag = self.etag(&asset.hash);
                self.library.serve_clean_motion(asset, name, etag)
            }
            What::Clean | What::Screen | What::Film | What::Motion => Err(LibraryError::Refused),
        }
    }

    /// A rendition of an asset that the link shows. Its name has no number, for which
    /// the link's order would have to be known at each thumbnail.
    pub(crate) fn rendition(
        &self,
        asset: &Asset,
        rendition: Rendition,
    ) -> Result<Served, LibraryError> {
        if let Some(code) = &asset.unseen {
            return Err(LibraryError::Unseen(code.clone()));
        }
        let name = (!self.terms.show_metadata).then(|| format!("photo.{}", rendition.extension()));
        let etag = self.etag(&asset.hash);
        self.library.serve_rendition(asset, rendition, name, etag)
    }

    /// An asset in the first of these forms in which it can be had.
    fn open_first(
        &self,
        asset: &Asset,
        index: u64,
        forms: &[Form],
    ) -> Result<Served, LibraryError> {
        let index = (!self.terms.show_metadata).then_some(index);
        let etag = self.etag(&asset.hash);
        for form in forms {
            let name = form.name(asset, index);
            match self.library.open_form(asset, *form, name, &etag) {
                // What cannot be cleaned is withheld, and the next form given.
                Err(LibraryError::Media(MediaError::CannotClean(_))) => {}
                served => return served,
            }
        }
        Err(LibraryError::Refused)
    }

    /// A tag that cannot be compared with another link's.
    pub(crate) fn etag(&self, bytes: &[u8]) -> String {
        let etag = blake3::keyed_hash(&self.keys.etag, bytes).to_hex();
        etag.get(..32).unwrap_or_default().to_owned()
    }

    pub(crate) fn library(&self) -> &Library {
        &self.library
    }

    /// An asset that the link shows now, if the right still holds.
    pub(crate) fn shown_asset(&self, id: AssetId) -> Result<Asset, LibraryError> {
        self.asset_shown(id)?.ok_or(LibraryError::Refused)
    }

    /// An asset that the link shows now; `None` for any other.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] when the right holds no more.
    pub(crate) fn asset_shown(&self, id: AssetId) -> Result<Option<Asset>, LibraryError> {
        self.library.catalog.read(|conn| {
            if !self.holds(conn)? {
                return Err(LibraryError::Refused);
            }
            match self.shows(conn, id)? {
                true => find_asset(conn, id).map(Some),
                false => Ok(None),
            }
        })
    }

    /// All that the link shows, in its order.
    pub(crate) fn assets(&self) -> Result<Vec<AssetId>, LibraryError> {
        Ok(self.roll()?.ids.clone())
    }

    fn make_entry(&self, asset: &Asset, index: u64) -> Entry {
        Entry {
            item: self.item_of(asset.id),
            index,
            width: asset.width,
            height: asset.height,
            duration_ms: asset.duration_ms,
            is_video: asset.kind == "video",
            plays: asset.plays,
            moves: asset.motion.is_some(),
            unseen: asset.unseen.is_some(),
            format: extension_of(&asset.mime).to_ascii_uppercase(),
            thumbhash: asset.thumbhash.clone(),
            bytes: asset.bytes,
            shown: self.terms.show_metadata.then(|| Shown::of(asset)),
            asset: asset.id,
        }
    }

    /// An asset's name within this link: its id encrypted as one block, so that
    /// names are random to whoever lacks the key and need no table.
    fn item_of(&self, asset: AssetId) -> String {
        URL_SAFE_NO_PAD.encode(self.item_bytes(asset))
    }

    pub(crate) fn item_bytes(&self, asset: AssetId) -> [u8; 16] {
        let mut block = asset.bytes().into();
        Aes128::new(&self.keys.item.into()).encrypt_block(&mut block);
        block.into()
    }

    pub(crate) fn asset_of(&self, item: &str) -> Option<AssetId> {
        let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(item).ok()?.try_into().ok()?;
        let mut block = bytes.into();
        Aes128::new(&self.keys.item.into()).decrypt_block(&mut block);
        Some(AssetId::from_bytes(block.into()))
    }

    /// What the link shows, as the catalog has it now.
    pub(crate) fn roll(&self) -> Result<Arc<Roll>, LibraryError> {
        if self.terms.upload == Uploads::Only {
            return Ok(Arc::default());
        }
        let scope = self.scope_id();
        self.library.rolls.of(scope, &self.library.catalog, |conn| {
            let order = self.order(conn)?;
            let sql = format!(
                "SELECT asset.id, asset.kind = 'video' AS is_video,
                         asset.unseen IS NOT NULL AS unseen, asset.bytes, asset.taken_local,
                         asset.latitude, asset.longitude
                       {} ORDER BY {}",
                self.shown(),
                match self.scope.album {
                    Some(_) => order.of_assets(),
                    None => order.by(["part.position", "asset.seq"]),
                }
            );
            let mut roll = Roll::default();
            let mut query = conn.prepare_cached(&sql)?;
            let mut rows = query.query([scope])?;
            while let Some(row) = rows.next()? {
                let part = Part {
                    is_video: row.get("is_video")?,
                    unseen: row.get("unseen")?,
                    bytes: row.get("bytes")?,
                    taken_local: row.get("taken_local")?,
                    latitude: row.get("latitude")?,
                    longitude: row.get("longitude")?,
                };
                roll.push(row.get("id")?, &part);
            }
            Ok(roll)
        })
    }

    /// The order of the album that the link follows, as its home has told it where that is
    /// elsewhere.
    fn order(&self, conn: &Connection) -> Result<AlbumOrder, LibraryError> {
        match self.scope.album {
            Some(album) => order::of_album(conn, album),
            None => order::of_link(conn, self.scope.link),
        }
    }

    /// The FROM and WHERE of what the link shows; `?1` is [`Access::scope_id`]. A
    /// drop box shows nothing.
    pub(crate) fn shown(&self) -> String {
        let anything = self.terms.upload != Uploads::Only;
        let (table, scope) = match self.scope.album {
            Some(_) => ("album_asset", "album"),
            None => ("link_asset", "link"),
        };
        format!(
            "FROM {table} AS part JOIN asset ON asset.id = part.asset
              WHERE part.{scope} = ?1 AND {AT_HAND} AND {anything}"
        )
    }

    fn scope_id(&self) -> [u8; 16] {
        let Scope { link, album, .. } = self.scope;
        album.map_or(link.bytes(), AlbumId::bytes)
    }

    pub(crate) fn scope(&self) -> [[u8; 16]; 1] {
        [self.scope_id()]
    }

    /// Whether the link shows an asset at this moment.
    pub(crate) fn shows(&self, conn: &Connection, id: AssetId) -> Result<bool, LibraryError> {
        let sql = format!("SELECT 1 {} AND part.asset = ?2", self.shown());
        Ok(conn
            .prepare_cached(&sql)?
            .query_row((self.scope_id(), id), |_| Ok(()))
            .optional()?
            .is_some())
    }
}

/// A key for sixteen bytes, of a link's own.
fn block_key(purpose: &str, key: &[u8]) -> [u8; 16] {
    let derived = blake3::derive_key(purpose, key);
    let mut block = [0; 16];
    block.copy_from_slice(derived.split_at(16).0);
    block
}
