//! Bringing bytes whose home is elsewhere: those somebody looks at now, at once, from
//! whichever machine has them; and those that are to be kept here, one after the
//! other, for as long as there is a line.

use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use library::{AssetId, DeviceId, KeptWhat, Peer};
use n0_future::{BufferedStreamExt, StreamExt, stream};
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::lane::Source;
use crate::{Contact, Inner, Peers, SyncError, Wanted, blocking, locked, transfer};

/// How many originals come at once of those that are to be kept.
const ORIGINALS: usize = 6;
/// How many pictures do: each is small, and waits for a disk on either side.
const PICTURES: usize = 24;
/// How many pictures are on the line or have come, and are about to be noted as kept: one
/// commit notes all that came while the one before reached the disk.
const NOTED: usize = 96;
/// How many are looked up at a time.
const BATCH: usize = 256;
/// How long it takes until what could not be had is asked for again on the same line. Each
/// further time takes four times as long, up to [`SELDOM`].
const AGAIN: Duration = Duration::from_secs(15);
const SELDOM: Duration = Duration::from_secs(30 * 60);

/// A line that what is to be kept comes over, and how many pictures may be on it.
#[derive(Clone, Copy)]
struct Line<'a> {
    to: DeviceId,
    conn: &'a Connection,
    turns: &'a Arc<Semaphore>,
}

/// Adds what is not among it yet.
fn add(
    lacking: &mut Vec<(AssetId, KeptWhat)>,
    more: impl IntoIterator<Item = (AssetId, KeptWhat)>,
) {
    for one in more {
        if !lacking.contains(&one) {
            lacking.push(one);
        }
    }
}

impl Peers {
    /// A copy of a photo's bytes, brought here if it is not; it stays for a while.
    ///
    /// # Errors
    /// Why it cannot be had now.
    pub async fn open(&self, wanted: Wanted) -> Result<File, SyncError> {
        self.inner.bring(wanted, None).await?;
        let library = Arc::clone(&self.inner.library);
        blocking(move || Ok(library.open_kept(wanted.home, wanted.asset, wanted.what)?))
            .await?
            .ok_or(SyncError::Broken)
    }

