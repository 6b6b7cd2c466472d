//! What visitors of a link say, as far as its terms let them. Who they are is a name
//! they give and, since there is no cookie, a secret of their browser's own: by that,
//! a like that is repeated is the same like, and they can take back what they said.

use rusqlite::OptionalExtension;

use super::{ActivityOf, By, Conversation, New, Unsaid, Wanted, words};
use crate::catalog::Write;
use crate::{
    Access, ActivityId, AssetId, Change, Entry, LibraryError, LinkId, from_hex, hex, hosting,
};

/// For so long the same words of the same visitor are the same comment.
const SAME_MS: i64 = 10 * 60 * 1_000;

/// What a browser keeps to prove that something is its own: a mark that all may see,
/// and a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Proof([u8; 24]);

/// A visitor who wants to say something.
#[derive(Clone)]
pub struct Speaker {
    /// What they call themselves; a like may go without.
    pub name: String,
    /// By which their browser will know it again.
    pub proof: Proof,
}

/// A visitor as they are kept.
pub(super) struct Heard {
    pub(super) name: String,
    pub(super) through: LinkId,
    pub(super) mark: [u8; 8],
    pub(super) proof: [u8; 32],
}

impl Proof {
    /// Of 48 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Proof> {
        from_hex(text).map(Proof)
    }

    /// One of nobody yet.
    pub fn random() -> Proof {
        Proof(rand::random())
    }

    /// As [`Proof::parse`] reads it.
    pub fn text(&self) -> String {
        hex(&self.0)
    }

    fn mark(&self) -> [u8; 8] {
        let mut mark = [0; 8];
        mark.copy_from_slice(self.0.split_at(8).0);
        mark
    }
}

impl Access {
    /// What was said of a photo, or of the whole, the last `limit` comments before one.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] when the link's terms do not let visitors comment.
    pub fn conversation(
        &self,
        entry: Option<&Entry>,
        before: Option<ActivityId>,
        limit: u64,
    ) -> Result<Conversation, LibraryError> {
        self.check_terms()?;
        let asset = entry.map(|entry| entry.asset);
        self.library().catalog.read(|conn| {
            let wanted = Wanted::new().of(self.conversation_of()).exactly(asset);
            wanted.read(conn, before, limit)
        })
    }

    /// Writes a comment. The same words once more are the same comment.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] as above, or when the right holds no more;
    /// [`LibraryError::Unsaid`] for what cannot be kept.
    pub fn comment(
        &self,
        entry: Option<&Entry>,
        speaker: &Speaker,
        text: &str,
    ) -> Result<ActivityId, LibraryError> {
        let text = words::text(text)?;
        let heard = self.hear(speaker)?;
        if heard.name.is_empty() {
            return Err(Unsaid::Nameless.into());
        }
        self.say(entry, heard, Some(text))
    }

    /// Likes a photo, or the whole; once is enough.
    ///
    /// # Errors
    /// As [`Access::comment`].
    pub fn like(&self, entry: Option<&Entry>, speaker: &Speaker) -> Result<(), LibraryError> {
        let heard = self.hear(speaker)?;
        self.say(entry, heard, None).map(|_| ())
    }

    /// Takes back a like; whether there was one.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] as above.
    pub fn unlike(&self, entry: Option<&Entry>, proof: &Proof) -> Result<bool, LibraryError> {
        let asset = entry.map(|entry| entry.asset);
        self.take_back(proof, move |wanted| (wanted.exactly(asset), "like"))
    }

    /// Deletes a visitor's own comment; whether it was that.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] as above.
    pub fn uncomment(&self, id: ActivityId, proof: &Proof) -> Result<bool, LibraryError> {
        self.take_back(proof, move |wanted| {
            (wanted.and("id =", id.bytes()), "comment")
        })
    }

    fn check_terms(&self) -> Result<(), LibraryError> {
        match self.terms().comments {
            true => Ok(()),
            false => Err(LibraryError::Refused),
        }
    }

    fn conversation_of(&self) -> ActivityOf {
        match self.album() {
            Some(album) => ActivityOf::Album(album),
            None => ActivityOf::Link(self.link()),
        }
    }

    fn kept_proof(&self, proof: &Proof) -> [u8; 32] {
        let secret = &self.library().secret;
        secret.lookup(&[b"proof ", &proof.0[..]].concat())
    }

    fn hear(&self, speaker: &Speaker) -> Result<Heard, LibraryError> {
        self.check_terms()?;
        Ok(Heard {
            name: words::name(&speaker.name)?,
            through: self.link(),
            mark: speaker.proof.mark(),
            proof: self.kept_proof(&speaker.proof),
        })
    }

    fn say(
        &self,
        entry: Option<&Entry>,
        heard: Heard,
        text: Option<String>,
    ) -> Result<ActivityId, LibraryError> {
        let (access, of) = (self.clone(), self.conversation_of());
        let asset = entry.map(|entry| entry.asset);
        self.library().catalog.write(move |write| {
            access.check_still(write, asset)?;
            let new = New {
                of,
                asset,
                text: text.as_deref(),
                by: By::Visitor(heard),
            };
            match new.said_before(write)? {
                Some(known) => Ok(known),
                None => new.keep(write),
            }
        })
    }

    /// Fails when the right holds no more, or the photo is not shown any more.
    fn check_still(&self, write: &Write<'_>, asset: Option<AssetId>) -> Result<(), LibraryError> {
        let conn = write.conn();
        let shown = match asset {
            Some(asset) => self.shows(conn, asset)?,
            None => true,
        };
        match shown && self.holds(conn)? {
            true => Ok(()),
            false => Err(LibraryError::Refused),
        }
    }

    fn take_back(
        &self,
        proof: &Proof,
        what: impl FnOnce(Wanted) -> (Wanted, &'static str) + Send + 'static,
    ) -> Result<bool, LibraryError> {
        self.check_terms()?;
        let (access, of) = (self.clone(), self.conversation_of());
        let proof = self.kept_proof(proof);
        self.library().catalog.write(move |write| {
            access.check_still(write, None)?;
            let conn = write.conn();
            let (wanted, kind) = what(Wanted::new().of(of).and("proof =", proof));
            let own: Option<ActivityId> = conn
                .prepare_cached(&format!(
                    "SELECT id FROM activity WHERE {} AND kind = '{kind}'",
                    wanted.condition()
                ))?
                .query_row(wanted.values(), |row| row.get(0))
                .optional()?;
            if let Some(own) = own {
                hosting::ask_unsaid(write, own)?;
                conn.prepare_cached("DELETE FROM activity WHERE id = ?1")?
                    .execute([own])?;
                write.announce(Change::Activity);
            }
            Ok(own.is_some())
        })
    }
}

impl New<'_> {
    /// The comment that the same visitor has just written of the same.
    fn said_before(&self, write: &Write<'_>) -> Result<Option<ActivityId>, LibraryError> {
        let (Some(text), By::Visitor(heard)) = (self.text, &self.by) else {
            return Ok(None);
        };
        let (album, link) = match self.of {
            ActivityOf::Album(album) => (Some(album), None),
            ActivityOf::Link(link) => (None, Some(link)),
        };
        Ok(write
            .conn()
            .prepare_cached(
                "SELECT id FROM activity
                  WHERE album IS ?1 AND link IS ?2 AND asset IS ?3 AND kind = 'comment'
                    AND proof = ?4 AND text = ?5 AND made_at > ?6",
            )?
            .query_row(
                (
                    album,
                    link,
                    self.asset,
                    heard.proof,
                    text,
                    write.now_ms - SAME_MS,
                ),
                |row| row.get(0),
            )
            .optional()?)
    }
}
