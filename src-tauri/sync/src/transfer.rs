//! Bytes between machines. An original comes in groups of 256 KiB, each checked
//! against the tree of hashes over the whole (BLAKE3, by bao-tree) before it is
//! written, so that what has arrived is right and a broken transfer goes on from
//! there. A rendition is small; it is checked whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::Duration;

use bao_tree::io::sync::DecodeResponseIter;
use bao_tree::io::{BaoContentItem, DecodeError};
use bao_tree::{BaoTree, BlockSize, ChunkNum, ChunkRanges};
use bytes::Bytes;
use iroh::endpoint::{Connection, RecvStream, VarInt};
use library::{AssetId, Awaited, DeviceId, KeptWhat, Library, LibraryError};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use crate::lane::{Closing, Lane, Lanes, Source};
use crate::protocol::{Fetch, PATIENCE, Question, QuestionOf, Sending, UPLOAD, read, write};
use crate::{SyncError, blocking};

/// The groups that are checked as one.
pub(crate) const GROUP: BlockSize = BlockSize::from_chunk_log(8);
/// Bytes of such a group.
pub(crate) const GROUP_BYTES: u64 = 256 * 1024;
/// The most bytes of a rendition.
pub(crate) const LARGEST_RENDITION: u64 = 32 << 20;
/// How many times as long as its original a film that was made of it may be; and how long
/// any may be.
const LONGER: u64 = 16;
const LEAST_BOUND: u64 = 256 << 20;
/// How many pieces wait between the network and the disk.
pub(crate) const PIECES: usize = 8;
/// Bytes of a piece.
pub(crate) const PIECE: usize = 128 * 1024;
/// How long a transfer may bring nothing.
pub(crate) const STALLED: Duration = Duration::from_secs(20);
/// What is told of an original that is not what it was.
pub(crate) const ROTTEN: &str =
    "The original there is damaged: its bytes are not those that were imported.";
/// The code by which it is told that the bytes are not what they were.
pub(crate) const DAMAGED: u32 = 3;

/// Which bytes of which photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The photo's home.
    pub home: DeviceId,
    /// The photo.
    pub asset: AssetId,
    /// Which of its bytes.
    pub what: KeptWhat,
}

fn number(what: KeptWhat) -> u32 {
    match what {
        KeptWhat::Thumbnail => 1,
        KeptWhat::Preview => 2,
        KeptWhat::Original => 3,
        KeptWhat::Part(_) => 4,
        KeptWhat::Motion => 6,
        KeptWhat::Film => 7,
    }
}

/// What comes from the network is read here.
struct Coming {
    piece: Bytes,
    pieces: mpsc::Receiver<Bytes>,
}

impl Read for Coming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let some = self.piece.split_to(into.len().min(self.piece.len()));
        let (to, _) = into.split_at_mut(some.len());
        to.copy_from_slice(&some);
        Ok(some.len())
    }
}

/// What is on its way: by the line, or by a lane beside it.
enum Way {
    Line(RecvStream),
    Lane(Box<Lane>, Arc<Lanes>),
}

/// Fetches bytes from a machine into a copy that is kept here. `expected` is what the
/// photo's home says of its original, or of a further file; what is made of those is taken
/// as it comes.
///
/// # Errors
/// Why they cannot be had; what has arrived so far stays, to go on from.
pub(crate) async fn fetch(
    library: &Arc<Library>,
    source: &Source,
    wanted: Wanted,
    expected: (u64, [u8; 32]),
) -> Result<(), SyncError> {
    match wanted.what {
        KeptWhat::Original | KeptWhat::Part(_) => {
            by_any(source, |source| {
                fetch_original(library, source, wanted, expected)
            })
            .await
        }
        KeptWhat::Motion | KeptWhat::Film => {
            by_any(source, |source| {
                fetch_film(library, source, wanted, expected.0)
            })
            .await
        }
        KeptWhat::Thumbnail | KeptWhat::Preview => {
            fetch_picture(library, &source.conn, wanted, None).await
        }
    }
}

