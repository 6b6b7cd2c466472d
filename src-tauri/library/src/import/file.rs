//! The import of one file: read it, look it up, have it examined in a worker,
//! write the original, and add the asset's rows in one transaction.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::path::Path;

use rusqlite::Connection;

use media::{Examined, Input, MediaError, Metadata, Origin, Rendition, TakenFrom};

use super::UNREADABLE;
use super::read::{self, CHANGING, Content, Found, read, refused};
use super::{Failure, From, Outcome, Run};
use crate::asset::{self, NewAsset};
use crate::catalog::Write;
use crate::original::{
    self, Incoming, Location, Original, Part, Placed, copy_and_hash, modified_ms,
};
use crate::seen::Seen;
use crate::sidecar::{self, Side};
use crate::template::Filling;
use crate::verify::inner_path;
use crate::{AssetId, LibraryError, album, motion, rendition, seen, shelf};

/// Where the bytes are now, and the intent to end when they were copied.
struct Located {
    file: Original,
    placed: Option<Placed>,
    /// What was copied along.
    sides: Vec<(Original, Placed)>,
}

impl Located {
    fn all_placed(&self) -> Vec<Placed> {
        let sides = self.sides.iter().map(|(_, placed)| placed);
        self.placed.iter().chain(sides).cloned().collect()
    }
}