    /// Brings a file of this length and hash here that no row of a home tells of: an
    /// original of this machine's own, from another that keeps it, or a file of a library
    /// that moves here.
    ///
    /// # Errors
    /// Why none of one's own machines has it, or can be reached.
    pub async fn fetch(&self, wanted: Wanted, expected: (u64, [u8; 32])) -> Result<(), SyncError> {
        let mut trouble = None;
        for source in self.inner.sources(wanted.home, &[wanted.home], None) {
            match transfer::fetch(&self.inner.library, &source, wanted, expected).await {
                Ok(()) => return Ok(()),
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
        // That others do not have it says nothing of the one that may, while it is away.
        let is_away = locked(&self.inner.contacts)
            .get(&wanted.home)
            .is_some_and(|contact| contact.conn.is_none());
        match trouble {
            Some(trouble) if !is_away => Err(trouble),
            _ => Err(SyncError::Away("another machine of yours".to_owned())),
        }
    }
}

impl Inner {
    /// Brings a copy here unless it is: from its home, over `line` where one is given,
    /// or else from another machine of one's own that keeps one.
    async fn bring(&self, wanted: Wanted, line: Option<Line<'_>>) -> Result<(), SyncError> {
        // Whoever wants the same waits for it.
        let lane = Arc::clone(locked(&self.fetching).entry(wanted).or_default());
        let turn = lane.lock().await;
        let brought = self.bring_now(wanted, line).await;
        drop(turn);
        let mut fetching = locked(&self.fetching);
        if Arc::strong_count(&lane) <= 2 {
            fetching.remove(&wanted);
        }
        brought
    }

    async fn bring_now(&self, wanted: Wanted, line: Option<Line<'_>>) -> Result<(), SyncError> {
        let mut trouble = None;
        if let Some(line) = line
            && wanted.what.is_picture()
        {
            // It was found to be lacking a moment ago, and a picture needs nothing of its row.
            let turns = Some(line.turns);
            match transfer::fetch_picture(&self.library, line.conn, wanted, turns).await {
                Ok(()) => return Ok(()),
                Err(error @ SyncError::Library(_)) => return Err(error),
                Err(error) => trouble = Some(error),
            }
        }
        let library = Arc::clone(&self.library);
        let (is_here, others, expected, name) = blocking(move || {
            let mut is_here = library.has_come(wanted.home, wanted.asset, wanted.what)?;
            let mut others = library.mirrors_of(wanted.home)?;
            others.push(library.known_elsewhere(wanted.home, wanted.asset)?.home);
            let expected = library.told_file(wanted.home, wanted.asset, wanted.what)?;
            if !is_here && wanted.what == KeptWhat::Original {
                is_here = library.keep_of_parcel(wanted.home, wanted.asset, expected.1)?;
            }
            Ok((is_here, others, expected, library.peer(wanted.home)?.name))
        })
        .await?;
        if is_here {
            return Ok(());
        }
        // What is looked at at once never takes all of a line: whether it stands is asked on
        // it, too.
        let _turn = match line {
            Some(_) => None,
            None => self.looking.acquire().await.ok(),
        };
        let tried = usize::from(trouble.is_some());
        let sources = self.sources(wanted.home, &others, line);
        let mut trouble = trouble.unwrap_or(SyncError::Away(name));
        for source in sources.into_iter().skip(tried) {
            match transfer::fetch(&self.library, &source, wanted, expected).await {
                Ok(()) => return Ok(()),
                Err(error @ SyncError::Library(_)) => return Err(error),
                // Another may have it; of several troubles the home's is told.
                Err(error) => {
                    if matches!(trouble, SyncError::Away(_)) {
                        trouble = error;
                    }
                }
            }
        }
        Err(trouble)
    }

    /// Lines to whoever may have the bytes that a machine told of: the line that is given
    /// first, then itself, then others that may, as the one they were imported on and mirrors,
    /// and one's own.
    fn sources(&self, home: DeviceId, others: &[DeviceId], line: Option<Line<'_>>) -> Vec<Source> {
        let first = line.map(|line| self.source(line.to, line.conn));
        let tried = line.map(|line| line.to);
        let contacts = locked(&self.contacts);
        let home_too = contacts.get(&home).filter(|_| tried != Some(home));
        let others = contacts
            .iter()
            .filter(|(device, contact)| {
                **device != home
                    && tried != Some(**device)
                    && (contact.is_own || others.contains(device))
            })
            .map(|(_, contact)| contact);
        let rest = home_too.into_iter().chain(others);
        let rest = rest.filter_map(Contact::source);
        first.into_iter().chain(rest).collect()
    }

    /// A machine as a source of bytes, by a line to it that stands.
    pub(crate) fn source(&self, device: DeviceId, conn: &Connection) -> Source {
        let contacts = locked(&self.contacts);
        Source {
            conn: conn.clone(),
            lanes: contacts
                .get(&device)
                .and_then(|contact| contact.lanes.clone()),
        }
    }

    /// An original that a member put into an album here becomes one of the library's own
    /// files.
    async fn adopt(&self, wanted: Wanted) -> Result<(), SyncError> {
        let library = Arc::clone(&self.library);
        blocking(move || Ok(library.adopt_contribution(wanted.home, wanted.asset)?)).await
    }

    /// There may be more to keep of this home.
    pub(crate) fn wake_keeping(&self, home: DeviceId) {
        if let Some(contact) = locked(&self.contacts).get(&home) {
            contact.keeping.notify_one();
        }
    }

    /// Brings what is to be kept of a machine's photos, for as long as the line stands.
    pub(crate) async fn keep_wanted(
        &self,
        peer: &Peer,
        conn: &Connection,
    ) -> Result<(), SyncError> {
        let keeping: Arc<Notify> = locked(&self.contacts)
            .get(&peer.device)
            .map(|contact| Arc::clone(&contact.keeping))
            .ok_or(SyncError::Broken)?;
        // What could not be had is not asked for again at once.
        let mut refused = HashSet::new();
        let mut pause = AGAIN;
        let mut again_at = Instant::now() + pause;
        let mut promised = true;
        let turns = Arc::new(Semaphore::new(PICTURES));
        let line = Line {
            to: peer.device,
            conn,
            turns: &turns,
        };
        loop {
            let (library, home) = (Arc::clone(&self.library), peer.device);
            let limit = BATCH + refused.len();
            let was_promised = promised;
            let (lacking, promises) = blocking(move || {
                let promises = library.has_promise()?;
                if was_promised && !promises {
                    // Its home is there: what was only promised may go.
                    library.keep_as_wanted(home)?;
                }
                let keep = library.peer(home)?.keep;
                // What members put into albums here is always kept.
                let mut lacking = library.lacking_contributions(home, limit)?;
                let rest = |lacking: &Vec<_>| limit.saturating_sub(lacking.len());
                // So is what goes with errands to those.
                let parcels = library.lacking_parcels(home, rest(&lacking))?;
                add(&mut lacking, parcels);
                // So is what links show that are served here, as far as that is wished.
                let of_links = library.lacking_of_links(home, rest(&lacking))?;
                add(&mut lacking, of_links);
                let wished = library.lacking(home, keep, rest(&lacking))?;
                add(&mut lacking, wished);
                lacking.extend(library.lacking_parts(home, rest(&lacking))?);
                let promised = library.lacking_by_promise(home, rest(&lacking))?;
                let promised = promised.into_iter();
                let original = |asset| (asset, KeptWhat::Original);
                add(&mut lacking, promised.map(original));
                // Of whom it is told by this one, and of others what it carries for them.
                let carried = library.lacking_carried(home, rest(&lacking))?;
                let own = lacking.into_iter().map(|(asset, what)| (home, asset, what));
                let lacking: Vec<Wanted> = own
                    .chain(carried)
                    .map(|(home, asset, what)| Wanted { home, asset, what })
                    .collect();
                Ok((lacking, promises))
            })
            .await?;
            promised = promises;
            let wanted: Vec<Wanted> = lacking
                .into_iter()
                .filter(|wanted| !refused.contains(wanted))
                .collect();
            if wanted.is_empty() {
                // All that can come is here.
                let library = Arc::clone(&self.library);
                blocking(move || {
                    library.settle_carried(home)?;
                    Ok(library.settle_lodgings()?)
                })
                .await?;
                self.tell();
                if refused.is_empty() {
                    keeping.notified().await;
                } else if timeout_at(again_at, keeping.notified()).await.is_err() {
                    refused.clear();
                    pause = SELDOM.min(4 * pause);
                }
                continue;
            }
            let (originals, pictures): (Vec<Wanted>, Vec<Wanted>) = wanted
                .into_iter()
                .partition(|wanted| !wanted.what.is_picture());
            for (some, at_once) in [(pictures, NOTED), (originals, ORIGINALS)] {
                let mut coming = stream::iter(some)
                    .map(|wanted| async move { (wanted, self.bring(wanted, Some(line)).await) })
                    .buffered_unordered(at_once);
                while let Some((wanted, brought)) = coming.next().await {
                    let kept = match brought {
                        Ok(()) if wanted.what == KeptWhat::Original => self.adopt(wanted).await,
                        brought => brought,
                    };
                    if kept.is_ok() {
                        pause = AGAIN;
                    } else {
                        if refused.is_empty() {
                            again_at = Instant::now() + pause;
                        }
                        refused.insert(wanted);
                    }
                }
            }
        }
    }
}
