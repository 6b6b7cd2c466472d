//! The life signs of one connection, and the rules by which it ends: too slow with
//! its first request, stalled within an answer, idle, or cut because a link closed.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body as Content, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::crowd::{Crowd, Underway};
use crate::socket::Discard;

/// How long a connection may take, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the connection to the first complete request head.
    pub(crate) first: Duration,
    /// Within an answer, without a byte taken by the visitor.
    pub(crate) stall: Duration,
    /// Between requests (HTTP/2; hyper's header timeout is shorter on HTTP/1).
    pub(crate) idle: Duration,
    /// How often these are looked at.
    pub(crate) look: Duration,
    /// How long connections get to finish when the listener stops.
    pub(crate) farewell: Duration,
    /// Connections at once.
    pub(crate) connections: usize,
}

impl Limits {
    /// The figures of `trust.md`.
    pub(crate) const PUBLIC: Self = Self {
        first: Duration::from_secs(10),
        stall: Duration::from_secs(60),
        idle: Duration::from_secs(60),
        look: Duration::from_secs(1),
        farewell: Duration::from_secs(2),
        connections: 4096,
    };
}

/// What should happen to a connection now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes on.
    Alive,
    /// It may finish, and takes no more requests.
    Idle,
    /// It ends at once.
    Dead,
}

/// An answer that stood still for so long makes room for others where there is none.
const STILL: Duration = Duration::from_secs(10);

/// The signs of one connection.
#[derive(Debug)]
pub(crate) struct Pulse {
    crowd: Arc<Crowd>,
    since: Instant,
    moved: Mutex<Instant>,
    answering: AtomicUsize,
    asked: AtomicBool,
    multiplexed: AtomicBool,
    cut: CancellationToken,
}

impl Pulse {
    pub(crate) fn new(crowd: Arc<Crowd>) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self {
            crowd,
            since: now,
            moved: Mutex::new(now),
            answering: AtomicUsize::new(0),
            asked: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
            cut: CancellationToken::new(),
        })
    }

    /// Ends the connection at once, whatever it is doing.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }

    /// Whether it was cut, and only has to end yet.
    pub(crate) fn was_cut(&self) -> bool {
        self.cut.is_cancelled()
    }

    /// For how long nothing has moved; `None` while something is on its way, and once
    /// it was cut.
    pub(crate) fn quiet(&self) -> Option<Duration> {
        let still = self.still();
        let busy = self.answering.load(Ordering::Acquire) > 0 && still < STILL;
        (!busy && !self.was_cut()).then_some(still)
    }

    /// Waits for [`Pulse::cut`].
    pub(crate) async fn is_cut(&self) {
        self.cut.cancelled().await;
    }

    /// A request head is complete; the guard lives as long as its answer.
    pub(crate) fn answer(self: &Arc<Self>, multiplexed: bool) -> Answering {
        self.asked.store(true, Ordering::Release);
        self.multiplexed.fetch_or(multiplexed, Ordering::AcqRel);
        self.answering.fetch_add(1, Ordering::AcqRel);
        self.beat();
        Answering {
            pulse: Arc::clone(self),
            _underway: self.crowd.answer(),
        }
    }

    /// What the signs say now.
    pub(crate) fn verdict(&self, limits: &Limits) -> Verdict {
        if !self.asked.load(Ordering::Acquire) {
            return match self.since.elapsed() > limits.first {
                true => Verdict::Dead,
                false => Verdict::Alive,
            };
        }
        let still = self.still();
        if self.answering.load(Ordering::Acquire) > 0 {
            return match still > limits.stall {
                true => Verdict::Dead,
                false => Verdict::Alive,
            };
        }
        match still > limits.idle {
            true => Verdict::Idle,
            false => Verdict::Alive,
        }
    }

    fn still(&self) -> Duration {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        moved.elapsed()
    }

    /// Something moved.
    pub(crate) fn beat(&self) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// An answer on its way: counts as one until dropped.
pub(crate) struct Answering {
    pulse: Arc<Pulse>,
    _underway: Underway,
}

impl Answering {
    /// The answer's body, alive while it is read.
    pub(crate) fn carry(self, content: Content) -> Carried {
        Carried {
            content,
            answering: self,
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.pulse.beat();
        self.pulse.answering.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A body that tells the pulse of its progress.
pub(crate) struct Carried {
    content: Content,
    answering: Answering,
}

impl Body for Carried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.content).poll_frame(context);
        if polled.is_ready() {
            self.answering.pulse.beat();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}

/// A connection's bytes. Those written are a life sign on HTTP/1; on HTTP/2 they
/// may be mere answers to pings, so there only bodies count.
pub(crate) struct Wire<S: Discard> {
    stream: S,
    pulse: Arc<Pulse>,
}

impl<S: Discard> Wire<S> {
    pub(crate) fn new(stream: S, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse }
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(count)) = written {
            self.pulse.crowd.sent(*count);
        }
        let some = matches!(written, Poll::Ready(Ok(count)) if *count > 0);
        if some && !self.pulse.multiplexed.load(Ordering::Acquire) {
            self.pulse.beat();
        }
    }
}

/// What was cut takes along what the system still holds of it: a visitor who reads slowly
/// would else go on getting it, a megabyte or more.
impl<S: Discard> Drop for Wire<S> {
    fn drop(&mut self) {
        if self.pulse.was_cut() {
            self.stream.discard();
        }
    }
}

impl<S: AsyncRead + Discard + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Discard + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn each_limit_ends_its_kind_of_silence() {
        let limits = Limits::PUBLIC;
        let mute = Pulse::new(Arc::default());
        advance(Duration::from_secs(9)).await;
        assert_eq!(mute.verdict(&limits), Verdict::Alive);
        advance(Duration::from_secs(2)).await;
        assert_eq!(mute.verdict(&limits), Verdict::Dead, "no request in time");

        let stalled = Pulse::new(Arc::default());
        let answering = stalled.answer(false);
        advance(Duration::from_secs(59)).await;
        assert_eq!(stalled.verdict(&limits), Verdict::Alive);
        advance(Duration::from_secs(2)).await;
        assert_eq!(
            stalled.verdict(&limits),
            Verdict::Dead,
            "nobody takes the answer"
        );

        drop(answering);
        assert_eq!(stalled.verdict(&limits), Verdict::Alive);
        advance(Duration::from_secs(61)).await;
        assert_eq!(
            stalled.verdict(&limits),
            Verdict::Idle,
            "nothing more is asked"
        );
    }
}
