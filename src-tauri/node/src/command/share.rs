//! Albums shared with people of the household: who is in one, and what each may.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use library::{AlbumId, PersonId, SharingEdit, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::album::{Album, row};
use super::library::Named;
use super::{Command, id};
use crate::{Node, NodeError};

/// What a member of an album may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "Role")]
pub enum RoleName {
    /// Add own photos, take those away, and edit the album's words.
    Editor,
    /// See it.
    Viewer,
}

/// What everyone of the household is in an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Everyone {
    /// All are asked in as editors, also who comes later.
    Editor,
    /// All are asked in to look.
    Viewer,
    /// Only who was chosen.
    Nobody,
}

/// Whether somebody who was asked into an album is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "MemberState")]
pub enum MemberStateName {
    /// Was asked, and has not answered.
    Asked,
    /// Is in it.
    Joined,
    /// Does not want to be.
    Declined,
}

/// Arguments of `album share`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShareAlbum {
    /// The album's id; one of your own
    album: String,
    /// Whom to ask into it: their name, or their id as `peer list` tells it
    #[arg(required = true)]
    people: Vec<String>,
    /// What they may do
    #[arg(long, default_value = "viewer")]
    role: RoleName,
}

/// Arguments of `album members`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct AlbumMembers {
    /// The album's id
    album: String,
}

/// Arguments of `album role`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct SetRole {
    /// The album's id; one of your own
    album: String,
    /// Whose role: their name or id
    person: String,
    /// What they may do from now on
    role: RoleName,
}

/// Arguments of `album unshare`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct UnshareAlbum {
    /// The album's id; one of your own
    album: String,
    /// Who is to be in it no more: their name or id
    person: String,
    /// Take what they put there out of it, too
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    with_photos: bool,
}

/// Arguments of `album sharing`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct EditSharing {
    /// The album's id
    album: String,
    /// What everyone of your household is in it, also who comes later
    #[arg(long)]
    everyone: Option<Everyone>,
    /// Whether viewers may have originals
    #[arg(long)]
    originals: Option<bool>,
    /// Whether editors may make public links of it
    #[arg(long)]
    links: Option<bool>,
    /// Whether originals that members add are kept on this machine, too
    #[arg(long)]
    keep_originals: Option<bool>,
    /// Whether members may comment and like
    #[arg(long)]
    comments: Option<bool>,
    /// Whether another's album shows in your timeline
    #[arg(long)]
    in_timeline: Option<bool>,
    /// Whether nothing is told of what happens in it
    #[arg(long)]
    quiet: Option<bool>,
}

/// How an album is shared.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlbumSharing {
    /// The machine it lives on.
    home: String,
    /// Whose it is; null for your own, wherever that lives.
    owner: Option<Named>,
    /// The machine it lives on, where that is neither this one nor its owner's.
    lives_on: Option<Named>,
    /// The machine it is to live on, as soon as that has all of it.
    moving_to: Option<Named>,
    /// What you may do in another's.
    role: Option<RoleName>,
    /// How many people are in it beside its owner.
    members: u64,
    /// How many were asked and have not answered.
    asked: u64,
    /// How many photos wait for its home.
    waiting: u64,
    /// What everyone of the household is in it.
    everyone: Everyone,
    /// Whether viewers may have originals.
    originals: bool,
    /// Whether editors may make public links of it.
    links: bool,
    /// Whether originals that members add are kept on the album's machine, too.
    keep_originals: bool,
    /// Whether members may comment and like.
    comments: bool,
    /// Whether another's album shows in your timeline.
    in_timeline: bool,
    /// Whether nothing is told of what happens in it.
    quiet: bool,
    /// The id of whom its owner hands it over to.
    heir: Option<String>,
}

/// Somebody with whom an album is shared.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Member {
    id: String,
    /// Empty until given.
    name: String,
    role: RoleName,
    state: MemberStateName,
    /// How many photos they put there.
    count: u64,
    asked_at: String,
    /// Whether that is you.
    is_me: bool,
    /// A small picture, as a `data:` address.
    picture: Option<String>,
}

/// Answer to `album members` and what changes them.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MemberList {
    /// Whose album it is.
    owner: Named,
    /// Those who are in it first.
    members: Vec<Member>,
}

