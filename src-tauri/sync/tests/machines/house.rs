//! A household: machines with libraries of their own, paired as people would.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use image::{Rgb, RgbImage};
use iroh::RelayUrl;
use library::{AssetId, Change, Clock, DeviceId, Library, Order};
use sync::{Options, Pairing, PairingState, Peers};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// How long something may take that has to happen; a machine under load is slow.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Machine {
    pub library: Arc<Library>,
    pub peers: Arc<Peers>,
    options: Options,
    folder: TempDir,
}

/// Runs a story on threads of its own.
pub fn story(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(story);
}

/// Waits until something is so.
pub async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "it never came about that {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

impl Machine {
    pub async fn new(name: &str) -> Machine {
        Machine::with(name, Machine::plain()).await
    }

    /// One that no packet reaches but through a relay.
    pub async fn behind(name: &str, relay: Option<RelayUrl>) -> Machine {
        let options = Options {
            relay,
            only_relayed: true,
            ..Machine::plain()
        };
        Machine::with(name, options).await
    }

    fn plain() -> Options {
        Options {
            port: 0,
            lan: false,
            relay: None,
            only_relayed: false,
        }
    }

    async fn with(name: &str, options: Options) -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let library = Machine::library_in(&folder);
        library
            .rename(Some(format!("{name}'s person")), Some(name.to_owned()))
            .unwrap();
        let peers = speak(&library, &options).await;
        Machine {
            library,
            peers,
            options,
            folder,
        }
    }

    fn library_in(folder: &TempDir) -> Arc<Library> {
        let decoder = media::Decoder::new(std::env::current_exe().unwrap(), 1);
        let library = Library::open(&folder.path().join("library"), decoder, Clock::system());
        Arc::new(library.unwrap())
    }

    /// Ends, and begins again: with the same library, at another address.
    pub async fn again(self) -> Machine {
        let Machine {
            library,
            peers,
            options,
            folder,
        } = self;
        peers.stop().await;
        drop(peers);
        let mut library = library;
        let library = loop {
            match Arc::try_unwrap(library) {
                Ok(closed) => {
                    drop(closed);
                    break Machine::library_in(&folder);
                }
                Err(held) => library = held,
            }
            sleep(Duration::from_millis(20)).await;
        };
        let peers = speak(&library, &options).await;
        Machine {
            library,
            peers,
            options,
            folder,
        }
    }

    pub fn device(&self) -> DeviceId {
        self.library.identity().unwrap().device
    }

    /// Imports a picture of so many pixels each way.
    pub fn photo(&self, seed: u32, side: u32) -> AssetId {
        let picture = RgbImage::from_fn(side, side, |x, y| {
            let noise = (x * 7 + y * 13 + seed).wrapping_mul(2_654_435_761);
            Rgb(noise.to_le_bytes()[..3].try_into().unwrap())
        });
        let path = self.folder.path().join(format!("IMG_{seed:04}.png"));
        picture.save(&path).unwrap();
        self.import(&path)
    }

    /// Imports a photo, with what stands beside it where it is in a folder.
    pub fn import(&self, path: &Path) -> AssetId {
        let order = Order {
            paths: vec![path.to_owned()],
            ..Order::default()
        };
        let report = self.library.import(&order, &|_| true).unwrap();
        assert_eq!(report.failures, []);
        report.assets[0]
    }

    /// The file of an original, to be meddled with.
    pub fn original(&self, id: AssetId) -> PathBuf {
        let name = self.library.asset(id).unwrap().name;
        let originals = self.folder.path().join("library/originals");
        let mut folders = vec![originals];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.ends_with(&name) {
                    return path;
                }
            }
        }
        panic!("no original of {name}");
    }
}

async fn speak(library: &Arc<Library>, options: &Options) -> Arc<Peers> {
    let peers = Peers::start(Arc::clone(library), options.clone(), || {}).await;
    let peers = Arc::new(peers.unwrap());
    // As a node does: what is committed is passed on.
    let (changes, told) = (library.changes(), Arc::downgrade(&peers));
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        for change in changes {
            let Some(peers) = told.upgrade() else {
                return;
            };
            peers.changed();
            if change == Change::Peers {
                runtime.spawn(async move { drop(peers.known_changed().await) });
            }
        }
    });
    peers
}

/// Both people compare the words and say yes.
pub async fn pair(host: &Machine, guest: &Machine, is_own: bool) {
    let invitation = host.peers.invite(is_own, false, false);
    let joined = guest.peers.join(&invitation.ticket).await.unwrap();
    let asked = asked(host).await;
    assert_eq!(joined.words, asked.words);
    guest.peers.answer(joined.id, true).unwrap();
    host.peers.answer(asked.id, true).unwrap();
    for (machine, id) in [(guest, joined.id), (host, asked.id)] {
        let ended = machine.peers.ended(id).await.unwrap();
        assert_eq!(ended.state, PairingState::Done);
    }
}

/// The pairing that the person here is asked about.
pub async fn asked(machine: &Machine) -> Pairing {
    until("somebody is asked", || {
        let pairings = machine.peers.pairings().into_iter();
        pairings
            .rev()
            .find(|pairing| pairing.state == PairingState::Asking)
    })
    .await
}

/// Waits until one machine reaches the other.
pub async fn reached(machine: &Machine, other: DeviceId) {
    until("the other machine is reached", || {
        machine.peers.presence(other).route
    })
    .await;
}
