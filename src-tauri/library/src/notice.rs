//! What others did in shared albums, told to the person at this machine: each once,
//! nothing of what one did oneself, and nothing of an album that is to be quiet.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::{AlbumId, AssetId, Change, Library, LibraryError, PersonId};

/// What is done within so long by the same person in the same album is told as one.
const GATHERED_MS: i64 = 5 * 60 * 1_000;
/// How many photos are named of those that were done something with.
const MOST_SHOWN: usize = 4;
/// How many are kept.
const MOST_KEPT: i64 = 20_000;

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Asked one into an album.
    Asked,
    /// Came into one's album.
    Joined,
    /// Did not want to.
    Declined,
    /// Left one's album.
    Left,
    /// Took one out of an album.
    Removed,
    /// Put photos into an album.
    Added,
    /// Took photos out of an album that they had put there.
    Taken,
    /// Wrote a comment.
    Comment,
    /// Called one by name in a comment.
    Mention,
    /// Liked something.
    Like,
    /// Did not do what was asked of their album.
    Refused,
    /// Hands an album over to one.
    Heir,
    /// Took over an album that was one's own.
    Moved,
    /// Does not know everyone in an album that was to live on their machine.
    Stays,
    /// Would show one their library.
    LibraryOffered,
    /// Sees one's library from now on.
    LibraryAccepted,
    /// Does not want to see it, or not any more.
    LibraryDeclined,
    /// Shows their library no more.
    LibraryEnded,
}

const KINDS: [(NoticeKind, &str); 18] = [
    (NoticeKind::Asked, "asked"),
    (NoticeKind::Joined, "joined"),
    (NoticeKind::Declined, "declined"),
    (NoticeKind::Left, "left"),
    (NoticeKind::Removed, "removed"),
    (NoticeKind::Added, "added"),
    (NoticeKind::Taken, "taken"),
    (NoticeKind::Comment, "comment"),
    (NoticeKind::Mention, "mention"),
    (NoticeKind::Like, "like"),
    (NoticeKind::Refused, "refused"),
    (NoticeKind::Heir, "heir"),
    (NoticeKind::Moved, "moved"),
    (NoticeKind::Stays, "stays"),
    (NoticeKind::LibraryOffered, "library_offered"),
    (NoticeKind::LibraryAccepted, "library_accepted"),
    (NoticeKind::LibraryDeclined, "library_declined"),
    (NoticeKind::LibraryEnded, "library_ended"),
];

impl NoticeKind {
    /// As a word.
    pub fn name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    fn of(name: &str) -> NoticeKind {
        KINDS
            .iter()
            .find(|(_, known)| *known == name)
            .map_or(NoticeKind::Refused, |(kind, _)| *kind)
    }
}

/// What somebody did, once or several times within a few minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The newest of what is told in it, for `read_notices`.
    pub id: i64,
    /// What was done.
    pub kind: NoticeKind,
    /// In which album; it may be gone. `None` for what concerns a library.
    pub album: Option<AlbumId>,
    /// The album's title then.
    pub title: String,
    /// Who did it.
    pub person: PersonId,
    /// Their name then; may be empty.
    pub name: String,
    /// How often.
    pub count: u64,
    /// Some of the photos concerned, last first.
    pub assets: Vec<AssetId>,
    /// The words of the last comment, why something was refused, or who is not known.
    pub text: String,
    /// When it was last done, milliseconds since 1970.
    pub made_at: i64,
    /// Whether it was seen.
    pub seen: bool,
}

/// How somebody is called whose name may be empty.
pub(crate) fn called(name: &str) -> &str {
    match name.trim() {
        "" => "somebody",
        name => name,
    }
}

