//! Staying in contact with one machine: it is called, called again when the line
//! is dead, followed, asked what waits for it, and its copies are fetched that are to
//! be kept here. A line is dead when two questions in a row were not answered: the
//! network itself notices only after half a minute.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use flate2::read::DeflateDecoder;
use iroh::endpoint::{Connection, VarInt};
use iroh::{EndpointAddr, EndpointId, TransportAddr};
use library::{DeviceId, LibraryError, Page, Peer, Space};
use prost::Message;
use tokio::sync::{Notify, mpsc};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::asking::ask_waiting;
use crate::protocol::{
    ALPN, Follow, LARGEST_FRAME, PATIENCE, Ping, Pong, Question, QuestionOf, RowList, Rows, read,
    write,
};
use crate::{Inner, SyncError, blocking};

/// How often it is asked whether the other side is there, and for how long.
const BEAT: Duration = Duration::from_secs(2);
/// Questions without an answer that make a line dead.
const MISSED: u32 = 2;
/// The first and the longest wait before it is called again.
pub(crate) const WAITS: (Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(30));
/// How long a line has to have stood to be called anew without a longer wait.
const STOOD: Duration = Duration::from_secs(5);
/// How long a call may take.
const CALLING: Duration = Duration::from_secs(10);
/// The most bytes that a page's rows have once they are unpacked.
const LARGEST_PAGE: u64 = 2 * LARGEST_FRAME as u64;
/// After which time a space is asked for again that was refused.
const AGAIN: Duration = Duration::from_secs(1);
/// The code of a line that is given up.
const DEAD: u32 = 4;

/// Calls a machine for as long as it is known.
pub(crate) async fn stay(inner: Arc<Inner>, peer: Peer, wake: Arc<Notify>) {
    let Ok(id) = EndpointId::from_bytes(&peer.key) else {
        return;
    };
    let mut wait = WAITS.0;
    loop {
        match call(&inner, &peer, id).await {
            Ok(conn) => {
                let since = Instant::now();
                inner.reached(&peer, conn.clone());
                inner.note_contact(peer.device, &conn).await;
                let trouble = converse(&inner, &peer, &conn).await;
                if matches!(trouble, Err(SyncError::Silent)) && conn.close_reason().is_none() {
                    // As long as any line stands that it called by before it was gone, the
                    // network sends to where it was, and no call comes through.
                    inner.close_hosted(peer.device);
                }
                conn.close(VarInt::from_u32(DEAD), b"dead");
                inner.lost(&peer, trouble.err());
                inner.end_renewing(peer.device).await;
                inner.note_last_seen(peer.device).await;
                // Lines that break off at once are not called again at once for ever.
                if since.elapsed() > STOOD {
                    wait = WAITS.0;
                }
            }
            Err(error) => inner.lost(&peer, Some(error)),
        }
        tokio::select! {
            () = sleep(wait) => wait = (wait * 2).min(WAITS.1),
            () = wake.notified() => wait = WAITS.0,
        }
    }
}

async fn call(inner: &Inner, peer: &Peer, id: EndpointId) -> Result<Connection, SyncError> {
    // Addresses may have been typed or learned since.
    let library = Arc::clone(&inner.library);
    let device = peer.device;
    let now = blocking(move || Ok(library.peer(device)?)).await?;
    let mut addresses: Vec<TransportAddr> = now
        .addresses
        .iter()
        .filter_map(|address| address.parse().ok().map(TransportAddr::Ip))
        .collect();
    if let Some(typed) = &now.typed
        && let Ok(found) = tokio::net::lookup_host(typed.as_str()).await
    {
        addresses.extend(found.map(TransportAddr::Ip));
    }
    addresses.extend(inner.detour.ways_to(&now));
    if addresses.is_empty() && !inner.nearby.has(&id) {
        return Err(SyncError::Away(peer.name.clone()));
    }
    let address = EndpointAddr::from_parts(id, addresses);
    timeout(CALLING, inner.endpoint.connect(address, ALPN))
        .await
        .ok()
        .and_then(Result::ok)
        .ok_or_else(|| SyncError::Away(peer.name.clone()))
}

