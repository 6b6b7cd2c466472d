//! What people say of photos: comments and likes of visitors, and of the owner.

use std::sync::Arc;

use clap::Args;
use library::{ActivityOf, ActivityQuery, Author, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, Done, id, ids};
use crate::{Node, NodeError};

/// How many comments are listed at a time.
const PAGE: u64 = 200;

/// Which conversation: an album's, or that which the visitors of a link see.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(rename = "ConversationOf", optional_fields)]
pub struct Of {
    /// What is said of this album and its photos
    #[arg(long, conflicts_with = "link")]
    album: Option<String>,
    /// What the visitors of this link see: its album's, where it follows one
    #[arg(long)]
    link: Option<String>,
}

/// Arguments of `comment list`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListComments {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    of: Of,
    /// What is said of this photo
    #[arg(long)]
    asset: Option<String>,
    /// Only what you have not seen yet
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    unread: bool,
    /// Those before this comment
    #[arg(long)]
    before: Option<String>,
    /// So many at most
    #[arg(long)]
    limit: Option<u64>,
}

/// Arguments of `comment add`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct AddComment {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    of: Of,
    /// Of this photo, not of the whole
    #[arg(long)]
    asset: Option<String>,
    /// The words
    text: String,
}

/// Arguments of `comment like`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Like {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    of: Of,
    /// This photo, not the whole
    #[arg(long)]
    asset: Option<String>,
    /// Take it back
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    take_back: bool,
}

/// Arguments of `comment edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct EditComment {
    /// The comment; one of your own
    id: String,
    /// The words
    text: String,
}

/// Arguments of `comment remove`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct RemoveComments {
    /// The comments
    #[arg(required = true)]
    ids: Vec<String>,
}

/// Arguments of `comment read`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ReadComments {
    #[command(flatten)]
    #[serde(flatten)]
    #[ts(flatten)]
    of: Of,
    /// What is said of this photo
    #[arg(long)]
    asset: Option<String>,
}

/// A comment.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Comment {
    id: String,
    /// The album it is of.
    album: Option<String>,
    /// The link of chosen photos it is of.
    link: Option<String>,
    /// The photo it is of; null: the whole.
    asset: Option<String>,
    /// The name of who wrote it; visitors give it themselves.
    by: String,
    /// Whether it is your own.
    mine: bool,
    text: String,
    made_at: String,
    /// You have not seen it yet.
    unread: bool,
    /// The link by which a visitor came.
    through: Option<String>,
    /// Whether it was changed after it was written.
    edited: bool,
    /// Whether it waits for the album's home.
    waits: bool,
}

/// Answer to `comment list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Conversation {
    /// How many likes there are.
    likes: u64,
    /// Names of those who liked it last and gave one.
    likers: Vec<String>,
    /// Whether you like it.
    liked: bool,
    /// How many comments there are.
    count: u64,
    /// How many of all you have not seen yet.
    unread: u64,
    /// The last ones, oldest first.
    comments: Vec<Comment>,
    /// Whether there are earlier ones.
    earlier: bool,
}

/// Answer to `comment add`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Commented {
    id: String,
}

impl Of {
    fn conversation(&self) -> Result<Option<ActivityOf>, NodeError> {
        Ok(match (&self.album, &self.link) {
            (Some(album), _) => Some(ActivityOf::Album(id(album)?)),
            (None, Some(link)) => Some(ActivityOf::Link(id(link)?)),
            (None, None) => None,
        })
    }

    fn named(&self) -> Result<ActivityOf, NodeError> {
        self.conversation()?.ok_or_else(|| {
            NodeError::new(
                "usage",
                "Name the album or the link whose visitors are to read it.",
            )
        })
    }

    fn query(&self, asset: &Option<String>) -> Result<ActivityQuery, NodeError> {
        Ok(ActivityQuery {
            of: self.conversation()?,
            asset: asset.as_deref().map(id).transpose()?,
            ..ActivityQuery::default()
        })
    }
}

