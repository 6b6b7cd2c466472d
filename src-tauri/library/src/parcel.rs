//! Photos that go with an errand: what a member puts into an album whose home is away.
//! The home's mirror takes the errand, and fetches the bytes of those photos from the
//! member's machine, too (here: `take` to `lacking_parcels`), so that they are there when
//! that sleeps again. The home, once it has taken the photos in, fetches them from that
//! machine (`note_carrier`), and says when it has them. Until then they are one's whom
//! they are for, and nobody is shown them at the mirror.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};

use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::kept::{forget_outdated, want_anew};
use crate::original::remove_if_there;
use crate::peer::Guest;
use crate::request::{album_id, bytes, enqueue, ids};
use crate::share::{ASKED_FOR, TAKEN_BACK, is_adopted};
use crate::wire::{AlbumAssets, AssetRow, Contribute, LetGo, Wish, WishOf};
use crate::{
    AlbumId, AssetId, Change, DeviceId, KeptWhat, Library, LibraryError, RequestId, hosting,
    make_private_folder, mirror,
};

/// How many photos are said to be there at once.
const AT_ONCE: usize = 1_000;

/// What of photos of others was to be fetched, each as whose it is.
type Lacking = Vec<(DeviceId, AssetId, KeptWhat)>;

/// Notes what goes with an errand that a machine leaves here: the photos that its person
/// may put into an album of that home, as this said last. Answers with what goes no more.
pub(crate) fn take(
    write: &Write<'_>,
    guest: &Guest,
    (home, errand): (DeviceId, RequestId),
    wish: &[u8],
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let conn = write.conn();
    if !hosting::hosts(conn, home)? {
        return Ok(Vec::new());
    }
    match Wish::decode(wish).ok().and_then(|wish| wish.of) {
        Some(WishOf::Contribute(wish)) => {
            let Ok(album) = album_id(&wish.album) else {
                return Ok(Vec::new());
            };
            if mirror::is_editor(conn, home, album, guest.person())? {
                put(write, guest, (home, album), errand, &wish)?;
            }
            Ok(Vec::new())
        }
        Some(WishOf::RemoveFromAlbum(AlbumAssets {
            withdraws: Some(request),
            ..
        })) => {
            // It is not even handed on.
            conn.prepare_cached(
                "UPDATE errand SET decided_at = ?3, refusal = ?4, wish = x''
                  WHERE id = ?1 AND asker = ?2 AND decided_at IS NULL",
            )?
            .execute((&request, guest.device(), write.now_ms, TAKEN_BACK))?;
            drop_some(
                conn,
                "errand = ?1 AND home = ?2 AND device = ?3",
                (request, home, guest.device()),
            )
        }
        Some(WishOf::RemoveFromAlbum(wish)) => match (album_id(&wish.album), ids(&wish.assets)) {
            (Ok(album), Ok(assets)) => drop_photos(conn, home, guest.device(), &assets, album),
            _ => Ok(Vec::new()),
        },
        _ => Ok(Vec::new()),
    }
}

/// Puts photos to an errand. Of one that is there already it is kept how it is told now;
/// what is only told anew is not put there for that.
fn put(
    write: &Write<'_>,
    guest: &Guest,
    (home, album): (DeviceId, AlbumId),
    errand: RequestId,
    wish: &Contribute,
) -> Result<(), LibraryError> {
    let (conn, device) = (write.conn(), guest.device());
    for told in &wish.assets {
        let (Ok([id]), Some(row)) = (
            <[AssetId; 1]>::try_from(ids(std::slice::from_ref(&told.id))?),
            told.row.clone(),
        ) else {
            continue;
        };
        let Ok(row) = row.checked() else {
            continue;
        };
        let body = row.encode_to_vec();
        if let Some(before) = photo(conn, device, id)? {
            forget_outdated(conn, (device, id), &before, &row)?;
            conn.prepare_cached("UPDATE parcel SET row = ?3 WHERE device = ?1 AND asset = ?2")?
                .execute((device, id, &body))?;
        }
        if !wish.anew {
            conn.prepare_cached(
                "INSERT INTO parcel (home, device, asset, album, errand, row)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (device, asset, home, album) DO UPDATE SET errand = excluded.errand",
            )?
            .execute((home, device, id, album, errand, &body))?;
            want_anew(conn, device, Some(id))?;
        }
    }
    write.announce(Change::Contributions(device));
    Ok(())
}

/// Takes photos from what goes with errands; answers with them.
fn drop_some(
    conn: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "DELETE FROM parcel WHERE {which} RETURNING device, asset"
        ))?
        .query_map(params, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?)
}

/// The same of a machine's for an album.
fn drop_photos(
    conn: &Connection,
    home: DeviceId,
    device: DeviceId,
    assets: &[AssetId],
    album: AlbumId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let mut gone = Vec::new();
    for asset in assets {
        gone.extend(drop_some(
            conn,
            "home = ?1 AND device = ?2 AND asset = ?3 AND album = ?4",
            (home, device, asset, album),
        )?);
    }
    Ok(gone)
}

