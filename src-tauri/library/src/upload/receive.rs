//! The bytes of an upload: written where the last ones ended, on the disk before they
//! are acknowledged, and never counted when their checksum says otherwise.

use std::fs::File;
use std::io::{Read as _, Seek, SeekFrom, Write as _};

use media::{Format, Kind, Sniff, sniff};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{MOST_PHOTO, MOST_VIDEO, NewUpload, Sent, Upload, UploadError, make_file};
use crate::{Access, Change, LibraryError, hosting, tally};

/// What a file is told by.
pub(crate) const HEAD: usize = 4 << 10;
/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// A checksum of what a visitor sends at once, as tus names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sum {
    /// SHA-1, 20 bytes.
    Sha1(Vec<u8>),
    /// SHA-256, 32 bytes.
    Sha256(Vec<u8>),
    /// CRC-32 (ISO 3309), 4 bytes, the highest first.
    Crc32(Vec<u8>),
}

/// What a [`Sum`] is compared with.
enum Summing {
    Sha1(Sha1),
    Sha256(Sha256),
    Crc32(crc32fast::Hasher),
}

impl Summing {
    fn of(sum: &Sum) -> Summing {
        match sum {
            Sum::Sha1(_) => Summing::Sha1(Sha1::new()),
            Sum::Sha256(_) => Summing::Sha256(Sha256::new()),
            Sum::Crc32(_) => Summing::Crc32(crc32fast::Hasher::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Summing::Sha1(hasher) => hasher.update(bytes),
            Summing::Sha256(hasher) => hasher.update(bytes),
            Summing::Crc32(hasher) => hasher.update(bytes),
        }
    }

    fn is(self, sum: &Sum) -> bool {
        match (self, sum) {
            (Summing::Sha1(hasher), Sum::Sha1(sum)) => hasher.finalize().as_slice() == sum,
            (Summing::Sha256(hasher), Sum::Sha256(sum)) => hasher.finalize().as_slice() == sum,
            (Summing::Crc32(hasher), Sum::Crc32(sum)) => hasher.finalize().to_be_bytes() == **sum,
            _ => false,
        }
    }
}

/// Bytes of one upload on their way. What is dropped without [`Receiving::end`] was
/// not received.
pub struct Receiving {
    access: Access,
    sent: Sent,
    file: File,
    /// How many are in the file.
    at: u64,
    /// The first bytes of the file, until they told what it is.
    head: Option<Vec<u8>>,
    /// The most bytes of such a file.
    most: u64,
    /// It is as long as what comes, and nothing is kept of it before all is here.
    unmeasured: bool,
    sum: Option<(Sum, Summing)>,
}

impl Access {
    /// Goes on with an upload at byte `offset`, which must be where it stopped. A
    /// `sum` is that of the bytes to come.
    ///
    /// # Errors
    /// [`UploadError::Offset`], or [`UploadError::Expired`] when there is none such.
    pub fn receive(
        &self,
        item: &str,
        offset: u64,
        sum: Option<Sum>,
    ) -> Result<Receiving, LibraryError> {
        let library = self.library();
        let now = library.clock.now_ms();
        let sent = self.find_sent(item)?;
        let Some(sent) =
            sent.filter(|sent| !sent.arriving || now < sent.moved_at + super::PATIENCE_MS)
        else {
            return Err(UploadError::Expired.into());
        };
        library.catalog.read(|conn| self.check_full(conn))?;
        if offset != sent.received {
            return Err(UploadError::Offset(sent.received).into());
        }
        let mut file = make_file(&library.upload_path(sent.id))?;
        if sent.arriving {
            if file.metadata()?.len() < sent.received {
                // A copy of the catalog came back without its inbox.
                library.remove_uploads(vec![sent.id])?;
                return Err(UploadError::Expired.into());
            }
            // What came after the last acknowledged byte may be anything.
            file.set_len(sent.received)?;
        }
        let mut head = None;
        if sent.received < HEAD as u64 {
            let mut known = Vec::new();
            (&file).take(HEAD as u64).read_to_end(&mut known)?;
            head = Some(known);
        }
        file.seek(SeekFrom::Start(sent.received))?;
        let sum = sum.map(|sum| {
            let summing = Summing::of(&sum);
            (sum, summing)
        });
        Ok(Receiving {
            access: self.clone(),
            head,
            at: sent.received,
            most: sent.bytes,
            unmeasured: false,
            sent,
            file,
            sum,
        })
    }

    /// Announces a file whose length is not known, and no longer than is said: it is
    /// received at once, or not at all.
    pub fn receive_unmeasured(&self, mut new: NewUpload) -> Result<Receiving, LibraryError> {
        let room = self.upload_room()?;
        new.bytes = new.bytes.min(MOST_VIDEO).min(room.bytes.max(1));
        let upload = self.begin_upload(new)?;
        let mut receiving = self.receive(&upload.item, 0, None)?;
        receiving.unmeasured = true;
        Ok(receiving)
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if self.unmeasured {
            // What stays is reaped.
            let _ = self.access.library().remove_uploads(vec![self.sent.id]);
        }
    }
}

impl Receiving {
    /// By what the visitor who sends it is told from others of the link.
    pub fn visitor(&self) -> &[u8] {
        &self.sent.visitor
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    /// [`UploadError::Kind`] or [`UploadError::TooLarge`] as soon as the first bytes
    /// tell: then nothing is left of the upload. [`UploadError::Offset`] when there
    /// are more than were announced.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), LibraryError> {
        let end = self.at.saturating_add(bytes.len() as u64);
        if end > self.most {
            return Err(match self.unmeasured {
                true => UploadError::TooLarge(self.most).into(),
                false => UploadError::Offset(self.sent.received).into(),
            });
        }
        if let Some(head) = &mut self.head {
            head.extend(bytes.iter().take(HEAD - head.len().min(HEAD)));
            if head.len() >= HEAD || end == self.sent.bytes {
                self.judge()?;
            }
        }
        self.file.write_all(bytes)?;
        if let Some((_, summing)) = &mut self.sum {
            summing.update(bytes);
        }
        self.at = end;
        Ok(())
    }

