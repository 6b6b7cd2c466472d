//! Reading what was said: one way to say which, for the owner and for visitors.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};

use super::{ActivityOf, ActivityQuery, Author, Comment, Conversation, Counted};
use crate::asset::check_known;
use crate::shelf::AT_HAND;
use crate::{ActivityId, AlbumId, AssetId, LibraryError, PersonId, album};

/// Names that are told of those who like something.
const MOST_LIKERS: u64 = 20;

/// The condition that an activity may be seen: what is said of a photo in the trash or
/// of a locked one is as hidden as that.
pub(super) fn at_hand() -> String {
    format!(
        "(activity.asset IS NULL OR EXISTS
             (SELECT 1 FROM asset WHERE asset.id = activity.asset AND {AT_HAND}))"
    )
}

/// Whether something was said of albums and links of the library's, or of albums that are
/// shared with it: not of a link that is served here for another machine.
pub(super) const OWN: &str =
    "(activity.link IS NULL OR activity.home = (SELECT device FROM library))";

impl Counted {
    /// Columns of a query that count what `holds` for.
    pub(crate) fn columns(holds: &str) -> String {
        let held = format!("WHERE {holds} AND {}", at_hand());
        format!(
            "(SELECT count(*) FROM activity {held} AND kind = 'comment') AS comment_count,
             (SELECT count(*) FROM activity {held} AND kind = 'like') AS like_count,
             (SELECT count(*) FROM activity JOIN activity_unread ON activity = activity.id {held})
                 AS unread_count"
        )
    }

    /// Of a row that has them.
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Counted> {
        Ok(Counted {
            comments: row.get("comment_count")?,
            likes: row.get("like_count")?,
            unread: row.get("unread_count")?,
        })
    }
}

/// Conditions, and the ids they ask for.
pub(super) struct Wanted {
    pub(super) holds: Vec<String>,
    ids: Vec<Vec<u8>>,
}

impl Wanted {
    pub(super) fn new() -> Wanted {
        Wanted {
            holds: vec![at_hand()],
            ids: Vec::new(),
        }
    }

    /// Also what is said of photos that are hidden.
    pub(super) fn hidden_too() -> Wanted {
        Wanted {
            holds: Vec::new(),
            ids: Vec::new(),
        }
    }

    pub(super) fn and(mut self, condition: &str, id: impl Into<Vec<u8>>) -> Wanted {
        self.ids.push(id.into());
        self.holds
            .push(format!("activity.{condition} ?{}", self.ids.len()));
        self
    }

    pub(super) fn of(self, of: ActivityOf) -> Wanted {
        match of {
            ActivityOf::Album(album) => self.and("album =", album.bytes()),
            ActivityOf::Link(link) => self.and("link =", link.bytes()),
        }
    }

    /// Of one photo, or of the whole alone.
    pub(super) fn exactly(mut self, asset: Option<AssetId>) -> Wanted {
        match asset {
            Some(asset) => self.and("asset =", asset.bytes()),
            None => {
                self.holds.push("activity.asset IS NULL".to_owned());
                self
            }
        }
    }

    pub(super) fn by_query(
        conn: &Connection,
        query: &ActivityQuery,
    ) -> Result<Wanted, LibraryError> {
        let mut wanted = Wanted::new();
        wanted.holds.push(OWN.to_owned());
        if let Some(of) = query.of {
            wanted = wanted.of(resolved(conn, of)?);
        }
        if let Some(asset) = query.asset {
            check_known(conn, asset)?;
            wanted = wanted.and("asset =", asset.bytes());
        }
        if query.unread {
            wanted
                .holds
                .push("activity.id IN (SELECT activity FROM activity_unread)".to_owned());
        }
        Ok(wanted)
    }

    pub(super) fn condition(&self) -> String {
        self.holds.join(" AND ")
    }

