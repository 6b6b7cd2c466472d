//! The socket that is listened at, and how many others the system allows beside it.

use std::{io, net::SocketAddr, time::Duration};

use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::server::TlsStream;

/// Descriptors that are asked of the system: for all connections, and files for them.
#[cfg(unix)]
const DESCRIPTORS: u64 = 8_192;

/// Takes an address. All of IPv6 takes all of IPv4 with it, whatever the system's habit.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1_024)?;
    TcpListener::from_std(socket.into())
}

/// A connection whose bytes on their way can be taken back, as far as the system has not
/// sent them.
pub(crate) trait Discard {
    /// Ends it by a reset when it is closed next.
    fn discard(&self);
}

impl Discard for TcpStream {
    fn discard(&self) {
        // Where that cannot be, the rest is sent.
        let _ = SockRef::from(self).set_linger(Some(Duration::ZERO));
    }
}

impl Discard for Box<TlsStream<TcpStream>> {
    fn discard(&self) {
        self.get_ref().0.discard();
    }
}

/// How many connections the system lets this process have: as many descriptors as it
/// may, without those that files need.
pub(crate) fn most_connections() -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = maximum.unwrap_or(DESCRIPTORS).min(DESCRIPTORS);
        let raised = Rlimit {
            current: Some(wanted),
            maximum,
        };
        let have = match current {
            Some(current) if current < wanted => {
                setrlimit(Resource::Nofile, raised).map_or(current, |()| wanted)
            }
            current => current.unwrap_or(DESCRIPTORS),
        };
        usize::try_from(have / 4 * 3).unwrap_or(usize::MAX)
    }
    #[cfg(not(unix))]
    usize::MAX
}
