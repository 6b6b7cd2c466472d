//! What the people in an album may ask of its home, one place for all of it:
//!
//! | | owner | editor | viewer |
//! |---|---|---|---|
//! | put own photos there, take those away | yes | yes | no |
//! | take others' away | yes | no | no |
//! | title, description, cover | yes | yes | no |
//! | comment, like, where the album lets members | yes | yes | yes |
//! | change and delete what they said themselves | yes | yes | yes |
//! | delete what others said | yes | no | no |
//! | make public links, where the owner lets editors; end those | any | own | no |
//! | take the album over, whom its owner names | yes | yes | yes |
//! | ask people in, change roles, take people out, delete it (`rule`) | yes | no | no |
//! | leave | – | yes | yes |
//!
//! The owner asks where an album of theirs lives on a server; else they are at its home.

use rusqlite::{Connection, OptionalExtension};

use super::ask::TAKEN_BACK;
use super::{
    Role, check_lives_here, contribution, hand, link, lodge, note, part, role_in, rule, said,
};
use crate::activity::{self, words};
use crate::catalog::Write;
use crate::notice::{self, NoticeKind};
use crate::request::{album_edit, album_id, ids};
use crate::secret::Secret;
use crate::wire::{AnswerOffer, LeaveAlbum, Say, Unsay, WishOf};
use crate::{ActivityId, AlbumId, AssetId, Change, DeviceId, LibraryError, PersonId, album};

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) struct Asker {
    pub person: PersonId,
    pub device: DeviceId,
}

/// Whether somebody is in any album here, or asked into one: what others ask is not
/// even written down.
pub(crate) fn is_any_member(conn: &Connection, person: PersonId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM member WHERE person = ?1")?
        .exists([person])?)
}

/// Does what somebody in an album asks, where they may.
///
/// # Errors
/// Why not, in a sentence for who asks.
pub(crate) fn decide(
    write: &Write<'_>,
    asker: Asker,
    secret: &Secret,
    wish: &WishOf,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    match wish {
        WishOf::AnswerOffer(wish) => answer_offer(write, asker, wish),
        WishOf::LeaveAlbum(wish) => leave(write, asker, wish),
        WishOf::Contribute(wish) => {
            let album = album_id(&wish.album)?;
            must_edit(conn, album, asker)?;
            contribution::take_in(write, asker, album, wish)
        }
        WishOf::RemoveFromAlbum(wish) => {
            let album = album_id(&wish.album)?;
            must_edit(conn, album, asker)?;
            if let Some(request) = &wish.withdraws {
                conn.prepare_cached(
                    "INSERT INTO decided (id, device, refusal, decided_at)
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                )?
                .execute((request, asker.device, TAKEN_BACK, write.now_ms))?;
            }
            contribution::take_out(write, asker, album, &ids(&wish.assets)?)
        }
        WishOf::EditAlbum(wish) => {
            let album = album_id(&wish.album)?;
            must_edit(conn, album, asker)?;
            album::edit_rows(write, album, &album_edit(wish)?)
        }
        WishOf::Say(wish) => say(write, asker, wish),
        WishOf::Unsay(wish) => unsay(write, asker, wish),
        WishOf::MakeLink(wish) => link::make(write, asker, secret, wish),
        WishOf::EndLink(wish) => link::end(write, asker, wish),
        WishOf::TakeOver(wish) => hand::give(write, asker, wish),
        WishOf::CannotLodge(wish) => lodge::cannot(write, asker, wish),
        WishOf::Invite(_)
        | WishOf::SetRole(_)
        | WishOf::Part(_)
        | WishOf::EditSharing(_)
        | WishOf::DeleteAlbum(_) => rule::decide(write, asker, wish),
        WishOf::EditAssets(_)
        | WishOf::Trash(_)
        | WishOf::Archive(_)
        | WishOf::AddToAlbum(_)
        | WishOf::AnswerPartner(_)
        | WishOf::PartnerDropped(_)
        | WishOf::KeepTwo(_)
        | WishOf::Moved(_)
        | WishOf::ServeLinks(_)
        | WishOf::TakeUpload(_)
        | WishOf::UploadTaken(_)
        | WishOf::WithdrawUpload(_)
        | WishOf::AddVisits(_)
        | WishOf::SayFor(_)
        | WishOf::UnsayFor(_)
        | WishOf::LetGo(_) => Err(LibraryError::wrong(
            "Only the owner's own machines may change that.",
        )),
    }
}

