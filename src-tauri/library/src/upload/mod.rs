//! What visitors send through a link that allows it: each file is announced, comes in
//! pieces, and waits in quarantine outside the library until its owner decides. Here is
//! the visitor's side; nothing here looks at what the library has, so that no answer
//! tells it. The owner's side is in `inbox`.

mod reap;
mod receive;

use std::fs;
use std::path::PathBuf;

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::activity::disturbs;
use crate::catalog::Write;
use crate::original::remove_if_there;
use crate::room::Room;
use crate::time::DAY_MS;
use crate::{Access, Change, Library, LibraryError, LinkId, UploadId, hex, trash};

pub use receive::{Receiving, Sum};

/// The most files of a link, unless its owner says otherwise.
pub const UPLOAD_FILES: u64 = 2_000;
/// The most bytes of them together, unless its owner says otherwise.
pub const UPLOAD_BYTES: u64 = 10_000_000_000;
/// The most bytes of a photo.
pub(crate) const MOST_PHOTO: u64 = 200_000_000;
/// The most bytes of a video.
pub(crate) const MOST_VIDEO: u64 = 4_000_000_000;
/// How long an upload that does not go on is kept.
const PATIENCE_MS: i64 = 3 * DAY_MS;
/// How long visitors may withdraw what they sent.
const WITHDRAWABLE_MS: i64 = DAY_MS / 2;
/// Bytes of a file's name.
const LONGEST_NAME: usize = 255;
/// Characters of a visitor's name.
const LONGEST_VISITOR: usize = 64;

/// Whether visitors of a link may add photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploads {
    /// No.
    None,
    /// Yes.
    Add,
    /// That is all they may: they see nothing that others sent.
    Only,
}

impl Uploads {
    /// The word for it: `none`, `add` or `only`.
    pub fn name(self) -> &'static str {
        match self {
            Uploads::None => "none",
            Uploads::Add => "add",
            Uploads::Only => "only",
        }
    }

    /// What this name says.
    pub fn from_name(name: &str) -> Option<Uploads> {
        [Uploads::None, Uploads::Add, Uploads::Only]
            .into_iter()
            .find(|uploads| uploads.name() == name)
    }
}

/// Why an upload does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// The link has as many files as its owner wants.
    #[error("This link takes no more than {0} files.")]
    TooMany(u64),
    /// All files of the link together are as large as its owner wants.
    #[error("This link takes no more than {0} bytes in all.")]
    TooMuch(u64),
    /// One file is too large.
    #[error("A file of this kind may have {0} bytes at most.")]
    TooLarge(u64),
    /// The owner's disk has no room that may be taken.
    #[error("The owner's disk has no room for this now.")]
    NoRoom,
    /// It is no photo and no video that is taken.
    #[error("This is no photo and no video that Albumen takes from visitors.")]
    Kind,
    /// More was sent than announced, or it begins elsewhere than where it stopped.
    #[error("This does not go on where the file stopped, at byte {0}.")]
    Offset(u64),
    /// What came is not what its checksum says.
    #[error("What arrived is not what was sent; send it again.")]
    Checksum,
    /// It stood still for too long and was removed.
    #[error("This upload stood still for too long; begin anew.")]
    Expired,
    /// It was received too long ago to be withdrawn.
    #[error("What was sent can be withdrawn for twelve hours; now only its owner can remove it.")]
    TooLate,
}

/// A file that a visitor announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload {
    /// Its name, as the visitor says.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// What the visitor proves by that they are the same again.
    pub visitor: [u8; 16],
    /// How the visitor wants to be called; may be empty.
    pub visitor_name: String,
    /// SHA-256 of the whole file, where it is known.
    pub sha256: Option<[u8; 32]>,
}

/// A file that a visitor sends, as they may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name within the link: random, 22 characters of base64url.
    pub item: String,
    /// The file's name, as the visitor gave it.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many of them are here for good.
    pub received: u64,
    /// SHA-256 of what is here, once that is all.
    pub sha256: Option<[u8; 32]>,
    /// When all of it was here, milliseconds since 1970.
    pub received_at: Option<i64>,
    /// When it is given up unless it goes on, milliseconds since 1970.
    pub expires_at: i64,
    /// Whether the visitor may still withdraw it.
    pub withdrawable: bool,
}

