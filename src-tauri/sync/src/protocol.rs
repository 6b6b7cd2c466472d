//! What is said on a connection: on each stream one question, framed by its length,
//! and then its answers. Questions that a program does not know are refused, not
//! guessed at.

use std::io::Read;
use std::time::Duration;

use iroh::endpoint::{RecvStream, SendStream};
use prost::Message;
use tokio::time::timeout;

use crate::SyncError;

/// The protocol between machines that know each other.
pub(crate) const ALPN: &[u8] = b"albumen/1";
/// The protocol by which they come to.
pub(crate) const PAIRING: &[u8] = b"albumen-pairing/1";
/// The most bytes of a frame.
pub(crate) const LARGEST_FRAME: usize = 1 << 20;
/// What is fetched of the asker's visitors: a file that one sent, by its id.
pub(crate) const UPLOAD: u32 = 5;
/// How long the first bytes of an answer may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A question: the first frame of a stream.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Question {
    #[prost(oneof = "QuestionOf", tags = "1, 2, 3, 4, 5")]
    pub of: Option<QuestionOf>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum QuestionOf {
    /// Are you there? Answered by [`Pong`].
    #[prost(message, tag = "1")]
    Ping(Ping),
    /// What is newer than this? Answered by [`Rows`] frames, for as long as it is
    /// listened to.
    #[prost(message, tag = "2")]
    Follow(Follow),
    /// Please do this. Answered by [`Answer`].
    #[prost(message, tag = "3")]
    Ask(Ask),
    /// Send these bytes. Answered by [`Sending`] and then the bytes.
    #[prost(message, tag = "4")]
    Fetch(Fetch),
    /// I rest from now on: serve my links. Answered by [`Pong`].
    #[prost(message, tag = "5")]
    Rest(Rest),
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Rest {}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Ping {}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Pong {
    /// At which relay this machine is met.
    #[prost(string, optional, tag = "1")]
    pub relay: Option<String>,
    /// What addresses of the asker's links begin with here, where they are served.
    #[prost(string, optional, tag = "2")]
    pub links: Option<String>,
    /// Whether this machine is about to rest.
    #[prost(bool, tag = "3")]
    pub rests: bool,
    /// Which machines may speak for this one while it is away.
    #[prost(bytes = "vec", repeated, tag = "4")]
    pub mirrors: Vec<Vec<u8>>,
    /// The port of TCP at which it takes in lanes; 0: at none.
    #[prost(uint32, tag = "5")]
    pub lanes: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Follow {
    #[prost(string, tag = "1")]
    pub space: String,
    #[prost(uint64, tag = "2")]
    pub epoch: u64,
    #[prost(uint64, tag = "3")]
    pub revision: u64,
    /// Of which other machine that is away, asked of a mirror of it; empty: of this one.
    #[prost(bytes = "vec", tag = "4")]
    pub home: Vec<u8>,
    /// Whether it is followed to be handed on.
    #[prost(bool, tag = "5")]
    pub hands_on: bool,
}

/// A page of a feed, its rows compressed.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Rows {
    #[prost(uint64, tag = "1")]
    pub epoch: u64,
    #[prost(uint64, tag = "2")]
    pub revision: u64,
    #[prost(bool, tag = "3")]
    pub complete: bool,
    /// A [`RowList`], deflated.
    #[prost(bytes = "vec", tag = "4")]
    pub packed: Vec<u8>,
    /// Why there are none.
    #[prost(string, optional, tag = "5")]
    pub refusal: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RowList {
    #[prost(message, repeated, tag = "1")]
    pub rows: Vec<library::Row>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Ask {
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub wish: Vec<u8>,
    /// Of which other machine it is asked, to be handed on; empty: of this one.
    #[prost(bytes = "vec", tag = "3")]
    pub home: Vec<u8>,
    /// Which other machine asked, of what is handed on; empty: this one.
    #[prost(bytes = "vec", tag = "4")]
    pub from: Vec<u8>,
    /// Of what is to be handed on: the signature of the machine that asks.
    #[prost(bytes = "vec", tag = "5")]
    pub signature: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Answer {
    /// Whether it was decided; otherwise it may be asked again.
    #[prost(bool, tag = "1")]
    pub decided: bool,
    /// Why it was not done.
    #[prost(string, optional, tag = "2")]
    pub refusal: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Fetch {
    /// The asset's home.
    #[prost(bytes = "vec", tag = "1")]
    pub home: Vec<u8>,
    /// The asset, or [`UPLOAD`].
    #[prost(bytes = "vec", tag = "2")]
    pub asset: Vec<u8>,
    /// 1 thumbnail, 2 preview, 3 original, 4 a further file, 5 what a visitor sent,
    /// 6 the live part as it plays, 7 the video as it plays.
    #[prost(uint32, tag = "3")]
    pub what: u32,
    /// From which byte on: a whole number of groups.
    #[prost(uint64, tag = "4")]
    pub from: u64,
    /// Of a further file: its hash.
    #[prost(bytes = "vec", tag = "5")]
    pub file: Vec<u8>,
}

/// What precedes bytes.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Sending {
    #[prost(uint64, tag = "1")]
    pub length: u64,
    /// BLAKE3 of all of it.
    #[prost(bytes = "vec", tag = "2")]
    pub hash: Vec<u8>,
    /// Why there are none.
    #[prost(string, optional, tag = "3")]
    pub refusal: Option<String>,
}

/// A frame: its length in four bytes, then itself.
pub(crate) fn frame(message: &impl Message) -> Result<Vec<u8>, SyncError> {
    let length = message.encoded_len();
    let mut frame = Vec::with_capacity(length + 4);
    let length = u32::try_from(length).map_err(|_| SyncError::Broken)?;
    frame.extend_from_slice(&length.to_be_bytes());
    message.encode(&mut frame).map_err(|_| SyncError::Broken)?;
    Ok(frame)
}

/// Writes a frame.
pub(crate) async fn write(send: &mut SendStream, message: &impl Message) -> Result<(), SyncError> {
    let frame = frame(message)?;
    send.write_all(&frame).await.map_err(|_| SyncError::Broken)
}

/// Reads a frame from what is waited for.
pub(crate) fn read_now<M: Message + Default>(from: &mut impl Read) -> Result<M, SyncError> {
    let mut length = [0; 4];
    from.read_exact(&mut length)
        .map_err(|_| SyncError::Broken)?;
    let mut body = vec![0; body(length)?];
    from.read_exact(&mut body).map_err(|_| SyncError::Broken)?;
    message(&body)
}

/// How long a frame is.
fn body(length: [u8; 4]) -> Result<usize, SyncError> {
    let length = u32::from_be_bytes(length) as usize;
    match length > LARGEST_FRAME {
        true => Err(SyncError::Forged("a frame that is too large")),
        false => Ok(length),
    }
}

fn message<M: Message + Default>(body: &[u8]) -> Result<M, SyncError> {
    M::decode(body).map_err(|_| SyncError::Forged("a frame that cannot be read"))
}

/// Reads a frame; `within` is how long it may take to begin and, once begun, to end.
pub(crate) async fn read<M: Message + Default>(
    recv: &mut RecvStream,
    within: Option<Duration>,
) -> Result<M, SyncError> {
    let mut length = [0; 4];
    let head = recv.read_exact(&mut length);
    match within {
        Some(within) => timeout(within, head).await.map_err(|_| SyncError::Broken)?,
        None => head.await,
    }
    .map_err(|_| SyncError::Broken)?;
    let mut body = vec![0; body(length)?];
    timeout(6 * PATIENCE, recv.read_exact(&mut body))
        .await
        .map_err(|_| SyncError::Broken)?
        .map_err(|_| SyncError::Broken)?;
    message(&body)
}