/// All that is said on a line, until one of it fails.
async fn converse(inner: &Arc<Inner>, peer: &Peer, conn: &Connection) -> Result<(), SyncError> {
    let spaces = follow_all(inner, peer, conn);
    tokio::select! {
        end = beat(inner, peer, conn) => end,
        end = spaces => end,
        end = ask_waiting(inner, peer, conn) => end,
        end = inner.keep_wanted(peer, conn) => end,
        end = inner.take_uploads(peer.device, conn) => end,
        end = inner.tell_home(peer.device) => end,
        _ = conn.closed() => Err(SyncError::Broken),
    }
}

pub(crate) async fn question(
    conn: &Connection,
    of: QuestionOf,
) -> Result<iroh::endpoint::RecvStream, SyncError> {
    let (mut send, recv) = timeout(PATIENCE, conn.open_bi())
        .await
        .map_err(|_| SyncError::Broken)?
        .map_err(|_| SyncError::Broken)?;
    write(&mut send, &Question { of: Some(of) }).await?;
    send.finish().map_err(|_| SyncError::Broken)?;
    Ok(recv)
}

async fn beat(inner: &Inner, peer: &Peer, conn: &Connection) -> Result<(), SyncError> {
    let (mut missed, mut known, mut links, mut mirrors) = (0, None, None, None);
    loop {
        let answered = timeout(BEAT, async {
            let mut recv = question(conn, QuestionOf::Ping(Ping {})).await?;
            read::<Pong>(&mut recv, Some(BEAT)).await
        })
        .await;
        match answered {
            Ok(Ok(pong)) => {
                missed = 0;
                inner.renew_lease(peer.device, pong.rests);
                inner.learn_lanes(peer, conn, pong.lanes);
                if links.as_ref() != Some(&pong.links) {
                    inner.learn_links(peer.device, pong.links.clone()).await?;
                    links = Some(pong.links);
                }
                if mirrors.as_ref() != Some(&pong.mirrors) {
                    inner.learn_mirrors(peer.device, &pong.mirrors).await?;
                    mirrors = Some(pong.mirrors);
                }
                if known.as_ref() != Some(&pong.relay) {
                    inner.learn_relay(peer.device, pong.relay.clone()).await?;
                    known = Some(pong.relay);
                }
            }
            _ => missed += 1,
        }
        if missed >= MISSED {
            return Err(SyncError::Silent);
        }
        sleep(BEAT).await;
    }
}

/// Follows what there is to follow of a machine: which that is changes as albums are
/// accepted and left. A space that is refused is asked for again after a while, for
/// the other side may not have decided yet; and one whose rows cannot be taken over,
/// for this disk may have room again.
async fn follow_all(inner: &Arc<Inner>, peer: &Peer, conn: &Connection) -> Result<(), SyncError> {
    let mut changed = inner.changed.subscribe();
    let mut following: HashMap<Followed, AbortOnDrop> = HashMap::new();
    let (tell, mut told) = mpsc::unbounded_channel();
    loop {
        let wanted = wanted(inner, peer.device).await?;
        following.retain(|followed, _| wanted.contains(followed));
        for followed in wanted {
            if following.contains_key(&followed) {
                continue;
            }
            let (inner, peer, conn) = (Arc::clone(inner), peer.clone(), conn.clone());
            let tell = tell.clone();
            let task = tokio::spawn(async move {
                let mut end = follow(&inner, peer.device, &conn, followed).await;
                let is_early = matches!(
                    end,
                    Err(SyncError::Refused(_) | SyncError::Library(LibraryError::NotShared))
                );
                let is_its = followed.home == peer.device;
                // An Albumen of before hands no library on.
                let may_wait = followed.hands_on
                    || !is_its
                    || matches!(
                        followed.space,
                        Space::Album(_) | Space::Shared(_) | Space::Partner(_) | Space::Links
                    );
                if let Err(SyncError::Library(error)) = &end
                    && !is_early
                {
                    // It is this machine's own trouble, and no reason to hang up.
                    inner.takes(peer.device, Some(error.to_string()));
                    sleep(5 * AGAIN).await;
                    end = Ok(());
                } else if is_early && may_wait {
                    // A mirror may have nothing of it for as long as its home is away.
                    sleep(if is_its { AGAIN } else { 5 * AGAIN }).await;
                    end = Ok(());
                }
                let _ = tell.send((followed, end));
            });
            following.insert(followed, AbortOnDrop(task.abort_handle()));
        }
        tokio::select! {
            ended = told.recv() => {
                if let Some((followed, end)) = ended {
                    end?;
                    following.remove(&followed);
                }
            }
            changed = changed.changed() => changed.map_err(|_| SyncError::Broken)?,
        }
    }
}

