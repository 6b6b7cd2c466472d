//! What the owner asks of another machine of their own. All of it waits in the outbox
//! until that machine has answered.

use std::collections::BTreeMap;

use prost::Message;

use super::back::way_back;
use super::edit::{wish_of, wish_of_album};
use super::{bytes, enqueue};
use crate::catalog::Write;
use crate::undo::photos;
use crate::wire::{AlbumAssets, DeleteAlbum, EditAlbum, Switch, Wish, WishOf};
use crate::{
    AlbumEdit, AlbumId, AssetEdit, AssetId, DeviceId, Library, LibraryError, RequestId, remote,
    shelf, trash,
};

/// Photos that one request is about; more of them are several.
const MOST_AT_ONCE: usize = 10_000;

impl Library {
    /// Asks another home to edit photos of its own.
    pub fn ask_edit(
        &self,
        home: DeviceId,
        assets: &[AssetId],
        edit: AssetEdit,
    ) -> Result<RequestId, LibraryError> {
        let edit = edit.checked()?;
        let told = edit.told(assets.len());
        self.ask(home, WishOf::EditAssets(wish_of(assets, edit)), told)
    }

    /// Asks another home to move photos of its own to its trash, or back.
    pub fn ask_trash(
        &self,
        home: DeviceId,
        assets: &[AssetId],
        on: bool,
    ) -> Result<RequestId, LibraryError> {
        let told = trash::told(assets.len(), on);
        self.ask(home, WishOf::Trash(switch(assets, on)), told)
    }

    /// Asks another home to move photos of its own to its archive, or back.
    pub fn ask_archive(
        &self,
        home: DeviceId,
        assets: &[AssetId],
        on: bool,
    ) -> Result<RequestId, LibraryError> {
        let told = shelf::told(assets.len(), on);
        self.ask(home, WishOf::Archive(switch(assets, on)), told)
    }

    /// Asks another home to make an album; answers with the id that it will have.
    pub fn ask_new_album(
        &self,
        home: DeviceId,
        title: &str,
    ) -> Result<(AlbumId, RequestId), LibraryError> {
        let edit = AlbumEdit {
            title: Some(title.to_owned()),
            ..AlbumEdit::default()
        }
        .checked()?;
        let told = format!(
            "the album «{}» made",
            edit.title.as_deref().unwrap_or_default()
        );
        let album = AlbumId::new(self.clock.now_ms());
        let wish = EditAlbum {
            make: true,
            ..wish_of_album(album, edit)
        };
        Ok((album, self.ask(home, WishOf::EditAlbum(wish), told)?))
    }

    /// Asks another home to edit an album of its own.
    pub fn ask_edit_album(
        &self,
        home: DeviceId,
        album: AlbumId,
        edit: AlbumEdit,
    ) -> Result<RequestId, LibraryError> {
        let title = self.remote_title(home, album)?;
        let wish = wish_of_album(album, edit.checked()?);
        let told = format!("the album «{title}» edited");
        self.ask(home, WishOf::EditAlbum(wish), told)
    }

    /// Asks another home to delete an album of its own; the photos stay.
    pub fn ask_delete_album(
        &self,
        home: DeviceId,
        album: AlbumId,
    ) -> Result<RequestId, LibraryError> {
        let title = self.remote_title(home, album)?;
        let wish = DeleteAlbum {
            album: album.bytes().to_vec(),
        };
        let told = format!("the album «{title}» deleted");
        self.ask(home, WishOf::DeleteAlbum(wish), told)
    }

    /// Asks another home to put photos of its own into an album of its own.
    pub fn ask_add_to_album(
        &self,
        home: DeviceId,
        album: AlbumId,
        assets: &[AssetId],
    ) -> Result<RequestId, LibraryError> {
        let title = self.remote_title(home, album)?;
        let told = format!("{} added to «{title}»", photos(assets.len()));
        self.ask(home, WishOf::AddToAlbum(of_album(album, assets)), told)
    }

    /// Asks another home to take photos out of an album of its own; they stay in its
    /// library.
    pub fn ask_remove_from_album(
        &self,
        home: DeviceId,
        album: AlbumId,
        assets: &[AssetId],
    ) -> Result<RequestId, LibraryError> {
        let title = self.remote_title(home, album)?;
        let told = format!("{} taken out of «{title}»", photos(assets.len()));
        self.ask(home, WishOf::RemoveFromAlbum(of_album(album, assets)), told)
    }

    fn ask(&self, home: DeviceId, of: WishOf, told: String) -> Result<RequestId, LibraryError> {
        self.peer(home)?;
        self.catalog
            .write(move |write| enqueue(write, home, of, told))
    }
}

/// Does something to photos where each of them is, as one command that can be undone:
/// `here` at once, and at other machines of one's own by asking; undoing it asks those
/// for the way back. Answers with what `here` did, and which were asked for.
pub(crate) fn do_at_home<T>(
    write: &Write<'_>,
    assets: &[AssetId],
    told: impl Fn(usize) -> String,
    wish: impl Fn(&[AssetId]) -> WishOf,
    here: impl FnOnce(&[AssetId]) -> Result<T, LibraryError>,
) -> Result<(T, BTreeMap<DeviceId, Vec<AssetId>>), LibraryError> {
    write.record_undo(&told(assets.len()))?;
    let split = remote::split(write.conn(), assets)?;
    let done = here(&split.here)?;
    for (home, ids) in &split.away {
        for some in ids.chunks(MOST_AT_ONCE) {
            let (wish, told) = (wish(some), told(some.len()));
            for back in way_back(write.conn(), *home, &wish)? {
                undo_by_asking(write, *home, back, &format!("{told}: undone"))?;
            }
            enqueue(write, *home, wish, told)?;
        }
    }
    Ok((done, split.away))
}

/// The command that is recorded is undone by asking a home for this, too.
fn undo_by_asking(
    write: &Write<'_>,
    home: DeviceId,
    of: WishOf,
    told: &str,
) -> Result<(), LibraryError> {
    let wish = Wish { of: Some(of) }.encode_to_vec();
    let sql: String = write
        .conn()
        .prepare_cached(
            "SELECT printf('INSERT INTO outbox (id, home, wish, told, made_at)
                            SELECT %s, device, %s, %s,
                                   max(CAST(unixepoch(''subsec'') * 1000 AS INTEGER),
                                       coalesce((SELECT max(made_at) + 1 FROM outbox
                                                  WHERE outbox.home = peer.device), 0))
                              FROM peer WHERE device = %s',
                           quote(?1), quote(?2), quote(?3), quote(?4))",
        )?
        .query_row((RequestId::new(write.now_ms), wish, told, home), |row| {
            row.get(0)
        })?;
    write.undo_by(&sql)
}

pub(crate) fn switch(assets: &[AssetId], on: bool) -> Switch {
    Switch {
        assets: bytes(assets),
        on,
    }
}

fn of_album(album: AlbumId, assets: &[AssetId]) -> AlbumAssets {
    AlbumAssets {
        album: album.bytes().to_vec(),
        assets: bytes(assets),
        withdraws: None,
    }
}
