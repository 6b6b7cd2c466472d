//! Bytes for other machines: of the library's own photos, and copies that are kept here.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use rusqlite::Connection;

use super::KeptWhat;
use crate::original::Part;
use crate::peer::Guest;
use crate::{Asset, AssetId, DeviceId, Library, LibraryError, Served, hosting, partner, share};

/// Bytes that a peer may have.
pub enum Given {
    /// An original, to be checked in parts.
    Original(GivenOriginal),
    /// A rendition, small and checked whole.
    Rendition(Served),
}

/// An original on its way to a peer, or a film that was made of one.
pub struct GivenOriginal {
    /// Open, at its start.
    pub file: File,
    /// Bytes.
    pub length: u64,
    /// BLAKE3.
    pub hash: [u8; 32],
    /// Its inner hashes, where they were kept.
    pub outboard: Option<Vec<u8>>,
    /// A film, or a live part as it plays: what it hashes to is not known yet, and of no use
    /// later.
    pub is_made: bool,
}

impl GivenOriginal {
    /// A film or a live part that was made here, or is kept as it was made at its home. Its
    /// hash is that of its tree, once that is made.
    fn made(mut file: File) -> Result<GivenOriginal, LibraryError> {
        file.seek(SeekFrom::Start(0))?;
        Ok(GivenOriginal {
            length: file.metadata()?.len(),
            file,
            hash: [0; 32],
            outboard: None,
            is_made: true,
        })
    }
}