impl Run<'_> {
    /// Takes in one file of a watched folder, and notes what it is when it is no
    /// photo of the library.
    pub(super) fn follow_file(&self, path: &Path) -> Result<Outcome, LibraryError> {
        let before = fs::symlink_metadata(path);
        let outcome = self.import_file(path)?;
        let (code, message, hash) = match &outcome {
            // What another look may find otherwise is not noted.
            Outcome::Failed(failure) if ![CHANGING, UNREADABLE].contains(&failure.code) => {
                (failure.code, failure.message.clone(), None)
            }
            Outcome::Deleted(hash) => {
                let message = seen::DELETED_SENTENCE.to_owned();
                (seen::DELETED, message, Some(*hash))
            }
            _ => return Ok(outcome),
        };
        if let (Ok(before), Some(path)) = (before, path.to_str()) {
            let seen = Seen {
                path: path.to_owned(),
                bytes: before.len(),
                modified_ms: modified_ms(&before),
                code,
                message,
                hash,
            };
            self.library
                .catalog
                .write(move |write| seen::note(write, &seen))?;
        }
        Ok(outcome)
    }

    /// Imports one file; an `Err` ends the import.
    pub(super) fn import_file(&self, path: &Path) -> Result<Outcome, LibraryError> {
        if let Some(outcome) = self.known_again(path)? {
            return Ok(outcome);
        }
        self.note(|report| report.progress.read += 1);
        let mut found = match read(path) {
            Ok(found) => found,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        let known = self.known_hash(&mut found)?;
        if let Some(hash) = known
            && let Some(outcome) = self.look_up(path, &mut found, hash)?
        {
            return Ok(outcome);
        }
        let examined = match self.examine(&found) {
            Ok(examined) => examined,
            Err(error @ MediaError::WorkerMissing { .. }) => return Err(error.into()),
            Err(error) => return Ok(Outcome::Failed(refused(path, &error))),
        };
        let name = self.name_of(path);
        let Examined {
            mut picture,
            unseen,
        } = examined;
        let own = std::mem::take(&mut picture.facts.metadata);
        let sides = sidecar::beside(path);
        picture.facts.metadata = with_sides(own, &sides, &name);
        let metadata = &picture.facts.metadata;
        let folder = self.template.folder(&Filling {
            taken_local_ms: metadata.taken.map(|taken| taken.local_ms),
            make: metadata.camera_make.as_deref(),
            model: metadata.camera_model.as_deref(),
        });
        let located = match self.locate(path, &mut found, known, (&folder, &name), &sides)? {
            Ok(located) => located,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        self.library.store_renditions(
            &located.file.hash,
            media::Turn::None,
            &picture.renditions,
        )?;
        let new = NewAsset {
            hash: located.file.hash,
            name,
            bytes: found.bytes,
            facts: picture.facts,
            thumbhash: picture.thumbhash,
            likeness: picture.likeness,
            unseen,
            modified_ms: found.modified_ms,
        };
        self.commit(path, new, located)
    }

    /// The hash of a picture's bytes; of a video's only where the library has
    /// one of that length, for it means reading the file once more.
    fn known_hash(&self, found: &mut Found) -> Result<Option<[u8; 32]>, LibraryError> {
        match &mut found.content {
            Content::Picture(bytes, _) => Ok(Some(*blake3::hash(bytes).as_bytes())),
            Content::Film(file) => {
                let bytes = found.bytes;
                let like_it = self.library.catalog.read(|conn| {
                    Ok(asset::has_length(conn, bytes)? || seen::has_deleted_length(conn, bytes)?)
                })?;
                if !like_it {
                    return Ok(None);
                }
                let (hash, _) = copy_and_hash(file, &mut std::io::sink())?;
                file.seek(SeekFrom::Start(0))?;
                Ok(Some(hash))
            }
        }
    }

    /// The outcome for bytes that the library knows already.
    fn look_up(
        &self,
        path: &Path,
        found: &mut Found,
        hash: [u8; 32],
    ) -> Result<Option<Outcome>, LibraryError> {
        if matches!(self.from, From::Watched(_))
            && self
                .library
                .catalog
                .read(|conn| seen::is_deleted(conn, &hash))?
        {
            return Ok(Some(Outcome::Deleted(hash)));
        }
        let twin = self.library.catalog.read(|conn| find_twin(conn, &hash))?;
        let Some((id, part)) = twin else {
            return Ok(None);
        };
        let in_place = self.stays_in_place();
        let held = self.library.holds(id, part, !in_place)?;
        if in_place || !held {
            return self.hold(id, part, held, path, found, hash).map(Some);
        }
        self.add_to_album(id)?;
        self.note_held(path, (found.bytes, found.modified_ms), hash)?;
        Ok(Some(Outcome::Duplicate(id)))
    }

    /// Whether files are referred to where they are, as the user's own.
    pub(super) fn stays_in_place(&self) -> bool {
        match &self.from {
            From::Outside => self.order.in_place,
            From::Originals | From::Inbox(_) => false,
            From::Watched(_) => true,
        }
    }

    fn examine(&self, found: &Found) -> Result<Examined, MediaError> {
        let wanted: &[Rendition] = if self.order.without_renditions {
            &rendition::AT_ONCE
        } else {
            &rendition::AT_IMPORT
        };
        let (Content::Picture(_, file) | Content::Film(file)) = &found.content;
        let input = Input::of_file(file.try_clone()?);
        let origin = match self.from {
            From::Inbox(_) => Origin::Visitor,
            From::Outside | From::Originals | From::Watched(_) => Origin::Owner,
        };
        self.library.decoder.examine(&input, wanted, origin)
    }

    /// Copies the bytes into the library, to this folder and name or one like it,
    /// or refers to the file in its place.
    fn locate(
        &self,
        path: &Path,
        found: &mut Found,
        known: Option<[u8; 32]>,
        (folder, name): (&str, &str),
        sides: &[Side],
    ) -> Result<Result<Located, Failure>, LibraryError> {
        if self.stays_in_place() || self.from == From::Originals {
            return self.refer_to(path, found, known);
        }
        self.make_sure_of_room(found.bytes)?;
        let incoming = match &mut found.content {
            Content::Picture(bytes, _) => {
                let hash = known.unwrap_or_else(|| *blake3::hash(bytes).as_bytes());
                Incoming::Bytes(bytes, hash)
            }
            Content::Film(file) => {
                file.seek(SeekFrom::Start(0))?;
                Incoming::File(file)
            }
        };
        let placed = self.library.place_original(incoming, folder, name)?;
        if let Err(failure) = self.unchanged(path, found, &placed) {
            self.library.discard_placed(&placed)?;
            return Ok(Err(failure));
        }
        let sides = match self.library.place_sides(sides, &placed) {
            Ok(sides) => sides,
            Err(error) => {
                self.library.discard_placed(&placed)?;
                return Err(error);
            }
        };
        Ok(Ok(Located {
            file: Original {
                location: Location::Copied(placed.target.clone()),
                hash: placed.hash,
                bytes: placed.bytes,
                modified_ms: found.modified_ms,
                inode: None,
            },
            placed: Some(placed),
            sides,
        }))
    }

    /// Fails when a file was written to while it was looked at and copied.
    fn unchanged(&self, path: &Path, found: &Found, placed: &Placed) -> Result<(), Failure> {
        read::still_the_same(path, found)?;
        if placed.bytes == found.bytes {
            return Ok(());
        }
        Err(Failure {
            path: path.to_owned(),
            code: CHANGING,
            message: "The file became shorter while it was copied; import it again.".to_owned(),
        })
    }

    fn refer_to(
        &self,
        path: &Path,
        found: &mut Found,
        known: Option<[u8; 32]>,
    ) -> Result<Result<Located, Failure>, LibraryError> {
        let Some(text) = path.to_str() else {
            return Ok(Err(Failure {
                path: path.to_owned(),
                code: "name",
                message: "The file's name is not valid Unicode, so it cannot be referred to in \
                          place; import a copy, or rename it."
                    .to_owned(),
            }));
        };
        let hash = match (known, &mut found.content) {
            (Some(hash), _) => hash,
            (None, Content::Picture(bytes, _)) => *blake3::hash(bytes).as_bytes(),
            (None, Content::Film(file)) => hash_of(file)?,
        };
        let (location, inode) = match &self.from {
            From::Outside | From::Watched(_) => (Location::InPlace(text.to_owned()), found.inode),
            From::Originals | From::Inbox(_) => {
                let inner = inner_path(&self.library.originals(), path);
                (Location::Copied(inner), None)
            }
        };
        Ok(Ok(Located {
            file: Original {
                location,
                hash,
                bytes: found.bytes,
                modified_ms: found.modified_ms,
                inode,
            },
            placed: None,
            sides: Vec::new(),
        }))
    }

    /// The library knows the photo, and here its bytes are once more. Where it
    /// holds them no longer, or not as is wanted, what was known of their places is
    /// forgotten; and a photo that was lost with its file is found again.
    fn hold(
        &self,
        id: AssetId,
        part: Part,
        held: bool,
        path: &Path,
        found: &mut Found,
        hash: [u8; 32],
    ) -> Result<Outcome, LibraryError> {
        let asset = self.library.any_asset(id)?;
        let folder = self.template.folder(&Filling {
            taken_local_ms: asset.taken_at.map(|taken| taken.local_ms),
            make: asset.camera_make.as_deref(),
            model: asset.camera_model.as_deref(),
        });
        let name = self.name_of(path);
        let sides = sidecar::beside(path);
        let located = match self.locate(path, found, Some(hash), (&folder, &name), &sides)? {
            Ok(located) => located,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        let watched = matches!(self.from, From::Watched(_));
        let follow = (watched && part == Part::Whole).then(|| self.name_of(path));
        let wanted = matches!(self.from, From::Outside | From::Inbox(_));
        let ours = located.all_placed();
        let written = self.library.catalog.write(move |write| {
            let Located {
                file,
                placed,
                sides,
            } = located;
            if !held {
                original::forget(write, id, part, file.is_in_place())?;
            }
            original::record(write, id, part, &file, placed.as_ref())?;
            let unused = sidecar::record(write, id, sides)?;
            if let Some(name) = follow.filter(|_| !held) {
                asset::rename(write, id, &name)?;
            }
            if wanted {
                seen::want_again(write, &hash)?;
            }
            asset::find_again(write, id)?;
            Ok(unused)
        });
        for unused in self.library.unless_full(written, &ours)? {
            self.library.discard_placed(&unused)?;
        }
        self.add_to_album(id)?;
        self.note_held(path, (found.bytes, found.modified_ms), hash)?;
        Ok(Outcome::Duplicate(id))
    }

    /// Adds the asset's rows, unless a twin from the same import was quicker.
    fn commit(
        &self,
        path: &Path,
        new: NewAsset,
        located: Located,
    ) -> Result<Outcome, LibraryError> {
        let (album, shelf) = (self.order.album, self.order.shelf);
        let source = path.to_str().filter(|_| self.from == From::Outside);
        let source = source.map(str::to_owned);
        let (watched, before) = match &self.from {
            From::Watched(before) => (true, before.get(path).cloned()),
            From::Outside | From::Originals | From::Inbox(_) => (false, None),
        };
        let ours = located.all_placed();
        let written = self.library.catalog.write(move |write| {
            let Located {
                file,
                placed,
                sides,
            } = located;
            let in_place = file.is_in_place();
            let conn = write.conn();
            let edited = match watched {
                true => asset::find_edited(conn, &file.location, before.as_ref(), &new)?,
                false => None,
            };
            let (id, outcome, twice) = if let Some((twin, part)) = find_twin(conn, &new.hash)? {
                if file.is_in_place() {
                    original::record(write, twin, part, &file, None)?;
                }
                (twin, Outcome::Duplicate(twin), placed)
            } else if let Some(id) = edited {
                let before = asset::rewrite(write, id, &new)?;
                original::forget(write, id, Part::Whole, true)?;
                original::record(write, id, Part::Whole, &file, None)?;
                motion::attach_inside(write, id, &new)?;
                (id, Outcome::Edited { before }, None)
            } else if let Some(half) = motion::find_other_half(conn, &new)? {
                let photo = join(write, half, &new, &file, placed.as_ref())?;
                let gone = (photo != half).then_some(half);
                (photo, Outcome::Joined { photo, gone }, None)
            } else {
                let id = asset::insert(write, &new)?;
                original::record(write, id, Part::Whole, &file, placed.as_ref())?;
                motion::attach_inside(write, id, &new)?;
                shelf::place_new(write, id, shelf)?;
                (id, Outcome::Imported(id), None)
            };
            let mut unused = sidecar::record(write, id, sides)?;
            unused.extend(twice);
            seen::want_again(write, &new.hash)?;
            if let (Some(source), false) = (source, in_place) {
                seen::note_held(write, &source, (new.bytes, new.modified_ms), new.hash)?;
            }
            if let Some(album) = album {
                album::insert(write, album, id)?;
            }
            Ok((outcome, unused))
        });
        let (outcome, unused) = self.library.unless_full(written, &ours)?;
        for unused in unused {
            self.library.discard_placed(&unused)?;
        }
        if let Outcome::Edited { before } = &outcome {
            self.library.forget_derived(before);
        }
        Ok(outcome)
    }

    pub(super) fn add_to_album(&self, id: AssetId) -> Result<(), LibraryError> {
        match self.order.album {
            None => Ok(()),
            Some(album) => self
                .library
                .catalog
                .write(move |write| album::insert(write, album, id).map(|_| ())),
        }
    }
}

/// What the file says, what the files beside it say, and when neither knows the
/// time, what its name says.
fn with_sides(own: Metadata, sides: &[Side], name: &str) -> Metadata {
    // The camera knows the moment of the exposure best; of all else an editor's
    // sidecar is the newer word.
    let exposure = own.taken.filter(|taken| taken.from == TakenFrom::Exif);
    let mut metadata = match sidecar::said(sides) {
        Some(said) => said.or(own),
        None => own,
    };
    metadata.taken = exposure
        .or(metadata.taken)
        .or_else(|| media::moment_in_name(name));
    metadata
}

/// Makes one asset of the two halves of a live photo; answers with the photo.
fn join(
    write: &Write<'_>,
    half: AssetId,
    new: &NewAsset,
    file: &Original,
    placed: Option<&Placed>,
) -> Result<AssetId, LibraryError> {
    if new.facts.format.kind() == media::Kind::Video {
        motion::attach_new(write, half, new, file, placed)?;
        return Ok(half);
    }
    let photo = asset::insert(write, new)?;
    original::record(write, photo, Part::Whole, file, placed)?;
    motion::attach_asset(write, photo, half)?;
    Ok(photo)
}

/// The asset that has these bytes, as its own or as its live part.
pub(crate) fn find_twin(
    conn: &Connection,
    hash: &[u8; 32],
) -> Result<Option<(AssetId, Part)>, LibraryError> {
    if let Some(id) = asset::find_by_hash(conn, hash)? {
        return Ok(Some((id, Part::Whole)));
    }
    Ok(motion::find_by_hash(conn, hash)?.map(|id| (id, Part::Live)))
}

/// BLAKE3 of a whole file.
pub(crate) fn hash_of(file: &mut File) -> Result<[u8; 32], LibraryError> {
    file.seek(SeekFrom::Start(0))?;
    Ok(copy_and_hash(file, &mut std::io::sink())?.0)
}
