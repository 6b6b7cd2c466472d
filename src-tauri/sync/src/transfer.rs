//! Bytes between machines. An original comes in groups of 256 KiB, each checked
//! against the tree of hashes over the whole (BLAKE3, by bao-tree) before it is
//! written, so that what has arrived is right and a broken transfer goes on from
//! there. A rendition is small; it is checked whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bao_tree::io::outboard::PreOrderOutboard;
use bao_tree::io::sync::{CreateOutboard, DecodeResponseIter, encode_ranges_validated};
use bao_tree::io::{BaoContentItem, EncodeError};
use bao_tree::{BaoTree, BlockSize, ChunkNum, ChunkRanges};
use bytes::Bytes;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use library::{AssetId, DeviceId, Given, GivenOriginal, Guest, KeptWhat, Library, LibraryError};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use crate::protocol::{Fetch, PATIENCE, Question, QuestionOf, Sending, read, write};
use crate::{Inner, SyncError, blocking};

/// The groups that are checked as one.
const GROUP: BlockSize = BlockSize::from_chunk_log(8);
/// Bytes of such a group.
const GROUP_BYTES: u64 = 256 * 1024;
/// The most bytes of a rendition.
const LARGEST_RENDITION: u64 = 32 << 20;
/// How many pieces wait between the network and the disk.
const PIECES: usize = 8;
/// Bytes of a piece.
const PIECE: usize = 128 * 1024;
/// How long a transfer may bring nothing.
const STALLED: Duration = Duration::from_secs(20);
/// What is told of an original that is not what it was.
const ROTTEN: &str = "The original there is damaged: its bytes are not those that were imported.";
/// The code by which it is told that the bytes are not what they were.
const DAMAGED: u32 = 3;

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
    }
}

impl Fetch {
    fn wanted(&self) -> Option<Wanted> {
        Some(Wanted {
            home: DeviceId::from_bytes(self.home.as_slice().try_into().ok()?),
            asset: AssetId::from_bytes(self.asset.as_slice().try_into().ok()?),
            what: match self.what {
                1 => KeptWhat::Thumbnail,
                2 => KeptWhat::Preview,
                3 => KeptWhat::Original,
                4 => KeptWhat::Part(self.file.as_slice().try_into().ok()?),
                _ => return None,
            },
        })
    }
}

/// Sends what a peer fetches, or why not.
pub(crate) async fn give(
    inner: &Inner,
    guest: &Guest,
    fetch: &Fetch,
    mut send: SendStream,
) -> Result<(), SyncError> {
    let opened = match fetch.wanted() {
        Some(wanted) => {
            let guest = guest.clone();
            blocking(move || opened(&guest, wanted)).await
        }
        None => Err(SyncError::Forged("a question for no photo")),
    };
    match opened {
        Ok(Opened::Original(original)) => give_original(inner, guest, original, fetch, send).await,
        Ok(Opened::Picture(bytes, hash)) => give_picture(inner, &bytes, hash, send).await,
        Err(error) => {
            let sending = Sending {
                refusal: Some(error.to_string()),
                ..Sending::default()
            };
            write(&mut send, &sending).await?;
            send.finish().map_err(|_| SyncError::Broken)
        }
    }
}

/// What is sent: an original as it is read, a picture whole.
enum Opened {
    Original(GivenOriginal),
    Picture(Vec<u8>, blake3::Hash),
}

fn opened(guest: &Guest, wanted: Wanted) -> Result<Opened, SyncError> {
    Ok(match guest.open(wanted.home, wanted.asset, wanted.what)? {
        Given::Original(original) => Opened::Original(original),
        Given::Rendition(served) => {
            let mut bytes = Vec::new();
            served
                .body
                .take(LARGEST_RENDITION)
                .read_to_end(&mut bytes)
                .map_err(LibraryError::from)?;
            let hash = blake3::hash(&bytes);
            Opened::Picture(bytes, hash)
        }
    })
}

async fn give_picture(
    inner: &Inner,
    bytes: &[u8],
    hash: blake3::Hash,
    mut send: SendStream,
) -> Result<(), SyncError> {
    let sending = Sending {
        length: bytes.len() as u64,
        hash: hash.as_bytes().to_vec(),
        refusal: None,
    };
    write(&mut send, &sending).await?;
    timeout(3 * STALLED, send.write_all(bytes))
        .await
        .map_err(|_| SyncError::Broken)?
        .map_err(|_| SyncError::Broken)?;
    inner.sent.fetch_add(sending.length, Ordering::Relaxed);
    send.finish().map_err(|_| SyncError::Broken)
}

async fn give_original(
    inner: &Inner,
    guest: &Guest,
    original: GivenOriginal,
    fetch: &Fetch,
    mut send: SendStream,
) -> Result<(), SyncError> {
    let sending = Sending {
        length: original.length,
        hash: original.hash.to_vec(),
        refusal: None,
    };
    let (pieces, mut coming) = mpsc::channel::<Bytes>(PIECES);
    let (library, from) = (Arc::clone(&inner.library), fetch.from.min(original.length));
    let encoding = tokio::task::spawn_blocking(move || encode(&library, original, from, pieces));
    // What is wrong from the beginning is told in words; later, by how it ends.
    let mut next = coming.recv().await;
    if next.is_none() {
        let sending = Sending {
            refusal: Some(ROTTEN.to_owned()),
            ..Sending::default()
        };
        write(&mut send, &sending).await?;
        return send.finish().map_err(|_| SyncError::Broken);
    }
    write(&mut send, &sending).await?;
    let mut sent = 0_usize;
    while let Some(piece) = next {
        sent += piece.len();
        inner.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        // Who may not have it any more gets no more, also in the middle.
        if sent >= 4 << 20
            && let Some(wanted) = fetch.wanted()
        {
            sent = 0;
            let guest = guest.clone();
            if !blocking(move || Ok(guest.holds(wanted.home, wanted.asset, wanted.what))).await? {
                return Err(SyncError::Broken);
            }
        }
        timeout(STALLED, send.write_chunk(piece))
            .await
            .map_err(|_| SyncError::Broken)?
            .map_err(|_| SyncError::Broken)?;
        next = coming.recv().await;
    }
    match encoding.await {
        Ok(Ok(())) => send.finish().map_err(|_| SyncError::Broken),
        _ => {
            let _ = send.reset(VarInt::from_u32(DAMAGED));
            Ok(())
        }
    }
}