impl Guest {
    /// Opens bytes for this peer: of one of the library's photos, or a copy that is
    /// kept here of another home's.
    ///
    /// # Errors
    /// [`LibraryError::NotShared`] where it may not have them; why they cannot be had.
    pub fn open(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<Given, LibraryError> {
        match self.open_any(home, asset, what) {
            // Where one's store is is nobody else's affair.
            Err(LibraryError::AtStore { name, .. } | LibraryError::LostAtStore { name, .. })
                if !self.is_own() =>
            {
                Err(LibraryError::OriginalMissing { name })
            }
            given => given,
        }
    }

    fn open_any(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<Given, LibraryError> {
        let library = &self.library;
        if self.is_own()
            && what == KeptWhat::Original
            && let Some(moving) = self.open_moving(asset)?
        {
            return Ok(Given::Original(moving));
        }
        // What was adopted is given as one's own.
        let is_adopted = !matches!(what, KeptWhat::Part(_)) && library.has_adopted(home, asset)?;
        if self.is_own() && home != library.identity()?.device && !is_adopted {
            library.catalog.read(|conn| self.check(conn))?;
            return library.give_kept(home, asset, what);
        }
        let is_handed_on = library.catalog.read(|conn| {
            self.check(conn)?;
            self.may_have_of(conn, home, asset, what)
        })?;
        if is_handed_on && !is_adopted {
            return library.give_kept(home, asset, what);
        }
        let asset = library.catalog.read(|conn| {
            if !is_handed_on && !self.may_have(conn, asset, what)? {
                return Err(LibraryError::NotShared);
            }
            crate::asset::find_any(conn, asset)
        })?;
        if what == KeptWhat::Motion && asset.motion.is_none() {
            return Err(LibraryError::wrong("This photo has no live part."));
        }
        if let Some(via) = asset.via
            && (what == KeptWhat::Motion || !library.has_original(asset.id)?)
        {
            return library.give_kept(via, asset.id, what);
        }
        if what == KeptWhat::Motion {
            let mut clean = library.open_clean_motion(&asset)?.0;
            let mut file = tempfile::tempfile_in(library.unfinished())?;
            io::copy(&mut clean, &mut file)?;
            return GivenOriginal::made(file).map(Given::Original);
        }
        if what == KeptWhat::Film {
            return GivenOriginal::made(library.open_converted_film(&asset)?.0)
                .map(Given::Original);
        }
        match what.rendition() {
            Some(rendition) => {
                if let Some(code) = &asset.unseen {
                    return Err(LibraryError::Unseen(code.clone()));
                }
                library
                    .serve_rendition(&asset, rendition, None, String::new())
                    .map(Given::Rendition)
            }
            None if what != KeptWhat::Original => library.give_part(&asset, what),
            None => {
                let file = library.open_original(&asset)?;
                if file.metadata()?.len() != asset.bytes {
                    return Err(LibraryError::OriginalDamaged { name: asset.name });
                }
                Ok(Given::Original(GivenOriginal {
                    file,
                    length: asset.bytes,
                    hash: asset.hash,
                    outboard: library.outboard(&asset.hash)?,
                    is_made: false,
                }))
            }
        }
    }

    /// Whether the peer still may have these bytes: asked again while much is sent.
    pub fn holds(&self, home: DeviceId, asset: AssetId, what: KeptWhat) -> bool {
        let holds = self.library.catalog.read(|conn| {
            Ok(self.may_have(conn, asset, what)? || self.may_have_of(conn, home, asset, what)?)
        });
        holds.unwrap_or(false)
    }

    /// One's own machines may have everything that is not locked; partners what of the
    /// library is shown to them; others what an album shows that they are in, or whose
    /// home they are.
    fn may_have(
        &self,
        conn: &Connection,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<bool, LibraryError> {
        self.check(conn)?;
        if self.is_own() {
            return Ok(conn
                .prepare_cached(
                    "SELECT NOT EXISTS (SELECT 1 FROM asset WHERE id = ?1 AND shelf = 'locked')",
                )?
                .query_row([asset], |row| row.get(0))?);
        }
        if partner::sees(conn, self.person(), asset)? {
            return partner::may_have(conn, self.person(), asset, what);
        }
        if hosting::may_have(conn, self.device(), asset, what)? {
            return Ok(true);
        }
        // Albums show photos alone.
        if matches!(what, KeptWhat::Part(_)) {
            return Ok(false);
        }
        share::may_have(conn, (self.person(), self.device()), asset, what)
    }
}

impl Library {
    /// A further file of one of the library's own photos.
    fn give_part(&self, asset: &Asset, what: KeptWhat) -> Result<Given, LibraryError> {
        let missing = || LibraryError::OriginalMissing {
            name: asset.name.clone(),
        };
        let KeptWhat::Part(hash) = what else {
            return Err(missing());
        };
        let mut files = self.files(asset.id, Part::Live)?;
        files.extend(self.files(asset.id, Part::Side)?);
        files.retain(|file| file.hash == hash);
        let mut trouble = missing();
        for part in &files {
            match self.open_file(part, &asset.name) {
                Ok(file) => {
                    return Ok(Given::Original(GivenOriginal {
                        file,
                        length: part.bytes,
                        hash,
                        outboard: self.outboard(&hash)?,
                        is_made: false,
                    }));
                }
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    /// A copy that is kept here, for another machine that may have it.
    fn give_kept(
        &self,
        home: DeviceId,
        asset: AssetId,
        what: KeptWhat,
    ) -> Result<Given, LibraryError> {
        let known = self.known_elsewhere(home, asset)?;
        let file = self
            .open_kept(home, asset, what)?
            .ok_or(LibraryError::OriginalMissing { name: known.name })?;
        let length = file.metadata()?.len();
        if what.is_film() {
            return GivenOriginal::made(file).map(Given::Original);
        }
        let hash = match what {
            KeptWhat::Part(hash) => hash,
            _ => known.hash,
        };
        match what.is_picture() {
            true => Served::whole((file, length), String::new(), String::new(), String::new())
                .map(Given::Rendition),
            false => Ok(Given::Original(GivenOriginal {
                file,
                length,
                hash,
                outboard: self.outboard(&hash)?,
                is_made: false,
            })),
        }
    }
}
