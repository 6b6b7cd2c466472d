//! What is asked of a machine: this one's own requests, those that others left here for
//! it, and, while a machine is away for which it may take something in, what is to be left
//! with it for that one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use library::{DeviceId, ErrandState, Guest, Peer, RequestId};
use tokio::time::{Instant, sleep};

use crate::contact::{WAITS, question};
use crate::protocol::{Answer, Ask, PATIENCE, QuestionOf, read};
use crate::{Inner, SyncError, blocking, locked};

/// How often it is asked what became of what was left.
const ANEW: Duration = Duration::from_secs(10);

/// Asks what waits, in order, and again when more does.
pub(crate) async fn ask_waiting(
    inner: &Arc<Inner>,
    peer: &Peer,
    conn: &Connection,
) -> Result<(), SyncError> {
    let mut changed = inner.changed.subscribe();
    // What is left with this machine, and when that was last said.
    let mut left: HashMap<RequestId, Instant> = HashMap::new();
    loop {
        let asked =
            ask_own(inner, peer.device, conn).await? + hand_on(inner, peer.device, conn).await?;
        leave(inner, peer.device, conn, &mut left).await?;
        if asked > 0 {
            continue;
        }
        tokio::select! {
            changed = changed.changed() => changed.map_err(|_| SyncError::Broken)?,
            () = sleep(ANEW), if !left.is_empty() => {}
        }
    }
}

/// This machine's own requests; how many there were.
async fn ask_own(
    inner: &Arc<Inner>,
    home: DeviceId,
    conn: &Connection,
) -> Result<usize, SyncError> {
    let library = Arc::clone(&inner.library);
    let waiting = blocking(move || Ok(library.outgoing(home)?)).await?;
    let count = waiting.len();
    for request in waiting {
        let ask = Ask {
            id: request.id.bytes().to_vec(),
            wish: request.wish,
            ..Ask::default()
        };
        let Some(refusal) = answer(conn, ask).await? else {
            break;
        };
        let library = Arc::clone(&inner.library);
        blocking(move || Ok(library.note_answer(request.id, refusal)?)).await?;
    }
    Ok(count)
}

/// What others left here for this machine; how much there was.
async fn hand_on(
    inner: &Arc<Inner>,
    home: DeviceId,
    conn: &Connection,
) -> Result<usize, SyncError> {
    let library = Arc::clone(&inner.library);
    let errands = blocking(move || Ok(library.errands(home)?)).await?;
    let count = errands.len();
    for errand in errands {
        let ask = Ask {
            id: errand.id.bytes().to_vec(),
            wish: errand.wish,
            from: errand.from.bytes().to_vec(),
            signature: errand.signature,
            ..Ask::default()
        };
        let Some(refusal) = answer(conn, ask).await? else {
            break;
        };
        let library = Arc::clone(&inner.library);
        blocking(move || Ok(library.note_errand(errand.id, refusal)?)).await?;
    }
    Ok(count)
}

/// What a machine decided; `None` when it could not: the line stays, and it is asked
/// again later.
async fn answer(conn: &Connection, ask: Ask) -> Result<Option<Option<String>>, SyncError> {
    let answer = put(conn, ask).await?;
    if !answer.decided {
        sleep(WAITS.1).await;
    }
    Ok(answer.decided.then_some(answer.refusal))
}

async fn put(conn: &Connection, ask: Ask) -> Result<Answer, SyncError> {
    let mut recv = question(conn, QuestionOf::Ask(ask)).await?;
    read(&mut recv, Some(6 * PATIENCE)).await
}

/// Leaves what waits for machines that are away with another that hands it on, and hears
/// what became of it.
async fn leave(
    inner: &Arc<Inner>,
    with: DeviceId,
    conn: &Connection,
    left: &mut HashMap<RequestId, Instant>,
) -> Result<(), SyncError> {
    let library = Arc::clone(&inner.library);
    let mut waiting = blocking(move || Ok(library.outgoing_by(with)?)).await?;
    {
        let contacts = locked(&inner.contacts);
        waiting.retain(|(home, _)| contacts.get(home).is_some_and(|home| home.conn.is_none()));
    }
    left.retain(|id, _| waiting.iter().any(|(_, request)| request.id == *id));
    for (home, request) in waiting {
        if left
            .get(&request.id)
            .is_some_and(|said| said.elapsed() < ANEW)
        {
            continue;
        }
        left.insert(request.id, Instant::now());
        let ask = Ask {
            id: request.id.bytes().to_vec(),
            signature: inner.library.sign_errand(home, request.id, &request.wish),
            wish: request.wish,
            home: home.bytes().to_vec(),
            ..Ask::default()
        };
        let answer = put(conn, ask).await?;
        if answer.decided {
            let library = Arc::clone(&inner.library);
            blocking(move || Ok(library.note_answer(request.id, answer.refusal)?)).await?;
        }
    }
    Ok(())
}

/// What a machine is answered that asks something of this one, or of another by this one.
pub(crate) async fn decide(inner: &Inner, guest: &Guest, ask: Ask) -> Answer {
    let Ok(id) = <[u8; 16]>::try_from(ask.id.as_slice()).map(RequestId::from_bytes) else {
        return Answer {
            decided: true,
            refusal: Some("A request without a number was not done.".to_owned()),
        };
    };
    let (library, guest) = (Arc::clone(&inner.library), guest.clone());
    let decided = blocking(move || {
        let named = |id: &[u8]| id.try_into().ok().map(DeviceId::from_bytes);
        let own = library.identity()?.device;
        Ok(match (named(&ask.home), named(&ask.from)) {
            (Some(home), _) if home != own => guest.leave(id, home, &ask.wish, &ask.signature)?,
            (_, Some(from)) => {
                ErrandState::Decided(guest.ask_for(from, id, &ask.wish, &ask.signature)?)
            }
            _ => ErrandState::Decided(guest.ask(id, &ask.wish)?),
        })
    })
    .await;
    match decided {
        Ok(ErrandState::Decided(refusal)) => Answer {
            decided: true,
            refusal,
        },
        Ok(ErrandState::Waiting) => Answer::default(),
        Err(error) => Answer {
            decided: false,
            refusal: Some(error.to_string()),
        },
    }
}
