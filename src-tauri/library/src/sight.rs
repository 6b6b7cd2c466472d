//! Renditions on their way to visitors: small ones as a whole, and, while nothing is
//! committed, from memory.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use media::Rendition;

use crate::{Access, LibraryError, Reading};

/// Renditions up to this length are read into memory as a whole; longer ones are
/// read as they are sent.
const WHOLE: u64 = 256 * 1024;

/// A rendition on its way out.
pub struct Sight {
    /// At its start.
    pub pixels: Pixels,
    /// Bytes.
    pub length: u64,
    /// Media type.
    pub mime: String,
    /// A file name that tells no more than the terms do.
    pub name: String,
    /// Changes with the bytes; keyed by the link. Without quotes.
    pub etag: String,
}

/// Where a rendition is read from.
pub enum Pixels {
    /// Memory.
    Held(Cursor<Arc<[u8]>>),
    /// Its file.
    Stored(Reading),
}

/// A small rendition in memory.
pub(crate) struct Kept {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) mime: String,
    pub(crate) name: String,
    pub(crate) etag: String,
}

impl Read for Pixels {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Pixels::Held(held) => held.read(bytes),
            Pixels::Stored(file) => file.read(bytes),
        }
    }
}

impl Seek for Pixels {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Pixels::Held(held) => held.seek(to),
            Pixels::Stored(file) => file.seek(to),
        }
    }
}

impl Kept {
    fn sight(&self) -> Sight {
        Sight {
            pixels: Pixels::Held(Cursor::new(Arc::clone(&self.bytes))),
            length: self.bytes.len() as u64,
            mime: self.mime.clone(),
            name: self.name.clone(),
            etag: self.etag.clone(),
        }
    }
}

impl Access {
    /// A rendition of the photo of this name, if it was given out a moment ago and
    /// nothing was committed since; touches no disk.
    pub fn sight_again(&self, item: &str, rendition: Rendition) -> Option<Sight> {
        let name = (self.link(), self.asset_of(item)?, rendition);
        let library = self.library();
        let kept = library.recent.rendition(library.catalog.commits(), &name)?;
        self.is_in_time().then(|| kept.sight())
    }

    /// A rendition of the photo of this name, or of the first that can be seen; `None`
    /// when the link shows none such.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] when the right holds no more; [`LibraryError::Unseen`]
    /// when it cannot be previewed.
    pub fn sight(
        &self,
        item: Option<&str>,
        rendition: Rendition,
    ) -> Result<Option<Sight>, LibraryError> {
        let library = self.library();
        // Counted before the rows are read: what is read may be newer, never older.
        let commits = library.catalog.commits();
        let id = match item {
            Some(item) => self.asset_of(item),
            None => self.first_seen()?.map(|entry| entry.asset),
        };
        let asset = id.map_or(Ok(None), |id| self.asset_shown(id))?;
        let Some(asset) = asset else {
            return Ok(None);
        };
        let read = || self.rendition(&asset, rendition);
        let mut served = library.or_bring(asset.id, read)?;
        if served.length > WHOLE {
            return Ok(Some(Sight {
                pixels: Pixels::Stored(served.body),
                length: served.length,
                mime: served.mime,
                name: served.name,
                etag: served.etag,
            }));
        }
        let mut bytes = vec![0; usize::try_from(served.length).unwrap_or_default()];
        served.body.read_exact(&mut bytes)?;
        let kept = Arc::new(Kept {
            bytes: bytes.into(),
            mime: served.mime,
            name: served.name,
            etag: served.etag,
        });
        let name = (self.link(), asset.id, rendition);
        library.recent.keep_rendition(commits, name, &kept);
        Ok(Some(kept.sight()))
    }
}