/// Notes what somebody did in an album.
pub(crate) fn note(
    write: &Write<'_>,
    kind: NoticeKind,
    album: AlbumId,
    person: PersonId,
    asset: Option<AssetId>,
    text: &str,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let known: Option<(String, bool)> = conn
        .prepare_cached(
            "SELECT title, quiet FROM album WHERE id = ?1
              UNION ALL SELECT title, 0 FROM offer WHERE album = ?1 LIMIT 1",
        )?
        .query_row([album], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (title, quiet) = known.unwrap_or_default();
    let of_members = matches!(
        kind,
        NoticeKind::Added | NoticeKind::Taken | NoticeKind::Comment | NoticeKind::Like
    );
    if quiet && of_members {
        return Ok(());
    }
    keep(write, kind, Some((album, title)), person, asset, text)
}

/// Notes what somebody did with a library: with one's own, or with theirs.
pub(crate) fn note_library(
    write: &Write<'_>,
    kind: NoticeKind,
    person: PersonId,
) -> Result<(), LibraryError> {
    keep(write, kind, None, person, None, "")
}

fn keep(
    write: &Write<'_>,
    kind: NoticeKind,
    album: Option<(AlbumId, String)>,
    person: PersonId,
    asset: Option<AssetId>,
    text: &str,
) -> Result<(), LibraryError> {
    let (album, title) = album.unzip();
    let noted = write
        .conn()
        .prepare_cached(
            "INSERT INTO notice (made_at, kind, album, title, person, name, asset, text)
             SELECT ?1, ?2, ?3, ?4, ?5, coalesce((SELECT name FROM person WHERE id = ?5), ''), ?6, ?7
              WHERE ?5 <> (SELECT person FROM library)",
        )?
        .execute((
            write.now_ms,
            kind.name(),
            album,
            title.unwrap_or_default(),
            person,
            asset,
            text,
        ))?;
    if noted > 0 {
        write.announce(Change::Notices);
    }
    Ok(())
}

impl Library {
    /// What others did, newest first, gathered where it was done within five minutes;
    /// at most `limit`, before the notice with this id.
    pub fn notices(&self, before: Option<i64>, limit: usize) -> Result<Vec<Notice>, LibraryError> {
        self.catalog.read(|conn| {
            let mut found = conn.prepare_cached(
                "SELECT id, kind, album, title, person, name, asset, text, made_at, seen
                   FROM notice WHERE id < ?1 ORDER BY id DESC",
            )?;
            let mut rows = found.query([before.unwrap_or(i64::MAX)])?;
            let mut told: Vec<(Notice, i64)> = Vec::new();
            while let Some(row) = rows.next()? {
                let one = Notice {
                    id: row.get(0)?,
                    kind: NoticeKind::of(&row.get::<_, String>(1)?),
                    album: row.get(2)?,
                    title: row.get(3)?,
                    person: row.get(4)?,
                    name: row.get(5)?,
                    count: 1,
                    assets: row.get::<_, Option<AssetId>>(6)?.into_iter().collect(),
                    text: row.get(7)?,
                    made_at: row.get(8)?,
                    seen: row.get(9)?,
                };
                let is_full = told.len() >= limit;
                let like_it = told.iter_mut().rev().take(8).find(|(known, last)| {
                    known.kind == one.kind
                        && known.album == one.album
                        && known.person == one.person
                        && known.seen == one.seen
                        && last - one.made_at <= GATHERED_MS
                });
                match like_it {
                    Some((known, last)) => {
                        known.count += 1;
                        *last = one.made_at;
                        for asset in one.assets {
                            if known.assets.len() < MOST_SHOWN && !known.assets.contains(&asset) {
                                known.assets.push(asset);
                            }
                        }
                    }
                    None if is_full => break,
                    None => {
                        let made_at = one.made_at;
                        told.push((one, made_at));
                    }
                }
            }
            let mut told: Vec<Notice> = told.into_iter().map(|(notice, _)| notice).collect();
            for notice in &mut told {
                // A photo that is gone is not shown.
                let all = std::mem::take(&mut notice.assets);
                for asset in all {
                    if is_there(conn, asset)? {
                        notice.assets.push(asset);
                    }
                }
            }
            Ok(told)
        })
    }

    /// How many notices were not seen, gathered or not.
    pub fn unseen_notices(&self) -> Result<u64, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT count(*) FROM notice WHERE seen = 0")?
                .query_row([], |row| row.get(0))?)
        })
    }

    /// Notes that all notices up to this one were seen.
    pub fn read_notices(&self, upto: i64) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let read = write
                .conn()
                .prepare_cached("UPDATE notice SET seen = 1 WHERE seen = 0 AND id <= ?1")?
                .execute([upto])?;
            if read > 0 {
                write.announce(Change::Notices);
            }
            Ok(())
        })
    }

    /// Forgets the oldest of very many.
    pub fn sweep_notices(&self) -> Result<(), LibraryError> {
        self.catalog.write(|write| {
            write.conn().execute(
                "DELETE FROM notice WHERE id <= (SELECT max(id) FROM notice) - ?1",
                [MOST_KEPT],
            )?;
            Ok(())
        })
    }
}

fn is_there(conn: &Connection, asset: AssetId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT 1 FROM asset WHERE id = ?1 AND {}",
            crate::shelf::AT_HAND
        ))?
        .exists([asset])?)
}
