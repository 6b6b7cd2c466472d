//! What an import does where the disk is full: it waits, looks again every few
//! seconds, and goes on by itself; or, where nobody is there to wait, it ends.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::{Outcome, Run};
use crate::LibraryError;
use crate::room::Room;

/// How often it is looked whether there is room.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How often it is asked whether to go on waiting.
const ASK_EVERY: Duration = Duration::from_millis(200);

impl Run<'_> {
    /// Takes one file, however often the disk is full meanwhile.
    pub(super) fn take_patiently(&self, path: &Path) -> Result<Outcome, LibraryError> {
        loop {
            match self.take(path) {
                Err(error) if self.order.waits_for_room && self.is_for_room(&error) => {
                    self.wait_for_room(0)?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Returns when a file of this many bytes fits, and some of the disk stays
    /// free.
    pub(super) fn make_sure_of_room(&self, bytes: u64) -> Result<(), LibraryError> {
        let folder = self.library.originals();
        let room = Room::of(&folder)?;
        if room.takes(bytes) {
            return Ok(());
        }
        if self.order.waits_for_room {
            return self.wait_for_room(bytes);
        }
        Err(LibraryError::NoRoom {
            complaint: room.complaint(&folder, bytes),
        })
    }

    /// Whether an error is the disk's, for want of room. The catalog's own words
    /// do not always tell.
    fn is_for_room(&self, error: &LibraryError) -> bool {
        match error {
            LibraryError::DiskFull | LibraryError::NoRoom { .. } => true,
            LibraryError::Catalog(_) | LibraryError::Commit(_) | LibraryError::Io(_) => {
                Room::of(self.library.folder()).is_ok_and(|room| !room.takes(0))
            }
            _ => false,
        }
    }

    /// Waits until there is room, or rather until it is worth another try: a
    /// quota is told by nothing but the next write.
    fn wait_for_room(&self, bytes: u64) -> Result<(), LibraryError> {
        let folder = self.library.originals();
        loop {
            let complaint = match Room::of(&folder) {
                Ok(room) => room.complaint(&folder, bytes),
                Err(error) => LibraryError::from(error).to_string(),
            };
            let waits = format!("{complaint} The import goes on by itself.");
            let until = Instant::now() + LOOK_EVERY;
            while Instant::now() < until {
                if !self.waits(&waits) {
                    return Err(LibraryError::Cancelled);
                }
                thread::sleep(ASK_EVERY);
            }
            if Room::of(&folder).is_ok_and(|room| room.takes(bytes)) {
                return Ok(());
            }
        }
    }

    /// Tells why it waits; false when it shall end.
    fn waits(&self, why: &str) -> bool {
        let mut progress = super::Progress::default();
        self.note(|report| {
            report.progress.waits = Some(why.to_owned());
            progress = report.progress.clone();
        });
        self.tell(&progress) && !self.stopped.load(Ordering::Relaxed)
    }
}