/// Nothing goes with an errand that was refused; answers with what did.
pub(crate) fn refused(
    conn: &Connection,
    errand: RequestId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    drop_some(conn, "errand = ?1", [errand])
}

/// Nothing is held for a home any more; answers with what was.
pub(crate) fn drop_home(
    conn: &Connection,
    home: DeviceId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    drop_some(conn, "home = ?1", [home])
}

/// Nothing goes with errands of long ago, which nobody has heard; answers with what did.
pub(crate) fn drop_before(
    conn: &Connection,
    before: i64,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    drop_some(
        conn,
        "errand IN (SELECT id FROM errand WHERE made_at < ?1)",
        [before],
    )
}

/// Hears from a home that photos of a member's machine need not be held for it any more:
/// those that it has decided on. Answers with them.
pub(crate) fn hear(
    write: &Write<'_>,
    home: DeviceId,
    wish: &LetGo,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let mut gone = Vec::new();
    for asset in ids(&wish.assets)? {
        gone.extend(drop_some(
            write.conn(),
            "home = ?1 AND device = ?2 AND asset = ?3 AND EXISTS (
                 SELECT 1 FROM errand WHERE errand.id = parcel.errand AND decided_at IS NOT NULL)",
            (home, &wish.device, asset),
        )?);
    }
    write.announce(Change::Outbox);
    Ok(gone)
}

/// What a member's machine told of a photo that goes with an errand.
pub(crate) fn photo(
    conn: &Connection,
    device: DeviceId,
    id: AssetId,
) -> Result<Option<AssetRow>, LibraryError> {
    let row: Option<Vec<u8>> = conn
        .prepare_cached("SELECT row FROM parcel WHERE device = ?1 AND asset = ?2 LIMIT 1")?
        .query_row((device, id), |row| row.get(0))
        .optional()?;
    Ok(row.and_then(|row| AssetRow::read(&row).ok()))
}

/// Whether a photo of a member's machine is here with an errand.
pub(crate) fn is_held(
    conn: &Connection,
    device: DeviceId,
    id: AssetId,
) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM parcel WHERE device = ?1 AND asset = ?2")?
        .exists((device, id))?)
}

/// Whether this of a photo of a member's machine goes to that home.
pub(crate) fn is_for(
    conn: &Connection,
    home: DeviceId,
    (device, id, what): (DeviceId, AssetId, KeptWhat),
) -> Result<bool, LibraryError> {
    Ok(each().any(|each| each == what)
        && conn
            .prepare_cached("SELECT 1 FROM parcel WHERE device = ?1 AND asset = ?2 AND home = ?3")?
            .exists((device, id, home))?)
}

/// What of a photo goes with an errand: the home makes films itself.
fn each() -> impl Iterator<Item = KeptWhat> {
    KeptWhat::EACH
        .into_iter()
        .filter(|what| *what != KeptWhat::Film)
}

/// Notes at the home that a machine carries the bytes of what it brought word of.
pub(crate) fn note_carrier(
    write: &Write<'_>,
    carrier: DeviceId,
    via: DeviceId,
    wish: &[u8],
) -> Result<(), LibraryError> {
    let Some(WishOf::Contribute(wish)) = Wish::decode(wish).ok().and_then(|wish| wish.of) else {
        return Ok(());
    };
    let mut note = write.conn().prepare_cached(
        "INSERT INTO carrier (device, via, asset) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    for told in wish.assets.iter().filter(|told| told.id.len() == 16) {
        note.execute((carrier, via, &told.id))?;
    }
    write.announce(Change::Contributions(carrier));
    Ok(())
}

impl Library {
    /// Holds nothing for a home any more.
    pub(crate) fn drop_parcels(&self, home: DeviceId) -> Result<(), LibraryError> {
        let gone = self
            .catalog
            .write(move |write| drop_home(write.conn(), home))?;
        self.let_go_of(gone)
    }

