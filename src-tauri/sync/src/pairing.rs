//! How two machines come to know each other: both prove that they know the
//! invitation's secret, both screens show the same four words, and both people say
//! yes. Before that nothing is told but the cards of those who ask; nothing is kept.

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use iroh::{EndpointAddr, EndpointId};
use library::Introduction;
use prost::Message;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::detour::relay_of;
use crate::invitation::{Invitation, Typed};
use crate::protocol::{PAIRING, PATIENCE, read, write};
use crate::secret::{Part, Proof, Proving};
use crate::{Inner, SyncError, blocking};

/// How long people may take to compare the words.
const COMPARING: Duration = Duration::from_secs(5 * 60);
/// The code by which a wrong proof is told.
const WRONG: u32 = 2;

/// How far a pairing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairingState {
    /// The person here has not answered.
    Asking,
    /// The person here said yes; the other has not answered.
    Waiting,
    /// Both know each other.
    Done,
    /// It came to nothing, and why.
    Failed(String),
}

/// Two machines that are about to know each other.
#[derive(Clone, Debug)]
pub struct Pairing {
    /// Its number on this machine.
    pub id: u64,
    /// The other machine's name.
    pub machine: String,
    /// The name of its person.
    pub person: String,
    /// The words that both screens show.
    pub words: Vec<String>,
    /// Whether both are to be machines of one person.
    pub is_own: bool,
    /// How far it is.
    pub state: PairingState,
}

/// A pairing, and the way to answer it.
pub(crate) struct Open {
    pub shown: watch::Sender<Pairing>,
    pub answer: Option<oneshot::Sender<bool>>,
}

