//! What visitors were given a moment ago, kept in memory while the catalog stays
//! exactly as it was: whoever asks again asks the catalog whether anything was
//! committed since, and then needs no row and no file. A commit, whatever it
//! changes, ends all of it. Bounded: what is full is emptied.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use media::Rendition;

use crate::sight::Kept;
use crate::visit::Known;
use crate::{ArchiveSize, AssetId, Download, LinkId};

/// Links kept at most.
const LINKS: usize = 1_024;
/// Bytes of renditions kept at most.
const BYTES: usize = 32 * 1024 * 1024;

/// Which rendition, by which link.
type Name = (LinkId, AssetId, Rendition);

#[derive(Default)]
pub(crate) struct Recent(Mutex<Shown>);

#[derive(Default)]
struct Shown {
    /// How many commits there had been.
    commits: u64,
    /// By the keyed hash of their addresses.
    links: HashMap<[u8; 32], Arc<Known>>,
    renditions: HashMap<Name, Arc<Kept>>,
    bytes: usize,
    sizes: HashMap<(LinkId, Download), ArchiveSize>,
}

impl Recent {
    /// The link at an address, as it was looked up after so many commits.
    pub(crate) fn link(&self, commits: u64, address: &[u8; 32]) -> Option<Arc<Known>> {
        self.at(commits, |shown| shown.links.get(address).cloned())?
    }

    /// How much an archive of a link is, as it was counted after so many commits.
    pub(crate) fn size(&self, commits: u64, of: (LinkId, Download)) -> Option<ArchiveSize> {
        self.at(commits, |shown| shown.sizes.get(&of).copied())?
    }

    /// Keeps how much an archive is, counted after `commits` were.
    pub(crate) fn keep_size(&self, commits: u64, of: (LinkId, Download), size: ArchiveSize) {
        self.at(commits, |shown| {
            if shown.sizes.len() >= LINKS {
                shown.sizes.clear();
            }
            shown.sizes.insert(of, size);
        });
    }

    /// A rendition, as it was given after so many commits.
    pub(crate) fn rendition(&self, commits: u64, name: &Name) -> Option<Arc<Kept>> {
        self.at(commits, |shown| shown.renditions.get(name).cloned())?
    }

    /// Keeps a link that was read after `commits` were counted.
    pub(crate) fn keep_link(&self, commits: u64, address: [u8; 32], link: Arc<Known>) {
        self.at(commits, |shown| {
            if shown.links.len() >= LINKS {
                shown.links.clear();
            }
            shown.links.insert(address, link);
        });
    }

    /// Keeps a rendition that was read after `commits` were counted.
    pub(crate) fn keep_rendition(&self, commits: u64, name: Name, kept: &Arc<Kept>) {
        let length = kept.bytes.len();
        self.at(commits, |shown| {
            if shown.bytes + length > BYTES {
                shown.renditions.clear();
                shown.bytes = 0;
            }
            let before = shown.renditions.insert(name, Arc::clone(kept));
            shown.bytes += length;
            shown.bytes -= before.map_or(0, |before| before.bytes.len());
        });
    }

    /// What was kept after this many commits, emptied of what is older; `None` when
    /// there is newer already.
    fn at<T>(&self, commits: u64, work: impl FnOnce(&mut Shown) -> T) -> Option<T> {
        let mut shown = self.0.lock().ok()?;
        if shown.commits < commits {
            *shown = Shown {
                commits,
                ..Shown::default()
            };
        }
        (shown.commits == commits).then(|| work(&mut shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(length: usize) -> Arc<Kept> {
        Arc::new(Kept {
            bytes: vec![0; length].into(),
            mime: String::new(),
            name: String::new(),
            etag: String::new(),
        })
    }

    fn name(number: i64) -> Name {
        (LinkId::new(1), AssetId::new(number), Rendition::Thumbnail)
    }

    #[test]
    fn a_commit_ends_all_of_it() {
        let recent = Recent::default();
        let name = name(1);
        recent.keep_rendition(7, name, &kept(10));
        assert!(recent.rendition(7, &name).is_some());
        assert!(recent.rendition(8, &name).is_none());
        // What was read before a commit comes too late after it.
        recent.keep_rendition(7, name, &kept(10));
        assert!(recent.rendition(8, &name).is_none());
        assert!(recent.rendition(7, &name).is_none());
    }

    #[test]
    fn it_never_holds_more_than_its_bound() {
        let recent = Recent::default();
        for number in 0..40 {
            recent.keep_rendition(0, name(number), &kept(BYTES / 10));
            let shown = recent.0.lock().unwrap();
            let held: usize = shown.renditions.values().map(|kept| kept.bytes.len()).sum();
            assert_eq!(held, shown.bytes);
            assert!(held <= BYTES);
        }
        let same = name(99);
        for _ in 0..40 {
            recent.keep_rendition(0, same, &kept(BYTES / 10));
        }
        assert!(recent.rendition(0, &same).is_some());
    }
}
