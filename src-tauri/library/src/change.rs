//! What a commit announces: the nouns that changed, never who asked or which
//! screen shows them. Listeners that fall behind hear [`Change::Everything`].

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::{AlbumId, AssetId, DeviceId, LinkId};

/// How many changes a listener may leave unread before it is told to look at
/// everything instead.
const UNREAD: usize = 1_000;

/// A noun of the library that a commit has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// An asset came, went or was edited.
    Asset(AssetId),
    /// An album, or what it holds.
    Album(AlbumId),
    /// A public link.
    Link(LinkId),
    /// What people said of photos, or what of it was seen.
    Activity,
    /// Whether locked photos are to be seen.
    Locked,
    /// What visitors sent, and what was done with it.
    Inbox,
    /// A visitor took back this photo, which was in the library.
    Withdrawn(AssetId),
    /// Which assets look the same.
    Twins,
    /// The folders that are followed, or how they are.
    Watched,
    /// The person's or the device's name.
    Identity,
    /// Which other machines are known, or something of them.
    Peers,
    /// What a machine told of its photos, or what is kept of them.
    Replica(DeviceId),
    /// What was asked of other machines, or how they answered.
    Outbox,
    /// Photos of this machine were put into an album here, and are to be fetched.
    Contributions(DeviceId),
    /// A video came here that is to be made playable.
    Films,
    /// What others did in shared albums, or what of it was seen.
    Notices,
    /// To whom all of the library is shown, or whose libraries are seen.
    Partners,
    /// On which machines originals are, or are to be.
    Safety,
    /// The library is about to move to another machine, or has.
    Moved,
    /// What of the library is at the off-site store, or where that is.
    Offsite,
    /// More than can be told: look at everything again.
    Everything,
}

struct Listener {
    sender: Sender<Change>,
    behind: bool,
}

/// Everyone who wants to hear of changes.
#[derive(Default)]
pub(crate) struct Announcer {
    listeners: Mutex<Vec<Listener>>,
    commits: AtomicU64,
}

impl Announcer {
    pub(crate) fn listen(&self) -> Receiver<Change> {
        // One place more than is ever filled with single changes, so that
        // `Everything` always has room.
        let (sender, receiver) = bounded(UNREAD + 1);
        if let Ok(mut listeners) = self.listeners.lock() {
            listeners.push(Listener {
                sender,
                behind: false,
            });
        }
        receiver
    }

    /// Is told of every commit, also of one that changes no noun.
    pub(crate) fn announce(&self, changes: &[Change]) {
        self.commits.fetch_add(1, Ordering::AcqRel);
        let Ok(mut listeners) = self.listeners.lock() else {
            return;
        };
        listeners.retain_mut(|listener| changes.iter().all(|change| listener.tell(*change)));
    }

    /// How many commits there were since the start. Whoever reads it, then the
    /// catalog, and finds it unchanged later on, has read what is still so.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }
}

impl Listener {
    /// Passes a change on; false when nobody listens any more.
    fn tell(&mut self, change: Change) -> bool {
        let unread = self.sender.len();
        if unread == 0 {
            self.behind = false;
        }
        if self.behind {
            return true;
        }
        let change = if unread >= UNREAD {
            self.behind = true;
            Change::Everything
        } else {
            change
        };
        !matches!(
            self.sender.try_send(change),
            Err(TrySendError::Disconnected(_))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_lags_is_told_to_look_at_everything() {
        let announcer = Announcer::default();
        let heard = announcer.listen();
        for _ in 0..3 * UNREAD {
            announcer.announce(&[Change::Identity]);
        }
        let all: Vec<Change> = heard.try_iter().collect();
        assert_eq!(all.len(), UNREAD + 1);
        assert_eq!(all.last(), Some(&Change::Everything));
        announcer.announce(&[Change::Identity]);
        assert_eq!(heard.try_recv(), Ok(Change::Identity));
    }
}
