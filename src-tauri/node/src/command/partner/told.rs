//! How partners are told to people.

use library::{PersonId, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::super::library::Named;
use super::super::peer::KeepName;
use super::super::share::picture;
use crate::{Node, NodeError};

/// Whether a library that is shown to somebody is seen by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PartnerState")]
pub enum PartnerStateName {
    /// They were asked, and have not answered.
    Asked,
    /// They see it.
    Accepted,
    /// They do not want to, or not any more.
    Declined,
    /// Its owner has ended it.
    Ended,
}

/// A machine of a partner that was told of your library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PartnerCopy {
    pub(super) machine: Named,
    /// Since when.
    pub(super) since: String,
    /// When it confirmed that it has nothing of it any more.
    pub(super) dropped_at: Option<String>,
}

/// Somebody to whom you show your library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PartnerOffer {
    pub(super) person: Named,
    /// A small picture of them, as a `data:` address.
    pub(super) picture: Option<String>,
    pub(super) state: PartnerStateName,
    /// Only what was taken then or later; null for everything.
    pub(super) since: Option<String>,
    /// Whether titles, descriptions and tags travel along.
    pub(super) captions: bool,
    /// Whether albums do.
    pub(super) albums: bool,
    pub(super) asked_at: String,
    /// When they answered, or when it was ended.
    pub(super) decided_at: Option<String>,
    /// How many photos they may see.
    pub(super) count: u64,
    /// Bytes of those originals.
    pub(super) bytes: u64,
    /// Whether this machine decides.
    pub(super) decided_here: bool,
    /// The machine of yours that does, where it is another.
    pub(super) decided_on: Option<String>,
    /// Their machines that were told of it.
    pub(super) copies: Vec<PartnerCopy>,
}

/// A library that somebody shows you.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PartnerLibrary {
    pub(super) person: Named,
    /// A small picture of them, as a `data:` address.
    pub(super) picture: Option<String>,
    pub(super) state: PartnerStateName,
    /// Only what was taken then or later; null for everything.
    pub(super) since: Option<String>,
    /// Whether titles, descriptions and tags travel along.
    pub(super) captions: bool,
    /// Whether albums do.
    pub(super) albums: bool,
    pub(super) asked_at: String,
    /// How many photos are known of it.
    pub(super) count: u64,
    /// Bytes of those originals.
    pub(super) bytes: u64,
    /// About how many bytes all of its previews take.
    pub(super) preview_bytes: u64,
    /// Whether it shows in your timeline.
    pub(super) in_timeline: bool,
    pub(super) keep: KeepName,
    /// How many previews are on this machine.
    pub(super) previews: u64,
    /// How many originals.
    pub(super) originals: u64,
    /// What those take, in bytes.
    pub(super) kept_bytes: u64,
    /// Whether all of it is known here.
    pub(super) is_complete: bool,
    /// Whether any machine of theirs that has it is reached now.
    pub(super) is_online: bool,
}

/// Answer to `partner list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PartnerList {
    /// To whom you show your library.
    pub(super) offered: Vec<PartnerOffer>,
    /// Whose libraries you are shown; those without an answer first.
    pub(super) libraries: Vec<PartnerLibrary>,
}

/// An album of a partner's library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PartnerAlbum {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    /// The id of the photo shown for it.
    pub(super) cover: Option<String>,
    /// How many of its photos you see.
    pub(super) count: u64,
}

/// Answer to `partner albums`: newest first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PartnerAlbumList {
    pub(super) albums: Vec<PartnerAlbum>,
}

impl From<library::PartnerState> for PartnerStateName {
    fn from(state: library::PartnerState) -> PartnerStateName {
        match state {
            library::PartnerState::Asked => PartnerStateName::Asked,
            library::PartnerState::Accepted => PartnerStateName::Accepted,
            library::PartnerState::Declined => PartnerStateName::Declined,
            library::PartnerState::Ended => PartnerStateName::Ended,
        }
    }
}

/// The day of a moment.
pub(super) fn date(moment: i64) -> String {
    rfc3339(moment).chars().take(10).collect()
}

pub(super) fn offer(node: &Node, offer: library::PartnerOffer) -> Result<PartnerOffer, NodeError> {
    Ok(PartnerOffer {
        picture: picture(node, offer.person)?,
        person: Named::new(offer.person, offer.name),
        state: offer.state.into(),
        since: offer.rules.since.map(date),
        captions: offer.rules.captions,
        albums: offer.rules.albums,
        asked_at: rfc3339(offer.asked_at),
        decided_at: offer.decided_at.map(rfc3339),
        count: offer.count,
        bytes: offer.bytes,
        decided_here: offer.decided_on.is_none(),
        decided_on: offer.decided_on.map(|(_, name)| name),
        copies: offer
            .copies
            .into_iter()
            .map(|copy| PartnerCopy {
                machine: Named::new(copy.device, copy.name),
                since: rfc3339(copy.since),
                dropped_at: copy.dropped_at.map(rfc3339),
            })
            .collect(),
    })
}

pub(super) fn shown(
    node: &Node,
    library: library::PartnerLibrary,
) -> Result<PartnerLibrary, NodeError> {
    let is_online = node.peers_now().is_some_and(|peers| {
        let mut homes = library.homes.iter();
        homes.any(|home| peers.presence(*home).route.is_some())
    });
    Ok(PartnerLibrary {
        picture: picture(node, library.person)?,
        person: Named::new(library.person, library.name),
        state: library.state.into(),
        since: library.rules.since.map(date),
        captions: library.rules.captions,
        albums: library.rules.albums,
        asked_at: rfc3339(library.asked_at),
        count: library.count,
        bytes: library.bytes,
        preview_bytes: library.preview_bytes,
        in_timeline: library.in_timeline,
        keep: library.keep.into(),
        previews: library.previews,
        originals: library.originals,
        kept_bytes: library.kept_bytes,
        is_complete: library.is_complete,
        is_online,
    })
}

/// Somebody whose library is shown here, as it is now.
pub(super) fn library_of(node: &Node, person: PersonId) -> Result<PartnerLibrary, NodeError> {
    shown(node, node.library.partner_library(person)?)
}

pub(super) fn offer_text(offer: &PartnerOffer) -> String {
    let who = offer.person.shown();
    let since = match &offer.since {
        Some(since) => format!("photos since {since}"),
        None => "all photos".to_owned(),
    };
    let confirmed = offer
        .copies
        .iter()
        .filter(|copy| copy.dropped_at.is_some())
        .count();
    match offer.state {
        PartnerStateName::Asked => format!("{who} is asked to see your library ({since})"),
        PartnerStateName::Accepted => format!("{who} sees your library ({since})"),
        PartnerStateName::Declined | PartnerStateName::Ended => format!(
            "{who} does not see your library; {confirmed} of {} machines have confirmed that \
             nothing of it is left there",
            offer.copies.len()
        ),
    }
}

pub(super) fn library_text(library: &PartnerLibrary) -> String {
    let who = library.person.shown();
    match library.state {
        PartnerStateName::Asked => format!(
            "{who} offers you their library: {} photos, {} bytes of originals",
            library.count, library.bytes
        ),
        PartnerStateName::Accepted => format!(
            "You see the library of {who}: {} photos; {} previews and {} originals on this machine",
            library.count, library.previews, library.originals
        ),
        PartnerStateName::Declined | PartnerStateName::Ended => {
            format!("You do not see the library of {who}")
        }
    }
}