/// Fails with a sentence when somebody is not in an album, or not as an editor.
pub(super) fn must_edit(
    conn: &Connection,
    album: AlbumId,
    asker: Asker,
) -> Result<(), LibraryError> {
    match must_be_in(conn, album, asker)? {
        Role::Editor => Ok(()),
        Role::Viewer => Err(LibraryError::wrong(
            "You may look at this album; only its owner and its editors may change it.",
        )),
    }
}

fn must_be_in(conn: &Connection, album: AlbumId, asker: Asker) -> Result<Role, LibraryError> {
    role_in(conn, album, asker.person)?
        .ok_or_else(|| LibraryError::wrong("You are not in this album, or not any more."))
}

fn answer_offer(write: &Write<'_>, asker: Asker, wish: &AnswerOffer) -> Result<(), LibraryError> {
    let album = album_id(&wish.album)?;
    let (state, kind) = match wish.accept {
        true => ("joined", NoticeKind::Joined),
        false => ("declined", NoticeKind::Declined),
    };
    let changed = write
        .conn()
        .prepare_cached(
            "UPDATE member SET state = ?3, decided_at = ?4
              WHERE album = ?1 AND person = ?2 AND (state <> 'declined' OR ?3 = 'joined')",
        )?
        .execute((album, asker.person, state, write.now_ms))?;
    if changed == 0 {
        return Err(LibraryError::wrong(
            "You are not asked into this album any more.",
        ));
    }
    write.announce(Change::Album(album));
    note(write, kind, album, asker.person)
}

fn leave(write: &Write<'_>, asker: Asker, wish: &LeaveAlbum) -> Result<(), LibraryError> {
    let album = album_id(&wish.album)?;
    check_lives_here(write.conn(), album)?;
    note(write, NoticeKind::Left, album, asker.person)?;
    part(write, album, asker.person, wish.take)
}

fn say(write: &Write<'_>, asker: Asker, wish: &Say) -> Result<(), LibraryError> {
    let conn = write.conn();
    let album = album_id(&wish.album)?;
    must_be_in(conn, album, asker)?;
    let id = said_id(&wish.id)?;
    let asset = match &wish.asset {
        Some(asset) => ids(std::slice::from_ref(asset))?.first().copied(),
        None => None,
    };
    let text = wish.text.as_deref().map(words::text).transpose()?;
    let known: Option<(Option<PersonId>, Option<AlbumId>)> = conn
        .prepare_cached("SELECT person, album FROM activity WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match (known, text) {
        (None, text) => {
            let kept = activity::keep_of(write, album, (id, asset), text.as_deref(), asker.person)?;
            match kept {
                true => said::heard(write, album, id),
                false => Ok(()),
            }
        }
        (Some(known), Some(text)) if known == (Some(asker.person), Some(album)) => {
            activity::edit_text(write, id, &text)
        }
        (Some(known), None) if known == (Some(asker.person), Some(album)) => Ok(()),
        (Some(_), _) => Err(LibraryError::wrong(
            "Only who wrote a comment may change it.",
        )),
    }
}

fn unsay(write: &Write<'_>, asker: Asker, wish: &Unsay) -> Result<(), LibraryError> {
    let conn = write.conn();
    let album = album_id(&wish.album)?;
    must_be_in(conn, album, asker)?;
    let is_owner = rule::owns(conn, album, asker.person)?;
    for id in &wish.ids {
        let id = said_id(id)?;
        let person: Option<Option<PersonId>> = conn
            .prepare_cached("SELECT person FROM activity WHERE id = ?1 AND album = ?2")?
            .query_row((id, album), |row| row.get(0))
            .optional()?;
        match person {
            // What is gone is gone.
            None => {}
            Some(person) if is_owner || person == Some(asker.person) => {
                conn.prepare_cached("DELETE FROM activity WHERE id = ?1")?
                    .execute([id])?;
                write.announce(Change::Activity);
            }
            Some(_) => {
                return Err(LibraryError::wrong(
                    "Only who wrote a comment and the album's owner may delete it.",
                ));
            }
        }
    }
    Ok(())
}

fn said_id(id: &[u8]) -> Result<ActivityId, LibraryError> {
    id.try_into()
        .map(ActivityId::from_bytes)
        .map_err(|_| LibraryError::wrong("A comment is named that cannot be."))
}

/// Tells the album's owner that somebody put a photo there, or took it away.
pub(super) fn note_asset(
    write: &Write<'_>,
    kind: NoticeKind,
    album: AlbumId,
    asker: Asker,
    asset: AssetId,
) -> Result<(), LibraryError> {
    notice::note(write, kind, album, asker.person, Some(asset), "")
}
