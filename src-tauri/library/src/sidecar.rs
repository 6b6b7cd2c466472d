//! Sidecars: what an editor or a phone left beside a photo and says something
//! about it, `.xmp` and `.aae`. What they say is read with the photo; beside a
//! photo that is copied they are copied, too, go where it goes, and are never
//! read again.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use media::Metadata;

use crate::catalog::Write;
use crate::original::{self, Incoming, Location, Original, Part, Placed, modified_ms, open_plain};
use crate::verify::inner_path;
use crate::{AssetId, Library, LibraryError};

/// The longest that is read, in bytes.
const LONGEST: u64 = 8 << 20;
/// What they end in, as systems and programs write it.
const ENDINGS: [&str; 4] = ["xmp", "XMP", "aae", "AAE"];

/// How a sidecar is named after its photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `a.jpg.xmp`
    Long,
    /// `a.xmp`, which it may share with `a.raw`.
    Short,
}

/// A sidecar as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    form: Form,
    ending: &'static str,
    bytes: Vec<u8>,
    modified_ms: i64,
}

/// A sidecar to be written out.
pub struct Sidecar {
    /// Its bytes, at their start.
    pub body: File,
    form: Form,
    ending: String,
}

impl Form {
    /// The sidecar of a photo.
    fn beside(self, photo: &Path, ending: &str) -> PathBuf {
        match self {
            Form::Short => photo.with_extension(ending),
            Form::Long => {
                let mut name = photo.as_os_str().to_owned();
                name.push(".");
                name.push(ending);
                PathBuf::from(name)
            }
        }
    }
}

impl Sidecar {
    /// What it is called beside a photo of this name.
    pub fn beside(&self, photo: &Path) -> PathBuf {
        self.form.beside(photo, &self.ending)
    }
}

/// What a sidecar at `path` is called beside a photo of this name: by the whole of it, or
/// not.
pub(crate) fn name_beside(photo: &str, path: &str, whole: bool) -> String {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let form = if whole { Form::Long } else { Form::Short };
    let beside = form.beside(Path::new(photo), ending);
    beside.to_string_lossy().into_owned()
}

/// A sidecar that came from another machine; `None` where its name or its length is none
/// of one.
pub(crate) fn arrived(
    file: &mut File,
    name: &str,
    photo: &str,
    modified_ms: i64,
) -> Result<Option<Side>, LibraryError> {
    let ending = |name: &str| ENDINGS.into_iter().find(|ending| name.ends_with(*ending));
    if file.metadata()?.len() > LONGEST {
        return Ok(None);
    }
    let Some(ending) = ending(name) else {
        return Ok(None);
    };
    let form = match name.strip_suffix(ending) {
        Some(stem) if stem.strip_suffix('.') == Some(photo) => Form::Long,
        _ => Form::Short,
    };
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(Some(Side {
        form,
        ending,
        bytes,
        modified_ms,
    }))
}

/// Whether a file is one that says something about a photo beside it.
pub(crate) fn is_sidecar(path: &Path) -> bool {
    path.extension().is_some_and(|own| {
        ENDINGS
            .iter()
            .any(|ending| own.eq_ignore_ascii_case(ending))
    })
}

/// The sidecars of a photo, those of the longer names first.
pub(crate) fn beside(photo: &Path) -> Vec<Side> {
    let mut found: Vec<Side> = Vec::new();
    for form in [Form::Long, Form::Short] {
        for ending in ENDINGS {
            // Where letters count without case, it is found by both.
            let twice = |side: &Side| side.form == form && side.ending.eq_ignore_ascii_case(ending);
            if !found.iter().any(twice) {
                found.extend(read(photo, form, ending));
            }
        }
    }
    found
}

fn read(photo: &Path, form: Form, ending: &'static str) -> Option<Side> {
    let file = open_plain(&form.beside(photo, ending)).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(Side {
        form,
        ending,
        bytes,
        modified_ms: modified_ms(&metadata),
    })
}

/// What they say of their photo.
pub(crate) fn said(sides: &[Side]) -> Option<Metadata> {
    sides
        .iter()
        .filter(|side| side.ending.eq_ignore_ascii_case("xmp"))
        .find_map(|side| media::sidecar(&side.bytes))
}

/// Records sidecars of an asset; answers with those it has already, which are
/// no one's.
pub(crate) fn record(
    write: &Write<'_>,
    asset: AssetId,
    sides: Vec<(Original, Placed)>,
) -> Result<Vec<Placed>, LibraryError> {
    let mut unused = Vec::new();
    for (file, placed) in sides {
        let known = write
            .conn()
            .prepare_cached(
                "SELECT 1 FROM original WHERE asset = ?1 AND part = 'side' AND hash = ?2",
            )?
            .exists((asset, file.hash))?;
        if known {
            unused.push(placed);
        } else {
            original::record(write, asset, Part::Side, &file, Some(&placed))?;
        }
    }
    Ok(unused)
}

