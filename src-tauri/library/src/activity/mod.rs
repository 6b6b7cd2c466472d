//! What people say of photos: comments and likes. Each belongs to a conversation, that
//! of an album or of a link of chosen photos, and there to one photo or to the whole.
//! So all links of one album whose terms allow comments show the same conversation,
//! and what is said of a photo goes with the photo when that leaves.

mod keep;
mod read;
mod visitor;
pub(crate) mod words;

use rusqlite::OptionalExtension;

use crate::catalog::Write;
use crate::{
    ActivityId, AlbumId, AssetId, Change, DeviceId, Library, LibraryError, LinkId, PersonId, share,
};

use keep::{By, New, placed};
pub(crate) use keep::{edit_text, keep_for, keep_of, take_over};
use read::{OWN, Wanted, at_hand, resolved};
pub use visitor::{Proof, Speaker};
pub(crate) use words::disturbs;
pub use words::{LONGEST_NAME, LONGEST_TEXT, Unsaid};

/// Whose conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityOf {
    /// An album's.
    Album(AlbumId),
    /// What visitors of this link see: its album's, or its own where it shows chosen
    /// photos.
    Link(LinkId),
}

/// Who said something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// The library's owner; the name is empty until given.
    Owner(String),
    /// Another person of the household, in an album that is shared.
    Member(PersonId, String),
    /// A visitor, by the name they gave.
    Visitor {
        /// Given by themselves; anyone can be called so.
        name: String,
        /// By which their browser knows its own.
        mark: [u8; 8],
    },
}

/// What someone wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: ActivityId,
    /// The album it is of.
    pub album: Option<AlbumId>,
    /// The link of chosen photos it is of.
    pub link: Option<LinkId>,
    /// The photo it is of; `None`: the whole.
    pub asset: Option<AssetId>,
    /// Who wrote it.
    pub by: Author,
    /// The words, with their line breaks.
    pub text: String,
    /// When, milliseconds since 1970.
    pub made_at: i64,
    /// The owner has not seen it yet.
    pub unread: bool,
    /// The link by which a visitor came.
    pub through: Option<LinkId>,
    /// Whether it was changed after it was written.
    pub edited: bool,
    /// Whether it waits for the album's home.
    pub waits: bool,
}

/// What was said of something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// How many like it.
    pub likes: u64,
    /// The names of those who did so last and gave one.
    pub likers: Vec<String>,
    /// Whether the owner does.
    pub liked: bool,
    /// How many comments there are.
    pub comments: u64,
    /// How many of all that the owner has not seen yet.
    pub unread: u64,
    /// The last comments, oldest first.
    pub shown: Vec<Comment>,
    /// Whether there are earlier ones.
    pub earlier: bool,
}

/// Which comments to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct ActivityQuery {
    /// Those of this conversation.
    pub of: Option<ActivityOf>,
    /// Those of this photo.
    pub asset: Option<AssetId>,
    /// Those the owner has not seen yet.
    pub unread: bool,
    /// Those before this one.
    pub before: Option<ActivityId>,
    /// So many at most.
    pub limit: u64,
}

/// How much was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Comments.
    pub comments: u64,
    /// Likes.
    pub likes: u64,
    /// How many of them the owner has not seen yet.
    pub unread: u64,
}

impl Library {
    /// What was said, as the owner sees it; the likes are all that were given.
    pub fn conversation(&self, query: &ActivityQuery) -> Result<Conversation, LibraryError> {
        self.catalog.read(|conn| {
            let wanted = Wanted::by_query(conn, query)?;
            let mut said = wanted.read(conn, query.before, query.limit)?;
            if let Some(of) = query.of {
                let mine = Wanted::new().of(resolved(conn, of)?).exactly(query.asset);
                let mine_alone = format!(
                    "SELECT 1 FROM activity
                      WHERE {} AND kind = 'like' AND person = (SELECT person FROM library)",
                    mine.condition()
                );
                said.liked = conn.prepare_cached(&mine_alone)?.exists(mine.values())?;
            }
            Ok(said)
        })
    }

    /// Writes a comment in the owner's name, of a photo or of the whole.
    pub fn comment(
        &self,
        of: ActivityOf,
        asset: Option<AssetId>,
        text: &str,
    ) -> Result<ActivityId, LibraryError> {
        let text = words::text(text)?;
        self.catalog.write(move |write| {
            let of = placed(write.conn(), of, asset)?;
            let new = New {
                of,
                asset,
                text: Some(&text),
                by: By::Me,
            };
            new.keep(write)
        })
    }