/// By a lane, where there is one; and where that broke, by the line, which tells why, too.
async fn by_any<F>(source: &Source, by: impl Fn(Source) -> F) -> Result<(), SyncError>
where
    F: Future<Output = Result<(), SyncError>>,
{
    let fetched = by(source.clone()).await;
    let Some(lanes) = &source.lanes else {
        return fetched;
    };
    if !matches!(fetched, Err(SyncError::Broken)) {
        return fetched;
    }
    let fetched = by(Source {
        lanes: None,
        ..source.clone()
    })
    .await;
    if fetched.is_ok() {
        // It was the lane's fault.
        lanes.rest();
    }
    fetched
}

impl Wanted {
    fn question(self) -> Fetch {
        Fetch {
            home: self.home.bytes().to_vec(),
            asset: self.asset.bytes().to_vec(),
            what: number(self.what),
            from: 0,
            file: match self.what {
                KeptWhat::Part(hash) => hash.to_vec(),
                _ => Vec::new(),
            },
        }
    }
}

/// Asks for what is long.
async fn ask_source(source: &Source, fetch: Fetch) -> Result<(Sending, Way), SyncError> {
    if let Some(lanes) = &source.lanes
        && let Some((sending, lane)) = lanes.ask(fetch.clone()).await
    {
        return match sending.refusal {
            Some(refusal) => {
                lanes.keep(lane);
                Err(SyncError::Refused(refusal))
            }
            None => Ok((sending, Way::Lane(Box::new(lane), Arc::clone(lanes)))),
        };
    }
    let (sending, recv) = ask(&source.conn, fetch).await?;
    Ok((sending, Way::Line(recv)))
}

async fn ask(conn: &Connection, fetch: Fetch) -> Result<(Sending, RecvStream), SyncError> {
    let (mut send, mut recv) = timeout(PATIENCE, conn.open_bi())
        .await
        .map_err(|_| SyncError::Broken)?
        .map_err(|_| SyncError::Broken)?;
    let question = Question {
        of: Some(QuestionOf::Fetch(fetch)),
    };
    write(&mut send, &question).await?;
    send.finish().map_err(|_| SyncError::Broken)?;
    // A rendition may have to be made first.
    let sending: Sending = read(&mut recv, Some(6 * PATIENCE)).await?;
    match sending.refusal {
        Some(refusal) => Err(SyncError::Refused(refusal)),
        None => Ok((sending, recv)),
    }
}

/// Fetches a picture. Its turn on the line, where it has one, is another's once its bytes
/// are here: what remains waits for the disk.
///
/// # Errors
/// Why it cannot be had.
pub(crate) async fn fetch_picture(
    library: &Arc<Library>,
    conn: &Connection,
    wanted: Wanted,
    turns: Option<&Arc<Semaphore>>,
) -> Result<(), SyncError> {
    let turn = match turns {
        Some(turns) => Arc::clone(turns).acquire_owned().await.ok(),
        None => None,
    };
    let (sending, mut recv) = ask(conn, wanted.question()).await?;
    if sending.length == 0 || sending.length > LARGEST_RENDITION {
        return Err(SyncError::Forged("a picture of a size that cannot be"));
    }
    let length = usize::try_from(sending.length).unwrap_or_default();
    let bytes = timeout(3 * STALLED, recv.read_to_end(length))
        .await
        .map_err(|_| SyncError::Broken)?
        .map_err(|_| SyncError::Broken)?;
    let library = Arc::clone(library);
    blocking(move || {
        let hash = blake3::hash(&bytes);
        if bytes.len() != length || hash.as_bytes().as_slice() != sending.hash {
            return Err(SyncError::Forged("bytes that are not what they should be"));
        }
        let (home, asset, what) = (wanted.home, wanted.asset, wanted.what);
        let mut part = library.open_arriving(home, asset, what, sending.length)?;
        part.set_len(0).map_err(LibraryError::from)?;
        part.seek(SeekFrom::Start(0)).map_err(LibraryError::from)?;
        part.write_all(&bytes).map_err(LibraryError::from)?;
        drop((bytes, turn));
        Ok(library.finish_arriving(home, asset, what, &part, *hash.as_bytes())?)
    })
    .await
}