/// How much a link still takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadRoom {
    /// Files.
    pub files: u64,
    /// Bytes of them together.
    pub bytes: u64,
    /// The most bytes of a photo.
    pub photo: u64,
    /// The most bytes of a video.
    pub video: u64,
}

/// A row of `upload`, as far as the visitor's side needs it.
struct Sent {
    id: UploadId,
    visitor: [u8; 32],
    name: String,
    bytes: u64,
    received: u64,
    expected: Option<[u8; 32]>,
    sha256: Option<[u8; 32]>,
    arriving: bool,
    moved_at: i64,
    received_at: Option<i64>,
}

const SENT: &str =
    "SELECT id, visitor, name, bytes, received, expected, sha256, state = 'arriving' AS arriving,
    moved_at, received_at FROM upload";

impl Sent {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Sent> {
        Ok(Sent {
            id: row.get("id")?,
            visitor: row.get("visitor")?,
            name: row.get("name")?,
            bytes: row.get("bytes")?,
            received: row.get("received")?,
            expected: row.get("expected")?,
            sha256: row.get("sha256")?,
            arriving: row.get("arriving")?,
            moved_at: row.get("moved_at")?,
            received_at: row.get("received_at")?,
        })
    }

    fn is_withdrawable(&self, now: i64) -> bool {
        self.received_at.is_none_or(|at| now < at + WITHDRAWABLE_MS)
    }
}

impl Library {
    /// Where the bytes of an upload lie.
    pub(crate) fn upload_path(&self, id: UploadId) -> PathBuf {
        self.inbox_folder().join(file_name(id))
    }

    pub(crate) fn inbox_folder(&self) -> PathBuf {
        self.folder.join("inbox")
    }

    /// Removes an upload's row and then its bytes, and what was made of them unless
    /// the library has the photo.
    pub(crate) fn remove_uploads(&self, ids: Vec<UploadId>) -> Result<(), LibraryError> {
        if ids.is_empty() {
            return Ok(());
        }
        let all = ids.clone();
        let hashes = self.catalog.write(move |write| {
            let mut hashes = Vec::new();
            for id in all {
                let hash: Option<Option<[u8; 32]>> = write
                    .conn()
                    .prepare_cached("DELETE FROM upload WHERE id = ?1 RETURNING hash")?
                    .query_row([id], |row| row.get(0))
                    .optional()?;
                hashes.extend(hash.flatten());
            }
            hashes.retain(|hash| is_unused(write.conn(), hash).unwrap_or(false));
            write.announce(Change::Inbox);
            Ok(hashes)
        })?;
        for hash in hashes {
            self.forget_derived(&hash);
        }
        for id in ids {
            remove_if_there(&self.upload_path(id))?;
        }
        Ok(())
    }
}

/// Whether no photo and no other upload has these bytes.
fn is_unused(conn: &Connection, hash: &[u8; 32]) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM asset WHERE hash = ?1 AND via IS NULL)
                AND NOT EXISTS (SELECT 1 FROM upload WHERE hash = ?1)",
        )?
        .query_row([hash], |row| row.get(0))?)
}

/// What an upload's file is called.
fn file_name(id: UploadId) -> String {
    hex(&id.bytes())
}

impl Access {
    /// Fails unless the right still holds, and is one to send photos.
    fn may_upload(&self, conn: &Connection) -> Result<(), LibraryError> {
        match self.terms().upload {
            Uploads::None => Err(LibraryError::Refused),
            Uploads::Add | Uploads::Only if self.holds(conn)? => Ok(()),
            Uploads::Add | Uploads::Only => Err(LibraryError::Refused),
        }
    }

    /// Fails when more was announced than the link takes, since its owner lowered that.
    fn check_full(&self, conn: &Connection) -> Result<(), LibraryError> {
        let (most, taken) = (limits(conn, self.link())?, taken(conn, self.link())?);
        if taken.0 > most.0 {
            return Err(UploadError::TooMany(most.0).into());
        }
        if taken.1 > most.1 {
            return Err(UploadError::TooMuch(most.1).into());
        }
        Ok(())
    }