    /// Likes a photo or the whole in the owner's name, or takes that back.
    pub fn like(
        &self,
        of: ActivityOf,
        asset: Option<AssetId>,
        liked: bool,
    ) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            let of = placed(conn, of, asset)?;
            let new = New {
                of,
                asset,
                text: None,
                by: By::Me,
            };
            if liked {
                return new.keep(write).map(|_| ());
            }
            let mine = new.wanted();
            let taken_back: Option<(ActivityId, Option<AlbumId>)> = conn
                .prepare_cached(&format!(
                    "DELETE FROM activity
                      WHERE {} AND kind = 'like' AND person = (SELECT person FROM library)
                     RETURNING id, album",
                    mine.condition()
                ))?
                .query_row(mine.values(), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((id, Some(album))) = taken_back
                && let Some(home) = share::home_of_others(conn, album)?
            {
                share::unsay(write, home, album, id)?;
            }
            write.announce(Change::Activity);
            Ok(())
        })
    }

    /// Changes the words of a comment that the owner wrote.
    pub fn edit_comment(&self, id: ActivityId, text: &str) -> Result<(), LibraryError> {
        let text = words::text(text)?;
        self.catalog.write(move |write| {
            let conn = write.conn();
            let said: Option<(bool, Option<AlbumId>, Option<AssetId>)> = conn
                .prepare_cached(&format!(
                    "SELECT person IS (SELECT person FROM library), album, asset FROM activity
                      WHERE id = ?1 AND kind = 'comment' AND {OWN}"
                ))?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let (album, asset) = match said {
                Some((true, album, asset)) => (album, asset),
                Some((false, ..)) => {
                    return Err(LibraryError::wrong(
                        "Only who wrote a comment may change it.",
                    ));
                }
                None => return Err(unknown(id)),
            };
            edit_text(write, id, &text)?;
            let home = match album {
                Some(album) => share::home_of_others(conn, album)?.map(|home| (home, album)),
                None => None,
            };
            match home {
                Some((home, album)) => share::say(write, home, album, (id, asset), Some(&text)),
                None => Ok(()),
            }
        })
    }

    /// Deletes comments, whoever wrote them; it can be undone.
    pub fn remove_comments(&self, ids: &[ActivityId]) -> Result<(), LibraryError> {
        let ids = ids.to_vec();
        self.catalog.write(move |write| {
            write.record_undo(&match ids.len() {
                1 => "1 comment deleted".to_owned(),
                count => format!("{count} comments deleted"),
            })?;
            for id in ids {
                remove(write, id)?;
            }
            write.announce(Change::Activity);
            Ok(())
        })
    }

    /// Notes that the owner has seen what this query finds, whatever its limit.
    pub fn read_activity(&self, query: &ActivityQuery) -> Result<(), LibraryError> {
        let query = *query;
        self.catalog.write(move |write| {
            let conn = write.conn();
            let wanted = Wanted::by_query(conn, &query)?;
            let read = conn
                .prepare_cached(&format!(
                    "DELETE FROM activity_unread
                      WHERE activity IN (SELECT id FROM activity WHERE {})",
                    wanted.condition()
                ))?
                .execute(wanted.values())?;
            if read > 0 {
                write.announce(Change::Activity);
            }
            Ok(())
        })
    }
}

/// Deletes a comment: any of one's own albums and links, in others' albums one's own.
fn remove(write: &Write<'_>, id: ActivityId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let said: Option<(Option<AlbumId>, Option<DeviceId>, bool)> = conn
        .prepare_cached(&format!(
            "SELECT activity.album,
                    iif(album.owner IS NULL OR activity.through IS NOT NULL, NULL, album.home),
                    coalesce(album.owns, 0) OR activity.person IS (SELECT person FROM library)
               FROM activity LEFT JOIN album ON album.id = activity.album
              WHERE activity.id = ?1 AND kind = 'comment' AND {OWN} AND {}",
            at_hand()
        ))?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match said {
        None => return Err(unknown(id)),
        Some((_, Some(_), false)) => {
            return Err(LibraryError::wrong(
                "Only who wrote a comment and the album's owner may delete it.",
            ));
        }
        Some((Some(album), Some(home), true)) => share::unsay(write, home, album, id)?,
        Some(_) => {}
    }
    conn.prepare_cached("DELETE FROM activity WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

fn unknown(id: ActivityId) -> LibraryError {
    LibraryError::Unknown {
        noun: "comment",
        id: id.to_string(),
    }
}
