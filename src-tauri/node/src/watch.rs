//! Following watched folders while a node stays. The system tells that something
//! has happened, and where; when it is quiet again, the library looks there and
//! finds out what. Each folder is also looked through whole at the start, when
//! its drive comes back, when the system lost count, and now and then.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use library::{Library, LibraryError, Look, Looking, Progress, WatchId, WatchedFolder};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::job::RunningJob;
use crate::{Event, Node, Noun};

/// After this long without news it is looked what has happened.
const QUIET: Duration = Duration::from_secs(1);
/// News that does not end is looked at after this long all the same.
const LONGEST_NEWS: Duration = Duration::from_secs(10);
/// What had changed is looked at once more after this long: files may have been
/// on their way, and folders new to the system's watch.
const AGAIN: Duration = Duration::from_secs(3);
/// A folder that could not be looked at is tried again after this long, and one
/// that the system does not watch is looked through this often.
const RETRY: Duration = Duration::from_secs(60);
/// How often it is asked whether a folder went or came back.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How often a folder is looked through whole, whatever the system tells.
const WHOLE_EVERY: Duration = Duration::from_secs(15 * 60);

/// What the follower hears.
enum News {
    /// From the system.
    Heard(notify::Result<notify::Event>),
    /// The list of folders may be another.
    Folders,
}

/// Where something may have happened in one folder.
#[derive(Default)]
struct Dirty {
    whole: bool,
    folders: HashSet<PathBuf>,
    /// When this is to be looked at.
    due: Option<Instant>,
    /// When the first of this news came.
    since: Option<Instant>,
}

struct Follower {
    node: Weak<Node>,
    watcher: Option<RecommendedWatcher>,
    folders: HashMap<WatchId, Followed>,
}

struct Followed {
    folder: WatchedFolder,
    /// What its drive and folder were known by when it was last asked.
    presence: Option<String>,
    /// The system watches it.
    watched: bool,
    dirty: Dirty,
    whole_due: Instant,
}

/// Follows the library's watched folders from now on, on a thread of its own,
/// until the node is gone.
pub(crate) fn begin(node: &Arc<Node>) {
    let (sender, news) = mpsc::channel();
    let mut events = node.events();
    let told = sender.clone();
    node.runtime.spawn(async move {
        loop {
            let folders = match events.recv().await {
                Ok(Event::Change { noun, .. }) => noun == Noun::Watched || noun == Noun::Everything,
                Ok(Event::Job(_)) => false,
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => true,
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            };
            if folders && told.send(News::Folders).is_err() {
                return;
            }
        }
    });
    let heard = move |event| {
        // After the follower's end nobody wants to know.
        let _ = sender.send(News::Heard(event));
    };
    let mut follower = Follower {
        node: Arc::downgrade(node),
        // Without it, folders are looked through now and then.
        watcher: notify::recommended_watcher(heard).ok(),
        folders: HashMap::new(),
    };
    std::thread::spawn(move || follower.follow(&news));
}

impl Follower {
    fn follow(&mut self, news: &Receiver<News>) -> Option<()> {
        self.take_up_folders()?;
        let mut asked = Instant::now();
        loop {
            let next = self
                .folders
                .values()
                .filter_map(|followed| followed.dirty.due)
                .chain([asked + ASK_EVERY])
                .min()?;
            match news.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(News::Heard(event)) => self.hear(event),
                Ok(News::Folders) => self.take_up_folders()?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            if asked.elapsed() >= ASK_EVERY {
                asked = Instant::now();
                self.ask();
            }
            self.look_where_due()?;
        }
    }

    fn library(&self) -> Option<Arc<Library>> {
        Some(Arc::clone(&self.node.upgrade()?.library))
    }

    /// Begins to follow what is new in the list, and ends with what is gone from
    /// it.
    fn take_up_folders(&mut self) -> Option<()> {
        let now = Instant::now();
        // A catalog that cannot be read now is read at the next change.
        let Ok(listed) = self.library()?.watched_folders() else {
            return Some(());
        };
        let ids: HashSet<WatchId> = listed.iter().map(|folder| folder.id).collect();
        let ended: Vec<WatchId> = self
            .folders
            .keys()
            .copied()
            .filter(|id| !ids.contains(id))
            .collect();
        for id in ended {
            if let (Some(ended), Some(watcher)) = (self.folders.remove(&id), &mut self.watcher) {
                // One that the system watched no longer is as well ended.
                let _ = watcher.unwatch(&ended.folder.path);
            }
        }
        for folder in listed {
            let id = folder.id;
            self.folders.entry(id).or_insert_with(|| Followed {
                presence: Library::presence_of(&folder),
                folder,
                watched: false,
                dirty: Dirty {
                    whole: true,
                    // Whoever added it looks through it first.
                    due: Some(now + QUIET),
                    ..Dirty::default()
                },
                whole_due: now + WHOLE_EVERY,
            });
        }
        Some(())
    }

