//! How a caller and its decode worker speak.
//!
//! The parties are one program and its own child, over the child's stdin (on
//! Unix a socket, which carries descriptors; elsewhere a pipe) and stdout, so
//! nobody is authenticated; but the child has read a stranger's bytes, so the
//! caller believes no length it states. The child speaks once by itself; then
//! one request, one answer, again and again until stdin ends:
//!
//! ```text
//! frame   = "ALB4"  header-length:u32le  header(postcard)  bodies
//! hello   = frame, header Confinement, no body
//! request = frame, header Request, and the file (≤ 512 MiB): a descriptor sent
//!           with the frame's first byte, or one body
//! answer  = frame, header Reply, a body per rendition, in order (≤ 64 MiB each)
//! ```
//!
//! Headers are at most 64 KiB; bodies have the lengths that the header states.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::sniff::known_name;
use crate::worker::input::read_whole;
use crate::worker::limits::{MAX_INPUT, Origin};
use crate::worker::requests::Requests;
use crate::{Confinement, Facts, Likeness, MediaError, Picture, Rendition, Turn};

/// Changes whenever a header does: a program that was replaced while it ran
/// must not misread the worker of its successor.
const MAGIC: [u8; 4] = *b"ALB4";
const MAX_HEADER: u32 = 64 << 10;
const MAX_RENDITION: u64 = 64 << 20;
const MAX_RENDITIONS: usize = 8;

/// What a worker is asked about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Its facts, and these renditions of it.
    Picture {
        /// At most eight.
        want: Vec<Rendition>,
        /// How it is to be seen, after its own orientation.
        turn: Turn,
    },
}

/// What a worker answers to an [`Ask`], of the same name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// The facts and the renditions.
    Picture(Picture),
}