/// A task that ends with whoever began it.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What is followed of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Followed {
    /// Whose rows they are: that machine's own, or those of another that is away.
    home: DeviceId,
    space: Space,
    /// Whether it is for others, to be handed on to them.
    hands_on: bool,
}

/// All that there is to follow of a machine now.
async fn wanted(inner: &Inner, device: DeviceId) -> Result<Vec<Followed>, SyncError> {
    let library = Arc::clone(&inner.library);
    let away = inner.away_behind(device).await?;
    blocking(move || {
        let followed = |home, hands_on| {
            move |space| Followed {
                home,
                space,
                hands_on,
            }
        };
        let own = library.spaces_of(device)?;
        let mut all: Vec<Followed> = own.into_iter().map(followed(device, false)).collect();
        let for_others = library.spaces_to_hand_on(device)?;
        all.extend(for_others.into_iter().map(followed(device, true)));
        for home in away {
            let is_own = library.peer(home)?.is_own;
            let shown = library.spaces_of(home)?.into_iter();
            let shown = shown.filter(|space| space.is_handed_on(is_own));
            all.extend(shown.map(followed(home, false)));
        }
        Ok(all)
    })
    .await
}

/// Takes over what the other side tells of a space, page by page.
async fn follow(
    inner: &Arc<Inner>,
    device: DeviceId,
    conn: &Connection,
    followed: Followed,
) -> Result<(), SyncError> {
    let Followed {
        home,
        space,
        hands_on,
    } = followed;
    let library = Arc::clone(&inner.library);
    let cursor = blocking(move || {
        Ok(match hands_on {
            true => library.mirror_cursor(home, space)?,
            false => library.feed_cursor(home, space)?,
        })
    })
    .await?;
    let from = Follow {
        space: space.name(),
        epoch: cursor.epoch,
        revision: cursor.revision,
        home: match home == device {
            true => Vec::new(),
            false => home.bytes().to_vec(),
        },
        hands_on,
    };
    let mut recv = question(conn, QuestionOf::Follow(from)).await?;
    loop {
        let rows: Rows = read(&mut recv, None).await?;
        if let Some(refusal) = rows.refusal {
            return Err(SyncError::Refused(refusal));
        }
        let library = Arc::clone(&inner.library);
        let complete = rows.complete;
        blocking(move || {
            let page = Page {
                epoch: rows.epoch,
                revision: rows.revision,
                complete: rows.complete,
                rows: unpack(&rows.packed)?,
            };
            match (hands_on, home == device) {
                (true, _) => library.mirror(home, space, page)?,
                (false, true) => drop(library.receive(home, space, page)?),
                (false, false) => drop(library.receive_by(device, home, space, page)?),
            }
            Ok(())
        })
        .await?;
        inner.takes(device, None);
        if space == Space::Links && complete {
            inner.knows_links(home).await?;
        }
        inner.wake_keeping(home);
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<library::Row>, SyncError> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed)
        .take(LARGEST_PAGE + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| SyncError::Forged("rows that cannot be unpacked"))?;
    if bytes.len() as u64 > LARGEST_PAGE {
        return Err(SyncError::Forged("a page that is too large"));
    }
    RowList::decode(bytes.as_slice())
        .map(|list| list.rows)
        .map_err(|_| SyncError::Forged("rows that cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn rows_are_unpacked_as_they_were() {
        let list = RowList {
            rows: vec![library::Row {
                kind: 1,
                row: vec![1; 16],
                revision: 7,
                body: Some(vec![2; 40]),
            }],
        };
        let rows = unpack(&packed(&list.encode_to_vec())).unwrap();
        assert_eq!(rows, list.rows);
    }

    #[test]
    fn a_page_that_unpacks_to_more_than_a_page_is_refused() {
        // A small frame of very much.
        let bomb = packed(&vec![0; 64 << 20]);
        assert!(bomb.len() < LARGEST_FRAME);
        for frame in [bomb, packed(b"\xff\xff\xff"), b"no deflate".to_vec()] {
            assert_eq!(unpack(&frame).unwrap_err().code(), "forged");
        }
    }
}
