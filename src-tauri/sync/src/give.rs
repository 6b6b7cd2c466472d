//! Bytes for other machines: an original as it is read, in groups that the other side
//! checks, a rendition whole.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bao_tree::io::EncodeError;
use bao_tree::io::outboard::PreOrderOutboard;
use bao_tree::io::sync::{CreateOutboard, encode_ranges_validated};
use bao_tree::{BaoTree, ChunkNum, ChunkRanges};
use bytes::Bytes;
use iroh::endpoint::{SendStream, VarInt};
use library::{
    AssetId, DeviceId, Given, GivenOriginal, Guest, KeptWhat, Library, LibraryError, UploadId,
};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::protocol::{Fetch, Sending, UPLOAD, write};
use crate::transfer::{
    DAMAGED, GROUP, GROUP_BYTES, LARGEST_RENDITION, PIECE, PIECES, ROTTEN, STALLED, Wanted,
};
use crate::{Inner, SyncError, blocking};

/// What is asked for.
#[derive(Clone, Copy)]
enum Asked {
    Photo(Wanted),
    /// A file that a visitor sent here through a link of the asker's.
    Upload(UploadId),
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

fn opened(guest: &Guest, asked: Asked) -> Result<Opened, SyncError> {
    let wanted = match asked {
        Asked::Photo(wanted) => wanted,
        Asked::Upload(id) => return Ok(Opened::Original(guest.open_upload(id)?)),
    };
    Ok(match guest.open(wanted.home, wanted.asset, wanted.what)? {
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
    let original = match original.is_made {
        true => blocking(move || hashed(original)).await?,
        false => original,
    };
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
            && let Some(asked) = fetch.asked()
        {
            sent = 0;
            let guest = guest.clone();
            let holds = blocking(move || {
                Ok(match asked {
                    Asked::Photo(wanted) => guest.holds(wanted.home, wanted.asset, wanted.what),
                    Asked::Upload(id) => guest.waits_for(id),
                })
            });
            if !holds.await? {
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