impl From<library::Comment> for Comment {
    fn from(comment: library::Comment) -> Comment {
        let (by, mine) = match comment.by {
            Author::Owner(name) => (name, true),
            Author::Member(_, name) | Author::Visitor { name, .. } => (name, false),
        };
        Comment {
            id: comment.id.to_string(),
            album: comment.album.map(|album| album.to_string()),
            link: comment.link.map(|link| link.to_string()),
            asset: comment.asset.map(|asset| asset.to_string()),
            by,
            mine,
            text: comment.text,
            made_at: rfc3339(comment.made_at),
            unread: comment.unread,
            through: comment.through.map(|link| link.to_string()),
            edited: comment.edited,
            waits: comment.waits,
        }
    }
}

impl Command for ListComments {
    const NAME: &'static str = "comment.list";
    const ABOUT: &'static str = "List what people said of an album, a link's photos, or a photo";
    type Reply = Conversation;

    fn run(self, node: &Arc<Node>) -> Result<Conversation, NodeError> {
        let said = node.library.conversation(&ActivityQuery {
            unread: self.unread,
            before: self.before.as_deref().map(id).transpose()?,
            limit: self.limit.unwrap_or(PAGE),
            ..self.of.query(&self.asset)?
        })?;
        Ok(Conversation {
            likes: said.likes,
            likers: said.likers,
            liked: said.liked,
            count: said.comments,
            unread: said.unread,
            comments: said.shown.into_iter().map(Comment::from).collect(),
            earlier: said.earlier,
        })
    }

    fn text(reply: &Conversation) -> String {
        let likes = match reply.likes {
            0 => "Nobody has liked it yet.".to_owned(),
            1 => "1 like.".to_owned(),
            likes => format!("{likes} likes."),
        };
        let rows = reply.comments.iter().map(|comment| {
            let when = comment.made_at.get(..16).unwrap_or_default();
            let lines: Vec<&str> = comment.text.lines().collect();
            format!(
                "{}  {}  {}{}: {}",
                comment.id,
                when.replace('T', " "),
                if comment.unread { "* " } else { "" },
                if comment.mine { "you" } else { &comment.by },
                lines.join("\n    ")
            )
        });
        let rows: Vec<String> = [likes].into_iter().chain(rows).collect();
        rows.join("\n")
    }
}

impl Command for AddComment {
    const NAME: &'static str = "comment.add";
    const ABOUT: &'static str = "Write a comment in your own name";
    type Reply = Commented;

    fn run(self, node: &Arc<Node>) -> Result<Commented, NodeError> {
        let asset = self.asset.as_deref().map(id).transpose()?;
        let made = node.library.comment(self.of.named()?, asset, &self.text)?;
        Ok(Commented {
            id: made.to_string(),
        })
    }

    fn text(reply: &Commented) -> String {
        reply.id.clone()
    }
}

impl Command for Like {
    const NAME: &'static str = "comment.like";
    const ABOUT: &'static str =
        "Like an album, a link's photos, or a photo in them, or take it back";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        let asset = self.asset.as_deref().map(id).transpose()?;
        node.library
            .like(self.of.named()?, asset, !self.take_back)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        String::new()
    }
}

impl Command for EditComment {
    const NAME: &'static str = "comment.edit";
    const ABOUT: &'static str = "Change the words of a comment you wrote";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.edit_comment(id(&self.id)?, &self.text)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        String::new()
    }
}

impl Command for RemoveComments {
    const NAME: &'static str = "comment.remove";
    const ABOUT: &'static str = "Delete comments, whoever wrote them";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.remove_comments(&ids(&self.ids)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "Deleted; `albumen undo` brings it back.".to_owned()
    }
}

impl Command for ReadComments {
    const NAME: &'static str = "comment.read";
    const ABOUT: &'static str = "Note that you have seen what was said";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.read_activity(&self.of.query(&self.asset)?)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        String::new()
    }
}
