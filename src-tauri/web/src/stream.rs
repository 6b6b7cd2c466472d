//! A long answer: read piece by piece off the async threads, and cut within a
//! second when the right to it ends. A cut body is an error to the browser, never
//! a short file that looks complete.

use std::{
    io::{self, Read},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use library::Access;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;

use crate::pulse::Pulse;

/// How often the right is looked at again.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes read at once at first: who stops reading holds little.
const FIRST_PIECE: u64 = 64 * 1024;
/// Bytes read at once when many were taken.
const PIECE: u64 = 512 * 1024;

type Reading = Box<dyn Read + Send>;
type Piece = JoinHandle<(Reading, io::Result<Bytes>)>;

/// The body.
pub(crate) struct Stream {
    source: Source,
    /// Bytes not handed over yet.
    left: u64,
    /// Bytes of the next piece, at most.
    piece: u64,
    ended: Arc<AtomicBool>,
    _watch: AbortOnDropHandle<()>,
}

enum Source {
    Resting(Reading),
    Reading(Piece),
    Spent,
}

impl Stream {
    /// `length` bytes of `file` from where it stands, for as long as `access` is
    /// current. `pulse` is the connection to cut, also while the visitor does not read.
    pub(crate) fn new(
        file: impl Read + Send + 'static,
        length: u64,
        access: Access,
        pulse: Option<Arc<Pulse>>,
    ) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let watch = tokio::spawn(watch(access, pulse, Arc::clone(&ended)));
        Self {
            source: Source::Resting(Box::new(file)),
            left: length,
            piece: FIRST_PIECE,
            ended,
            _watch: AbortOnDropHandle::new(watch),
        }
    }

    /// Reads the next piece off the async threads.
    fn begin(&mut self, file: Reading) {
        let length = self.left.min(self.piece);
        self.source = Source::Reading(spawn_blocking(move || read(file, length)));
    }
}

async fn watch(access: Access, pulse: Option<Arc<Pulse>>, ended: Arc<AtomicBool>) {
    ends(access).await;
    ended.store(true, Ordering::Release);
    if let Some(pulse) = pulse {
        pulse.cut();
    }
}

/// Waits until a right ends, which is noticed within a second.
pub(crate) async fn ends(access: Access) {
    let mut seconds = interval(LOOK);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    seconds.tick().await;
    loop {
        seconds.tick().await;
        let access = access.clone();
        let current = spawn_blocking(move || access.is_current()).await;
        // Who cannot be asked is not allowed: an error ends the stream as well.
        if !matches!(current, Ok(Ok(true))) {
            return;
        }
    }
}

fn read(mut file: Reading, length: u64) -> (Reading, io::Result<Bytes>) {
    let mut piece = vec![0; usize::try_from(length).unwrap_or_default()];
    // A file that became shorter ends the answer with an error.
    let result = file.read_exact(&mut piece).map(|()| Bytes::from(piece));
    (file, result)
}

impl Body for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if self.ended.load(Ordering::Acquire) {
            self.source = Source::Spent;
            return Poll::Ready(Some(Err(io::Error::other("the link was closed"))));
        }
        if let Source::Resting(_) = self.source
            && let Source::Resting(file) = std::mem::replace(&mut self.source, Source::Spent)
        {
            self.begin(file);
        }
        let Source::Reading(reading) = &mut self.source else {
            return Poll::Ready(Some(Err(io::Error::other("the file was closed"))));
        };
        let read = ready!(Pin::new(reading).poll(context));
        self.source = Source::Spent;
        let (file, piece) = read.map_err(io::Error::other)?;
        let piece = piece?;
        self.left = self.left.saturating_sub(piece.len() as u64);
        self.piece = (self.piece * 2).min(PIECE);
        // The next is read while this one is sent.
        if self.left > 0 {
            self.begin(file);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
