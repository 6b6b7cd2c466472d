//! The import of one file: read it, look it up, have it examined in a worker,
//! write the original, and add the asset's rows in one transaction.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;

use media::{Examined, Input, MediaError, Metadata, Origin, Rendition, TakenFrom};

use super::read::{self, Content, Found, read, refused, sidecar};
use super::{Failure, From, Outcome, Run};
use crate::asset::{self, NewAsset};
use crate::catalog::Write;
use crate::original::{self, Incoming, Location, Placed, copy_and_hash};
use crate::verify::inner_path;
use crate::{AssetId, Change, LibraryError, album, motion, rendition};

/// Where the bytes are now, and the intent to end when they were copied.
struct Located {
    location: Location,
    placed: Option<Placed>,
    hash: [u8; 32],
}

/// How the place of an asset's bytes, or of its live part's, is written down.
type Record = fn(&Write<'_>, AssetId, &Location, i64, Option<&Placed>) -> Result<(), LibraryError>;

impl Run<'_> {
    /// Imports one file; an `Err` ends the import.
    pub(super) fn import_file(&self, path: &Path) -> Result<Outcome, LibraryError> {
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
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let Examined {
            mut picture,
            unseen,
        } = examined;
        let own = std::mem::take(&mut picture.facts.metadata);
        picture.facts.metadata = with_sidecar(own, path, &name);
        let taken = picture.facts.metadata.taken.map(|taken| taken.local_ms);
        let located = match self.locate(path, &mut found, known, &name, taken)? {
            Ok(located) => located,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        self.library
            .store_renditions(&located.hash, &picture.renditions)?;
        let new = NewAsset {
            hash: located.hash,
            name,
            bytes: found.bytes,
            facts: picture.facts,
            thumbhash: picture.thumbhash,
            unseen,
            modified_ms: found.modified_ms,
        };
        self.commit(new, located)
    }

    /// The hash of a picture's bytes; of a video's only where the library has
    /// one of that length, for it means reading the file once more.
    fn known_hash(&self, found: &mut Found) -> Result<Option<[u8; 32]>, LibraryError> {
        match &mut found.content {
            Content::Picture(bytes, _) => Ok(Some(*blake3::hash(bytes).as_bytes())),
            Content::Film(file) => {
                let bytes = found.bytes;
                let like_it = self
                    .library
                    .catalog
                    .read(|conn| asset::has_length(conn, bytes))?;
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
        let (whole, part) = self.library.catalog.read(|conn| {
            Ok((
                asset::find_by_hash(conn, &hash)?,
                motion::find_by_hash(conn, &hash)?,
            ))
        })?;
        let own = !self.order.in_place;
        let (id, held, record): (_, _, Record) = match (whole, part) {
            (Some(id), _) => (id, self.library.holds_original(id, own)?, original::record),
            (None, Some(id)) => (id, self.library.holds_motion(id, own)?, motion::record),
            (None, None) => return Ok(None),
        };
        if !held {
            return self.hold_again(id, path, found, hash, record).map(Some);
        }
        self.add_to_album(id)?;
        Ok(Some(Outcome::Duplicate))
    }

    fn examine(&self, found: &Found) -> Result<Examined, MediaError> {
        let wanted: &[Rendition] = if self.order.without_renditions {
            &rendition::AT_ONCE
        } else {
            &rendition::AT_IMPORT
        };
        let (Content::Picture(_, file) | Content::Film(file)) = &found.content;
        let input = Input::of_file(file.try_clone()?);
        self.library.decoder.examine(&input, wanted, Origin::Owner)
    }

    /// Copies the bytes into the library, or refers to the file in its place.
    fn locate(
        &self,
        path: &Path,
        found: &mut Found,
        known: Option<[u8; 32]>,
        name: &str,
        taken_local_ms: Option<i64>,
    ) -> Result<Result<Located, Failure>, LibraryError> {
        if self.order.in_place || self.from == From::Originals {
            return self.refer_to(path, found, known);
        }
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
        let placed = self
            .library
            .place_original(incoming, name, taken_local_ms)?;
        if let Err(failure) = self.unchanged(path, found, &placed) {
            self.library.discard_placed(&placed)?;
            return Ok(Err(failure));
        }
        Ok(Ok(Located {
            location: Location::Copied(placed.target.clone()),
            hash: placed.hash,
            placed: Some(placed),
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
            code: "changing",
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
        let location = match self.from {
            From::Outside => Location::InPlace(text.to_owned()),
            From::Originals => Location::Copied(inner_path(&self.library.originals(), path)),
        };
        Ok(Ok(Located {
            location,
            placed: None,
            hash,
        }))
    }

    /// The library knows the photo but has these bytes of it no longer, or only
    /// in a place that is not its own: here they are again.
    fn hold_again(
        &self,
        id: AssetId,
        path: &Path,
        found: &mut Found,
        hash: [u8; 32],
        record: Record,
    ) -> Result<Outcome, LibraryError> {
        let asset = self.library.asset(id)?;
        let taken = asset.taken_at.map(|taken| taken.local_ms);
        let name = match path.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => asset.name,
        };
        let located = match self.locate(path, found, Some(hash), &name, taken)? {
            Ok(located) => located,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        let modified_ms = found.modified_ms;
        self.library.catalog.write(move |write| {
            let (location, placed) = (&located.location, located.placed.as_ref());
            record(write, id, location, modified_ms, placed)?;
            write.announce(Change::Asset(id));
            Ok(())
        })?;
        self.add_to_album(id)?;
        Ok(Outcome::Duplicate)
    }

    /// Adds the asset's rows, unless a twin from the same import was quicker.
    fn commit(&self, new: NewAsset, located: Located) -> Result<Outcome, LibraryError> {
        let album = self.order.album;
        let (outcome, unused) = self.library.catalog.write(move |write| {
            let Located {
                location, placed, ..
            } = located;
            let conn = write.conn();
            let twin = match asset::find_by_hash(conn, &new.hash)? {
                Some(twin) => Some(twin),
                None => motion::find_by_hash(conn, &new.hash)?,
            };
            let (id, outcome, unused) = if let Some(twin) = twin {
                (twin, Outcome::Duplicate, placed)
            } else if let Some(half) = motion::find_other_half(conn, &new)? {
                let photo = join(write, half, &new, &location, placed.as_ref())?;
                let gone = (photo != half).then_some(half);
                (photo, Outcome::Joined { photo, gone }, None)
            } else {
                let id = asset::insert(write, &new)?;
                original::record(write, id, &location, new.modified_ms, placed.as_ref())?;
                motion::attach_inside(write, id, &new)?;
                (id, Outcome::Imported(id), None)
            };
            if let Some(album) = album {
                album::insert(write, album, id)?;
            }
            Ok((outcome, unused))
        })?;
        if let Some(unused) = unused {
            self.library.discard_placed(&unused)?;
        }
        Ok(outcome)
    }

    fn add_to_album(&self, id: AssetId) -> Result<(), LibraryError> {
        match self.order.album {
            None => Ok(()),
            Some(album) => self
                .library
                .catalog
                .write(move |write| album::insert(write, album, id).map(|_| ())),
        }
    }
}

/// What the file says, what a sidecar beside it says, and when neither knows the
/// time, what its name says.
fn with_sidecar(own: Metadata, path: &Path, name: &str) -> Metadata {
    // The camera knows the moment of the exposure best; of all else an editor's
    // sidecar is the newer word.
    let exposure = own.taken.filter(|taken| taken.from == TakenFrom::Exif);
    let mut metadata = match sidecar(path) {
        Some(sidecar) => sidecar.or(own),
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
    location: &Location,
    placed: Option<&Placed>,
) -> Result<AssetId, LibraryError> {
    if new.facts.format.kind() == media::Kind::Video {
        motion::attach_new(write, half, new, location, placed)?;
        return Ok(half);
    }
    let photo = asset::insert(write, new)?;
    original::record(write, photo, location, new.modified_ms, placed)?;
    motion::attach_asset(write, photo, half)?;
    Ok(photo)
}

fn hash_of(file: &mut File) -> Result<[u8; 32], LibraryError> {
    file.seek(SeekFrom::Start(0))?;
    Ok(copy_and_hash(file, &mut std::io::sink())?.0)
}