#[derive(Clone, PartialEq, Message)]
struct Hello {
    #[prost(bool, tag = "1")]
    by_code: bool,
    #[prost(bytes = "vec", tag = "2")]
    spake: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Shown {
    #[prost(bytes = "vec", tag = "1")]
    proof: Vec<u8>,
}

/// Who one is, told once the secret is proved.
#[derive(Clone, PartialEq, Message)]
struct Meeting {
    #[prost(bytes = "vec", tag = "1")]
    card: Vec<u8>,
    #[prost(bool, tag = "2")]
    is_own: bool,
    #[prost(string, tag = "3")]
    machine: String,
}

#[derive(Clone, PartialEq, Message)]
struct Decision {
    #[prost(bool, tag = "1")]
    yes: bool,
}

/// What each side gives in the end: the inviter of a machine of its own the person's
/// key, and the joiner its new card.
#[derive(Clone, PartialEq, Message)]
struct Seal {
    #[prost(bytes = "vec", tag = "1")]
    person_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    card: Vec<u8>,
    #[prost(string, optional, tag = "3")]
    refusal: Option<String>,
}

type Stream = (SendStream, RecvStream);

/// The joiner's side, up to the question to its person.
pub(crate) async fn join(inner: &Arc<Inner>, typed: &str) -> Result<u64, SyncError> {
    let (address, secret, by_code) = match Typed::read(typed)? {
        Typed::Ticket(address, secret) => (address, secret, false),
        Typed::Code(number, secret) => (inner.nearby.inviting(&number).await?, secret, true),
    };
    if address.id == inner.endpoint.id() {
        return Err(SyncError::Refused(
            "This invitation is this machine's own; type it on the other one.".to_owned(),
        ));
    }
    let (conn, stream, proof) = prove_as_joiner(inner, address, &secret, by_code).await?;
    Box::pin(meet(inner, conn, stream, proof, Part::Joiner, None)).await
}

async fn prove_as_joiner(
    inner: &Inner,
    address: EndpointAddr,
    secret: &[u8],
    by_code: bool,
) -> Result<(Connection, Stream, Proof), SyncError> {
    let inviter = address.id;
    let conn = timeout(3 * PATIENCE, inner.endpoint.connect(address, PAIRING))
        .await
        .map_err(|_| SyncError::Away("The other machine".to_owned()))?
        .map_err(|_| SyncError::Away("The other machine".to_owned()))?;
    let (mut send, mut recv) = conn.open_bi().await.map_err(|_| refused(&conn))?;
    let (proving, spake) = Proving::begin(Part::Joiner, secret, inner.endpoint.id(), inviter);
    write(&mut send, &Hello { by_code, spake }).await?;
    let hello: Hello = read(&mut recv, Some(PATIENCE))
        .await
        .map_err(|_| refused(&conn))?;
    let proof = proving.end(&hello.spake, &conn)?;
    let shown = Shown {
        proof: proof.of(Part::Joiner).to_vec(),
    };
    write(&mut send, &shown).await?;
    let answer: Shown = read(&mut recv, Some(PATIENCE))
        .await
        .map_err(|_| refused(&conn))?;
    match proof.is_shown(Part::Inviter, &answer.proof) {
        true => Ok((conn, (send, recv), proof)),
        false => Err(SyncError::WrongInvitation),
    }
}

/// Why the other side ended it.
fn refused(conn: &Connection) -> SyncError {
    match conn.close_reason() {
        Some(iroh::endpoint::ConnectionError::ApplicationClosed(_)) => SyncError::WrongInvitation,
        _ => SyncError::Broken,
    }
}

/// The inviter's side: whoever comes has to prove that it was invited.
pub(crate) async fn answer(inner: &Arc<Inner>, conn: Connection) -> Result<(), SyncError> {
    // One at a time, so that each wrong proof is counted before the next is tried.
    let turn = inner.proving.lock().await;
    let proved = timeout(3 * PATIENCE, prove_as_inviter(inner, &conn))
        .await
        .unwrap_or(Err(SyncError::Broken));
    if proved.is_err() {
        inner.count_wrong_try();
        conn.close(VarInt::from_u32(WRONG), b"wrong");
    }
    drop(turn);
    let (stream, proof, invitation) = proved?;
    Box::pin(meet(
        inner,
        conn,
        stream,
        proof,
        Part::Inviter,
        Some(invitation),
    ))
    .await
    .map(|_| ())
}

async fn prove_as_inviter(
    inner: &Arc<Inner>,
    conn: &Connection,
) -> Result<(Stream, Proof, Invitation), SyncError> {
    let (mut send, mut recv) = conn.accept_bi().await.map_err(|_| SyncError::Broken)?;
    let hello: Hello = read(&mut recv, Some(PATIENCE)).await?;
    let secret = inner
        .invitation()
        .and_then(|invitation| invitation.secret(hello.by_code))
        .ok_or(SyncError::WrongInvitation)?;
    let (proving, spake) = Proving::begin(
        Part::Inviter,
        &secret,
        conn.remote_id(),
        inner.endpoint.id(),
    );
    write(
        &mut send,
        &Hello {
            by_code: hello.by_code,
            spake,
        },
    )
    .await?;
    let proof = proving.end(&hello.spake, conn)?;
    let shown: Shown = read(&mut recv, Some(PATIENCE)).await?;
    if !proof.is_shown(Part::Joiner, &shown.proof) {
        return Err(SyncError::WrongInvitation);
    }
    let invitation = inner
        .take_invitation(&secret, hello.by_code)
        .ok_or(SyncError::WrongInvitation)?;
    let shown = Shown {
        proof: proof.of(Part::Inviter).to_vec(),
    };
    write(&mut send, &shown).await?;
    Ok(((send, recv), proof, invitation))
}

/// Both know the secret: they say who they are, and the people are asked. Answers with
/// the pairing's number; the rest goes on by itself.
async fn meet(
    inner: &Arc<Inner>,
    conn: Connection,
    (mut send, mut recv): Stream,
    proof: Proof,
    part: Part,
    invitation: Option<Invitation>,
) -> Result<u64, SyncError> {
    let library = Arc::clone(&inner.library);
    let (card, name) =
        blocking(move || Ok((library.card()?, library.identity()?.device_name))).await?;
    let mine = Meeting {
        card,
        is_own: invitation
            .as_ref()
            .is_some_and(|invitation| invitation.is_own),
        machine: name,
    };
    write(&mut send, &mine).await?;
    let theirs: Meeting = read(&mut recv, Some(PATIENCE)).await?;
    let card = Introduction::read(&theirs.card)?;
    if !card.has(conn.remote_id().as_bytes()) {
        return Err(SyncError::Forged("a card that does not name it"));
    }
    let (answer, answered) = oneshot::channel();
    let shown = Pairing {
        id: 0,
        machine: named(theirs.machine, &conn.remote_id()),
        person: card.name.clone(),
        words: proof.words(),
        is_own: match part {
            Part::Inviter => mine.is_own,
            Part::Joiner => theirs.is_own,
        },
        state: PairingState::Asking,
    };
    let is_own = shown.is_own;
    let (id, shown) = inner.open_pairing(shown, answer);
    if invitation.is_some_and(|invitation| invitation.unasked) {
        // Nobody has taken the question away yet.
        let _ = inner.answer_pairing(id, true);
    }
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let end = settle(
            &inner,
            &conn,
            (send, recv),
            card,
            part,
            is_own,
            answered,
            &shown,
        )
        .await;
        let state = match end {
            Ok(()) => PairingState::Done,
            Err(error) => PairingState::Failed(error.to_string()),
        };
        shown.send_modify(|pairing| pairing.state = state);
        inner.tell();
        // What was written last is read before the connection goes.
        let _ = timeout(PATIENCE, conn.closed()).await;
    });
    Ok(id)
}

