//! What others did in shared albums, and with libraries.

use std::sync::Arc;

use clap::Args;
use library::{NoticeKind, rfc3339};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::library::Named;
use super::{Command, Done};
use crate::{Node, NodeError};

/// How many are listed unless said otherwise.
const USUAL: u32 = 50;

/// Arguments of `notice list`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ListNotices {
    /// Those before the notice with this number
    #[arg(long)]
    before: Option<i64>,
    /// So many at most
    #[arg(long)]
    limit: Option<u32>,
}

/// Arguments of `notice read`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ReadNotices {
    /// The number of the newest one you have seen
    upto: i64,
}

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "NoticeKind")]
pub enum NoticeKindName {
    /// Asked you into an album.
    Asked,
    /// Came into your album.
    Joined,
    /// Did not want to.
    Declined,
    /// Left your album.
    Left,
    /// Took you out of an album.
    Removed,
    /// Put photos into an album.
    Added,
    /// Took photos of theirs out of an album of yours.
    Taken,
    /// Wrote a comment.
    Comment,
    /// Called you by name in a comment.
    Mention,
    /// Liked something.
    Like,
    /// Did not do what you asked of their album.
    Refused,
    /// Hands an album over to you.
    Heir,
    /// Took over an album that was yours.
    Moved,
    /// Does not know everyone in an album that was to live on their machine.
    Stays,
    /// Would show you their library.
    LibraryOffered,
    /// Sees your library from now on.
    LibraryAccepted,
    /// Does not want to see it, or not any more.
    LibraryDeclined,
    /// Shows you their library no more.
    LibraryEnded,
}

/// What somebody did, once or several times within five minutes.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Notice {
    /// Its number; later ones are greater.
    #[ts(type = "number")]
    id: i64,
    kind: NoticeKindName,
    /// In which album; it may be gone. Null for what concerns a library.
    album: Option<Named>,
    person: Named,
    /// How often.
    count: u64,
    /// Some of the photos concerned, last first.
    assets: Vec<String>,
    /// The words of the last comment, why something was refused, or who is not known.
    text: String,
    made_at: String,
    seen: bool,
}

/// Answer to `notice list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NoticeList {
    /// How much was not seen yet.
    unseen: u64,
    /// Newest first.
    notices: Vec<Notice>,
}

impl From<NoticeKind> for NoticeKindName {
    fn from(kind: NoticeKind) -> NoticeKindName {
        match kind {
            NoticeKind::Asked => NoticeKindName::Asked,
            NoticeKind::Joined => NoticeKindName::Joined,
            NoticeKind::Declined => NoticeKindName::Declined,
            NoticeKind::Left => NoticeKindName::Left,
            NoticeKind::Removed => NoticeKindName::Removed,
            NoticeKind::Added => NoticeKindName::Added,
            NoticeKind::Taken => NoticeKindName::Taken,
            NoticeKind::Comment => NoticeKindName::Comment,
            NoticeKind::Mention => NoticeKindName::Mention,
            NoticeKind::Like => NoticeKindName::Like,
            NoticeKind::Refused => NoticeKindName::Refused,
            NoticeKind::Heir => NoticeKindName::Heir,
            NoticeKind::Moved => NoticeKindName::Moved,
            NoticeKind::Stays => NoticeKindName::Stays,
            NoticeKind::LibraryOffered => NoticeKindName::LibraryOffered,
            NoticeKind::LibraryAccepted => NoticeKindName::LibraryAccepted,
            NoticeKind::LibraryDeclined => NoticeKindName::LibraryDeclined,
            NoticeKind::LibraryEnded => NoticeKindName::LibraryEnded,
        }
    }
}

impl Command for ListNotices {
    const NAME: &'static str = "notice.list";
    const ABOUT: &'static str = "List what others did in shared albums, and with libraries";
    type Reply = NoticeList;

    fn run(self, node: &Arc<Node>) -> Result<NoticeList, NodeError> {
        let limit = usize::try_from(self.limit.unwrap_or(USUAL).clamp(1, 1_000)).unwrap_or(1);
        let notices = node.library.notices(self.before, limit)?;
        Ok(NoticeList {
            unseen: node.library.unseen_notices()?,
            notices: notices
                .into_iter()
                .map(|notice| Notice {
                    id: notice.id,
                    kind: notice.kind.into(),
                    album: notice.album.map(|album| Named::new(album, notice.title)),
                    person: Named::new(notice.person, notice.name),
                    count: notice.count,
                    assets: notice.assets.iter().map(ToString::to_string).collect(),
                    text: notice.text,
                    made_at: rfc3339(notice.made_at),
                    seen: notice.seen,
                })
                .collect(),
        })
    }

    fn text(reply: &NoticeList) -> String {
        if reply.notices.is_empty() {
            return "Nothing has happened in shared albums or with libraries.".to_owned();
        }
        let rows = reply.notices.iter().map(|notice| {
            let when = notice.made_at.get(..16).unwrap_or_default();
            format!(
                "{:>6}  {}  {}{}",
                notice.id,
                when.replace('T', " "),
                if notice.seen { "" } else { "* " },
                sentence(notice)
            )
        });
        rows.collect::<Vec<_>>().join("\n")
    }
}

fn sentence(notice: &Notice) -> String {
    let who = notice.person.shown();
    let album = notice.album.as_ref().map_or("", Named::shown);
    let photos = match notice.count {
        1 => "1 photo".to_owned(),
        count => format!("{count} photos"),
    };
    match notice.kind {
        NoticeKindName::Asked => format!("{who} asks you into «{album}»"),
        NoticeKindName::Joined => format!("{who} is in «{album}»"),
        NoticeKindName::Declined => format!("{who} does not join «{album}»"),
        NoticeKindName::Left => format!("{who} left «{album}»"),
        NoticeKindName::Removed => format!("{who} took you out of «{album}»"),
        NoticeKindName::Added => format!("{who} added {photos} to «{album}»"),
        NoticeKindName::Taken => format!("{who} took {photos} out of «{album}»"),
        NoticeKindName::Comment => format!("{who} wrote in «{album}»: {}", notice.text),
        NoticeKindName::Mention => format!("{who} means you in «{album}»: {}", notice.text),
        NoticeKindName::Like => format!("{who} likes something in «{album}»"),
        NoticeKindName::Heir => format!("{who} hands «{album}» over to you"),
        NoticeKindName::Moved => format!("{who} took over «{album}»"),
        NoticeKindName::Stays => format!(
            "«{album}» stays here: {who} does not know {}. Connect their machines, then move it again",
            notice.text
        ),
        NoticeKindName::LibraryOffered => format!("{who} would show you their library"),
        NoticeKindName::LibraryAccepted => format!("{who} sees your library now"),
        NoticeKindName::LibraryDeclined => format!("{who} does not see your library"),
        NoticeKindName::LibraryEnded => format!("{who} shows you their library no more"),
        NoticeKindName::Refused => {
            format!(
                "{who}'s machine did not do it in «{album}»: {}",
                notice.text
            )
        }
    }
}

impl Command for ReadNotices {
    const NAME: &'static str = "notice.read";
    const ABOUT: &'static str = "Note that you have seen what others did";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.library.read_notices(self.upto)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        String::new()
    }
}
