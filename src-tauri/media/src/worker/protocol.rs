//! How a caller and its decode worker speak, over the worker's stdin and stdout.
//!
//! The parties are one program and its own child, so nobody is authenticated;
//! but the child has read a stranger's bytes, so the caller believes no length
//! it states. One request, one answer, again and again until stdin ends:
//!
//! ```text
//! frame   = "ALB1"  header-length:u32le  header(postcard)  bodies
//! request = frame, header Request, one body: the file          (≤ 512 MiB)
//! answer  = frame, header Answer, a body per rendition, in order (≤ 64 MiB each)
//! ```
//!
//! Headers are at most 64 KiB; bodies have the lengths that the header states.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::sniff::known_name;
use crate::worker::limits::MAX_INPUT;
use crate::{Facts, MediaError, Picture, Rendition};

const MAGIC: [u8; 4] = *b"ALB1";
const MAX_HEADER: u32 = 64 << 10;
const MAX_RENDITION: u64 = 64 << 20;
const MAX_RENDITIONS: usize = 8;

#[derive(Serialize, Deserialize)]
struct Request {
    want: Vec<Rendition>,
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
enum Answer {
    Picture {
        facts: Box<Facts>,
        thumbhash: Vec<u8>,
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
    Damaged(String),
}

/// Sends a request: the file's `bytes`, and which renditions to make of them.
pub(crate) fn write_request(
    pipe: &mut impl Write,
    bytes: &[u8],
    want: &[Rendition],
) -> io::Result<()> {
    let header = Request {
        want: want.to_vec(),
        bytes: bytes.len() as u64,
    };
    write_header(pipe, &header)?;
    pipe.write_all(bytes)?;
    pipe.flush()
}

/// Reads a request, or `None` when the caller has closed the pipe.
pub(crate) fn read_request(pipe: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<Rendition>)>> {
    let Some(request) = read_header::<Request>(pipe)? else {
        return Ok(None);
    };
    if request.want.len() > MAX_RENDITIONS {
        return Err(broken("too many renditions were asked for"));
    }
    let bytes = read_body(pipe, request.bytes, MAX_INPUT)?;
    Ok(Some((bytes, request.want)))
}

/// Sends what became of a request.
pub(crate) fn write_answer(
    pipe: &mut impl Write,
    answer: &Result<Picture, MediaError>,
) -> io::Result<()> {
    match answer {
        Ok(picture) => {
            let header = Answer::Picture {
                facts: Box::new(picture.facts.clone()),
                thumbhash: picture.thumbhash.clone(),
                renditions: picture
                    .renditions
                    .iter()
                    .map(|(rendition, bytes)| (*rendition, bytes.len() as u64))
                    .collect(),
            };
            write_header(pipe, &header)?;
            for (_, bytes) in &picture.renditions {
                pipe.write_all(bytes)?;
            }
        }
        Err(error) => write_header(pipe, &Answer::Refused(refusal(error)))?,
    }
    pipe.flush()
}

/// Reads what became of a request for `want`. The outer error is the pipe's,
/// or a worker that does not keep to the protocol.
pub(crate) fn read_answer(
    pipe: &mut impl Read,
    want: &[Rendition],
) -> io::Result<Result<Picture, MediaError>> {
    let answer = read_header::<Answer>(pipe)?
        .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    let (facts, thumbhash, lengths) = match answer {
        Answer::Refused(refusal) => return Ok(Err(error(refusal))),
        Answer::Picture {
            facts,
            thumbhash,
            renditions,
        } => (facts, thumbhash, renditions),
    };
    if !lengths.iter().map(|(rendition, _)| rendition).eq(want) {
        return Err(broken("other renditions came than were asked for"));
    }
    let mut renditions = Vec::with_capacity(lengths.len());
    for (rendition, length) in lengths {
        renditions.push((rendition, read_body(pipe, length, MAX_RENDITION)?));
    }
    Ok(Ok(Picture {
        facts: *facts,
        thumbhash,
        renditions,
    }))
}

fn write_header(pipe: &mut impl Write, header: &impl Serialize) -> io::Result<()> {
    let header = postcard::to_stdvec(header).map_err(|error| broken(&error.to_string()))?;
    let length = u32::try_from(header.len())
        .ok()
        .filter(|length| *length <= MAX_HEADER)
        .ok_or_else(|| broken("the header is too long"))?;
    let mut frame = Vec::with_capacity(header.len() + 8);
    frame.extend(MAGIC);
    frame.extend(length.to_le_bytes());
    frame.extend(header);
    pipe.write_all(&frame)
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
        Refusal::Damaged(reason) => MediaError::Damaged(reason),
    }
}
