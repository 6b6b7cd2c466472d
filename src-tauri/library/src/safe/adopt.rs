//! What is left of a machine that is lost for good: photos of it that are kept here
//! become this library's own, with what was said of them and the albums they were in.

use std::collections::HashMap;

use rusqlite::OptionalExtension;

use crate::catalog::Write;
use crate::import::hash_of;
use crate::kept::KeptWhat;
use crate::wire::{AlbumRow, RowKind};
use crate::{AlbumId, AlbumOrder, AssetId, Change, DeviceId, Library, LibraryError, Progress};

/// What became of a lost machine's photos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Photos and videos that are this library's own now, or were already.
    pub photos: u64,
    /// Those whose original is not here: they are lost, or on another machine.
    pub lacking: u64,
    /// Albums.
    pub albums: u64,
    /// It was stopped before its end.
    pub cancelled: bool,
}

impl Library {
    /// Makes what is kept here of one of one's own machines this library's own; for one
    /// that is lost for good. It can be begun again after a stop, and then goes on. The
    /// machine stays known until it is removed.
    ///
    /// # Errors
    /// For a machine that is not one's own.
    pub fn adopt_machine(
        &self,
        home: DeviceId,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Adopted, LibraryError> {
        if !self.peer(home)?.is_own {
            return Err(LibraryError::wrong(
                "Only what one's own machines had can be taken over.",
            ));
        }
        let all: Vec<AssetId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT row FROM replica
                      WHERE home = ?1 AND space = 'library' AND kind = ?2 ORDER BY sorted_at, row",
                )?
                .query_map((home, RowKind::Asset as u32), |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        let mut progress = Progress {
            found: all.len() as u64,
            ..Progress::default()
        };
        let mut adopted = Adopted::default();
        let mut own: HashMap<AssetId, AssetId> = HashMap::new();
        for id in all {
            match self.adopt_photo(home, id) {
                Ok(Some(copy)) => {
                    own.insert(id, copy);
                    adopted.photos += 1;
                }
                Err(error) if error.concerns_all() => return Err(error),
                // One that cannot be read keeps none of the others back.
                Ok(None) | Err(_) => adopted.lacking += 1,
            }
            progress.done += 1;
            if !watch(&progress) {
                adopted.cancelled = true;
                return Ok(adopted);
            }
        }
        adopted.albums = self.adopt_albums(home, own)?;
        Ok(adopted)
    }

    /// A photo whose bytes are here, and are what they were, becomes one's own; `None`
    /// for any other.
    fn adopt_photo(&self, home: DeviceId, id: AssetId) -> Result<Option<AssetId>, LibraryError> {
        let remote = self.remote_asset(home, id)?.asset;
        let Some(mut file) = self.open_kept(home, id, KeptWhat::Original)? else {
            return Ok(None);
        };
        if hash_of(&mut file)? != remote.hash {
            return Ok(None);
        }
        let own = self.copy_in(&mut file, &remote, remote.shelf)?;
        match self.take_parts(own, (home, id), remote.shelf) {
            Err(error) if error.concerns_all() => Err(error),
            // A live part that cannot be read keeps no photo back.
            _ => Ok(Some(own)),
        }
    }

    fn adopt_albums(
        &self,
        home: DeviceId,
        own: HashMap<AssetId, AssetId>,
    ) -> Result<u64, LibraryError> {
        self.catalog.write(move |write| {
            let albums: Vec<(AlbumId, Vec<u8>)> = write
                .conn()
                .prepare_cached(
                    "SELECT row, body FROM replica
                      WHERE home = ?1 AND space = 'library' AND kind = ?2 ORDER BY row",
                )?
                .query_map((home, RowKind::Album as u32), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<Result<_, _>>()?;
            let mut adopted = 0;
            for (album, body) in albums {
                if let Ok(told) = AlbumRow::read(&body)
                    && adopt_album(write, home, album, &told, &own)?
                {
                    adopted += 1;
                }
            }
            Ok(adopted)
        })
    }
}

/// An album keeps its id, so that taking over again makes no second one. False for one of
/// whose photos none is here.
fn adopt_album(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    told: &AlbumRow,
    own: &HashMap<AssetId, AssetId>,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let rows: Vec<Vec<u8>> = conn
        .prepare_cached(
            "SELECT row FROM replica
              WHERE home = ?1 AND space = 'library' AND kind = ?2 AND substr(row, 1, 16) = ?3",
        )?
        .query_map((home, RowKind::AlbumAsset as u32, album), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let put: Vec<AssetId> = rows
        .iter()
        .filter_map(|row| row.get(16..)?.try_into().ok())
        .filter_map(|id| own.get(&AssetId::from_bytes(id)).copied())
        .collect();
    if put.is_empty() {
        return Ok(false);
    }
    conn.prepare_cached(
        "INSERT INTO album (id, home, title, description, created_at, sort_order)
         SELECT ?1, device, ?2, ?3, ?4, ?5 FROM library WHERE true ON CONFLICT (id) DO NOTHING",
    )?
    .execute((
        album,
        &told.title,
        &told.description,
        told.created_at,
        AlbumOrder::of_number(told.order).name(),
    ))?;
    for copy in put {
        conn.prepare_cached(
            "INSERT INTO album_asset (album, asset, added_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute((album, copy, write.now_ms))?;
    }
    let cover = told.cover.as_deref().and_then(|id| id.try_into().ok());
    let cover = cover.map(AssetId::from_bytes).and_then(|id| own.get(&id));
    if let Some(cover) = cover {
        let is_there: Option<i64> = conn
            .prepare_cached("SELECT 1 FROM album_asset WHERE album = ?1 AND asset = ?2")?
            .query_row((album, cover), |row| row.get(0))
            .optional()?;
        if is_there.is_some() {
            conn.prepare_cached("UPDATE album SET cover = ?2 WHERE id = ?1 AND cover IS NULL")?
                .execute((album, cover))?;
        }
    }
    write.announce(Change::Album(album));
    Ok(true)
}
