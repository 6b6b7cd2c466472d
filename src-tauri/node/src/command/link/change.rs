//! What is changed of links.

use std::sync::Arc;

use clap::Args;
use library::LinkEdit;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Link, LinkOptions, ShowLink, row};
use crate::command::album::Shift;
use crate::command::{Command, id, ids};
use crate::{Node, NodeError};

/// Arguments of `link edit`: what is absent stays as it is.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct EditLink {
    /// The link's id
    id: String,
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    options: LinkOptions,
    /// Let it rest: it opens nothing until this is taken back
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    paused: Option<bool>,
}

/// Arguments of `link renew`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RenewLink {
    /// The link's id
    id: String,
}

/// Arguments of `link free`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct FreeSeats {
    /// The link's id
    id: String,
}

/// Arguments of `link add`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AddToLink {
    /// The link's id
    id: String,
    /// The photos
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `link remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RemoveFromLink {
    /// The link's id
    id: String,
    /// The photos
    #[arg(required = true)]
    assets: Vec<String>,
}

/// Arguments of `link revoke-all`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RevokeAllLinks {}

/// Answer to `link revoke-all`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RevokedLinks {
    /// How many were ended.
    revoked: u64,
}

/// Arguments of `link revoke`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RevokeLink {
    /// The link's id
    id: String,
}

impl Command for EditLink {
    const NAME: &'static str = "link.edit";
    const ABOUT: &'static str = "Change what a public link allows; what is not named stays";
    type Reply = Link;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.options.read_password()?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        let edit = LinkEdit {
            paused: self.paused,
            ..self.options.edit(node)?
        };
        let link = node.library.edit_link(id(&self.id)?, edit)?;
        Ok(Link::new(link, &node.link_bases()?))
    }

    fn text(reply: &Link) -> String {
        ShowLink::text(reply)
    }
}

impl Command for RevokeLink {
    const NAME: &'static str = "link.revoke";
    const ABOUT: &'static str = "End a public link for good";
    type Reply = Link;

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        let link = node.library.revoke_link(id(&self.id)?)?;
        Ok(Link::new(link, &node.link_bases()?))
    }

    fn text(reply: &Link) -> String {
        row(reply)
    }
}

impl Command for RenewLink {
    const NAME: &'static str = "link.renew";
    const ABOUT: &'static str = "Give a link a new address; the old one opens nothing any more";
    type Reply = Link;

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        let link = node.library.renew_link(id(&self.id)?)?;
        Ok(Link::new(link, &node.link_bases()?))
    }

    fn text(reply: &Link) -> String {
        ShowLink::text(reply)
    }
}

impl Command for FreeSeats {
    const NAME: &'static str = "link.free";
    const ABOUT: &'static str =
        "Free all seats of a link for so many people; who had one takes another";
    type Reply = Link;

    fn run(self, node: &Arc<Node>) -> Result<Link, NodeError> {
        let link = node.library.free_seats(id(&self.id)?)?;
        Ok(Link::new(link, &node.link_bases()?))
    }

    fn text(reply: &Link) -> String {
        ShowLink::text(reply)
    }
}

impl Command for AddToLink {
    const NAME: &'static str = "link.add";
    const ABOUT: &'static str = "Add photos to a link of chosen photos";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        let shift = node
            .library
            .add_to_link(id(&self.id)?, ids(&self.assets)?)?;
        Ok(shift.into())
    }

    fn text(reply: &Shift) -> String {
        reply.added()
    }
}

impl Command for RemoveFromLink {
    const NAME: &'static str = "link.remove";
    const ABOUT: &'static str = "Take photos out of a link of chosen photos";
    type Reply = Shift;

    fn run(self, node: &Arc<Node>) -> Result<Shift, NodeError> {
        let shift = node
            .library
            .remove_from_link(id(&self.id)?, ids(&self.assets)?)?;
        Ok(shift.into())
    }

    fn text(reply: &Shift) -> String {
        reply.removed()
    }
}

impl Command for RevokeAllLinks {
    const NAME: &'static str = "link.revoke-all";
    const ABOUT: &'static str = "End every public link for good";
    type Reply = RevokedLinks;

    fn run(self, node: &Arc<Node>) -> Result<RevokedLinks, NodeError> {
        Ok(RevokedLinks {
            revoked: node.library.revoke_all_links()?,
        })
    }

    fn text(reply: &RevokedLinks) -> String {
        match reply.revoked {
            0 => "There was no link to end.".to_owned(),
            1 => "One link was ended.".to_owned(),
            count => format!("{count} links were ended."),
        }
    }
}
