//! What becomes here of what others ask: of one's own machines nearly all is done, of
//! other people what `share` and `partner` let them.

use prost::Message;
use rusqlite::OptionalExtension;

use super::edit::{album_edit, asset_edit};
use super::{album_id, ids};
use crate::catalog::Write;
use crate::edit::edit_one;
use crate::peer::Guest;
use crate::share::{self, Asker};
use crate::wire::{Wish, WishOf};
use crate::{
    AlbumId, AssetId, DeviceId, LibraryError, RequestId, album, hosting, moving, parcel, partner,
    safe, shelf, trash,
};

impl Guest {
    /// Decides what a peer asks, does it where it may, and answers with why not. The
    /// same id again gets the same answer, and nothing is done twice.
    ///
    /// # Errors
    /// When the peer is not known any more, or the catalog cannot be written: then
    /// nothing is decided.
    pub fn ask(&self, id: RequestId, wish: &[u8]) -> Result<Option<String>, LibraryError> {
        let (guest, wish) = (self.clone(), read(wish));
        let is_moved = matches!(wish, Ok(WishOf::Moved(_)));
        let is_promise = matches!(wish, Ok(WishOf::KeepTwo(_)));
        let is_hosting = matches!(wish, Ok(WishOf::ServeLinks(_)));
        let upload = match &wish {
            Ok(WishOf::UploadTaken(wish)) => Some(wish.id.clone()),
            Ok(WishOf::WithdrawUpload(wish)) => Some(wish.id.clone()),
            _ => None,
        };
        let (refusal, gone) = self.library.catalog.write(move |write| {
            let conn = write.conn();
            guest.check(conn)?;
            let may_ask = guest.is_own()
                || share::is_any_member(conn, guest.person())?
                || partner::is_any(conn, guest.person())?
                || hosting::is_between(conn, guest.device())?;
            if !may_ask {
                // Nothing is written down of it.
                let why = "You are not in an album here, or not any more; nothing was changed.";
                return Ok((Some(why.to_owned()), Vec::new()));
            }
            let before: Option<(DeviceId, Option<String>)> = conn
                .prepare_cached("SELECT device, refusal FROM decided WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((device, refusal)) = before {
                return match device == guest.device() {
                    true => Ok((refusal, Vec::new())),
                    false => Err(LibraryError::NotShared),
                };
            }
            if !is_moved && moving::is_leaving(conn)? {
                return Err(LibraryError::wrong(
                    "This library is moving to another machine, which will answer.",
                ));
            }
            conn.execute_batch("SAVEPOINT wish")?;
            let mut gone = Vec::new();
            let refusal = match wish.and_then(|wish| decide(write, &guest, &wish, &mut gone)) {
                Ok(()) => None,
                Err(error) if error.concerns_all() => return Err(error),
                Err(error) => {
                    write.recording.set(false);
                    conn.execute_batch("ROLLBACK TO wish")?;
                    Some(error.to_string())
                }
            };
            conn.execute_batch("RELEASE wish")?;
            conn.execute(
                "INSERT INTO decided (id, device, refusal, decided_at) VALUES (?1, ?2, ?3, ?4)",
                (id, guest.device(), &refusal, write.now_ms),
            )?;
            Ok((refusal, gone))
        })?;
        self.library.let_go_of(gone)?;
        if is_promise && refusal.is_none() {
            self.library.keep_promise()?;
        }
        if is_hosting && refusal.is_none() {
            self.library.take_leases()?;
            self.library.drop_all_unknown()?;
            self.library.keep_as_wanted(self.device())?;
        }
        if let Some(id) = upload {
            self.library.remove_passed(&id)?;
            self.library.remove_withdrawn(&id)?;
        }
        Ok(refusal)
    }
}

fn read(wish: &[u8]) -> Result<WishOf, LibraryError> {
    Wish::decode(wish)
        .map_err(|_| LibraryError::wrong("What is asked cannot be read."))?
        .of
        .ok_or_else(|| LibraryError::wrong("This Albumen does not know what is asked; update it."))
}

