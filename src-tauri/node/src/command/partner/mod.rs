//! Partners: who sees all of your library, and whose libraries you see.

mod told;

use std::sync::Arc;

use clap::Args;
use library::{PartnerEdit, PartnerRules, TakenAt};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::peer::KeepName;
use super::share::person;
use super::{Command, Done};
use crate::{Node, NodeError};
use told::{
    PartnerAlbum, PartnerAlbumList, PartnerLibrary, PartnerList, PartnerOffer, library_of,
    library_text, offer, offer_text, shown,
};

/// Arguments of `partner list`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ListPartners {}

/// Arguments of `partner offer`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct OfferLibrary {
    /// To whom: their name, or their id as `peer list` tells it
    person: String,
    /// Only what was taken on this day or later, like 2020-01-01
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Titles, descriptions and tags travel along
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    captions: bool,
    /// Albums travel along
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    albums: bool,
}

/// Arguments of `partner edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct EditPartner {
    /// Who sees your library: their name or id
    person: String,
    /// Only what was taken on this day or later; empty for everything
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Whether titles, descriptions and tags travel along
    #[arg(long)]
    captions: Option<bool>,
    /// Whether albums travel along
    #[arg(long)]
    albums: Option<bool>,
}

/// Arguments of `partner end`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct EndPartner {
    /// Who is to see your library no more: their name or id
    person: String,
}

/// Arguments of `partner forget`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ForgetPartner {
    /// Who saw your library, or was asked to: their name or id
    person: String,
}

/// Arguments of `partner accept`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AcceptLibrary {
    /// Whose library: their name or id
    person: String,
}

/// Arguments of `partner decline`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct DeclineLibrary {
    /// Whose library: their name or id
    person: String,
}

/// Arguments of `partner timeline`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowLibrary {
    /// Whose library: their name or id
    person: String,
    /// Whether it shows in your timeline, true or false
    #[arg(action = clap::ArgAction::Set, value_parser = clap::builder::BoolishValueParser::new(), value_name = "on|off")]
    show: bool,
}

/// Arguments of `partner keep`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct KeepLibrary {
    /// Whose library: their name or id
    person: String,
    /// What is kept of it on this machine
    what: KeepName,
}

/// Arguments of `partner albums`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct PartnerAlbums {
    /// Whose library: their name or id
    person: String,
}

/// The first moment of a day; `None` for an empty text.
fn day(text: &str) -> Result<Option<i64>, NodeError> {
    match text.trim() {
        "" => Ok(None),
        date => Ok(Some(TakenAt::parse(date)?.local_ms)),
    }
}

impl Command for ListPartners {
    const NAME: &'static str = "partner.list";
    const ABOUT: &'static str = "List who sees all of your library, and whose libraries you see";
    type Reply = PartnerList;

    fn run(self, node: &Arc<Node>) -> Result<PartnerList, NodeError> {
        let offered = node.library.partners()?.into_iter();
        let libraries = node.library.partner_libraries()?.into_iter();
        Ok(PartnerList {
            offered: offered
                .map(|one| offer(node, one))
                .collect::<Result<_, _>>()?,
            libraries: libraries
                .map(|one| shown(node, one))
                .collect::<Result<_, _>>()?,
        })
    }

    fn text(reply: &PartnerList) -> String {
        let offered = reply.offered.iter().map(offer_text);
        let lines: Vec<String> = offered
            .chain(reply.libraries.iter().map(library_text))
            .collect();
        match lines.is_empty() {
            true => {
                "Nobody sees all of your library, and nobody shows you theirs; `albumen partner \
                 offer` begins."
                    .to_owned()
            }
            false => lines.join("\n"),
        }
    }
}

impl Command for OfferLibrary {
    const NAME: &'static str = "partner.offer";
    const ABOUT: &'static str =
        "Offer somebody to see all of your library, without what is archived or locked";
    type Reply = PartnerOffer;

    fn run(self, node: &Arc<Node>) -> Result<PartnerOffer, NodeError> {
        let rules = PartnerRules {
            since: day(self.since.as_deref().unwrap_or_default())?,
            captions: self.captions,
            albums: self.albums,
        };
        let person = person(node, &self.person)?;
        offer(node, node.library.offer_library(person, rules)?)
    }

    fn text(reply: &PartnerOffer) -> String {
        offer_text(reply)
    }
}

impl Command for EditPartner {
    const NAME: &'static str = "partner.edit";
    const ABOUT: &'static str = "Change what somebody sees of your library";
    type Reply = PartnerOffer;