impl From<RoleName> for library::Role {
    fn from(role: RoleName) -> library::Role {
        match role {
            RoleName::Editor => library::Role::Editor,
            RoleName::Viewer => library::Role::Viewer,
        }
    }
}

impl From<library::Role> for RoleName {
    fn from(role: library::Role) -> RoleName {
        match role {
            library::Role::Editor => RoleName::Editor,
            library::Role::Viewer => RoleName::Viewer,
        }
    }
}

impl From<library::MemberState> for MemberStateName {
    fn from(state: library::MemberState) -> MemberStateName {
        match state {
            library::MemberState::Asked => MemberStateName::Asked,
            library::MemberState::Joined => MemberStateName::Joined,
            library::MemberState::Declined => MemberStateName::Declined,
        }
    }
}

impl From<library::Sharing> for AlbumSharing {
    fn from(sharing: library::Sharing) -> AlbumSharing {
        AlbumSharing {
            home: sharing.home.to_string(),
            owner: sharing.owner.map(|(id, name)| Named::new(id, name)),
            lives_on: sharing.lives_on.map(|(id, name)| Named::new(id, name)),
            moving_to: sharing.moving_to.map(|(id, name)| Named::new(id, name)),
            role: sharing.role.map(RoleName::from),
            members: sharing.members,
            asked: sharing.asked,
            waiting: sharing.waiting,
            everyone: match sharing.everyone {
                Some(library::Role::Editor) => Everyone::Editor,
                Some(library::Role::Viewer) => Everyone::Viewer,
                None => Everyone::Nobody,
            },
            originals: sharing.originals,
            links: sharing.linking,
            keep_originals: sharing.keeping,
            comments: sharing.talking,
            in_timeline: sharing.in_timeline,
            quiet: sharing.quiet,
            heir: sharing.heir.map(|heir| heir.to_string()),
        }
    }
}

impl AlbumSharing {
    /// What a list says of it; empty for an album of one's own that nobody is in.
    pub(super) fn line(&self) -> String {
        let waiting = match self.waiting {
            0 => String::new(),
            waiting => format!("{waiting} waiting"),
        };
        let shared = match (&self.owner, self.members + self.asked) {
            (Some(owner), _) => format!("{}'s", owner.shown()),
            (None, 0) => String::new(),
            (None, with) => format!("shared with {with}"),
        };
        let place = match (&self.lives_on, &self.moving_to) {
            (Some(home), _) => format!("on {}", home.shown()),
            (_, Some(home)) => format!("moving to {}", home.shown()),
            _ => String::new(),
        };
        let parts = [shared, place, waiting];
        match parts
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
        {
            parts if parts.is_empty() => String::new(),
            parts => format!("  ({})", parts.join(", ")),
        }
    }
}

/// A person's picture, as a `data:` address.
pub(super) fn picture(node: &Node, person: PersonId) -> Result<Option<String>, NodeError> {
    let picture = node.library.picture_of(person)?;
    Ok(picture.map(|picture| format!("data:image/webp;base64,{}", STANDARD.encode(picture))))
}

/// Somebody who is known, by id or by a name that only one has.
pub(super) fn person(node: &Node, text: &str) -> Result<PersonId, NodeError> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let named: Vec<PersonId> = node
        .library
        .peers()?
        .into_iter()
        .filter(|peer| !peer.is_own && peer.person_name.to_lowercase() == text.to_lowercase())
        .map(|peer| peer.person)
        .collect();
    match named.first() {
        Some(first) if named.iter().all(|other| other == first) => Ok(*first),
        Some(_) => Err(NodeError::new(
            "usage",
            format!(
                "Several people are called «{text}»; say which by the id that `albumen peer list` tells."
            ),
        )),
        None => Err(NodeError::new(
            "not_found",
            format!("Nobody called «{text}» is known here; `albumen peer list` tells who is."),
        )),
    }
}

