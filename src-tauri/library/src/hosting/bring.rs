//! Bytes that a link shows and that are on another machine: they are brought while the
//! visitor waits, where somebody said how.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use media::Rendition;

use crate::kept::KeptWhat;
use crate::served::What;
use crate::{AssetId, DeviceId, Library, LibraryError};

/// How many visitors may wait for another machine at once: each holds a thread.
const WAITING: usize = 16;

/// Brings a copy here; whether it could. Blocks.
type Bring = Box<dyn Fn(DeviceId, AssetId, KeptWhat) -> bool + Send + Sync>;

/// How copies are brought.
#[derive(Default)]
pub(crate) struct Bringer {
    bring: OnceLock<Bring>,
    waiting: AtomicUsize,
}

impl Bringer {
    fn bring(&self, via: DeviceId, asset: AssetId, what: KeptWhat) -> bool {
        let Some(bring) = self.bring.get() else {
            return false;
        };
        let is_free = self.waiting.fetch_add(1, Ordering::AcqRel) < WAITING;
        let brought = is_free && bring(via, asset, what);
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        brought
    }
}

impl What {
    /// The copy of which it is read.
    pub fn kept(self) -> KeptWhat {
        match self {
            What::Rendition(Rendition::Thumbnail | Rendition::First) => KeptWhat::Thumbnail,
            What::Rendition(Rendition::Preview) | What::Screen => KeptWhat::Preview,
            What::Rendition(Rendition::Card)
            | What::Download
            | What::Clean
            | What::Film
            | What::Motion => KeptWhat::Original,
        }
    }
}

impl Library {
    /// Says how bytes are brought here that a visitor asks for and another machine has;
    /// the first that is said holds.
    pub fn bring_by(
        &self,
        bring: impl Fn(DeviceId, AssetId, KeptWhat) -> bool + Send + Sync + 'static,
    ) {
        let _ = self.bringer.bring.set(Box::new(bring));
    }

    /// Reads, and once more after bringing what is elsewhere.
    pub(crate) fn or_bring<T>(
        &self,
        asset: AssetId,
        what: What,
        read: impl Fn() -> Result<T, LibraryError>,
    ) -> Result<T, LibraryError> {
        match read() {
            Err(LibraryError::NotHere { via, .. })
                if self.bringer.bring(via, asset, what.kept()) =>
            {
                read()
            }
            served => served,
        }
    }
}