    /// Takes note of where something has happened.
    fn hear(&mut self, event: notify::Result<notify::Event>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                for followed in self.folders.values_mut() {
                    let concerned = error.paths.is_empty()
                        || error
                            .paths
                            .iter()
                            .any(|path| path.starts_with(&followed.folder.path));
                    if concerned {
                        followed.dirty.all();
                    }
                }
                return;
            }
        };
        let is_reading = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => true,
            _ => false,
        };
        if is_reading {
            return;
        }
        for followed in self.folders.values_mut() {
            if event.need_rescan() && event.paths.is_empty() {
                followed.dirty.all();
            }
            for path in &event.paths {
                let Ok(within) = path.strip_prefix(&followed.folder.path) else {
                    continue;
                };
                if event.need_rescan() || within.as_os_str().is_empty() {
                    followed.dirty.all();
                } else if let Some(folder) = path.parent() {
                    followed.dirty.one(folder);
                }
            }
        }
    }

    /// Asks whether folders went or came back.
    fn ask(&mut self) {
        for followed in self.folders.values_mut() {
            let presence = Library::presence_of(&followed.folder);
            if presence != followed.presence {
                followed.presence = presence;
                followed.watched = false;
                followed.dirty.all();
            }
            if followed.whole_due <= Instant::now() {
                followed.dirty.all();
            }
        }
    }

    fn look_where_due(&mut self) -> Option<()> {
        let now = Instant::now();
        for (id, followed) in &mut self.folders {
            if followed.dirty.due.is_none_or(|due| due > now) {
                continue;
            }
            let dirty = std::mem::take(&mut followed.dirty);
            // What changes from now on is seen when it is asked next.
            followed.presence = Library::presence_of(&followed.folder);
            if dirty.whole {
                followed.be_told(&mut self.watcher);
                followed.whole_due = now + if followed.watched { WHOLE_EVERY } else { RETRY };
            }
            match look(&self.node, *id, dirty.scope())? {
                Ok(look) if look.cancelled => {}
                Ok(look) if has_changed(&look) => followed.dirty.again(dirty, AGAIN),
                Ok(_) => {}
                Err(_) => followed.dirty.again(dirty, RETRY),
            }
        }
        Some(())
    }
}

impl Followed {
    /// Asks the system to tell of this folder, where it does not yet.
    fn be_told(&mut self, watcher: &mut Option<RecommendedWatcher>) {
        if let (false, Some(watcher)) = (self.watched, watcher) {
            // What was watched in this place before may be gone, or another folder.
            let _ = watcher.unwatch(&self.folder.path);
            self.watched = watcher
                .watch(&self.folder.path, RecursiveMode::Recursive)
                .is_ok();
        }
    }
}

impl Dirty {
    /// Anything may have happened.
    fn all(&mut self) {
        self.whole = true;
        self.put_off();
    }

    /// Something happened in this folder.
    fn one(&mut self, folder: &Path) {
        self.folders.insert(folder.to_owned());
        self.put_off();
    }

    /// Waits for quiet, but not for ever.
    fn put_off(&mut self) {
        let now = Instant::now();
        let since = *self.since.get_or_insert(now);
        self.due = Some((now + QUIET).min(since + LONGEST_NEWS));
    }

    /// Adds what was looked at, to be looked at again.
    fn again(&mut self, looked_at: Dirty, after: Duration) {
        self.whole |= looked_at.whole;
        self.folders.extend(looked_at.folders);
        self.due.get_or_insert(Instant::now() + after);
    }

    /// The folders to look through, none inside another; all of it when there
    /// are none.
    fn scope(&self) -> Vec<PathBuf> {
        if self.whole {
            return Vec::new();
        }
        let inside = |folder: &Path| {
            folder
                .ancestors()
                .skip(1)
                .any(|above| self.folders.contains(above))
        };
        self.folders
            .iter()
            .filter(|folder| !inside(folder))
            .cloned()
            .collect()
    }
}

/// Looks through a folder; reading files is a job that can be seen. `None` when
/// the node is gone.
fn look(
    node: &Weak<Node>,
    id: WatchId,
    within: Vec<PathBuf>,
) -> Option<Result<Look, LibraryError>> {
    let library = Arc::clone(&node.upgrade()?.library);
    let job: OnceLock<Arc<RunningJob>> = OnceLock::new();
    let watch = |progress: &Progress| {
        node.upgrade()
            .is_some_and(|node| job.get_or_init(|| node.jobs.begin("watch")).go_on(progress))
    };
    let how = Looking {
        within,
        ..Looking::default()
    };
    let looked = library.look_through(id, &how, &watch);
    let node = node.upgrade()?;
    if let Some(job) = job.get() {
        node.jobs.finish(job, None);
        node.render_waiting();
    }
    Some(looked)
}

fn has_changed(look: &Look) -> bool {
    look.imported + look.edited + look.moved + look.gone + look.unsettled > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_inside_another_is_looked_at_with_it() {
        let mut dirty = Dirty::default();
        for folder in ["/p/a", "/p/a/b/c", "/p/ab"] {
            dirty.one(Path::new(folder));
        }
        let mut scope = dirty.scope();
        scope.sort();
        assert_eq!(scope, [PathBuf::from("/p/a"), PathBuf::from("/p/ab")]);
        dirty.all();
        assert!(dirty.scope().is_empty());
    }

    #[test]
    fn news_is_waited_out_but_not_for_ever() {
        let mut dirty = Dirty::default();
        dirty.all();
        let first = dirty.due.unwrap();
        dirty.since = Some(first - QUIET - LONGEST_NEWS);
        dirty.all();
        assert!(dirty.due.unwrap() <= first);
    }
}
