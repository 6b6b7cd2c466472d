//! What other machines are answered. Each connection has the right of its machine in
//! hand; each stream on it is one question.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use iroh::endpoint::{ConnectingError, Connection, IncomingAddr, RecvStream, SendStream, VarInt};
use library::{DeviceId, Guest, Space};
use prost::Message;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::asking::decide;
use crate::gate::UNKNOWN;
use crate::protocol::{
    ALPN, Follow, PAIRING, PATIENCE, Question, QuestionOf, RowList, Rows, read, write,
};
use crate::{Inner, SyncError, blocking, give, pairing};

/// How many handshakes may be under way.
const HANDSHAKES: usize = 64;
/// How many questions one connection may have open: a mirror follows each album and each
/// person on a stream of its own.
const QUESTIONS: u32 = 4_096;
/// How many pages of rows are made or on their way on one connection: the streams that wait
/// for their turn have nothing in memory.
const PAGES: usize = 4;
/// How long a page may wait to be taken before its stream is given up, and its turn is
/// another's.
const UNREAD: Duration = Duration::from_secs(60);

/// Takes in whoever comes, until the endpoint is closed.
pub(crate) async fn take_in(inner: Arc<Inner>) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    while let Some(incoming) = inner.endpoint.accept().await {
        let from = match incoming.remote_addr() {
            IncomingAddr::Ip(address) => Some(address.ip()),
            // A relay lets in whom it knows.
            _ => None,
        };
        if from.is_some_and(|from| inner.gate.is_weary_of(from)) {
            incoming.refuse();
            continue;
        }
        let Ok(turn) = Arc::clone(&handshakes).try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let inner = Arc::clone(&inner);
        tokio::spawn(async move {
            let conn = match incoming.accept() {
                Ok(accepting) => timeout(2 * PATIENCE, accepting).await,
                Err(_) => return,
            };
            drop(turn);
            match (conn, from) {
                (Ok(Ok(conn)), _) => match conn.alpn() {
                    // What is wrong with it is told to its person, where there is one.
                    PAIRING => drop(pairing::answer(&inner, conn).await),
                    ALPN => answer(&inner, conn).await,
                    _ => {}
                },
                (Ok(Err(ConnectingError::LocallyRejected { .. })), Some(from)) => {
                    inner.gate.note_unknown(from);
                }
                _ => {}
            }
        });
    }
}

async fn answer(inner: &Arc<Inner>, conn: Connection) {
    let (library, key) = (Arc::clone(&inner.library), *conn.remote_id().as_bytes());
    let guest = blocking(move || Ok(library.admit_peer(&key)?)).await;
    let Ok(Some(guest)) = guest else {
        conn.close(VarInt::from_u32(UNKNOWN), b"unknown");
        return;
    };
    conn.set_max_concurrent_bi_streams(VarInt::from_u32(QUESTIONS));
    conn.set_max_concurrent_uni_streams(VarInt::from_u32(0));
    // First where it is now: it is called there at once.
    inner.note_contact(guest.device(), &conn).await;
    inner.host(guest.device(), &conn);
    let pages = Arc::new(Semaphore::new(PAGES));
    while let Ok((send, recv)) = conn.accept_bi().await {
        let (inner, guest, pages) = (Arc::clone(inner), guest.clone(), Arc::clone(&pages));
        // A question that breaks off ends with its stream.
        tokio::spawn(async move { drop(reply(&inner, &guest, &pages, send, recv).await) });
    }
    inner.tell();
}

async fn reply(
    inner: &Arc<Inner>,
    guest: &Guest,
    pages: &Semaphore,
    mut send: SendStream,
    mut recv: RecvStream,
) -> Result<(), SyncError> {
    let question: Question = read(&mut recv, Some(PATIENCE)).await?;
    inner.hear(guest.device());
    match question.of {
        Some(QuestionOf::Ping(_)) => {
            write(&mut send, &inner.pong(guest.device()).await?).await?;
        }
        Some(QuestionOf::Rest(_)) => {
            let resting = guest.clone();
            blocking(move || Ok(resting.rests()?)).await?;
            write(&mut send, &inner.pong(guest.device()).await?).await?;
        }
        Some(QuestionOf::Follow(follow)) => return show(inner, guest, pages, follow, send).await,
        Some(QuestionOf::Ask(ask)) => {
            let answer = decide(inner, guest, ask).await;
            write(&mut send, &answer).await?;
        }
        Some(QuestionOf::Fetch(fetch)) => {
            return give::give(inner, guest, &fetch, send).await;
        }
        // Of a later program: it hears that the stream ends without an answer.
        None => {}
    }
    send.finish().map_err(|_| SyncError::Broken)
}

/// Shows what is newer, and then what comes, for as long as somebody looks.
async fn show(
    inner: &Arc<Inner>,
    guest: &Guest,
    pages: &Semaphore,
    follow: Follow,
    mut send: SendStream,
) -> Result<(), SyncError> {
    let Some(space) = Space::of(&follow.space) else {
        let rows = Rows {
            refusal: Some("This Albumen does not know that; update it.".to_owned()),
            ..Rows::default()
        };
        return write(&mut send, &rows).await;
    };
    let mut changed = inner.changed.subscribe();
    let (mut epoch, mut revision) = (follow.epoch, follow.revision);
    let mut first = true;
    loop {
        // Held until the page is written: an unread stream has its turn, and no more memory.
        let turn = pages.acquire().await.map_err(|_| SyncError::Broken)?;
        let (guest, home) = (guest.clone(), follow.home.clone());
        let page = blocking(move || {
            let page = match <[u8; 16]>::try_from(home.as_slice()) {
                Ok(home) => guest.feed_of(DeviceId::from_bytes(home), space, epoch, revision)?,
                Err(_) if follow.hands_on => guest.feed_to_hand_on(space, epoch, revision)?,
                Err(_) => guest.feed(space, epoch, revision)?,
            };
            let list = RowList { rows: page.rows };
            let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
            packed
                .write_all(&list.encode_to_vec())
                .map_err(library::LibraryError::from)?;
            let packed = packed.finish().map_err(library::LibraryError::from)?;
            Ok(Rows {
                epoch: page.epoch,
                revision: page.revision,
                complete: page.complete,
                packed,
                refusal: None,
            })
        })
        .await;
        let rows = match page {
            Ok(rows) => rows,
            Err(error) => {
                drop(turn);
                let rows = Rows {
                    refusal: Some(error.to_string()),
                    ..Rows::default()
                };
                write(&mut send, &rows).await?;
                return send.finish().map_err(|_| SyncError::Broken);
            }
        };
        let is_news = first || rows.epoch != epoch || rows.revision != revision;
        (epoch, revision) = (rows.epoch, rows.revision);
        let complete = rows.complete;
        if is_news {
            first = false;
            timeout(UNREAD, write(&mut send, &rows))
                .await
                .map_err(|_| SyncError::Broken)??;
        }
        drop(turn);
        if complete {
            tokio::select! {
                changed = changed.changed() => changed.map_err(|_| SyncError::Broken)?,
                _ = send.stopped() => return Ok(()),
            }
        }
    }
}