fn members(
    node: &Node,
    album: AlbumId,
    members: Vec<library::Member>,
) -> Result<MemberList, NodeError> {
    let owner = match node.library.album(album)?.sharing.owner {
        Some((id, name)) => Named::new(id, name),
        None => {
            let identity = node.library.identity()?;
            Named::new(identity.person, identity.person_name)
        }
    };
    Ok(MemberList {
        owner,
        members: members
            .into_iter()
            .map(|member| {
                Ok(Member {
                    id: member.person.to_string(),
                    name: member.name,
                    role: member.role.into(),
                    state: member.state.into(),
                    count: member.count,
                    asked_at: rfc3339(member.asked_at),
                    is_me: member.is_me,
                    picture: picture(node, member.person)?,
                })
            })
            .collect::<Result<_, NodeError>>()?,
    })
}

fn told(list: &MemberList) -> String {
    let rows = list.members.iter().map(|member| {
        let role = match member.role {
            RoleName::Editor => "editor",
            RoleName::Viewer => "viewer",
        };
        let state = match member.state {
            MemberStateName::Asked => ", asked",
            MemberStateName::Joined => "",
            MemberStateName::Declined => ", declined",
        };
        let name = if member.is_me { "you" } else { &member.name };
        format!("{}  {role}{state}  {:>6}  {name}", member.id, member.count)
    });
    let head = format!("{}'s album", list.owner.shown());
    [head]
        .into_iter()
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

impl Command for ShareAlbum {
    const NAME: &'static str = "album.share";
    const ABOUT: &'static str = "Ask people of your household into an album";
    type Reply = MemberList;

    fn run(self, node: &Arc<Node>) -> Result<MemberList, NodeError> {
        let album = id(&self.album)?;
        let people: Vec<PersonId> = self
            .people
            .iter()
            .map(|text| person(node, text))
            .collect::<Result<_, _>>()?;
        let all = node.library.share_album(album, &people, self.role.into())?;
        members(node, album, all)
    }

    fn text(reply: &MemberList) -> String {
        told(reply)
    }
}

impl Command for AlbumMembers {
    const NAME: &'static str = "album.members";
    const ABOUT: &'static str = "List with whom an album is shared, and who put how much there";
    type Reply = MemberList;

    fn run(self, node: &Arc<Node>) -> Result<MemberList, NodeError> {
        let album = id(&self.album)?;
        members(node, album, node.library.members(album)?)
    }

    fn text(reply: &MemberList) -> String {
        told(reply)
    }
}

impl Command for SetRole {
    const NAME: &'static str = "album.role";
    const ABOUT: &'static str = "Change what somebody may do in an album of yours";
    type Reply = MemberList;

    fn run(self, node: &Arc<Node>) -> Result<MemberList, NodeError> {
        let album = id(&self.album)?;
        let person = person(node, &self.person)?;
        let all = node.library.set_role(album, person, self.role.into())?;
        members(node, album, all)
    }

    fn text(reply: &MemberList) -> String {
        told(reply)
    }
}

impl Command for UnshareAlbum {
    const NAME: &'static str = "album.unshare";
    const ABOUT: &'static str = "Take somebody out of an album of yours";
    type Reply = MemberList;

    fn run(self, node: &Arc<Node>) -> Result<MemberList, NodeError> {
        let album = id(&self.album)?;
        let person = person(node, &self.person)?;
        let all = node
            .library
            .unshare_album(album, person, self.with_photos)?;
        members(node, album, all)
    }

    fn text(reply: &MemberList) -> String {
        told(reply)
    }
}

impl Command for EditSharing {
    const NAME: &'static str = "album.sharing";
    const ABOUT: &'static str = "Change how an album is shared, and how it is seen here";
    type Reply = Album;

    fn run(self, node: &Arc<Node>) -> Result<Album, NodeError> {
        let album = id(&self.album)?;
        let edit = SharingEdit {
            everyone: self.everyone.map(|everyone| match everyone {
                Everyone::Editor => Some(library::Role::Editor),
                Everyone::Viewer => Some(library::Role::Viewer),
                Everyone::Nobody => None,
            }),
            originals: self.originals,
            linking: self.links,
            keeping: self.keep_originals,
            talking: self.comments,
            in_timeline: self.in_timeline,
            quiet: self.quiet,
        };
        node.library.edit_sharing(album, edit)?;
        Ok(node.library.album(album)?.into())
    }

    fn text(reply: &Album) -> String {
        row(reply)
    }
}