    /// How much the link still takes.
    pub fn upload_room(&self) -> Result<UploadRoom, LibraryError> {
        let link = self.link();
        self.library().catalog.read(|conn| {
            self.may_upload(conn)?;
            let (most, taken) = (limits(conn, link)?, taken(conn, link)?);
            Ok(UploadRoom {
                files: most.0.saturating_sub(taken.0),
                bytes: most.1.saturating_sub(taken.1),
                photo: MOST_PHOTO,
                video: MOST_VIDEO,
            })
        })
    }

    /// Announces a file; its bytes come by [`Access::receive`].
    ///
    /// # Errors
    /// [`LibraryError::Upload`] when there is no room for it.
    pub fn begin_upload(&self, new: NewUpload) -> Result<Upload, LibraryError> {
        let library = self.library();
        if new.bytes == 0 {
            return Err(UploadError::Kind.into());
        }
        if new.bytes > MOST_VIDEO {
            return Err(UploadError::TooLarge(MOST_VIDEO).into());
        }
        crate::make_private_folder(&library.inbox_folder())?;
        let room = Room::of(&library.inbox_folder())?;
        let visitor = library.visitor_hash(self.link(), &new.visitor);
        let access = self.clone();
        let link = self.link();
        let id = library.catalog.write(move |write| {
            let conn = write.conn();
            access.may_upload(conn)?;
            let (most, taken) = (limits(conn, link)?, taken(conn, link)?);
            if taken.0 >= most.0 {
                return Err(UploadError::TooMany(most.0).into());
            }
            if taken.1.saturating_add(new.bytes) > most.1 {
                return Err(UploadError::TooMuch(most.1).into());
            }
            // What others were promised is not there to be promised again.
            let promised: u64 = conn
                .prepare_cached(
                    "SELECT coalesce(sum(bytes - received), 0) FROM upload WHERE state = 'arriving'",
                )?
                .query_row([], |row| row.get(0))?;
            if !room.takes_of_visitors(promised.saturating_add(new.bytes)) {
                return Err(UploadError::NoRoom.into());
            }
            let id = UploadId::new(write.now_ms);
            conn.prepare_cached(
                "INSERT INTO upload (id, link, visitor, visitor_name, name, bytes, expected, moved_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                id,
                link,
                visitor,
                tidied(&new.visitor_name, LONGEST_VISITOR, usize::MAX),
                tidied(&new.name, usize::MAX, LONGEST_NAME),
                new.bytes,
                new.sha256,
                write.now_ms,
            ))?;
            Ok(id)
        })?;
        self.sent(id)?
            .map(|sent| self.told(sent))
            .ok_or(LibraryError::Refused)
    }

    /// What is known of an upload; `None` when the link has none of this name.
    pub fn upload(&self, item: &str) -> Result<Option<Upload>, LibraryError> {
        Ok(self.find_sent(item)?.map(|sent| self.told(sent)))
    }

    /// What a visitor sent through this link, newest first.
    pub fn uploads_of(&self, visitor: [u8; 16]) -> Result<Vec<Upload>, LibraryError> {
        let visitor = self.library().visitor_hash(self.link(), &visitor);
        let all: Vec<Sent> = self.library().catalog.read(|conn| {
            self.may_upload(conn)?;
            Ok(conn
                .prepare_cached(&format!(
                    "{SENT} WHERE link = ?1 AND visitor = ?2 ORDER BY id DESC"
                ))?
                .query_map((self.link(), visitor), Sent::from_row)?
                .collect::<Result<_, _>>()?)
        })?;
        Ok(all.into_iter().map(|sent| self.told(sent)).collect())
    }

    /// Takes back what a visitor sent, also when its owner took it in: then it goes
    /// to the trash there, unless it was in the library before.
    ///
    /// # Errors
    /// [`UploadError::TooLate`] after twelve hours; the same for what was never sent.
    pub fn withdraw(&self, item: &str) -> Result<(), LibraryError> {
        let library = self.library();
        let Some(sent) = self.find_sent(item)? else {
            return Err(UploadError::TooLate.into());
        };
        if !sent.is_withdrawable(library.clock.now_ms()) {
            return Err(UploadError::TooLate.into());
        }
        library
            .catalog
            .write(move |write| take_out(write, sent.id))?;
        library.remove_uploads(vec![sent.id])
    }

    fn find_sent(&self, item: &str) -> Result<Option<Sent>, LibraryError> {
        match self.upload_of(item) {
            Some(id) => self.sent(id),
            None => Ok(None),
        }
    }

    fn sent(&self, id: UploadId) -> Result<Option<Sent>, LibraryError> {
        self.library().catalog.read(|conn| {
            self.may_upload(conn)?;
            Ok(conn
                .prepare_cached(&format!("{SENT} WHERE id = ?1 AND link = ?2"))?
                .query_row((id, self.link()), Sent::from_row)
                .optional()?)
        })
    }

    fn told(&self, sent: Sent) -> Upload {
        Upload {
            item: self.upload_item(sent.id),
            withdrawable: sent.is_withdrawable(self.library().clock.now_ms()),
            expires_at: sent.moved_at + PATIENCE_MS,
            name: sent.name,
            bytes: sent.bytes,
            received: sent.received,
            sha256: sent.sha256.filter(|_| !sent.arriving),
            received_at: sent.received_at,
        }
    }

    /// As an asset's name within the link, under a key of its own.
    fn upload_item(&self, id: UploadId) -> String {
        let mut block = id.bytes().into();
        Aes128::new(self.upload_key().into()).encrypt_block(&mut block);
        URL_SAFE_NO_PAD.encode(block)
    }

    fn upload_of(&self, item: &str) -> Option<UploadId> {
        let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(item).ok()?.try_into().ok()?;
        let mut block = bytes.into();
        Aes128::new(self.upload_key().into()).decrypt_block(&mut block);
        Some(UploadId::from_bytes(block.into()))
    }
}

