//! Uploads that come in now. Whoever asks for one that is still coming in ends that
//! first: a visitor whose connection broke goes on at once, and need not wait until
//! the old one is noticed to be dead.

use std::{
    collections::HashMap,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use axum::body::Body;
use http_body_util::BodyExt;
use library::{Access, LibraryError, Receiving, Upload};
use tokio::{
    sync::{Mutex as Lane, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, mpsc},
    task::spawn_blocking,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{notice::Refusal, pace::network, phrases::Language, pulse::Pulse, stream};

/// Files that come in at once; the others wait in the order in which they came.
const PLACES: usize = 64;
/// How many of those one network has, so that others come in beside it. A whole wedding
/// may be behind one address.
const OF_NETWORK: usize = 48;
/// How many one visitor has, so that those behind the same address do.
const OF_VISITOR: usize = 8;
/// How long one may wait for a place.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long what came before may take to settle.
const HANDOVER: Duration = Duration::from_secs(20);
/// How long a visitor may send nothing.
const STALL: Duration = Duration::from_secs(30);
/// Pieces of a body that wait to be written.
const AHEAD: usize = 8;

/// What comes in now.
pub(crate) struct Arrivals {
    places: Arc<Semaphore>,
    shares: Mutex<HashMap<Whose, Weak<Semaphore>>>,
    coming: Arc<Mutex<HashMap<String, Coming>>>,
}

/// Whose share of the places.
#[derive(PartialEq, Eq, Hash)]
enum Whose {
    Network(u64),
    Visitor(Box<[u8]>),
}

/// A place among those who send now.
pub(crate) struct Place {
    /// Of the visitor, of the network, and of all.
    _held: [OwnedSemaphorePermit; 3],
}

struct Coming {
    /// Ends what holds the lane now.
    end: CancellationToken,
    lane: Arc<Lane<()>>,
    /// How many hold or want it.
    wanted: usize,
}

/// The right to be the only one at an upload.
pub(crate) struct Claim {
    item: String,
    end: CancellationToken,
    coming: Arc<Mutex<HashMap<String, Coming>>>,
    lane: Option<OwnedMutexGuard<()>>,
}

impl Arrivals {
    pub(crate) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            shares: Mutex::default(),
            coming: Arc::default(),
        }
    }

    /// A place among those who send now, of this visitor's share and of its network's;
    /// `None` when there was none for too long.
    pub(crate) async fn place(&self, visitor: &[u8], from: IpAddr) -> Option<Place> {
        let ways = [
            self.share(Whose::Visitor(visitor.into()), OF_VISITOR),
            self.share(Whose::Network(network(from)), OF_NETWORK),
            Arc::clone(&self.places),
        ];
        let held = async {
            // The widest last: nobody holds a place of all while waiting for its own.
            let [own, network, all] = ways;
            Some(Place {
                _held: [
                    own.acquire_owned().await.ok()?,
                    network.acquire_owned().await.ok()?,
                    all.acquire_owned().await.ok()?,
                ],
            })
        };
        timeout(PATIENCE, held).await.ok()?
    }

    fn share(&self, whose: Whose, places: usize) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(&whose).and_then(Weak::upgrade) {
            return share;
        }
        // Those nobody holds or waits for are gone.
        shares.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Semaphore::new(places));
        shares.insert(whose, Arc::downgrade(&share));
        share
    }

    /// Ends whoever is at this upload and takes their place; `None` when that takes
    /// too long.
    pub(crate) async fn claim(&self, item: &str) -> Option<Claim> {
        let (mut claim, lane) = {
            let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = coming.entry(item.to_owned()).or_insert_with(|| Coming {
                end: CancellationToken::new(),
                lane: Arc::default(),
                wanted: 0,
            });
            entry.end.cancel();
            entry.end = CancellationToken::new();
            entry.wanted += 1;
            let claim = Claim {
                item: item.to_owned(),
                end: entry.end.clone(),
                coming: Arc::clone(&self.coming),
                lane: None,
            };
            (claim, Arc::clone(&entry.lane))
        };
        claim.lane = Some(timeout(HANDOVER, lane.lock_owned()).await.ok()?);
        Some(claim)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.lane.take();
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = coming.get_mut(&self.item) {
            entry.wanted = entry.wanted.saturating_sub(1);
            if entry.wanted == 0 {
                coming.remove(&self.item);
            }
        }
    }
}

