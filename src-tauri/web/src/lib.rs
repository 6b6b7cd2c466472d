//! Strangers with a link: the public listener and its pages. A visitor's address and
//! cookie become the library's `Access` in one place, and every byte is read through
//! it. No accounts, no owner's commands, nothing of the peers.

mod add;
mod album;
mod archive;
mod bytes;
mod card;
mod certificate;
mod connection;
mod counts;
mod crowd;
mod figures;
mod files;
mod gate;
mod headers;
mod hosts;
mod keyring;
mod locked;
mod lookout;
mod note;
mod notice;
mod pace;
mod pages;
mod photo;
mod phrases;
mod picture;
mod proxy;
mod pulse;
mod range;
mod reach;
mod reader;
mod receipt;
mod redirect;
mod routes;
mod sender;
mod serve;
mod shape;
mod site;
mod socket;
mod stream;
mod talk;
mod tls;
mod upload;
mod visitor;

pub use certificate::{Certificate, CertificateError, Validity};
pub use counts::Answered;
pub use keyring::{Keyring, Proof};
pub use lookout::{Told, look_out};
pub use pages::Pages;
pub use proxy::{Network, NoNetwork};
pub use reach::Question;
pub use reader::Reader;
pub use routes::{ROUTES, Rights, Route};
pub use serve::{ListenError, Listening, Settings, listen};
pub use site::publishable;
pub use tls::Seal;
