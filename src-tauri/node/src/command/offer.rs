//! Albums that others share with you: accepted or not, left, and copied from.

use std::sync::Arc;

use clap::Args;
use library::{AssetId, DeviceId, rfc3339};
use serde::{Deserialize, Serialize};
use sync::Wanted;
use ts_rs::TS;

use super::album::{Album, row};
use super::library::Named;
use super::share::{MemberStateName, RoleName, person};
use super::{Command, Done, id, ids};
use crate::{Node, NodeError};

/// Arguments of `album leave`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct LeaveAlbum {
    /// The album's id; one that is another's
    album: String,
    /// Take your photos with you; otherwise they stay in it
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    with_photos: bool,
}

/// Arguments of `album handover`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct HandOver {
    /// The album's id; one of your own
    album: String,
    /// Who is to take it over: the name or id of somebody who is in it; nobody to take that
    /// back
    person: Option<String>,
}

/// Arguments of `album takeover`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct TakeOver {
    /// The album's id; one that is handed over to you
    album: String,
}

/// Arguments of `album move`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct MoveAlbum {
    /// The album's id; one of your own
    album: String,
    /// The id of the machine it is to live on: another of yours, or one that stands in for
    /// this one (`peer serve`)
    #[arg(required_unless_present = "here", conflicts_with = "here")]
    machine: Option<String>,
    /// Bring it back to this machine, or have it stay here
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    here: bool,
    /// The machine that it lives on is gone for good: what is known here is the album now
    #[arg(long, requires = "here")]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    lost: bool,
}

/// Arguments of `album offers`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListOffers {}

/// Arguments of `album accept`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AcceptAlbum {
    /// The album's id, as `album offers` tells it
    album: String,
}

/// Arguments of `album decline`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct DeclineAlbum {
    /// The album's id, as `album offers` tells it
    album: String,
}

/// Arguments of `person picture`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SetPicture {
    /// One of your photos; nothing to have no picture
    asset: Option<String>,
}

/// Arguments of `asset save`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct SaveCopies {
    /// Photos of others, as shared albums show them
    #[arg(required = true)]
    ids: Vec<String>,
}

/// An album that somebody shares with you.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlbumOffer {
    album: String,
    title: String,
    owner: Named,
    /// What you may do in it.
    role: RoleName,
    state: MemberStateName,
    /// How many photos are in it.
    count: u64,
    asked_at: String,
    /// Whether its owner hands it over to you.
    heir: bool,
}

/// Answer to `album offers`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlbumOffers {
    /// Those without an answer first.
    offers: Vec<AlbumOffer>,
}

/// Answer to `asset save`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavedCopies {
    /// The ids of your own copies, as they were named.
    ids: Vec<String>,
}

impl Command for LeaveAlbum {
    const NAME: &'static str = "album.leave";
    const ABOUT: &'static str = "Leave an album that another shares with you";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library
            .leave_album(id(&self.album)?, self.with_photos)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "You have left the album.".to_owned()
    }
}

impl Command for HandOver {
    const NAME: &'static str = "album.handover";
    const ABOUT: &'static str = "Hand an album of yours over to somebody who is in it";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        let heir = match &self.person {
            Some(text) => Some(person(node, text)?),
            None => None,
        };
        node.library.hand_over(id(&self.album)?, heir)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "It is theirs as soon as they take it over; then its public links end, and you are an \
         editor of it."
            .to_owned()
    }
}

impl Command for TakeOver {
    const NAME: &'static str = "album.takeover";
    const ABOUT: &'static str = "Take over an album that its owner hands over to you";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.take_over_album(id(&self.album)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "The album is yours as soon as its owner's machine has answered.".to_owned()
    }
}

impl Command for MoveAlbum {
    const NAME: &'static str = "album.move";
    const ABOUT: &'static str =
        "Have an album of yours live on a machine that is always on, or back here";
    type Reply = Album;