/// Does what is asked; copies of some photos may go with it.
fn decide(
    write: &Write<'_>,
    guest: &Guest,
    wish: &WishOf,
    gone: &mut Vec<(DeviceId, AssetId)>,
) -> Result<(), LibraryError> {
    let by = guest.device();
    match wish {
        WishOf::ServeLinks(wish) => {
            gone.extend(hosting::hear(write, by, wish)?);
            return Ok(());
        }
        WishOf::LetGo(wish) => {
            gone.extend(parcel::hear(write, by, wish)?);
            return Ok(());
        }
        WishOf::TakeUpload(wish) => return hosting::hear_upload(write, by, wish),
        WishOf::UploadTaken(wish) => return hosting::hear_taken(write, by, wish),
        WishOf::WithdrawUpload(wish) => return hosting::hear_withdrawn(write, by, wish),
        WishOf::AddVisits(wish) => return hosting::hear_visits(write, by, wish),
        WishOf::SayFor(wish) => return hosting::hear_said(write, by, wish),
        WishOf::UnsayFor(wish) => return hosting::hear_unsaid(write, by, wish),
        _ => {}
    }
    match guest.is_own() {
        true => apply(write, guest, wish),
        false => match wish {
            WishOf::AnswerPartner(wish) => partner::hear_answer(write, asker(guest), wish.accept),
            WishOf::PartnerDropped(_) => partner::hear_receipt(write, asker(guest)),
            wish => share::decide(write, asker(guest), &guest.library.secret, wish),
        },
    }
}

fn asker(guest: &Guest) -> Asker {
    Asker {
        person: guest.person(),
        device: guest.device(),
    }
}

fn apply(write: &Write<'_>, guest: &Guest, wish: &WishOf) -> Result<(), LibraryError> {
    match wish {
        WishOf::EditAssets(wish) => {
            let edit = asset_edit(wish)?;
            write.record_undo(&edit.told(wish.assets.len()))?;
            let ids = ids(&wish.assets)?;
            ids.iter().try_for_each(|id| edit_one(write, *id, &edit))
        }
        WishOf::Trash(wish) => {
            write.record_undo(&trash::told(wish.assets.len(), wish.on))?;
            trash::shift(write, &ids(&wish.assets)?, wish.on).map(|_| ())
        }
        WishOf::Archive(wish) => {
            write.record_undo(&shelf::told(wish.assets.len(), wish.on))?;
            shelf::shift(write, &ids(&wish.assets)?, wish.on).map(|_| ())
        }
        WishOf::EditAlbum(wish) if wish.make => {
            let title = wish.title.as_deref().unwrap_or_default();
            album::make(write, album_id(&wish.album)?, title)
        }
        WishOf::EditAlbum(wish) => {
            album::edit(write, own_album(write, &wish.album)?, &album_edit(wish)?)
        }
        WishOf::DeleteAlbum(wish) => album::delete(write, album_id(&wish.album)?),
        WishOf::AddToAlbum(wish) => {
            let album = own_album(write, &wish.album)?;
            album::add(write, album, &ids(&wish.assets)?).map(|_| ())
        }
        WishOf::RemoveFromAlbum(wish) => {
            let album = own_album(write, &wish.album)?;
            album::remove(write, album, &ids(&wish.assets)?).map(|_| ())
        }
        WishOf::KeepTwo(wish) => safe::promise(write, wish.on),
        WishOf::Moved(_) => moving::moved(write, guest.device()),
        // Of an album that is in both machines' hands: it lives here, or comes to.
        WishOf::Contribute(_)
        | WishOf::Say(_)
        | WishOf::Unsay(_)
        | WishOf::TakeOver(_)
        | WishOf::Invite(_)
        | WishOf::SetRole(_)
        | WishOf::Part(_)
        | WishOf::EditSharing(_)
        | WishOf::EndLink(_)
        | WishOf::CannotLodge(_) => share::decide(write, asker(guest), &guest.library.secret, wish),
        WishOf::ServeLinks(_)
        | WishOf::TakeUpload(_)
        | WishOf::UploadTaken(_)
        | WishOf::WithdrawUpload(_)
        | WishOf::AddVisits(_)
        | WishOf::SayFor(_)
        | WishOf::UnsayFor(_)
        | WishOf::LetGo(_)
        | WishOf::AnswerOffer(_)
        | WishOf::LeaveAlbum(_)
        | WishOf::MakeLink(_)
        | WishOf::AnswerPartner(_)
        | WishOf::PartnerDropped(_) => Err(LibraryError::wrong(
            "That is for other people to ask, not for one's own machines.",
        )),
    }
}

/// The album of this id: another person's is for its own home to change.
fn own_album(write: &Write<'_>, id: &[u8]) -> Result<AlbumId, LibraryError> {
    let album = album_id(id)?;
    share::check_own(write.conn(), album)?;
    Ok(album)
}
