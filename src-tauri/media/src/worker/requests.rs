//! The ends of the line that requests travel on.
//!
//! On Unix it is a pair of sockets, because only a socket carries a descriptor
//! along with bytes (SCM_RIGHTS); elsewhere a pipe, and bytes alone.

use std::fs::File;
use std::io::{self, Read};
#[cfg(unix)]
use std::{
    io::{IoSlice, IoSliceMut, Write},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd},
    os::unix::net::UnixStream,
};

#[cfg(not(unix))]
use crate::worker::input::read_whole;
use crate::worker::input::{Input, Source};
use crate::worker::limits::Origin;
#[cfg(unix)]
use crate::worker::protocol::described;
use crate::worker::protocol::{Ask, write_request};
#[cfg(unix)]
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// The worker's end: bytes, and now and then a file with them.
pub(crate) trait Requests: Read {
    /// The file that came with the bytes read so far, once.
    fn take_file(&mut self) -> Option<File>;
}

/// An end that carries bytes alone. Tests keep it true on every system.
#[cfg(any(test, not(unix)))]
pub(crate) struct Pipe<R>(pub(crate) R);

#[cfg(any(test, not(unix)))]
impl<R: Read> Read for Pipe<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

#[cfg(any(test, not(unix)))]
impl<R: Read> Requests for Pipe<R> {
    fn take_file(&mut self) -> Option<File> {
        None
    }
}

/// An end that carries descriptors too.
#[cfg(unix)]
pub(crate) struct Socket<S> {
    socket: S,
    file: Option<File>,
}

#[cfg(unix)]
impl<S: AsFd> Socket<S> {
    /// The receiving end that `socket` is.
    pub(crate) fn new(socket: S) -> Socket<S> {
        Socket { socket, file: None }
    }
}

#[cfg(unix)]
impl<S: AsFd> Read for Socket<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(buffer)];
        let received = recvmsg(&self.socket, &mut into, &mut control, RecvFlags::empty())?;
        for message in control.drain() {
            // There is room for one; the kernel closes what does not fit, and a
            // second one that comes before the first was taken replaces it.
            if let RecvAncillaryMessage::ScmRights(files) = message {
                self.file = files.map(File::from).last();
            }
        }
        Ok(received.bytes)
    }
}

#[cfg(unix)]
impl<S: AsFd> Requests for Socket<S> {
    fn take_file(&mut self) -> Option<File> {
        self.file.take()
    }
}

/// The caller's end.
#[cfg(unix)]
pub(crate) type Line = UnixStream;
/// The caller's end.
#[cfg(not(unix))]
pub(crate) type Line = std::process::ChildStdin;

/// Asks about `input`, which travels by descriptor where it lies in a file and
/// the line carries one.
///
/// # Errors
/// Whatever the system says; the other end may be gone.
pub(crate) fn send(line: &mut Line, ask: &Ask, origin: Origin, input: &Input) -> io::Result<()> {
    match &input.source {
        #[cfg(unix)]
        Source::File(file) => send_with(line, &described(ask, origin)?, file.as_fd()),
        #[cfg(not(unix))]
        Source::File(file) => write_request(line, ask, origin, &read_whole(file)?),
        Source::Bytes(bytes) => write_request(line, ask, origin, bytes),
    }
}

/// Sends `frame` (not empty) with a descriptor on its first byte.
#[cfg(unix)]
fn send_with(line: &mut UnixStream, frame: &[u8], descriptor: BorrowedFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [descriptor];
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    let sent = loop {
        let whole = [IoSlice::new(frame)];
        match sendmsg(&*line, &whole, &mut control, SendFlags::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            sent => break sent?,
        }
    };
    line.write_all(frame.get(sent..).unwrap_or_default())
}
