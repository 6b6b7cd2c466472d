//! Uploads that come in now. Whoever asks for one that is still coming in ends that
//! first: a visitor whose connection broke goes on at once, and need not wait until
//! the old one is noticed to be dead.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
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

use crate::{notice::Refusal, phrases::Language, pulse::Pulse, stream};

/// Files that come in at once; the others wait in the order in which they came.
const PLACES: usize = 64;
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
    coming: Arc<Mutex<HashMap<String, Coming>>>,
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
            coming: Arc::default(),
        }
    }

    /// A place among those who send now; `None` when there was none for too long.
    pub(crate) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).acquire_owned();
        timeout(PATIENCE, place).await.ok()?.ok()
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
    held: (Claim, OwnedSemaphorePermit),
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