async fn fetch_original(
    library: &Arc<Library>,
    source: Source,
    wanted: Wanted,
    (length, hash): (u64, [u8; 32]),
) -> Result<(), SyncError> {
    let own = Arc::clone(library);
    let open = move || own.open_arriving(wanted.home, wanted.asset, wanted.what, length);
    let (file, have) = fetch_whole(&source, wanted.question(), open, (length, hash)).await?;
    let library = Arc::clone(library);
    blocking(move || {
        let (home, asset, what) = (wanted.home, wanted.asset, wanted.what);
        // What a power cut left of an earlier try may be anything.
        if have > 0 && !is_whole(&file, &hash)? {
            library.drop_arriving(home, asset, what)?;
            return Err(SyncError::Forged("bytes that are not what they should be"));
        }
        Ok(library.finish_arriving(home, asset, what, &file, hash)?)
    })
    .await
}

/// Fetches a film from its beginning on: another may have been made since. It is made of
/// an original of so many bytes, and in some proportion to that.
async fn fetch_film(
    library: &Arc<Library>,
    source: Source,
    wanted: Wanted,
    original: u64,
) -> Result<(), SyncError> {
    let (sending, way) = ask_source(&source, wanted.question()).await?;
    if sending.length > LEAST_BOUND.max(original.saturating_mul(LONGER)) {
        return Err(SyncError::Forged("a film of a size that cannot be"));
    }
    let (length, whole) = (sending.length, sending.hash.as_slice().try_into());
    let hash: [u8; 32] = whole.map_err(|_| SyncError::Forged("a film without a hash"))?;
    let (home, asset, what) = (wanted.home, wanted.asset, wanted.what);
    let own = Arc::clone(library);
    let part = blocking(move || {
        let part = own.open_arriving(home, asset, what, length)?;
        part.set_len(0).map_err(LibraryError::from)?;
        Ok(part)
    })
    .await?;
    let own = Arc::clone(library);
    let film = match receive(way, part, (length, hash), 0).await {
        Ok(film) => film,
        Err(error) => {
            blocking(move || Ok(own.drop_arriving(home, asset, what)?)).await?;
            return Err(error);
        }
    };
    let own = Arc::clone(library);
    blocking(move || Ok(own.finish_arriving(home, asset, what, &film, hash)?)).await
}

/// Fetches a file that a visitor sent at another machine, which serves the link.
///
/// # Errors
/// Why it cannot be had; what has arrived so far stays, to go on from.
pub(crate) async fn fetch_upload(
    library: &Arc<Library>,
    source: &Source,
    awaited: Awaited,
) -> Result<(), SyncError> {
    by_any(source, |source| {
        take_upload(library, source, awaited.clone())
    })
    .await
}

async fn take_upload(
    library: &Arc<Library>,
    source: Source,
    awaited: Awaited,
) -> Result<(), SyncError> {
    let question = Fetch {
        asset: awaited.id.bytes().to_vec(),
        what: UPLOAD,
        ..Fetch::default()
    };
    let (own, to) = (Arc::clone(library), awaited.clone());
    let open = move || own.open_awaited(&to);
    let (file, _) = fetch_whole(&source, question, open, (awaited.bytes, awaited.hash)).await?;
    let library = Arc::clone(library);
    blocking(move || Ok(library.finish_awaited(&awaited, file)?)).await
}

/// Fetches what a file that was begun still lacks, each group of it checked; answers with the
/// file, and how much of it was there before.
async fn fetch_whole(
    source: &Source,
    question: Fetch,
    open: impl FnOnce() -> Result<File, LibraryError> + Send + 'static,
    (length, hash): (u64, [u8; 32]),
) -> Result<(File, u64), SyncError> {
    let (part, have) = blocking(move || {
        let part = open()?;
        let have = part.metadata().map_err(LibraryError::from)?.len();
        // What is whole of it; the rest of a group is asked for again.
        let have = have.min(length) / GROUP_BYTES * GROUP_BYTES;
        part.set_len(have).map_err(LibraryError::from)?;
        Ok((part, have))
    })
    .await?;
    let question = Fetch {
        from: have,
        ..question
    };
    let (sending, way) = ask_source(source, question).await?;
    if sending.length != length || sending.hash != hash {
        return Err(SyncError::Forged("another original than its row names"));
    }
    let file = receive(way, part, (length, hash), have).await?;
    Ok((file, have))
}