impl Library {
    /// Copies sidecars beside a photo's copy.
    ///
    /// # Errors
    /// When one cannot be written; then none of them is.
    pub(crate) fn place_sides(
        &self,
        sides: &[Side],
        photo: &Placed,
    ) -> Result<Vec<(Original, Placed)>, LibraryError> {
        let mut all: Vec<(Original, Placed)> = Vec::new();
        for side in sides {
            match self.place_side(side, &photo.target) {
                Ok(placed) => all.push(placed),
                Err(error) => {
                    for (_, placed) in &all {
                        self.discard_placed(placed)?;
                    }
                    return Err(error);
                }
            }
        }
        Ok(all)
    }

    fn place_side(&self, side: &Side, photo: &str) -> Result<(Original, Placed), LibraryError> {
        let (folder, name) = photo.rsplit_once('/').unwrap_or(("", photo));
        // One that another photo of this name has keeps that; the longer name says whose
        // this one is.
        let named = |form: Form| {
            let path = form.beside(Path::new(name), side.ending);
            path.to_string_lossy().into_owned()
        };
        let short = named(side.form);
        let own = match self.originals().join(folder).join(&short).exists() {
            true => named(Form::Long),
            false => short,
        };
        let hash = *blake3::hash(&side.bytes).as_bytes();
        let placed = self.place_original(Incoming::Bytes(&side.bytes, hash), folder, &own)?;
        let file = Original {
            location: Location::Copied(placed.target.clone()),
            hash,
            bytes: placed.bytes,
            modified_ms: side.modified_ms,
            inode: None,
        };
        Ok((file, placed))
    }

    /// Copies a sidecar beside a photo that is in the library already, unless it has it.
    pub(crate) fn take_side(&self, asset: AssetId, side: &Side) -> Result<(), LibraryError> {
        let hash = *blake3::hash(&side.bytes).as_bytes();
        let known = self.files(asset, Part::Side)?;
        let photos = self.files(asset, Part::Whole)?;
        // Beside the user's own file nothing is written.
        let photo = photos.iter().find_map(Original::copied);
        let Some(photo) = photo.filter(|_| known.iter().all(|file| file.hash != hash)) else {
            return Ok(());
        };
        let placed = self.place_side(side, photo)?;
        let unused = self
            .catalog
            .write(move |write| record(write, asset, vec![placed]))?;
        unused
            .iter()
            .try_for_each(|placed| self.discard_placed(placed))
    }

    /// Takes sidecars in that stand beside photos under `originals/` and are no
    /// one's, where they stand.
    pub(crate) fn adopt_sides(&self, paths: &[PathBuf]) -> Result<(), LibraryError> {
        for path in paths.iter().filter(|path| is_sidecar(path)) {
            let own = inner_path(&self.originals(), path);
            let Some(photo) = self.photo_of_side(&own)? else {
                continue;
            };
            let Ok(file) = open_plain(path) else { continue };
            let modified_ms = modified_ms(&file.metadata()?);
            let (hash, bytes) = original::copy_and_hash(&mut { file }, &mut std::io::sink())?;
            let file = Original {
                location: Location::Copied(own),
                hash,
                bytes,
                modified_ms,
                inode: None,
            };
            self.catalog
                .write(move |write| original::record(write, photo, Part::Side, &file, None))?;
        }
        Ok(())
    }

    /// The photo that a file beside it under `originals/` belongs to, unless it is
    /// someone's already.
    fn photo_of_side(&self, own: &str) -> Result<Option<AssetId>, LibraryError> {
        let stem = own.rsplit_once('.').map_or(own, |(stem, _)| stem);
        self.catalog.read(|conn| {
            let copied = |path: &str| Location::Copied(path.to_owned());
            if original::at(conn, &copied(own))?.is_some() {
                return Ok(None);
            }
            if let Some((asset, _)) = original::at(conn, &copied(stem))? {
                return Ok(Some(asset));
            }
            // `a.` and what follows, up to the next letter after the full stop.
            original::first_between(conn, &format!("{stem}."), &format!("{stem}/"))
        })
    }

    /// The sidecars of an asset, as they were imported; of a photo in place,
    /// those that stand beside it now.
    pub fn sidecars(&self, id: AssetId) -> Result<Vec<Sidecar>, LibraryError> {
        let asset = self.asset(id)?;
        let photos = [Part::Whole, Part::Live].map(|part| self.files(id, part));
        let photos: Vec<Original> = photos.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        let mut all = Vec::new();
        for file in self.files(id, Part::Side)? {
            let (stem, ending) = file.path().rsplit_once('.').unwrap_or((file.path(), ""));
            let form = match photos.iter().any(|photo| photo.path() == stem) {
                true => Form::Long,
                false => Form::Short,
            };
            all.push(Sidecar {
                body: self.open_file(&file, &asset.name)?,
                form,
                ending: ending.to_owned(),
            });
        }
        let theirs = photos.iter().filter(|photo| photo.is_in_place());
        if let (Some(photo), true) = (theirs.clone().next(), all.is_empty()) {
            let photo = self.place_of(photo);
            for side in beside(&photo) {
                all.push(Sidecar {
                    body: open_plain(&side.form.beside(&photo, side.ending))?,
                    form: side.form,
                    ending: side.ending.to_owned(),
                });
            }
        }
        Ok(all)
    }
}
