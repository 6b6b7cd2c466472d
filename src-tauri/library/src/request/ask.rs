//! What the owner asks of another machine of their own. All of it waits in the outbox
//! until that machine has answered.

use super::edit::{wish_of, wish_of_album};
use super::{bytes, enqueue};
use crate::undo::photos;
use crate::wire::{AlbumAssets, DeleteAlbum, EditAlbum, Switch, WishOf};
use crate::{AlbumEdit, AlbumId, AssetEdit, AssetId, DeviceId, Library, LibraryError, RequestId};

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
        let way = match on {
            true => "moved to the trash",
            false => "taken back from the trash",
        };
        let told = format!("{} {way}", photos(assets.len()));
        self.ask(home, WishOf::Trash(switch(assets, on)), told)
    }

    /// Asks another home to move photos of its own to its archive, or back.
    pub fn ask_archive(
        &self,
        home: DeviceId,
        assets: &[AssetId],
        on: bool,
    ) -> Result<RequestId, LibraryError> {
        let way = match on {
            true => "archived",
            false => "brought back into the timeline",
        };
        let told = format!("{} {way}", photos(assets.len()));
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

fn switch(assets: &[AssetId], on: bool) -> Switch {
    Switch {
        assets: bytes(assets),
        on,
    }
}

fn of_album(album: AlbumId, assets: &[AssetId]) -> AlbumAssets {
    AlbumAssets {
        album: album.bytes().to_vec(),
        assets: bytes(assets),
    }
}
