//! What can go wrong between machines, in sentences that a person can act on.

use std::io;
use std::net::SocketAddr;

use library::LibraryError;

/// Any failure between machines.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The network cannot be used.
    #[error("Other machines cannot be spoken to: {0}.")]
    Network(String),
    /// The other machine cannot be reached.
    #[error("«{0}» cannot be reached now.")]
    Away(String),
    /// The other side ended, or was silent for too long.
    #[error("The other machine broke off; try again.")]
    Broken,
    /// Nobody answers on the line any more.
    #[error("The other machine is silent.")]
    Silent,
    /// The other side sent what cannot be.
    #[error("The other machine sent {0}; it was not taken over.")]
    Forged(&'static str),
    /// The other side refused, and why.
    #[error("{0}")]
    Refused(String),
    /// What was typed is no invitation.
    #[error("That is no invitation; paste all of it, or type the code with its eleven digits.")]
    NoInvitation,
    /// The code or the invitation is another, is over, or was used.
    #[error("The other machine does not know this invitation: it may be over, used, or mistyped.")]
    WrongInvitation,
    /// No machine on this network has an invitation of this number.
    #[error(
        "No machine on this network is inviting with this code. Both must be on the same network; \
         elsewhere, use the invitation itself."
    )]
    NobodyInvites,
    /// The address of a relay cannot be taken.
    #[error("{}", not_served(.0, .1))]
    Relay(SocketAddr, io::Error),
    /// There is no pairing of this number.
    #[error("That pairing is over.")]
    NoPairing,
    /// This library failed.
    #[error(transparent)]
    Library(#[from] LibraryError),
}

fn not_served(address: &SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "The relay cannot be served at {address}: another program has the port {}. Choose \
             another, or end that program.",
            address.port()
        ),
        io::ErrorKind::PermissionDenied => format!(
            "The relay cannot be served at {address}: the system does not give this program the \
             port {}. Choose one above 1023.",
            address.port()
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "The relay cannot be served at {address}: this machine does not have the address {}.",
            address.ip()
        ),
        _ => format!("The relay cannot be served at {address}: {error}."),
    }
}

impl SyncError {
    /// A short stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            SyncError::Network(_) => "network",
            SyncError::Away(_) => "away",
            SyncError::Broken => "broken",
            SyncError::Silent => "silent",
            SyncError::Forged(_) => "forged",
            SyncError::Refused(_) => "refused",
            SyncError::NoInvitation => "no_invitation",
            SyncError::WrongInvitation => "wrong_invitation",
            SyncError::NobodyInvites => "nobody_invites",
            SyncError::Relay(..) => "relay",
            SyncError::NoPairing => "no_pairing",
            SyncError::Library(error) => error.code(),
        }
    }
}
