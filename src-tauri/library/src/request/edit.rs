//! Edits on their way to another home, and as they arrive there.

use media::Turn;

use super::{bytes, ids};
use crate::edit::{AssetEdit, PlaceEdit};
use crate::wire::{EditAlbum, EditAssets, Spot, Taken};
use crate::{AlbumEdit, AlbumId, AlbumOrder, AssetId, LibraryError, TakenAt};

/// Edits of photos, to be sent.
pub(crate) fn wish_of(assets: &[AssetId], edit: AssetEdit) -> EditAssets {
    EditAssets {
        assets: bytes(assets),
        favorite: edit.favorite,
        rating: edit.rating.map(u32::from),
        title: edit.title,
        description: edit.description,
        taken: edit.taken_at.map(|taken| Taken {
            local: taken.local_ms,
            offset: taken.offset_minutes.map(i32::from),
        }),
        shift_ms: edit.shift_ms,
        spot: edit.place.map(|place| match place {
            PlaceEdit::Nowhere => Spot::default(),
            PlaceEdit::At {
                latitude,
                longitude,
            } => Spot {
                latitude: Some(latitude),
                longitude: Some(longitude),
            },
        }),
        add_tags: edit.add_tags,
        remove_tags: edit.remove_tags,
        turn: u32::from(edit.turn.quarters()),
    }
}

/// Edits of photos that are asked for, where they can be.
pub(super) fn asset_edit(wish: &EditAssets) -> Result<AssetEdit, LibraryError> {
    AssetEdit {
        favorite: wish.favorite,
        rating: wish
            .rating
            .map(|stars| u8::try_from(stars).unwrap_or(u8::MAX)),
        title: wish.title.clone(),
        description: wish.description.clone(),
        taken_at: wish.taken.map(taken_at).transpose()?,
        shift_ms: wish.shift_ms,
        place: wish.spot.map(place).transpose()?,
        add_tags: wish.add_tags.clone(),
        remove_tags: wish.remove_tags.clone(),
        turn: Turn::of_quarters(wish.turn.into()),
    }
    .checked()
}

fn taken_at(taken: Taken) -> Result<TakenAt, LibraryError> {
    let offset = match taken.offset {
        None => Some(None),
        Some(east) if east.abs() <= 24 * 60 => i16::try_from(east).ok().map(Some),
        Some(_) => None,
    };
    match offset {
        Some(offset_minutes) if taken.local.unsigned_abs() < 1 << 50 => Ok(TakenAt {
            local_ms: taken.local,
            offset_minutes,
        }),
        _ => Err(LibraryError::wrong("A time is named that cannot be.")),
    }
}

fn place(spot: Spot) -> Result<PlaceEdit, LibraryError> {
    match (spot.latitude, spot.longitude) {
        (None, None) => Ok(PlaceEdit::Nowhere),
        (Some(latitude), Some(longitude)) => Ok(PlaceEdit::At {
            latitude,
            longitude,
        }),
        _ => Err(LibraryError::wrong("A place is named that cannot be.")),
    }
}

/// Edits of an album, to be sent.
pub(crate) fn wish_of_album(album: AlbumId, edit: AlbumEdit) -> EditAlbum {
    EditAlbum {
        album: album.bytes().to_vec(),
        title: edit.title,
        description: edit.description,
        cover: edit.cover.map(|cover| cover.bytes().to_vec()),
        make: false,
        order: edit.order.map(AlbumOrder::number),
    }
}

/// Edits of an album that are asked for, where they can be.
pub(crate) fn album_edit(wish: &EditAlbum) -> Result<AlbumEdit, LibraryError> {
    let cover = match &wish.cover {
        Some(cover) => ids(std::slice::from_ref(cover))?.first().copied(),
        None => None,
    };
    AlbumEdit {
        title: wish.title.clone(),
        description: wish.description.clone(),
        cover,
        order: wish.order.map(AlbumOrder::of_number),
    }
    .checked()
}
