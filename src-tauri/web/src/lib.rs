//! Strangers with a link: the public listener and its pages. A visitor's address and
//! cookie become the library's `Access` in one place, and every byte is read through
//! it. No accounts, no owner's commands, nothing of the peers.

mod album;
mod archive;
mod bytes;
mod card;
mod crowd;
mod figures;
mod files;
mod gate;
mod headers;
mod hosts;
mod locked;
mod note;
mod notice;
mod photo;
mod phrases;
mod picture;
mod pulse;
mod range;
mod routes;
mod sender;
mod serve;
mod shape;
mod site;
mod stream;
mod visitor;

pub use routes::{ROUTES, Rights, Route, router};
pub use serve::{ListenError, Listening, Settings, listen};
pub use site::publishable;