    fn run(self, node: &Arc<Node>) -> Result<PartnerOffer, NodeError> {
        let edit = PartnerEdit {
            since: self.since.as_deref().map(day).transpose()?,
            captions: self.captions,
            albums: self.albums,
        };
        let person = person(node, &self.person)?;
        offer(node, node.library.edit_partner(person, edit)?)
    }

    fn text(reply: &PartnerOffer) -> String {
        offer_text(reply)
    }
}

impl Command for EndPartner {
    const NAME: &'static str = "partner.end";
    const ABOUT: &'static str =
        "Show somebody your library no more; their machines drop it and confirm";
    type Reply = PartnerOffer;

    fn run(self, node: &Arc<Node>) -> Result<PartnerOffer, NodeError> {
        let person = person(node, &self.person)?;
        offer(node, node.library.end_partner(person)?)
    }

    fn text(reply: &PartnerOffer) -> String {
        format!(
            "{}. What they saved as copies of their own, or took out of Albumen, cannot be \
             called back.",
            offer_text(reply)
        )
    }
}

impl Command for AcceptLibrary {
    const NAME: &'static str = "partner.accept";
    const ABOUT: &'static str = "Accept to see somebody's library on this machine";
    type Reply = PartnerLibrary;

    fn run(self, node: &Arc<Node>) -> Result<PartnerLibrary, NodeError> {
        let person = person(node, &self.person)?;
        node.library.answer_library(person, true)?;
        library_of(node, person)
    }

    fn text(reply: &PartnerLibrary) -> String {
        library_text(reply)
    }
}

impl Command for ForgetPartner {
    const NAME: &'static str = "partner.forget";
    const ABOUT: &'static str = "Put away an offer that has ended";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.forget_partner(person(node, &self.person)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "It is not in the list any more.".to_owned()
    }
}

impl Command for DeclineLibrary {
    const NAME: &'static str = "partner.decline";
    const ABOUT: &'static str = "Decline somebody's library, or see it no more";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        let person = person(node, &self.person)?;
        node.library.answer_library(person, false)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "You do not see that library; nothing of it is on this machine.".to_owned()
    }
}

impl Command for ShowLibrary {
    const NAME: &'static str = "partner.timeline";
    const ABOUT: &'static str = "Show a partner's photos in your timeline, or only on their page";
    type Reply = PartnerLibrary;

    fn run(self, node: &Arc<Node>) -> Result<PartnerLibrary, NodeError> {
        let person = person(node, &self.person)?;
        node.library.show_library(person, self.show)?;
        library_of(node, person)
    }

    fn text(reply: &PartnerLibrary) -> String {
        let who = reply.person.shown();
        match reply.in_timeline {
            true => format!("Photos of {who} show in your timeline."),
            false => format!("Photos of {who} show on their page alone."),
        }
    }
}

impl Command for KeepLibrary {
    const NAME: &'static str = "partner.keep";
    const ABOUT: &'static str = "Say what is kept on this machine of a partner's library";
    type Reply = PartnerLibrary;

    fn run(self, node: &Arc<Node>) -> Result<PartnerLibrary, NodeError> {
        let person = person(node, &self.person)?;
        node.library.keep_library(person, self.what.into())?;
        if let Some(peers) = node.peers_now() {
            for home in node.library.partner_library(person)?.homes {
                peers.wake_keeping(home);
            }
        }
        library_of(node, person)
    }

    fn text(reply: &PartnerLibrary) -> String {
        library_text(reply)
    }
}

impl Command for PartnerAlbums {
    const NAME: &'static str = "partner.albums";
    const ABOUT: &'static str = "List the albums of a partner's library";
    type Reply = PartnerAlbumList;

    fn run(self, node: &Arc<Node>) -> Result<PartnerAlbumList, NodeError> {
        let albums = node.library.partner_albums(person(node, &self.person)?)?;
        Ok(PartnerAlbumList {
            albums: albums
                .into_iter()
                .map(|album| PartnerAlbum {
                    id: album.id.to_string(),
                    title: album.title,
                    description: album.description,
                    cover: album.cover.map(|cover| cover.to_string()),
                    count: album.count,
                })
                .collect(),
        })
    }

    fn text(reply: &PartnerAlbumList) -> String {
        let rows = reply.albums.iter();
        let rows = rows.map(|album| format!("{}  {:>6}  {}", album.id, album.count, album.title));
        rows.collect::<Vec<_>>().join("\n")
    }
}
