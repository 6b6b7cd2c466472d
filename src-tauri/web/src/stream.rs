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
use library::{Access, Reading};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;

use crate::pulse::Pulse;

/// How often the right is looked at again.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes read at once.
const PIECE: u64 = 64 * 1024;

type Piece = JoinHandle<(Reading, io::Result<Bytes>)>;

/// The body.
pub(crate) struct Stream {
    source: Source,
    left: u64,
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
        file: Reading,
        length: u64,
        access: Access,
        pulse: Option<Arc<Pulse>>,
    ) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let watch = tokio::spawn(watch(access, pulse, Arc::clone(&ended)));
        Self {
            source: Source::Resting(file),
            left: length,
            ended,
            _watch: AbortOnDropHandle::new(watch),
        }
    }
}

async fn watch(access: Access, pulse: Option<Arc<Pulse>>, ended: Arc<AtomicBool>) {
    let mut seconds = interval(LOOK);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    seconds.tick().await;
    loop {
        seconds.tick().await;
        let access = access.clone();
        let current = spawn_blocking(move || access.is_current()).await;
        // Who cannot be asked is not allowed: an error ends the stream as well.
        if !matches!(current, Ok(Ok(true))) {
            ended.store(true, Ordering::Release);
            if let Some(pulse) = pulse {
                pulse.cut();
            }
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
        if let Source::Resting(_) = self.source {
            let length = self.left.min(PIECE);
            if let Source::Resting(file) = std::mem::replace(&mut self.source, Source::Spent) {
                self.source = Source::Reading(spawn_blocking(move || read(file, length)));
            }
        }
        let Source::Reading(reading) = &mut self.source else {
            return Poll::Ready(Some(Err(io::Error::other("the file was closed"))));
        };
        let read = ready!(Pin::new(reading).poll(context));
        self.source = Source::Spent;
        let (file, piece) = read.map_err(io::Error::other)?;
        let piece = piece?;
        self.left = self.left.saturating_sub(piece.len() as u64);
        self.source = Source::Resting(file);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