/// A piece of a body, or its end.
enum Piece {
    Bytes(axum::body::Bytes),
    End,
}

/// Writes a body to where it belongs, for as long as the link takes it and nobody
/// else claims the upload. What came until then is kept.
pub(crate) async fn take(
    mut body: Body,
    mut receiving: Receiving,
    access: &Access,
    held: (Claim, Place),
    pulse: Option<Arc<Pulse>>,
    say: Language,
) -> Result<Upload, Refusal> {
    let (pieces, mut coming) = mpsc::channel(AHEAD);
    let end = held.0.end.clone();
    // It holds the claim until all of it is settled, also when this visitor hangs up.
    let writing = spawn_blocking(move || -> Result<Upload, LibraryError> {
        let _held = held;
        let mut whole = false;
        while let Some(piece) = coming.blocking_recv() {
            match piece {
                Piece::Bytes(bytes) => receiving.write(&bytes)?,
                Piece::End => whole = true,
            }
        }
        receiving.end(whole)
    });
    let ended = forward(&mut body, pieces, access, &end, pulse.as_deref(), say).await;
    let written = match writing.await {
        Ok(Ok(upload)) => Ok(upload),
        Ok(Err(error)) => Err(Refusal::of(&error, say)),
        Err(_) => Err(Refusal::failed(say)),
    };
    match ended {
        Some(refusal) => Err(refusal),
        None => written,
    }
}

/// Passes the pieces of a body on; why it ended before its end, where the visitor
/// must be told something else than how the writing went.
async fn forward(
    body: &mut Body,
    pieces: mpsc::Sender<Piece>,
    access: &Access,
    end: &CancellationToken,
    pulse: Option<&Pulse>,
    say: Language,
) -> Option<Refusal> {
    let mut still = Instant::now() + STALL;
    let mut over = pin!(stream::ends(access.clone()));
    loop {
        tokio::select! {
            () = end.cancelled() => return Some(Refusal::busy(say)),
            () = sleep_until(still) => return Some(Refusal::stalled(say)),
            () = &mut over => return Some(Refusal::nothing(say)),
            frame = body.frame() => {
                let bytes = match frame {
                    Some(Ok(frame)) => frame.into_data().ok(),
                    // It broke off; what came is kept, and nobody hears the answer.
                    Some(Err(_)) => return None,
                    None => {
                        let _ = pieces.send(Piece::End).await;
                        return None;
                    }
                };
                if let Some(pulse) = pulse {
                    pulse.beat();
                }
                still = Instant::now() + STALL;
                // Where nothing is written any more, the writing tells why.
                if let Some(bytes) = bytes && pieces.send(Piece::Bytes(bytes)).await.is_err() {
                    return None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
    const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

    #[tokio::test(start_paused = true)]
    async fn nobody_takes_all_places() {
        let arrivals = Arrivals::new();
        let mut held = Vec::new();
        for _ in 0..OF_VISITOR {
            held.push(arrivals.place(&[1; 16], HOME).await.unwrap());
        }
        assert!(
            arrivals.place(&[1; 16], HOME).await.is_none(),
            "a visitor's share"
        );
        for visitor in 2..=6 {
            for _ in 0..OF_VISITOR {
                held.push(arrivals.place(&[visitor; 16], HOME).await.unwrap());
            }
        }
        assert_eq!(held.len(), OF_NETWORK);
        assert!(
            arrivals.place(&[7; 16], HOME).await.is_none(),
            "a network's share"
        );
        let other = arrivals.place(&[7; 16], AWAY).await;
        assert!(other.is_some(), "others come in beside it");
        drop(held);
        assert!(arrivals.place(&[1; 16], HOME).await.is_some());
        assert!(
            arrivals.shares.lock().unwrap().len() <= 4,
            "what is held by nobody is gone"
        );
    }
}
