//! A long answer: read piece by piece off the async threads, and cut within a
//! second when the right to it ends. A cut body is an error to the browser, never
//! a short file that looks complete.

use std::{
    io::{self, Read},
    mem,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use library::Access;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::{JoinHandle, spawn_blocking},
    time::{MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;

use crate::pulse::Pulse;

/// How often the right is looked at again.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes read at once at first: who stops reading holds little.
const FIRST_PIECE: usize = 64 * 1024;
/// Bytes read at once at first while there is room in the purse: all of most pictures, so
/// that they take one thread one time.
const FULL_PIECE: usize = 1024 * 1024;
/// Bytes read at once when many were taken.
const PIECE: usize = 512 * 1024;
/// How many full first pieces there may be of all answers together.
const PLACES: usize = 64;
static PURSE: Semaphore = Semaphore::const_new(PLACES);
/// Memory of those that were sent, for the next ones while there are others on their way:
/// to get it anew from the system for each takes longer than to read them.
static SPARE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Memory of pieces that were sent, for the next ones of the same answer.
type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

/// A piece of an answer: where its memory goes once it was sent.
struct Lent {
    memory: Vec<u8>,
    length: usize,
    to: Lender,
}

enum Lender {
    /// To nobody.
    None,
    /// To the first pieces of others.
    Purse(SemaphorePermit<'static>),
    /// To the next piece of the same answer.
    Answer(Spare),
}

impl Lent {
    /// Reads it; a file that became shorter is an error.
    fn filled(mut self, file: &mut impl Read) -> io::Result<Bytes> {
        let wanted = self.memory.get_mut(..self.length).unwrap_or_default();
        file.read_exact(wanted)?;
        Ok(Bytes::from_owner(self))
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.memory.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let memory = mem::take(&mut self.memory);
        match mem::replace(&mut self.to, Lender::None) {
            Lender::None => {}
            Lender::Purse(place) => {
                drop(place);
                let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
                match PURSE.available_permits() {
                    PLACES => spare.clear(),
                    _ => spare.push(memory),
                }
            }
            Lender::Answer(spare) => {
                let mut spare = spare.lock().unwrap_or_else(PoisonError::into_inner);
                // Who takes nothing holds no more than this.
                if spare.is_empty() {
                    spare.push(memory);
                }
            }
        }
    }
}

/// The first bytes of `length` from where `file` stands. Blocks.
///
/// # Errors
/// When the file has become shorter.
pub(crate) fn first(file: &mut impl Read, length: u64) -> io::Result<Bytes> {
    let place = PURSE.try_acquire().ok();
    let most = place.as_ref().map_or(FIRST_PIECE, |_| FULL_PIECE);
    let spare = place.as_ref().and_then(|_| {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop()
    });
    Lent {
        memory: spare.unwrap_or_else(|| vec![0; most]),
        length: usize::try_from(length).unwrap_or(most).min(most),
        to: place.map_or(Lender::None, Lender::Purse),
    }
    .filled(file)
}

type Reading = Box<dyn Read + Send>;
type Piece = JoinHandle<(Reading, io::Result<Bytes>)>;

/// The body.
pub(crate) struct Stream {
    source: Source,
    /// Bytes not handed over yet.
    left: u64,
    /// Bytes of the next piece, at most.
    piece: usize,
    spare: Spare,
    ended: Arc<AtomicBool>,
    _watch: AbortOnDropHandle<()>,
}

enum Source {
    First(Bytes, Reading),
    Reading(Piece),
    Spent,
}

impl Stream {
    /// `length` bytes, those that were read `first` of `file` and then from where that
    /// stands, for as long as `access` is current. `pulse` is the connection to cut, also
    /// while the visitor does not read.
    pub(crate) fn new(
        first: Bytes,
        file: impl Read + Send + 'static,
        length: u64,
        access: Access,
        pulse: Option<Arc<Pulse>>,
    ) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let watch = tokio::spawn(watch(access, pulse, Arc::clone(&ended)));
        Self {
            source: Source::First(first, Box::new(file)),
            left: length,
            piece: FIRST_PIECE * 2,
            spare: Spare::default(),
            ended,
            _watch: AbortOnDropHandle::new(watch),
        }
    }

    /// Hands a piece over; the next is read meanwhile, off the async threads.
    fn hand_over(&mut self, piece: Bytes, file: Reading) -> Frame<Bytes> {
        self.left = self.left.saturating_sub(piece.len() as u64);
        let length = usize::try_from(self.left)
            .unwrap_or(self.piece)
            .min(self.piece);
        if length > 0 {
            let spare = Arc::clone(&self.spare);
            self.source = Source::Reading(spawn_blocking(move || read(file, length, spare)));
        }
        Frame::data(piece)
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

fn read(mut file: Reading, length: usize, to: Spare) -> (Reading, io::Result<Bytes>) {
    let spare = to.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let piece = Lent {
        memory: spare
            .filter(|memory| memory.len() >= length)
            .unwrap_or_else(|| vec![0; length]),
        length,
        to: Lender::Answer(to),
    };
    let read = piece.filled(&mut file);
    (file, read)
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
        let (file, piece) = match mem::replace(&mut self.source, Source::Spent) {
            Source::First(first, file) => (file, first),
            Source::Reading(mut reading) => match Pin::new(&mut reading).poll(context) {
                Poll::Pending => {
                    self.source = Source::Reading(reading);
                    return Poll::Pending;
                }
                Poll::Ready(read) => {
                    let (file, piece) = read.map_err(io::Error::other)?;
                    self.piece = (self.piece * 2).min(PIECE);
                    (file, piece?)
                }
            },
            Source::Spent => {
                return Poll::Ready(Some(Err(io::Error::other("the file was closed"))));
            }
        };
        Poll::Ready(Some(Ok(self.hand_over(piece, file))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