    pub(super) fn values(&self) -> impl rusqlite::Params + '_ {
        params_from_iter(self.ids.iter().map(|id| id as &dyn ToSql))
    }

    /// What is wanted, the last `limit` comments of it before one of them.
    pub(super) fn read(
        self,
        conn: &Connection,
        before: Option<ActivityId>,
        limit: u64,
    ) -> Result<Conversation, LibraryError> {
        let held = self.condition();
        let mut said = conn
            .prepare_cached(&format!(
                "SELECT count(*) FILTER (WHERE kind = 'comment'),
                        count(*) FILTER (WHERE kind = 'like'), count(activity_unread.activity)
                   FROM activity
                   LEFT JOIN activity_unread ON activity_unread.activity = activity.id
                  WHERE {held}"
            ))?
            .query_row(self.values(), |row| {
                Ok(Conversation {
                    comments: row.get(0)?,
                    likes: row.get(1)?,
                    unread: row.get(2)?,
                    ..Conversation::default()
                })
            })?;
        said.likers = conn
            .prepare_cached(&format!(
                "SELECT coalesce(person.name, activity.name) AS called
                   FROM activity LEFT JOIN person ON person.id = activity.person
                  WHERE {held} AND kind = 'like' AND called <> ''
                  GROUP BY called ORDER BY max(activity.id) DESC LIMIT {MOST_LIKERS}"
            ))?
            .query_map(self.values(), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let wanted = match before {
            Some(before) => self.and("id <", before.bytes()),
            None => self,
        };
        // One more tells whether there are earlier ones.
        said.shown = conn
            .prepare_cached(&format!(
                "SELECT activity.id, activity.album, activity.link, activity.asset, activity.text,
                        activity.name, activity.through, activity.mark, activity.made_at,
                        activity.person, activity.person = library.person
                            OR activity.link IS NOT NULL AND activity.person = home.person AS is_me,
                        activity.edited_at IS NOT NULL AS edited, activity.waits,
                        person.name AS person_name, activity_unread.activity IS NOT NULL AS unread
                   FROM activity JOIN library
                   JOIN device AS home ON home.id = activity.home
                   LEFT JOIN person ON person.id = activity.person
                   LEFT JOIN activity_unread ON activity_unread.activity = activity.id
                  WHERE {} AND kind = 'comment'
                  ORDER BY activity.id DESC LIMIT {}",
                wanted.condition(),
                limit.min(i64::MAX as u64 - 1) + 1
            ))?
            .query_map(wanted.values(), comment_from_row)?
            .collect::<Result<_, _>>()?;
        said.earlier = said.shown.len() as u64 > limit;
        if said.earlier {
            said.shown.pop();
        }
        said.shown.reverse();
        Ok(said)
    }
}

fn comment_from_row(row: &Row<'_>) -> rusqlite::Result<Comment> {
    let person: Option<PersonId> = row.get("person")?;
    let called: Option<String> = row.get("person_name")?;
    let called = called.unwrap_or_default();
    let mark: Option<[u8; 8]> = row.get("mark")?;
    Ok(Comment {
        id: row.get("id")?,
        album: row.get("album")?,
        link: row.get("link")?,
        asset: row.get("asset")?,
        by: match person {
            Some(_) if row.get("is_me")? => Author::Owner(called),
            Some(person) => Author::Member(person, called),
            None => Author::Visitor {
                name: row.get("name")?,
                mark: mark.unwrap_or_default(),
            },
        },
        text: row.get("text")?,
        made_at: row.get("made_at")?,
        unread: row.get("unread")?,
        through: row.get("through")?,
        edited: row.get("edited")?,
        waits: row.get("waits")?,
    })
}

/// The conversation that is meant: a link that follows an album has its album's.
pub(super) fn resolved(conn: &Connection, of: ActivityOf) -> Result<ActivityOf, LibraryError> {
    match of {
        ActivityOf::Album(id) => album::check_known(conn, id).map(|()| of),
        ActivityOf::Link(id) => {
            let followed: Option<Option<AlbumId>> = conn
                .prepare_cached(
                    "SELECT album FROM link
                      WHERE id = ?1 AND home = (SELECT device FROM library)",
                )?
                .query_row([id], |row| row.get(0))
                .optional()?;
            match followed {
                Some(Some(album)) => Ok(ActivityOf::Album(album)),
                Some(None) => Ok(of),
                None => Err(LibraryError::Unknown {
                    noun: "link",
                    id: id.to_string(),
                }),
            }
        }
    }
}
