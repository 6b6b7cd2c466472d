//! Bytes for other machines: an original as it is read, in groups that the other side
//! checks, a rendition whole.

use std::io::{self, BufWriter, Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bao_tree::io::EncodeError;
use bao_tree::io::outboard::PreOrderOutboard;
use bao_tree::io::sync::{CreateOutboard, encode_ranges, encode_ranges_validated};
use bao_tree::{BaoTree, ChunkNum, ChunkRanges};
use bytes::Bytes;
use iroh::endpoint::{SendStream, VarInt};
use library::{
    AssetId, DeviceId, Given, GivenOriginal, Guest, KeptWhat, Library, LibraryError, UploadId,
};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::protocol::{Fetch, Sending, UPLOAD, frame, write};
use crate::transfer::{
    DAMAGED, GROUP, GROUP_BYTES, LARGEST_RENDITION, PIECE, PIECES, ROTTEN, STALLED, Wanted,
};
use crate::{Inner, SyncError, blocking};

/// From how many bytes on the tree of hashes over an original is kept, and not made anew.
const WORTH_KEEPING: u64 = 64 << 20;
/// After how many bytes it is asked again whether the other side may have them.
const CHECKED: usize = 4 << 20;
/// How much is sealed at once on a lane.
pub(crate) const AT_ONCE: usize = 512 * 1024;

/// What is asked for.
#[derive(Clone, Copy)]
enum Asked {
    Photo(Wanted),
    /// A file that a visitor sent here through a link of the asker's.
    Upload(UploadId),
}

impl Asked {
    fn is_still_for(self, guest: &Guest) -> bool {
        match self {
            Asked::Photo(wanted) => guest.holds(wanted.home, wanted.asset, wanted.what),
            Asked::Upload(id) => guest.waits_for(id),
        }
    }
}

impl Fetch {
    fn asked(&self) -> Option<Asked> {
        let id: [u8; 16] = self.asset.as_slice().try_into().ok()?;
        if self.what == UPLOAD {
            return Some(Asked::Upload(UploadId::from_bytes(id)));
        }
        Some(Asked::Photo(Wanted {
            home: DeviceId::from_bytes(self.home.as_slice().try_into().ok()?),
            asset: AssetId::from_bytes(id),
            what: match self.what {
                1 => KeptWhat::Thumbnail,
                2 => KeptWhat::Preview,
                3 => KeptWhat::Original,
                4 => KeptWhat::Part(self.file.as_slice().try_into().ok()?),
                6 => KeptWhat::Motion,
                7 => KeptWhat::Film,
                _ => return None,
            },
        }))
    }
}

/// Sends what a peer fetches, or why not.
pub(crate) async fn give(
    inner: &Inner,
    guest: &Guest,
    fetch: &Fetch,
    mut send: SendStream,
) -> Result<(), SyncError> {
    let opened = match fetch.asked() {
        Some(asked) => {
            let guest = guest.clone();
            blocking(move || opened(&guest, asked)).await
        }
        None => Err(SyncError::Forged("a question for no photo")),
    };
    match opened {
        Ok(Opened::Original(original)) => give_original(inner, guest, original, fetch, send).await,
        Ok(Opened::Picture(bytes, hash)) => give_picture(inner, &bytes, hash, send).await,
        Err(error) => {
            write(&mut send, &refused(&error)).await?;
            send.finish().map_err(|_| SyncError::Broken)
        }
    }
}

/// Sends by a lane what a peer fetches, or why not. A lane on which it comes to no good end is
/// closed; why, is told on the line.
///
/// # Errors
/// Why the lane is of no more use.
pub(crate) fn give_by_lane(
    inner: &Inner,
    guest: &Guest,
    fetch: &Fetch,
    lane: &mut impl Write,
) -> Result<(), SyncError> {
    let asked = fetch.asked();
    let opened = match asked {
        Some(asked) => opened(guest, asked),
        None => Err(SyncError::Forged("a question for no photo")),
    };
    let sending = match &opened {
        Ok(Opened::Original(original)) => announced(original.length, &original.hash),
        Ok(Opened::Picture(bytes, hash)) => announced(bytes.len() as u64, hash.as_bytes()),
        Err(error) => refused(error),
    };
    let mut lane = Watched {
        out: BufWriter::with_capacity(AT_ONCE, lane),
        inner,
        guest,
        asked,
        unchecked: 0,
    };
    let broken = |_| SyncError::Broken;
    lane.out.write_all(&frame(&sending)?).map_err(broken)?;
    match opened {
        Ok(Opened::Original(original)) => {
            let from = fetch.from.min(original.length);
            encode(&inner.library, original, from, &mut lane).map_err(|_| SyncError::Broken)?;
        }
        Ok(Opened::Picture(bytes, _)) => lane.write_all(&bytes).map_err(broken)?,
        Err(_) => {}
    }
    lane.flush().map_err(broken)
}

/// What goes out by a lane: who may not have it any more gets no more, also in the middle.
struct Watched<'a, W: Write> {
    out: BufWriter<W>,
    inner: &'a Inner,
    guest: &'a Guest,
    asked: Option<Asked>,
    unchecked: usize,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.out.write(bytes)?;
        for sent in [&self.inner.sent, &self.inner.served.sent] {
            sent.fetch_add(length as u64, Ordering::Relaxed);
        }
        self.unchecked += length;
        if self.unchecked >= CHECKED {
            self.unchecked = 0;
            let holds = (self.asked).is_some_and(|asked| asked.is_still_for(self.guest));
            if !holds {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What precedes bytes that are sent.
fn announced(length: u64, hash: &[u8; 32]) -> Sending {
    Sending {
        length,
        hash: hash.to_vec(),
        refusal: None,
    }
}

/// What is sent in place of bytes.
fn refused(why: &impl ToString) -> Sending {
    Sending {
        refusal: Some(why.to_string()),
        ..Sending::default()
    }
}

/// What is sent: an original as it is read, a picture whole.
enum Opened {
    Original(GivenOriginal),
    Picture(Vec<u8>, blake3::Hash),
}

fn opened(guest: &Guest, asked: Asked) -> Result<Opened, SyncError> {
    let wanted = match asked {
        Asked::Photo(wanted) => wanted,
        Asked::Upload(id) => return Ok(Opened::Original(guest.open_upload(id)?)),
    };
    Ok(match guest.open(wanted.home, wanted.asset, wanted.what)? {
        Given::Original(made) if made.is_made => Opened::Original(hashed(made)?),
        Given::Original(original) => Opened::Original(original),
        Given::Rendition(served) => {
            if served.length > LARGEST_RENDITION {
                return Err(
                    LibraryError::Wrong("It is too long to be shown there.".to_owned()).into(),
                );
            }
            let mut bytes = Vec::new();
            let mut body = served.body;
            body.read_to_end(&mut bytes).map_err(LibraryError::from)?;
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
    let sending = announced(bytes.len() as u64, hash.as_bytes());
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
    let sending = announced(original.length, &original.hash);
    let (pieces, mut coming) = mpsc::channel::<Bytes>(PIECES);
    let (library, from) = (Arc::clone(&inner.library), fetch.from.min(original.length));
    let encoding = tokio::task::spawn_blocking(move || {
        let mut out = Pieces {
            piece: Vec::with_capacity(PIECE),
            pieces,
        };
        encode(&library, original, from, &mut out)
    });
    // What is wrong from the beginning is told in words; later, by how it ends.
    let mut next = coming.recv().await;
    if next.is_none() {
        write(&mut send, &refused(&ROTTEN)).await?;
        return send.finish().map_err(|_| SyncError::Broken);
    }
    write(&mut send, &sending).await?;
    let mut sent = 0_usize;
    while let Some(piece) = next {
        sent += piece.len();
        inner.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        // Who may not have it any more gets no more, also in the middle.
        if sent >= CHECKED
            && let Some(asked) = fetch.asked()
        {
            sent = 0;
            let guest = guest.clone();
            if !blocking(move || Ok(asked.is_still_for(&guest))).await? {
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

/// What was made of an original, with its tree of hashes, which is of no use later.
fn hashed(made: GivenOriginal) -> Result<GivenOriginal, SyncError> {
    let tree: PreOrderOutboard<Vec<u8>> =
        PreOrderOutboard::create(&made.file, GROUP).map_err(LibraryError::from)?;
    Ok(GivenOriginal {
        hash: *tree.root.as_bytes(),
        outboard: Some(tree.data),
        ..made
    })
}

/// Writes an original and its tree of hashes from a byte on, checked again as it is
/// read.
fn encode(
    library: &Library,
    original: GivenOriginal,
    from: u64,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    let tree = BaoTree::new(original.length, GROUP);
    let root = blake3::Hash::from_bytes(original.hash);
    let ranges = ChunkRanges::from(ChunkNum::full_chunks(from)..);
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
            if original.length >= WORTH_KEEPING {
                // It can be made again.
                let _ = library.keep_outboard(original.hash, made.data.clone());
            }
            // All of it was right a moment ago.
            encode_ranges(&original.file, &made, &ranges, &mut *out)?;
            return out.flush().map_err(EncodeError::from);
        }
    };
    encode_ranges_validated(&original.file, &outboard, &ranges, &mut *out)?;
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