/// Receives a file from a byte on, each group of it checked.
async fn receive(
    way: Way,
    part: File,
    (length, hash): (u64, [u8; 32]),
    from: u64,
) -> Result<File, SyncError> {
    let recv = match way {
        Way::Line(recv) => recv,
        Way::Lane(mut lane, lanes) => {
            let closing = Closing::of(&lane);
            let file = blocking(move || {
                let file = decode(&part, &mut lane, length, hash, from)?;
                lanes.keep(*lane);
                Ok(file)
            })
            .await?;
            closing.stays_open();
            return Ok(file);
        }
    };
    let (pieces, coming) = mpsc::channel(PIECES);
    let pumping = pump(recv, pieces);
    let reader = Coming {
        piece: Bytes::new(),
        pieces: coming,
    };
    let decoding = tokio::task::spawn_blocking(move || decode(&part, reader, length, hash, from));
    let (pumped, decoded) = tokio::join!(pumping, decoding);
    match decoded {
        Ok(Ok(file)) => Ok(file),
        // The network's trouble says more than that too little came.
        Ok(Err(error)) => Err(pumped.err().unwrap_or(error)),
        Err(_) => Err(SyncError::Broken),
    }
}

/// Passes on what comes, and breaks off when nothing does.
async fn pump(mut recv: RecvStream, pieces: mpsc::Sender<Bytes>) -> Result<(), SyncError> {
    loop {
        let piece = timeout(STALLED, recv.read_chunk(PIECE))
            .await
            .map_err(|_| SyncError::Broken)?;
        match piece {
            Ok(Some(chunk)) => {
                if pieces.send(chunk).await.is_err() {
                    // The reader has found out what is wrong.
                    let _ = recv.stop(VarInt::from_u32(DAMAGED));
                    return Ok(());
                }
            }
            Ok(None) => return Ok(()),
            Err(iroh::endpoint::ReadError::Reset(code)) if code == VarInt::from_u32(DAMAGED) => {
                return Err(SyncError::Refused(ROTTEN.to_owned()));
            }
            Err(_) => return Err(SyncError::Broken),
        }
    }
}

/// Writes what is right, in order, and ends at the first group that is not.
fn decode(
    part: &File,
    reader: impl Read,
    length: u64,
    hash: [u8; 32],
    from: u64,
) -> Result<File, SyncError> {
    let ranges = ChunkRanges::from(ChunkNum::full_chunks(from)..);
    let tree = BaoTree::new(length, GROUP);
    let mut file = part.try_clone().map_err(LibraryError::from)?;
    for item in DecodeResponseIter::new(blake3::Hash::from_bytes(hash), tree, reader, &ranges) {
        match item {
            Ok(BaoContentItem::Leaf(leaf)) => {
                file.seek(SeekFrom::Start(leaf.offset))
                    .map_err(LibraryError::from)?;
                file.write_all(&leaf.data).map_err(LibraryError::from)?;
            }
            Ok(BaoContentItem::Parent(_)) => {}
            Err(error) => {
                return Err(match error {
                    DecodeError::ParentHashMismatch(_) | DecodeError::LeafHashMismatch(_) => {
                        SyncError::Forged("bytes that are not what they should be")
                    }
                    _ => SyncError::Broken,
                });
            }
        }
    }
    match file.metadata().map_err(LibraryError::from)?.len() == length {
        true => Ok(file),
        false => Err(SyncError::Broken),
    }
}

fn is_whole(file: &File, hash: &[u8; 32]) -> Result<bool, LibraryError> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut file)?;
    Ok(hasher.finalize().as_bytes() == hash)
}
