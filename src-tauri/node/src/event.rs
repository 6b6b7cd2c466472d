//! What a node tells its shells without being asked: which nouns changed, and
//! how far its jobs are.

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Job;

/// The nouns that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Noun {
    /// A photo or a video.
    Asset,
    /// An album.
    Album,
    /// A public link.
    Link,
    /// What visitors sent.
    Inbox,
    /// A photo of the library that the visitor who had sent it took back.
    Withdrawn,
    /// What people said of photos, or what of it was seen.
    Activity,
    /// Whether and where links are served.
    Sharing,
    /// The folders that are followed, or how they are.
    Watched,
    /// Whether locked photos are to be seen.
    Locked,
    /// Which photos look the same.
    Duplicates,
    /// The person's or the device's name.
    Identity,
    /// Which other machines there are, how they are reached, and pairings.
    Peers,
    /// A machine's photos.
    Remote,
    /// What was asked of other machines.
    Outbox,
    /// What others did in shared albums, or what of it was seen.
    Notices,
    /// To whom all of the library is shown, or whose libraries are seen.
    Partners,
    /// On which machines originals are, or are to be.
    Safety,
    /// The library is about to move to another machine, or has.
    Moved,
    /// What of the library is at the off-site store, or where that is.
    Offsite,
    /// More than can be told: look at everything again.
    Everything,
}

/// Something happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A noun changed.
    Change {
        /// Which.
        noun: Noun,
        /// Which one, when it is one.
        id: Option<String>,
    },
    /// A job went on.
    Job(Job),
}

impl Event {
    pub(crate) fn of(noun: Noun) -> Event {
        Event::Change { noun, id: None }
    }

    pub(crate) fn about(noun: Noun, id: impl Display) -> Event {
        Event::Change {
            noun,
            id: Some(id.to_string()),
        }
    }
}