    fn run(self, node: &Arc<Node>) -> Result<Album, NodeError> {
        let album = id(&self.album)?;
        match (&self.machine, self.here) {
            (Some(machine), false) => node.library.move_album(album, id(machine)?)?,
            (None, true) => node.library.bring_album_home(album, self.lost)?,
            _ => {
                return Err(NodeError::new(
                    "usage",
                    "Say where the album is to live: on which machine, or here.",
                ));
            }
        }
        Ok(node.library.album(album)?.into())
    }

    fn text(reply: &Album) -> String {
        row(reply)
    }
}

impl Command for ListOffers {
    const NAME: &'static str = "album.offers";
    const ABOUT: &'static str = "List the albums that others share with you";
    type Reply = AlbumOffers;

    fn run(self, node: &Arc<Node>) -> Result<AlbumOffers, NodeError> {
        let offers = node.library.offers()?;
        Ok(AlbumOffers {
            offers: offers
                .into_iter()
                .map(|offer| AlbumOffer {
                    album: offer.album.to_string(),
                    title: offer.title,
                    owner: Named::new(offer.owner, offer.owner_name),
                    role: offer.role.into(),
                    state: offer.state.into(),
                    count: offer.count,
                    asked_at: rfc3339(offer.asked_at),
                    heir: offer.heir,
                })
                .collect(),
        })
    }

    fn text(reply: &AlbumOffers) -> String {
        if reply.offers.is_empty() {
            return "Nobody shares an album with you.".to_owned();
        }
        let rows = reply.offers.iter().map(|offer| {
            let state = match offer.state {
                MemberStateName::Asked => "asks you in",
                MemberStateName::Joined => "you are in it",
                MemberStateName::Declined => "declined",
            };
            format!(
                "{}  {:>6}  {} ({}; {state})",
                offer.album,
                offer.count,
                offer.title,
                offer.owner.shown()
            )
        });
        rows.collect::<Vec<_>>().join("\n")
    }
}

impl Command for AcceptAlbum {
    const NAME: &'static str = "album.accept";
    const ABOUT: &'static str = "Join an album that another shares with you";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.answer_offer(id(&self.album)?, true)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "You join the album; its photos come as soon as its owner's machine is there.".to_owned()
    }
}

impl Command for DeclineAlbum {
    const NAME: &'static str = "album.decline";
    const ABOUT: &'static str = "Decline an album that another shares with you";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.answer_offer(id(&self.album)?, false)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "You do not join the album.".to_owned()
    }
}

impl Command for SetPicture {
    const NAME: &'static str = "person.picture";
    const ABOUT: &'static str = "Make a photo the picture by which others see you";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        let asset = self.asset.as_deref().map(id).transpose()?;
        node.library.set_picture(asset)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "Everyone whose machine knows yours sees it from now on.".to_owned()
    }
}

/// Brings the further files of a photo that was saved here, and gives them to the copy.
fn save_further(node: &Arc<Node>, home: DeviceId, asset: AssetId) -> Result<(), NodeError> {
    let further = node.library.further_files(home, asset)?;
    for what in &further {
        node.bring(Wanted {
            home,
            asset,
            what: *what,
        })?;
    }
    if !further.is_empty() {
        node.library.save_copy(asset)?;
    }
    Ok(())
}

impl Command for SaveCopies {
    const NAME: &'static str = "asset.save";
    const ABOUT: &'static str = "Copy photos of others into your own library";
    type Reply = SavedCopies;

    fn run(self, node: &Arc<Node>) -> Result<SavedCopies, NodeError> {
        let mut saved = Vec::new();
        for asset in ids(&self.ids)? {
            // Brings the original here, where it is not.
            let via = node.library.asset(asset)?.via;
            if via.is_some() {
                node.own(asset, library::What::Download)?;
            }
            saved.push(node.library.save_copy(asset)?.to_string());
            if let Some(home) = via {
                save_further(node, home, asset)?;
            }
        }
        Ok(SavedCopies { ids: saved })
    }

    fn text(reply: &SavedCopies) -> String {
        match reply.ids.len() {
            1 => "1 photo is in your library.".to_owned(),
            count => format!("{count} photos are in your library."),
        }
    }
}
