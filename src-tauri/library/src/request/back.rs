//! The way back of what is asked of another machine of one's own: what to ask of it for
//! its photos to be as they are now.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{bytes, ids, waiting};
use crate::remote::row_of;
use crate::wire::{AssetRow, EditAssets, Spot, Switch, Taken, WishOf};
use crate::{AssetId, DeviceId, LibraryError};

/// What to ask of a home to undo this.
pub(super) fn way_back(
    conn: &Connection,
    home: DeviceId,
    wish: &WishOf,
) -> Result<Vec<WishOf>, LibraryError> {
    let flipped = |wish: &Switch| Switch {
        on: !wish.on,
        ..wish.clone()
    };
    Ok(match wish {
        WishOf::Trash(wish) => vec![WishOf::Trash(flipped(wish))],
        WishOf::Archive(wish) => vec![WishOf::Archive(flipped(wish))],
        WishOf::EditAssets(wish) => {
            let waiting = waiting(conn, home)?;
            let mut alike: BTreeMap<Vec<u8>, (EditAssets, Vec<AssetId>)> = BTreeMap::new();
            for id in ids(&wish.assets)? {
                if let Some(row) = row_of(conn, home, id, &waiting)? {
                    let back = unedited(wish, row);
                    let key = prost::Message::encode_to_vec(&back);
                    let (_, ids) = alike.entry(key).or_insert((back, Vec::new()));
                    ids.push(id);
                }
            }
            let all = alike.into_values().map(|(back, ids)| EditAssets {
                assets: bytes(&ids),
                ..back
            });
            all.map(WishOf::EditAssets).collect()
        }
        _ => Vec::new(),
    })
}

/// What makes a photo again what it is, once it was edited so.
fn unedited(wish: &EditAssets, row: AssetRow) -> EditAssets {
    let is_tagged = |tag: &&String| row.tags.contains(tag);
    EditAssets {
        assets: Vec::new(),
        favorite: wish.favorite.map(|_| row.favorite),
        rating: wish.rating.map(|_| row.rating.unwrap_or(0)),
        title: wish.title.as_ref().map(|_| row.title.unwrap_or_default()),
        description: wish
            .description
            .as_ref()
            .map(|_| row.description.unwrap_or_default()),
        // A time that nobody knew before is not taken away again.
        taken: wish.taken.and(row.taken_local).map(|local| Taken {
            local,
            offset: row.taken_offset,
        }),
        shift_ms: wish.shift_ms.map(|by| -by),
        spot: wish.spot.map(|_| Spot {
            latitude: row.latitude,
            longitude: row.longitude,
        }),
        add_tags: wish.remove_tags.iter().filter(is_tagged).cloned().collect(),
        remove_tags: wish
            .add_tags
            .iter()
            .filter(|tag| !is_tagged(tag))
            .cloned()
            .collect(),
        turn: (4 - wish.turn % 4) % 4,
    }
}
