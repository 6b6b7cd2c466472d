//! The owner's word on what visitors sent: taken into the library and the link's album,
//! or not wanted.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension};

use super::{InboxUpload, Offer, unknown};
use crate::catalog::Write;
use crate::edit::{AssetEdit, PlaceEdit, edit_one};
use crate::import::find_twin;
use crate::original::remove_if_there;
use crate::undo::photos;
use crate::{
    AlbumId, AssetId, Change, Library, LibraryError, LinkId, Progress, Shelf, UploadId, album,
    link, trash,
};

/// What became of what was accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Files that are photos of the library now, new or not.
    pub accepted: u64,
    /// How many of them the library had before.
    pub known: u64,
    /// Their assets, as far as they may be seen.
    pub assets: Vec<AssetId>,
    /// What could not be taken in, and why; it stays in the inbox.
    pub failures: Vec<(UploadId, String)>,
}

/// An upload that is decided on.
struct Chosen {
    id: UploadId,
    link: LinkId,
    name: String,
    visitor_name: String,
    hash: [u8; 32],
    /// What became of it before the decision was undone.
    asset: Option<AssetId>,
    fresh: bool,
}

impl Library {
    /// Takes these into the library, and into what their link shows. `fill` takes what
    /// is offered for a missing time or place.
    ///
    /// # Errors
    /// For an id that does not wait; what is wrong with a file is in the answer.
    pub fn accept(
        &self,
        ids: &[UploadId],
        fill: bool,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<Accepted, LibraryError> {
        let _one_at_a_time = self.deciding.lock();
        let chosen = self.chosen(ids)?;
        let offers: HashMap<UploadId, Offer> = match fill {
            true => self.offered()?,
            false => HashMap::new(),
        };
        let missing = chosen.iter().filter(|one| one.asset.is_none());
        let names: HashMap<PathBuf, String> = missing
            .map(|one| (self.upload_path(one.id), one.name.clone()))
            .collect();
        let report = match names.is_empty() {
            true => crate::Report::default(),
            false => self.take_from_inbox(names, Shelf::Timeline, watch)?,
        };
        let new: HashSet<AssetId> = report.assets.iter().copied().collect();
        let why: HashMap<&PathBuf, &str> = report
            .failures
            .iter()
            .map(|failure| (&failure.path, failure.message.as_str()))
            .collect();
        let mut accepted = Accepted::default();
        let mut taken = Vec::new();
        for mut one in chosen {
            if one.asset.is_none() {
                let twin = self.catalog.read(|conn| find_twin(conn, &one.hash))?;
                one.asset = twin.map(|(asset, _)| asset);
                // Of two files of the same bytes, one is new.
                one.fresh = one.asset.is_some_and(|asset| new.contains(&asset))
                    && taken.iter().all(|other: &Chosen| other.asset != one.asset);
            }
            let path = self.upload_path(one.id);
            match (why.get(&path), one.asset) {
                (None, Some(_)) => taken.push(one),
                (Some(sentence), _) => accepted.failures.push((one.id, (*sentence).to_owned())),
                (None, None) => accepted.failures.push((
                    one.id,
                    "It was not taken in, for that was stopped; accept it again.".to_owned(),
                )),
            }
        }
        let done: Vec<UploadId> = taken.iter().map(|one| one.id).collect();
        accepted.accepted = taken.len() as u64;
        accepted.known = taken.iter().filter(|one| !one.fresh).count() as u64;
        if !taken.is_empty() {
            accepted.assets = self.catalog.write(move |write| {
                write.record_undo(&format!("{} taken in from the inbox", photos(taken.len())))?;
                let mut assets = Vec::new();
                for one in taken {
                    assets.extend(settle(write, &one, offers.get(&one.id))?);
                }
                write.announce(Change::Inbox);
                Ok(assets)
            })?;
        }
        for id in done {
            remove_if_there(&self.upload_path(id))?;
        }
        Ok(accepted)
    }

    /// Wants none of these; for seven days that can be undone, then they are gone.
    ///
    /// # Errors
    /// For an id that does not wait; then nothing is changed.
    pub fn reject(&self, ids: &[UploadId]) -> Result<(), LibraryError> {
        let _one_at_a_time = self.deciding.lock();
        let chosen = self.chosen(ids)?;
        self.catalog.write(move |write| {
            write.record_undo(&format!("{} rejected", photos(chosen.len())))?;
            for one in chosen {
                write
                    .conn()
                    .prepare_cached(
                        "UPDATE upload SET state = 'rejected', decided_at = ?2 WHERE id = ?1",
                    )?
                    .execute((one.id, write.now_ms))?;
            }
            write.announce(Change::Inbox);
            Ok(())
        })
    }

    fn chosen(&self, ids: &[UploadId]) -> Result<Vec<Chosen>, LibraryError> {
        self.catalog.read(|conn| {
            let mut once = HashSet::new();
            let ids = ids.iter().filter(|id| once.insert(**id));
            ids.map(|id| find(conn, *id)).collect()
        })
    }

    fn offered(&self) -> Result<HashMap<UploadId, Offer>, LibraryError> {
        let groups = self.inbox(None)?;
        let uploads = groups.into_iter().flat_map(|group| group.uploads);
        Ok(uploads
            .map(|InboxUpload { id, offer, .. }| (id, offer))
            .collect())
    }
}

fn find(conn: &Connection, id: UploadId) -> Result<Chosen, LibraryError> {
    conn.prepare_cached(
        "SELECT id, link, name, visitor_name, hash, asset, fresh FROM upload
          WHERE id = ?1 AND state = 'waiting' AND home IS NULL AND hash IS NOT NULL",
    )?
    .query_row([id], |row| {
        Ok(Chosen {
            id: row.get("id")?,
            link: row.get("link")?,
            name: row.get("name")?,
            visitor_name: row.get("visitor_name")?,
            hash: row.get("hash")?,
            asset: row.get("asset")?,
            fresh: row.get("fresh")?,
        })
    })
    .optional()?
    .ok_or_else(|| unknown(id))
}

/// Puts what came of an upload where it belongs; answers with it where it may be seen.
fn settle(
    write: &Write<'_>,
    one: &Chosen,
    offer: Option<&Offer>,
) -> Result<Option<AssetId>, LibraryError> {
    let conn = write.conn();
    let Some(asset) = one.asset else {
        return Ok(None);
    };
    conn.prepare_cached(
        "UPDATE upload SET state = 'accepted', decided_at = ?2, asset = ?3, fresh = ?4
          WHERE id = ?1",
    )?
    .execute((one.id, write.now_ms, asset, one.fresh))?;
    // What is locked stays where it is, and nobody is told.
    if crate::asset::check_known(conn, asset).is_err() || crate::asset::find(conn, asset)?.is_locked
    {
        return Ok(None);
    }
    trash::put(write, asset, false)?;
    if one.fresh && !one.visitor_name.is_empty() {
        conn.prepare_cached("UPDATE asset SET contributor = ?2 WHERE id = ?1")?
            .execute((asset, &one.visitor_name))?;
    }
    if let Some(offer) = offer.filter(|_| one.fresh) {
        let edit = AssetEdit {
            taken_at: offer.taken_at,
            place: offer.place.as_ref().map(|place| PlaceEdit::At {
                latitude: place.latitude,
                longitude: place.longitude,
            }),
            ..AssetEdit::default()
        };
        edit_one(write, asset, &edit)?;
    }
    let followed: Option<Option<AlbumId>> = conn
        .prepare_cached("SELECT album FROM link WHERE id = ?1")?
        .query_row([one.link], |row| row.get(0))
        .optional()?;
    match followed {
        Some(Some(followed)) => {
            album::insert(write, followed, asset)?;
        }
        Some(None) => {
            link::show(conn, one.link, &[asset])?;
            write.announce(Change::Link(one.link));
        }
        None => {}
    }
    write.announce(Change::Asset(asset));
    Ok(Some(asset))
}
