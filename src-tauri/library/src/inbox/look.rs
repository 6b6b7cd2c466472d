//! A first look at what visitors sent, by a confined decoder: what it is, what it
//! looks like, and whether the library has something that looks the same.

use std::fs::File;

use media::{Input, Kind, Origin};

use crate::rendition::AT_IMPORT;
use crate::twin::Known;
use crate::{Change, Library, LibraryError, Progress, UploadId};

impl Library {
    /// Looks at what came and was not looked at yet, for as long as `watch` says so;
    /// then takes in what comes through links that want it so.
    ///
    /// # Errors
    /// What concerns them all: a full disk, the catalog.
    pub fn look_at_uploads(
        &self,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<(), LibraryError> {
        let waiting: Vec<UploadId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id FROM upload
                      WHERE state = 'waiting' AND home IS NULL AND looked_at IS NULL
                      ORDER BY received_at",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        if waiting.is_empty() {
            return self.accept_unasked(watch);
        }
        let known = self.catalog.read(Known::load)?;
        let found = waiting.len() as u64;
        let whole = self.work_through(&waiting, found, watch, |id| {
            match self.look_at_upload(*id, &known) {
                Err(error) if error.concerns_all() => Err(error),
                // It was withdrawn or decided on meanwhile.
                _ => Ok(1),
            }
        })?;
        match whole {
            true => self.accept_unasked(watch),
            false => Ok(()),
        }
    }

    /// Takes in what comes through links that want it so, once it was looked at.
    fn accept_unasked(
        &self,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<(), LibraryError> {
        let unasked: Vec<UploadId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT upload.id FROM upload JOIN link ON link.id = upload.link
                      WHERE upload.state = 'waiting' AND upload.home IS NULL
                        AND upload.looked_at IS NOT NULL
                        AND upload.unseen IS NULL AND link.auto_accept",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        if !unasked.is_empty() {
            self.accept(&unasked, false, watch)?;
        }
        Ok(())
    }

    /// Whether something came that was not looked at yet.
    pub fn has_uploads_waiting(&self) -> Result<bool, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM upload
                                     WHERE state = 'waiting' AND home IS NULL
                                       AND looked_at IS NULL)",
                )?
                .query_row([], |row| row.get(0))?)
        })
    }

    /// How many files of visitors of the library's links there are in each state, by its name.
    pub fn count_uploads(&self) -> Result<Vec<(String, u64)>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT state, count(*) FROM upload WHERE home IS NULL GROUP BY state",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?)
        })
    }

    fn look_at_upload(&self, id: UploadId, known: &Known) -> Result<(), LibraryError> {
        let hash = self.waiting_hash(id)?;
        let input = Input::of_file(File::open(self.upload_path(id))?);
        let examined = match self.decoder.examine(&input, &AT_IMPORT, Origin::Visitor) {
            Ok(examined) => examined,
            Err(error @ media::MediaError::WorkerMissing { .. }) => return Err(error.into()),
            Err(error) => {
                let code = error.code();
                return self.catalog.write(move |write| {
                    write
                        .conn()
                        .prepare_cached(
                            "UPDATE upload SET looked_at = ?2, unseen = ?3 WHERE id = ?1",
                        )?
                        .execute((id, write.now_ms, code))?;
                    write.announce(Change::Inbox);
                    Ok(())
                });
            }
        };
        let picture = examined.picture;
        self.store_renditions(&hash, media::Turn::None, &picture.renditions)?;
        let alike: Vec<u8> = match &picture.likeness {
            Some(likeness) => known.alike(likeness).flat_map(|id| id.bytes()).collect(),
            None => Vec::new(),
        };
        self.catalog.write(move |write| {
            let facts = picture.facts;
            let (taken, spot) = (facts.metadata.taken, facts.metadata.place);
            write
                .conn()
                .prepare_cached(
                    "UPDATE upload SET looked_at = :now, kind = :kind, width = :width,
                         height = :height, duration_ms = :duration_ms, taken_local = :taken_local,
                         taken_offset = :taken_offset, placed = :placed, thumbhash = :thumbhash,
                         alike = :alike, unseen = :unseen
                      WHERE id = :id",
                )?
                .execute(rusqlite::named_params! {
                    ":id": id,
                    ":now": write.now_ms,
                    ":kind": match facts.format.kind() {
                        Kind::Video => "video",
                        Kind::Photo | Kind::Raw => "photo",
                    },
                    ":width": facts.width,
                    ":height": facts.height,
                    ":duration_ms": facts.duration_ms,
                    ":taken_local": taken.as_ref().map(|taken| taken.local_ms),
                    ":taken_offset": taken.as_ref().and_then(|taken| taken.offset_minutes),
                    ":placed": spot.is_some(),
                    ":thumbhash": picture.thumbhash,
                    ":alike": alike,
                    ":unseen": examined.unseen,
                })?;
            write.announce(Change::Inbox);
            Ok(())
        })
    }
}