/// Writes an original and its tree of hashes from a byte on, checked again as it is
/// read.
fn encode(
    library: &Library,
    original: GivenOriginal,
    from: u64,
    pieces: mpsc::Sender<Bytes>,
) -> Result<(), EncodeError> {
    let tree = BaoTree::new(original.length, GROUP);
    let root = blake3::Hash::from_bytes(original.hash);
    let outboard = match original.outboard {
        Some(data) => PreOrderOutboard { root, tree, data },
        None if original.length <= GROUP_BYTES => PreOrderOutboard {
            root,
            tree,
            data: Vec::new(),
        },
        None => {
            let made: PreOrderOutboard<Vec<u8>> = PreOrderOutboard::create(&original.file, GROUP)?;
            if made.root != root {
                return Err(EncodeError::Io(io::ErrorKind::InvalidData.into()));
            }
            // It can be made again.
            let _ = library.keep_outboard(original.hash, made.data.clone());
            made
        }
    };
    let ranges = ChunkRanges::from(ChunkNum::full_chunks(from)..);
    let mut out = Pieces {
        piece: Vec::with_capacity(PIECE),
        pieces,
    };
    encode_ranges_validated(&original.file, &outboard, &ranges, &mut out)?;
    out.flush()?;
    Ok(())
}

/// What is written here goes on to the network, piece by piece.
struct Pieces {
    piece: Vec<u8>,
    pieces: mpsc::Sender<Bytes>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.pieces
            .blocking_send(piece.into())
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
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

/// Fetches bytes from a machine into a copy that is kept here. `expected` is what the
/// photo's home says of its original, or of a further file.
///
/// # Errors
/// Why they cannot be had; what has arrived so far stays, to go on from.
pub(crate) async fn fetch(
    library: &Arc<Library>,
    conn: &Connection,
    wanted: Wanted,
    expected: (u64, [u8; 32]),
) -> Result<(), SyncError> {
    match wanted.what {
        KeptWhat::Original | KeptWhat::Part(_) => {
            fetch_original(library, conn, wanted, expected).await
        }
        KeptWhat::Thumbnail | KeptWhat::Preview => fetch_picture(library, conn, wanted, None).await,
    }
}

async fn ask(
    conn: &Connection,
    wanted: Wanted,
    from: u64,
) -> Result<(Sending, RecvStream), SyncError> {
    let (mut send, mut recv) = timeout(PATIENCE, conn.open_bi())
        .await
        .map_err(|_| SyncError::Broken)?
        .map_err(|_| SyncError::Broken)?;
    let question = Question {
        of: Some(QuestionOf::Fetch(Fetch {
            home: wanted.home.bytes().to_vec(),
            asset: wanted.asset.bytes().to_vec(),
            what: number(wanted.what),
            from,
            file: match wanted.what {
                KeptWhat::Part(hash) => hash.to_vec(),
                _ => Vec::new(),
            },
        })),
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
    let (sending, mut recv) = ask(conn, wanted, 0).await?;
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
    conn: &Connection,
    wanted: Wanted,
    (length, hash): (u64, [u8; 32]),
) -> Result<(), SyncError> {
    let own = Arc::clone(library);
    let (part, have) = blocking(move || {
        let part = own.open_arriving(wanted.home, wanted.asset, wanted.what, length)?;
        let have = part.metadata().map_err(LibraryError::from)?.len();
        // What is whole of it; the rest of a group is asked for again.
        let have = have.min(length) / GROUP_BYTES * GROUP_BYTES;
        part.set_len(have).map_err(LibraryError::from)?;
        Ok((part, have))
    })
    .await?;
    let (sending, recv) = ask(conn, wanted, have).await?;
    if sending.length != length || sending.hash != hash {
        return Err(SyncError::Forged("another original than its row names"));
    }
    let (pieces, coming) = mpsc::channel(PIECES);
    let pumping = pump(recv, pieces);
    let decoding = tokio::task::spawn_blocking(move || decode(&part, coming, length, hash, have));
    let (pumped, decoded) = tokio::join!(pumping, decoding);
    let file = match decoded {
        Ok(Ok(file)) => file,
        // The network's trouble says more than that too little came.
        Ok(Err(error)) => return Err(pumped.err().unwrap_or(error)),
        Err(_) => return Err(SyncError::Broken),
    };
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
    coming: mpsc::Receiver<Bytes>,
    length: u64,
    hash: [u8; 32],
    from: u64,
) -> Result<File, SyncError> {
    let reader = Coming {
        piece: Bytes::new(),
        pieces: coming,
    };
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
                return Err(match io::Error::from(error).kind() {
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound => SyncError::Broken,
                    _ => SyncError::Forged("bytes that are not what they should be"),
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