    /// What of photos that go with errands of a machine is not here yet, pictures first.
    pub fn lacking_parcels(
        &self,
        device: DeviceId,
        limit: usize,
    ) -> Result<Vec<(AssetId, KeptWhat)>, LibraryError> {
        self.catalog.read(|conn| {
            let mut lacking = Vec::new();
            for what in each() {
                // One that came into an album here is a file of the library's own.
                let mut found = conn.prepare_cached(&format!(
                    "SELECT asset, row FROM parcel
                      WHERE device = ?1 AND NOT {}
                        AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = ?1
                                           AND kept.asset = parcel.asset AND kept.what = ?2)
                      GROUP BY asset ORDER BY asset DESC",
                    is_adopted("parcel.asset")
                ))?;
                let mut rows = found.query((device, what.name()))?;
                while let Some(row) = rows.next()? {
                    if lacking.len() >= limit {
                        return Ok(lacking);
                    }
                    let told = AssetRow::read(&row.get::<_, Vec<u8>>(1)?);
                    if told.is_ok_and(|told| what.is_told(&told)) {
                        lacking.push((row.get(0)?, what));
                    }
                }
            }
            Ok(lacking)
        })
    }

    /// A copy of an original that a home tells of, where it came here for that with an
    /// errand before; false where it did not.
    pub fn keep_of_parcel(
        &self,
        home: DeviceId,
        asset: AssetId,
        hash: [u8; 32],
    ) -> Result<bool, LibraryError> {
        let device: Option<DeviceId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT kept.home FROM parcel
                       JOIN kept ON kept.home = parcel.device AND kept.asset = parcel.asset
                      WHERE parcel.home = ?1 AND parcel.asset = ?2 AND kept.what = 'original'
                        AND kept.hash = ?3",
                )?
                .query_row((home, asset, hash), |row| row.get(0))
                .optional()?)
        })?;
        let Some(device) = device else {
            return Ok(false);
        };
        make_private_folder(&self.kept_of(home))?;
        let part = self.kept_path(home, asset, KeptWhat::Original);
        let part = part.with_extension("part");
        remove_if_there(&part)?;
        let from = self.kept_path(device, asset, KeptWhat::Original);
        // Some disks have no hard links; what is at the store alone comes from its home.
        if fs::hard_link(&from, &part).is_err() && fs::copy(&from, &part).is_err() {
            remove_if_there(&part)?;
            return Ok(false);
        }
        let file = File::options().read(true).write(true).open(&part)?;
        self.finish_arriving(home, asset, KeptWhat::Original, &file, hash)?;
        Ok(true)
    }

    /// What of photos that came with errands is still with the machine that carried those.
    pub fn lacking_carried(
        &self,
        carrier: DeviceId,
        limit: usize,
    ) -> Result<Lacking, LibraryError> {
        self.catalog.read(|conn| carried(conn, carrier, limit))
    }

    /// Says to a machine which carried photos what it need not hold any more: what is here,
    /// or is asked for no more.
    ///
    /// # Errors
    /// When the catalog cannot be read or written.
    pub fn settle_carried(&self, carrier: DeviceId) -> Result<(), LibraryError> {
        let is_waiting = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT 1 FROM carrier WHERE device = ?1")?
                .exists([carrier])?)
        })?;
        if !is_waiting {
            return Ok(());
        }
        self.catalog.write(move |write| {
            let conn = write.conn();
            let lacking: HashSet<(DeviceId, AssetId)> = carried(conn, carrier, usize::MAX)?
                .into_iter()
                .map(|(via, id, _)| (via, id))
                .collect();
            let all: Vec<(DeviceId, AssetId)> = conn
                .prepare_cached("SELECT via, asset FROM carrier WHERE device = ?1")?
                .query_map([carrier], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let mut there: BTreeMap<DeviceId, Vec<AssetId>> = BTreeMap::new();
            for (via, id) in all {
                if !lacking.contains(&(via, id)) {
                    there.entry(via).or_default().push(id);
                }
            }
            for (via, assets) in there {
                for some in assets.chunks(AT_ONCE) {
                    let wish = WishOf::LetGo(LetGo {
                        device: via.bytes().to_vec(),
                        assets: bytes(some),
                    });
                    enqueue(write, carrier, wish, String::new())?;
                }
                let mut gone = conn.prepare_cached(
                    "DELETE FROM carrier WHERE device = ?1 AND via = ?2 AND asset = ?3",
                )?;
                for asset in assets {
                    gone.execute((carrier, via, asset))?;
                }
            }
            Ok(())
        })
    }
}

/// Of albums that live here, what is lacking of the photos that a machine carried.
fn carried(conn: &Connection, carrier: DeviceId, limit: usize) -> Result<Lacking, LibraryError> {
    let mut lacking = Vec::new();
    for what in each() {
        let rest = limit.saturating_sub(lacking.len());
        let some: Lacking = conn
            .prepare_cached(&format!(
                "SELECT asset.via, asset.id
                   FROM carrier JOIN asset ON asset.id = carrier.asset AND asset.via = carrier.via
                  WHERE carrier.device = ?1 AND {ASKED_FOR} AND {}
                    AND EXISTS (SELECT 1 FROM device WHERE device.id = carrier.via)
                  ORDER BY sorted_at DESC LIMIT ?4",
                what.there_is()
            ))?
            .query_map(
                (
                    carrier,
                    what.name(),
                    what.is_picture(),
                    i64::try_from(rest).unwrap_or(i64::MAX),
                ),
                |row| Ok((row.get(0)?, row.get(1)?, what)),
            )?
            .collect::<Result<_, _>>()?;
        lacking.extend(some);
    }
    Ok(lacking)
}
