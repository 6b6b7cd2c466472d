//! What a home will show once it has done what waits for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::wire::{AlbumRow, AssetRow, EditAssets, WishOf};
use crate::{AlbumId, AssetId, place};

/// An album of another home, and what is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    pub row: AlbumRow,
    pub assets: BTreeSet<AssetId>,
    /// Whether something asked of its home waits.
    pub waits: bool,
}

/// Shows an asset as it will be once its home has done this; false when the wish is
/// not about it. A turn is not shown before: the picture comes from its home, too.
pub(crate) fn foresee(wish: &WishOf, asset: AssetId, row: &mut AssetRow) -> bool {
    if !touched(wish).any(|id| id == asset) {
        return false;
    }
    match wish {
        WishOf::EditAssets(wish) => edit(wish, row),
        WishOf::Trash(wish) => row.trashed = wish.on,
        WishOf::Archive(wish) => row.archived = wish.on,
        _ => {}
    }
    true
}

/// The assets that a wish is about.
pub(crate) fn touched(wish: &WishOf) -> impl Iterator<Item = AssetId> {
    let ids: &[Vec<u8>] = match wish {
        WishOf::EditAssets(wish) => &wish.assets,
        WishOf::Trash(wish) | WishOf::Archive(wish) => &wish.assets,
        WishOf::AddToAlbum(wish) | WishOf::RemoveFromAlbum(wish) => &wish.assets,
        _ => &[],
    };
    ids.iter()
        .filter_map(|id| id.as_slice().try_into().ok().map(AssetId::from_bytes))
}

fn edit(wish: &EditAssets, row: &mut AssetRow) {
    let text = |new: &Option<String>, old: &mut Option<String>| {
        if let Some(new) = new {
            *old = Some(new.clone()).filter(|text| !text.is_empty());
        }
    };
    row.favorite = wish.favorite.unwrap_or(row.favorite);
    row.rating = wish.rating.or(row.rating);
    text(&wish.title, &mut row.title);
    text(&wish.description, &mut row.description);
    if let Some(taken) = wish.taken {
        row.taken_local = Some(taken.local);
        row.taken_offset = taken.offset;
        row.sorted_at = taken.local;
    }
    if let (Some(by), Some(local)) = (wish.shift_ms, row.taken_local) {
        let local = local.saturating_add(by);
        row.taken_local = Some(local);
        row.sorted_at = local;
    }
    if let Some(spot) = wish.spot {
        let at = spot.latitude.zip(spot.longitude);
        (row.latitude, row.longitude) = at.unzip();
        row.altitude = None;
        row.place = at.map(|(north, east)| place::name(north, east).unwrap_or_default());
    }
    row.tags.retain(|tag| !wish.remove_tags.contains(tag));
    for tag in &wish.add_tags {
        if !row.tags.contains(tag) {
            row.tags.push(tag.clone());
        }
    }
}

/// Shows a home's albums as they will be once it has done what waits for it.
pub(crate) fn foresee_albums(waiting: &[WishOf], albums: &mut BTreeMap<AlbumId, Held>) {
    for wish in waiting {
        let album = match wish {
            WishOf::EditAlbum(wish) => &wish.album,
            WishOf::DeleteAlbum(wish) => &wish.album,
            WishOf::AddToAlbum(wish) | WishOf::RemoveFromAlbum(wish) => &wish.album,
            _ => continue,
        };
        let Ok(album) = album.as_slice().try_into().map(AlbumId::from_bytes) else {
            continue;
        };
        if let WishOf::DeleteAlbum(_) = wish {
            albums.remove(&album);
            continue;
        }
        if let WishOf::EditAlbum(wish) = wish
            && wish.make
        {
            let row = AlbumRow {
                created_at: album.made_at(),
                ..AlbumRow::default()
            };
            let made = Held {
                row,
                ..Held::default()
            };
            albums.entry(album).or_insert(made);
        }
        if let Some(held) = albums.get_mut(&album) {
            shift(wish, held);
            held.waits = true;
        }
    }
}

fn shift(wish: &WishOf, held: &mut Held) {
    match wish {
        WishOf::EditAlbum(wish) => {
            if let Some(title) = &wish.title {
                held.row.title.clone_from(title);
            }
            if let Some(description) = &wish.description {
                held.row.description.clone_from(description);
            }
            if let Some(cover) = &wish.cover {
                held.row.cover = Some(cover.clone());
            }
            held.row.order = wish.order.unwrap_or(held.row.order);
        }
        WishOf::AddToAlbum(_) => held.assets.extend(touched(wish)),
        WishOf::RemoveFromAlbum(_) => {
            for asset in touched(wish) {
                held.assets.remove(&asset);
            }
        }
        _ => {}
    }
}