/// A name that can be shown.
fn named(name: String, id: &EndpointId) -> String {
    let shown: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(80)
        .collect();
    match shown.trim().is_empty() {
        true => id.fmt_short().to_string(),
        false => shown,
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one conversation, told in one place"
)]
async fn settle(
    inner: &Arc<Inner>,
    conn: &Connection,
    (mut send, mut recv): Stream,
    card: Introduction,
    part: Part,
    is_own: bool,
    answered: oneshot::Receiver<bool>,
    shown: &watch::Sender<Pairing>,
) -> Result<(), SyncError> {
    let no = || SyncError::Refused("One of the two people said no; nothing was shared.".to_owned());
    let late =
        || SyncError::Refused("Nobody answered on one of the two machines; try again.".to_owned());
    let mine = timeout(COMPARING, answered).await.map_err(|_| late())?;
    let yes = mine.unwrap_or(false);
    write(&mut send, &Decision { yes }).await?;
    if !yes {
        return Err(no());
    }
    shown.send_modify(|pairing| pairing.state = PairingState::Waiting);
    inner.tell();
    let theirs: Decision = timeout(COMPARING, read(&mut recv, None))
        .await
        .map_err(|_| late())??;
    if !theirs.yes {
        return Err(no());
    }
    let (library, key) = (Arc::clone(&inner.library), *conn.remote_id().as_bytes());
    match part {
        // The inviter gives first; the joiner answers with what has become of it.
        Part::Inviter => {
            let own = Arc::clone(&library);
            let seal = blocking(move || {
                Ok(Seal {
                    person_key: match is_own {
                        true => own.person_key()?.to_vec(),
                        false => Vec::new(),
                    },
                    card: own.card()?,
                    refusal: None,
                })
            })
            .await?;
            write(&mut send, &seal).await?;
            let answer: Seal = read(&mut recv, Some(6 * PATIENCE)).await?;
            if let Some(refusal) = answer.refusal {
                return Err(SyncError::Refused(refusal));
            }
            let card = match is_own {
                true => Introduction::read(&answer.card)?,
                false => card,
            };
            blocking(move || Ok(library.meet(card, &key)?)).await?;
            write(&mut send, &Seal::default()).await?;
        }
        Part::Joiner => {
            let seal: Seal = read(&mut recv, Some(6 * PATIENCE)).await?;
            let given = Introduction::read(&seal.card)?;
            let own = Arc::clone(&library);
            let taken = blocking(move || {
                if is_own {
                    let key = seal.person_key.as_slice().try_into();
                    let key = key.map_err(|_| SyncError::Forged("no key of the person"))?;
                    own.join_person(given, &key)?;
                } else {
                    own.meet(given, &key)?;
                }
                Ok(own.card()?)
            })
            .await;
            let answer = match &taken {
                Ok(card) => Seal {
                    card: card.clone(),
                    ..Seal::default()
                },
                Err(error) => Seal {
                    refusal: Some(error.to_string()),
                    ..Seal::default()
                },
            };
            write(&mut send, &answer).await?;
            taken?;
            let _: Seal = read(&mut recv, Some(6 * PATIENCE)).await?;
        }
    }
    send.finish().map_err(|_| SyncError::Broken)?;
    // Where it was met, it is looked for from now on.
    let library = Arc::clone(&inner.library);
    if let Some(guest) = blocking(move || Ok(library.admit_peer(&key)?)).await? {
        inner.note_contact(guest.device(), conn).await;
        if part == Part::Joiner {
            inner.learn_relay(guest.device(), relay_of(conn)).await?;
        }
    }
    inner.reconcile().await
}
