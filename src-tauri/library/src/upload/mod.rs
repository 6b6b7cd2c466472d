//! What visitors send through a link that allows it: each file is announced, comes in
//! pieces, and waits in quarantine outside the library until its owner decides. Here is
//! the visitor's side; nothing here looks at what the library has, so that no answer
//! tells it. The owner's side is in `inbox`; where the link is another machine's, what
//! came waits for that one instead (`hosting`).

mod limits;
mod reap;
mod receive;
mod withdraw;

use std::fs;
use std::path::PathBuf;

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::activity::disturbs;
use crate::original::remove_if_there;
use crate::room::Room;
use crate::time::DAY_MS;
use crate::{Access, Change, DeviceId, Library, LibraryError, LinkId, UploadId, hex};

pub use limits::UploadRoom;
pub(crate) use limits::check_takes;
pub(crate) use receive::{HEAD, most, sums};
pub use receive::{Receiving, Sum};
pub(crate) use withdraw::take_out;

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
pub(crate) const LONGEST_NAME: usize = 255;
/// Characters of a visitor's name.
pub(crate) const LONGEST_VISITOR: usize = 64;

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

    /// As it is told to other machines.
    pub(crate) fn number(self) -> u32 {
        match self {
            Uploads::None => 0,
            Uploads::Add => 1,
            Uploads::Only => 2,
        }
    }

    /// As another machine told.
    pub(crate) fn of_number(number: u32) -> Uploads {
        match number {
            2 => Uploads::Only,
            1 => Uploads::Add,
            _ => Uploads::None,
        }
    }
}

/// Where a file is that came whole at a machine that serves another's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onward {
    /// It waits for the link's home.
    Waits,
    /// It is there.
    Taken,
    /// It was not taken there: the link had ended, or was full.
    Refused,
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
    /// Where it is, once all of it was here, where the link is another machine's.
    pub onward: Option<Onward>,
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
    /// Of another machine's link: which machine's.
    home: Option<DeviceId>,
    onward: Option<Onward>,
}

/// What was sent here: what comes from a machine that serves the link is no visitor's any more.
const SENT: &str = "SELECT id, visitor, name, bytes, received, expected, sha256,
    state = 'arriving' AS arriving, moved_at, received_at, home, state
    FROM upload WHERE via IS NULL";

impl Sent {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Sent> {
        let (home, state): (Option<DeviceId>, String) = (row.get("home")?, row.get("state")?);
        let onward = home.and(match state.as_str() {
            "waiting" => Some(Onward::Waits),
            "accepted" => Some(Onward::Taken),
            "rejected" => Some(Onward::Refused),
            _ => None,
        });
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
            home,
            onward,
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
            for hash in &hashes {
                forget_outboard(write.conn(), hash)?;
            }
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

/// Inner hashes that were made to send a file on; of use to another, they are made again.
pub(crate) fn forget_outboard(conn: &Connection, hash: &[u8; 32]) -> Result<(), LibraryError> {
    conn.prepare_cached("DELETE FROM outboard WHERE hash = ?1")?
        .execute([hash])?;
    Ok(())
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
            check_takes(conn, link, new.bytes)?;
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
                "INSERT INTO upload (id, link, visitor, visitor_name, name, bytes, expected, moved_at,
                     home)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
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
                access.host_of(),
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
                    "{SENT} AND link = ?1 AND visitor = ?2 ORDER BY id DESC"
                ))?
                .query_map((self.link(), visitor), Sent::from_row)?
                .collect::<Result<_, _>>()?)
        })?;
        Ok(all.into_iter().map(|sent| self.told(sent)).collect())
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
                .prepare_cached(&format!("{SENT} AND id = ?1 AND link = ?2"))?
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
            onward: sent.onward,
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
pub(crate) fn make_file(path: &std::path::Path) -> std::io::Result<fs::File> {
    let mut options = fs::File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