impl Library {
    /// What a visitor of a link is known by; the catalog alone tells nobody.
    fn visitor_hash(&self, link: LinkId, visitor: &[u8; 16]) -> [u8; 32] {
        let said = [b"visitor ".as_slice(), &link.bytes(), visitor].concat();
        self.secret.lookup(&said)
    }
}

/// A photo that came by this upload leaves the library for the trash.
fn take_out(write: &Write<'_>, id: UploadId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let came = conn
        .prepare_cached(
            "SELECT upload.asset FROM upload JOIN asset ON asset.id = upload.asset
              WHERE upload.id = ?1 AND upload.fresh AND asset.trashed_at IS NULL",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match came {
        Some(asset) => {
            // Of what is locked nobody is told.
            if !crate::asset::find_any(conn, asset)?.is_locked {
                write.announce(Change::Withdrawn(asset));
            }
            trash::put_away(write, asset)
        }
        None => Ok(()),
    }
}

/// The most files of a link, and bytes of them together.
fn limits(conn: &Connection, link: LinkId) -> Result<(u64, u64), LibraryError> {
    Ok(conn
        .prepare_cached("SELECT upload_files, upload_bytes FROM link WHERE id = ?1")?
        .query_row([link], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// How many files came through a link or are on their way, and their bytes; what
/// its owner did not want makes room again.
fn taken(conn: &Connection, link: LinkId) -> Result<(u64, u64), LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM upload
              WHERE link = ?1 AND state <> 'rejected'",
        )?
        .query_row([link], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// A name as it may be shown: one line, not too long.
fn tidied(name: &str, characters: usize, bytes: usize) -> String {
    let mut tidy: String = name
        .chars()
        .map(|c| if disturbs(c) { ' ' } else { c })
        .take(characters)
        .collect();
    while tidy.len() > bytes {
        tidy.pop();
    }
    tidy.trim().to_owned()
}

/// Makes an empty file for an upload, as nobody else's: 0600.
fn make_file(path: &std::path::Path) -> std::io::Result<fs::File> {
    let mut options = fs::File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