/// A request with the whole of its file.
pub(crate) struct Asked {
    /// The question.
    pub(crate) ask: Ask,
    /// Whose file it is.
    pub(crate) origin: Origin,
    /// The file, or why it could not be read.
    pub(crate) file: io::Result<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Request {
    ask: Ask,
    origin: Origin,
    carried: Carried,
}

/// How the file comes.
#[derive(Serialize, Deserialize)]
enum Carried {
    /// By a descriptor that came with the frame.
    Descriptor,
    /// As a body of this many bytes.
    Body(u64),
}

#[derive(Serialize, Deserialize)]
enum Reply {
    Picture {
        facts: Box<Facts>,
        thumbhash: Vec<u8>,
        likeness: Option<Likeness>,
        is_written: bool,
        renditions: Vec<(Rendition, u64)>,
    },
    Refused(Refusal),
}

/// The errors that cross the pipe.
#[derive(Serialize, Deserialize)]
enum Refusal {
    NotAPicture,
    NotYet(String),
    Truncated,
    TooLarge { width: u32, height: u32 },
    TooManyBytes { bytes: u64 },
    Unreadable(String),
    NoPreview,
    Damaged(String),
}

/// Sends the worker's first frame: what holds it.
pub(crate) fn write_hello(pipe: &mut impl Write, confinement: &Confinement) -> io::Result<()> {
    pipe.write_all(&frame(confinement)?)?;
    pipe.flush()
}

/// Reads the worker's first frame.
pub(crate) fn read_hello(pipe: &mut impl Read) -> io::Result<Confinement> {
    read_header(pipe)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// The frame of a request whose file goes with it by descriptor.
#[cfg(unix)]
pub(crate) fn described(ask: &Ask, origin: Origin) -> io::Result<Vec<u8>> {
    frame(&Request {
        ask: ask.clone(),
        origin,
        carried: Carried::Descriptor,
    })
}

/// Sends a request with its file's `bytes` as a body.
pub(crate) fn write_request(
    line: &mut impl Write,
    ask: &Ask,
    origin: Origin,
    bytes: &[u8],
) -> io::Result<()> {
    let request = Request {
        ask: ask.clone(),
        origin,
        carried: Carried::Body(bytes.len() as u64),
    };
    line.write_all(&frame(&request)?)?;
    line.write_all(bytes)?;
    line.flush()
}

/// Reads a request, or `None` when the caller has closed the line.
pub(crate) fn read_request(line: &mut impl Requests) -> io::Result<Option<Asked>> {
    let Some(request) = read_header::<Request>(line)? else {
        return Ok(None);
    };
    let Ask::Picture { want, .. } = &request.ask;
    if want.len() > MAX_RENDITIONS {
        return Err(broken("too many renditions were asked for"));
    }
    let file = match request.carried {
        Carried::Body(length) => Ok(read_body(line, length, MAX_INPUT)?),
        Carried::Descriptor => {
            let file = line
                .take_file()
                .ok_or_else(|| broken("the file did not come with its request"))?;
            // Closed before anything is decoded: a decoder gone wrong finds no
            // descriptor to read or write.
            read_whole(&file)
        }
    };
    Ok(Some(Asked {
        ask: request.ask,
        origin: request.origin,
        file,
    }))
}

/// Sends what became of a request.
pub(crate) fn write_answer(
    pipe: &mut impl Write,
    answer: &Result<Answer, MediaError>,
) -> io::Result<()> {
    match answer {
        Ok(Answer::Picture(picture)) => {
            let header = Reply::Picture {
                facts: Box::new(picture.facts.clone()),
                thumbhash: picture.thumbhash.clone(),
                likeness: picture.likeness,
                is_written: picture.is_written,
                renditions: picture
                    .renditions
                    .iter()
                    .map(|(rendition, bytes)| (*rendition, bytes.len() as u64))
                    .collect(),
            };
            pipe.write_all(&frame(&header)?)?;
            for (_, bytes) in &picture.renditions {
                pipe.write_all(bytes)?;
            }
        }
        Err(error) => pipe.write_all(&frame(&Reply::Refused(refusal(error)))?)?,
    }
    pipe.flush()
}

/// Reads what became of a request for `ask`. The outer error is the pipe's,
/// or a worker that does not keep to the protocol.
pub(crate) fn read_answer(
    pipe: &mut impl Read,
    ask: &Ask,
) -> io::Result<Result<Answer, MediaError>> {
    let reply =
        read_header::<Reply>(pipe)?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    let Ask::Picture { want, .. } = ask;
    let (facts, thumbhash, likeness, is_written, lengths) = match reply {
        Reply::Refused(refusal) => return Ok(Err(error(refusal))),
        Reply::Picture {
            facts,
            thumbhash,
            likeness,
            is_written,
            renditions,
        } => (facts, thumbhash, likeness, is_written, renditions),
    };
    let made = |rendition: &&Rendition| lengths.iter().any(|(made, _)| made == *rendition);
    let expected = want
        .iter()
        .filter(|rendition| **rendition != Rendition::First || made(rendition));
    if !lengths.iter().map(|(rendition, _)| rendition).eq(expected) {
        return Err(broken("other renditions came than were asked for"));
    }
    let mut renditions = Vec::with_capacity(lengths.len());
    for (rendition, length) in lengths {
        renditions.push((rendition, read_body(pipe, length, MAX_RENDITION)?));
    }
    Ok(Ok(Answer::Picture(Picture {
        facts: *facts,
        thumbhash,
        likeness,
        is_written,
        renditions,
    })))
}

/// The bytes of a frame without its bodies.
fn frame(header: &impl Serialize) -> io::Result<Vec<u8>> {
    let header = postcard::to_stdvec(header).map_err(|error| broken(&error.to_string()))?;
    let length = u32::try_from(header.len())
        .ok()
        .filter(|length| *length <= MAX_HEADER)
        .ok_or_else(|| broken("the header is too long"))?;
    let mut frame = Vec::with_capacity(header.len() + 8);
    frame.extend(MAGIC);
    frame.extend(length.to_le_bytes());
    frame.extend(header);
    Ok(frame)
}

fn read_header<T: DeserializeOwned>(pipe: &mut impl Read) -> io::Result<Option<T>> {
    let mut first = [0; 1];
    if pipe.read(&mut first)? == 0 {
        return Ok(None);
    }
    let mut rest = [0; 7];
    pipe.read_exact(&mut rest)?;
    let [m1, m2, m3, l0, l1, l2, l3] = rest;
    let [m0] = first;
    let length = u32::from_le_bytes([l0, l1, l2, l3]);
    if [m0, m1, m2, m3] != MAGIC || length > MAX_HEADER {
        return Err(broken("it does not speak the decoder's protocol"));
    }
    let header = read_body(pipe, u64::from(length), u64::from(MAX_HEADER))?;
    postcard::from_bytes(&header)
        .map(Some)
        .map_err(|error| broken(&error.to_string()))
}

/// Reads exactly `length` bytes; memory grows with what comes, not with what
/// was announced.
fn read_body(pipe: &mut impl Read, length: u64, most: u64) -> io::Result<Vec<u8>> {
    if length > most {
        return Err(broken("a body is longer than allowed"));
    }
    let mut body = Vec::with_capacity(usize::try_from(length.min(4 << 20)).unwrap_or(0));
    pipe.by_ref().take(length).read_to_end(&mut body)?;
    if body.len() as u64 == length {
        Ok(body)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn broken(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_owned())
}

fn refusal(error: &MediaError) -> Refusal {
    match error {
        MediaError::NotAPicture => Refusal::NotAPicture,
        MediaError::NotYet(name) => Refusal::NotYet((*name).to_owned()),
        MediaError::Truncated => Refusal::Truncated,
        MediaError::TooLarge { width, height } => Refusal::TooLarge {
            width: *width,
            height: *height,
        },
        MediaError::TooManyBytes { bytes } => Refusal::TooManyBytes { bytes: *bytes },
        MediaError::NoPreview => Refusal::NoPreview,
        MediaError::Io(error) => Refusal::Unreadable(error.to_string()),
        MediaError::Damaged(reason) => Refusal::Damaged(reason.chars().take(500).collect()),
        other => Refusal::Damaged(other.to_string()),
    }
}

fn error(refusal: Refusal) -> MediaError {
    match refusal {
        Refusal::NotAPicture => MediaError::NotAPicture,
        Refusal::NotYet(name) => MediaError::NotYet(known_name(&name)),
        Refusal::Truncated => MediaError::Truncated,
        Refusal::TooLarge { width, height } => MediaError::TooLarge { width, height },
        Refusal::TooManyBytes { bytes } => MediaError::TooManyBytes { bytes },
        Refusal::NoPreview => MediaError::NoPreview,
        Refusal::Unreadable(reason) => MediaError::Io(io::Error::other(reason)),
        Refusal::Damaged(reason) => MediaError::Damaged(reason),
    }
}