    /// Acknowledges what was written; once that is all, the whole is checked and waits
    /// for the link's owner. `whole` says whether all came that was to come now: of a
    /// part with a checksum that broke off, nothing counts.
    ///
    /// # Errors
    /// [`UploadError::Checksum`] when it is not what was sent: then none of it counts.
    pub fn end(mut self, whole: bool) -> Result<Upload, LibraryError> {
        if self.unmeasured {
            self.measure()?;
        }
        let library = self.access.library();
        if let Some((sum, summing)) = self.sum.take()
            && (!whole || !summing.is(&sum))
        {
            self.file.set_len(self.sent.received)?;
            return match whole {
                true => Err(UploadError::Checksum.into()),
                false => self.told(),
            };
        }
        let ends = self.sent.arriving && self.at == self.sent.bytes;
        if self.at > self.sent.received && !ends {
            self.file.sync_data()?;
            let (id, at, access) = (self.sent.id, self.at, self.access.clone());
            library.catalog.write(move |write| {
                access.may_upload(write.conn())?;
                write
                    .conn()
                    .prepare_cached(
                        "UPDATE upload SET received = ?2, moved_at = ?3
                          WHERE id = ?1 AND state = 'arriving'",
                    )?
                    .execute((id, at, write.now_ms))?;
                Ok(())
            })?;
        }
        if ends {
            self.complete()?;
        }
        self.unmeasured = false;
        self.told()
    }

    /// The file ends here.
    fn measure(&mut self) -> Result<(), LibraryError> {
        if self.head.is_some() {
            self.judge()?;
        }
        let (id, bytes) = (self.sent.id, self.at);
        self.access.library().catalog.write(move |write| {
            write
                .conn()
                .prepare_cached("UPDATE upload SET bytes = ?2 WHERE id = ?1")?
                .execute((id, bytes))?;
            Ok(())
        })?;
        self.sent.bytes = bytes;
        Ok(())
    }

    /// Looks at what the first bytes tell; of what is not taken, nothing is kept.
    fn judge(&mut self) -> Result<(), LibraryError> {
        let head = self.head.take().unwrap_or_default();
        let refusal = match most(&head) {
            Some(most) if self.unmeasured => {
                self.most = self.most.min(most);
                return Ok(());
            }
            Some(most) if self.sent.bytes <= most => return Ok(()),
            Some(most) => UploadError::TooLarge(most),
            None => UploadError::Kind,
        };
        self.access.library().remove_uploads(vec![self.sent.id])?;
        Err(refusal.into())
    }

    fn told(&self) -> Result<Upload, LibraryError> {
        let sent = self.access.sent(self.sent.id)?;
        sent.map(|sent| self.access.told(sent))
            .ok_or(UploadError::Expired.into())
    }

    /// Reads all of it once more, and has it wait for the owner. Until then its end is
    /// not acknowledged, so that after a crash the visitor sends that again.
    fn complete(&mut self) -> Result<(), LibraryError> {
        let library = self.access.library();
        self.file.sync_all()?;
        let (hash, sha) = sums(&mut self.file)?;
        let id = self.sent.id;
        if self.sent.expected.is_some_and(|expected| expected != sha) {
            self.file.set_len(0)?;
            library.catalog.write(move |write| {
                write
                    .conn()
                    .prepare_cached("UPDATE upload SET received = 0 WHERE id = ?1")?
                    .execute([id])?;
                Ok(())
            })?;
            return Err(UploadError::Checksum.into());
        }
        let (link, folder) = (self.access.link(), library.inbox_folder());
        crate::original::sync_folder(&folder)?;
        let access = self.access.clone();
        library.catalog.write(move |write| {
            access.may_upload(write.conn())?;
            let whole = write
                .conn()
                .prepare_cached(
                    "UPDATE upload SET state = 'waiting', received = bytes, hash = ?2, sha256 = ?3,
                         received_at = ?4, moved_at = ?4
                      WHERE id = ?1 AND state = 'arriving'",
                )?
                .execute((id, hash, sha, write.now_ms))?;
            match access.host_of() {
                Some(home) if whole > 0 => hosting::pass_on(write, home, id)?,
                None if whole > 0 => {
                    tally::count_upload(write, link, write.now_ms)?;
                    write.announce(Change::Inbox);
                }
                _ => {}
            }
            Ok(())
        })
    }
}

/// BLAKE3 and SHA-256 of all of a file.
pub(crate) fn sums(file: &mut File) -> std::io::Result<([u8; 32], [u8; 32])> {
    file.seek(SeekFrom::Start(0))?;
    let (mut blake, mut sha) = (blake3::Hasher::new(), Sha256::new());
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece)?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        blake.update(bytes);
        sha.update(bytes);
    }
    Ok((*blake.finalize().as_bytes(), sha.finalize().into()))
}

/// The most bytes of a file that begins so; `None` when it is not taken from visitors.
pub(crate) fn most(head: &[u8]) -> Option<u64> {
    let Sniff::Media(format) = sniff(head) else {
        return None;
    };
    match (format, format.kind()) {
        (Format::Bmp | Format::Jxl | Format::Mkv | Format::Avi, _) => None,
        (_, Kind::Photo | Kind::Raw) => Some(MOST_PHOTO),
        (_, Kind::Video) => Some(MOST_VIDEO),
    }
}
