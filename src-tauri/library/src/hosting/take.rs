//! What a home tells of its links, made links of this catalog: those whose home is
//! another machine. Nobody changes them here. A link that follows an album there is a
//! list of photos here, which its home keeps true.

use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::feed::Space;
use crate::link;
use crate::secret::Secret;
use crate::share::{Effects, Known, Told, known, let_go, upsert};
use crate::wire::{AssetRow, Row, RowKind, ServedLinkRow};
use crate::{
    AlbumOrder, AssetId, Change, DeviceId, Download, KeptWhat, Library, LibraryError, LinkId,
    Uploads, mirror, parcel,
};

/// Takes over a row; false for one that cannot be. Which photos a link shows is put
/// right by [`settle`], for its link or its photo may be told later.
pub(crate) fn take(
    write: &Write<'_>,
    secret: &Secret,
    home: DeviceId,
    row: &Row,
    effects: &mut Effects,
) -> Result<bool, LibraryError> {
    if !super::hosts(write.conn(), home)? {
        return Ok(row.body.is_none());
    }
    let id = row.row.first_chunk::<16>().copied().unwrap_or_default();
    match RowKind::of(row.kind) {
        Some(RowKind::Asset) => take_asset(write, home, AssetId::from_bytes(id), row, effects),
        Some(RowKind::ServedSaid) => super::said::take(write, home, row),
        Some(RowKind::ServedLink) => take_link(write, secret, home, LinkId::from_bytes(id), row),
        _ => Ok(true),
    }
}

fn take_asset(
    write: &Write<'_>,
    home: DeviceId,
    id: AssetId,
    row: &Row,
    effects: &mut Effects,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let Some(body) = &row.body else {
        conn.prepare_cached(
            "DELETE FROM link_asset WHERE asset = ?1
                AND link IN (SELECT id FROM link WHERE home = ?2)",
        )?
        .execute((id, home))?;
        if matches!(known(conn, id)?, Some(Known::Told(via, _)) if via == home) {
            effects.gone.extend(let_go(write, id)?);
        }
        return Ok(true);
    };
    let Ok(told) = AssetRow::read(body) else {
        return Ok(false);
    };
    if lodges(conn, home, id)? {
        return Ok(true);
    }
    // What this library or somebody else knows by this id is not told anew by this home.
    let is_free = match known(conn, id)? {
        None => true,
        Some(Known::Told(via, _)) => via == home,
        Some(Known::Own(_)) => false,
    };
    if !is_free {
        return Ok(false);
    }
    let origin = told.home.as_deref().and_then(|home| home.try_into().ok());
    let stale = upsert(
        write,
        &Told {
            id,
            via: home,
            home: origin.map_or(home, DeviceId::from_bytes),
            row: &told,
            in_timeline: false,
            partner: None,
        },
    )?;
    if stale {
        effects.stale.push((home, id));
    }
    Ok(true)
}

/// Photos of albums that live here for the person of the machine `?1`: known better here than
/// by what their links tell.
const LODGED: &str = "SELECT album_asset.asset FROM album_asset
     JOIN album ON album.id = album_asset.album AND album.owner IS NULL
     JOIN member ON member.album = album.id AND member.owns
     JOIN device ON device.person = member.person AND device.id = ?1";

fn lodges(conn: &Connection, home: DeviceId, id: AssetId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(&format!("{LODGED} WHERE album_asset.asset = ?2"))?
        .exists((home, id))?)
}

fn take_link(
    write: &Write<'_>,
    secret: &Secret,
    home: DeviceId,
    id: LinkId,
    row: &Row,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let Some(body) = &row.body else {
        super::visits::tell(write, home)?;
        conn.prepare_cached("DELETE FROM link WHERE id = ?1 AND home = ?2")?
            .execute((id, home))?;
        write.announce(Change::Link(id));
        return Ok(true);
    };
    let Ok(told) = ServedLinkRow::read(body) else {
        return Ok(false);
    };
    let key_hash = secret.lookup(&told.key);
    let other: Option<DeviceId> = conn
        .prepare_cached("SELECT home FROM link WHERE id = ?1 OR key_hash = ?2 AND id <> ?1")?
        .query_row((id, key_hash), |row| row.get(0))
        .optional()?;
    if other.is_some_and(|other| other != home) {
        return Ok(false);
    }
    // One readable name is one link's; whoever came later goes by its key alone.
    let name = told.name.filter(|name| {
        link::check_free(conn, name, id).is_ok() && (told.password_hash.is_some() || told.guessable)
    });
    // Of a program to whose links visitors send nothing here.
    let paused = told.paused || told.is_drop_box && told.upload.is_none();
    let download = Download::of_number(told.download);
    let upload = Uploads::of_number(told.upload.unwrap_or(0));
    conn.prepare_cached(
        "INSERT INTO link (id, home, key_hash, key_sealed, name, guessable, title, description,
             password_hash, password_version, expires_at, download, show_metadata, people,
             seat_version, paused, upload, auto_accept, upload_files, upload_bytes, comments,
             created_at, sort_order)
         VALUES (:id, :home, :key_hash, :key_sealed, :name, :guessable, :title, :description,
             :password_hash, :password_version, :expires_at, :download, :show_metadata, :people,
             :seat_version, :paused, :upload, :auto_accept, :upload_files, :upload_bytes,
             :comments, :created_at, :sort_order)
         ON CONFLICT (id) DO UPDATE SET
             generation = generation + ((key_hash, name, password_version, expires_at, download,
                 show_metadata, people, seat_version, paused, upload, auto_accept, upload_files,
                 upload_bytes, comments) IS NOT
                 (excluded.key_hash, excluded.name, excluded.password_version,
                 excluded.expires_at, excluded.download, excluded.show_metadata, excluded.people,
                 excluded.seat_version, excluded.paused, excluded.upload,
                 excluded.auto_accept, excluded.upload_files, excluded.upload_bytes,
                 excluded.comments)),
             seats = iif(seat_version = excluded.seat_version, seats, 0),
             key_hash = excluded.key_hash, key_sealed = excluded.key_sealed,
             name = excluded.name, guessable = excluded.guessable, title = excluded.title,
             description = excluded.description, password_hash = excluded.password_hash,
             password_version = excluded.password_version, expires_at = excluded.expires_at,
             download = excluded.download, show_metadata = excluded.show_metadata,
             people = excluded.people, seat_version = excluded.seat_version,
             paused = excluded.paused, upload = excluded.upload,
             auto_accept = excluded.auto_accept, upload_files = excluded.upload_files,
             upload_bytes = excluded.upload_bytes, comments = excluded.comments,
             sort_order = excluded.sort_order",
    )?
    .execute(rusqlite::named_params! {
        ":id": id,
        ":home": home,
        ":key_hash": key_hash,
        ":key_sealed": secret.seal(&told.key)?,
        ":name": name,
        ":guessable": told.guessable,
        ":title": told.title,
        ":description": told.description,
        ":password_hash": told.password_hash,
        ":password_version": told.password_version,
        ":expires_at": told.expires_at,
        ":download": download.name(),
        ":show_metadata": told.show_metadata,
        ":people": told.people,
        ":seat_version": told.seat_version,
        ":paused": paused,
        ":upload": upload.name(),
        ":auto_accept": told.auto_accept,
        ":upload_files": told.upload_files,
        ":upload_bytes": told.upload_bytes,
        ":comments": told.comments,
        ":created_at": told.created_at,
        ":sort_order": AlbumOrder::of_number(told.order).name(),
    })?;
    write.announce(Change::Link(id));
    Ok(true)
}

/// Puts right which photos the links of a home show, once all is told that there is now.
pub(crate) fn settle(write: &Write<'_>, home: DeviceId) -> Result<(), LibraryError> {
    let conn = write.conn();
    let removed = conn
        .prepare_cached(
            "DELETE FROM link_asset WHERE link IN (SELECT id FROM link WHERE home = ?1)
                AND NOT EXISTS (SELECT 1 FROM replica WHERE replica.home = ?1
                    AND space = 'links' AND kind = 13
                    AND row = CAST(link_asset.link || link_asset.asset AS BLOB))",
        )?
        .execute([home])?;
    let put = conn
        .prepare_cached(&format!(
            "INSERT INTO link_asset (link, asset, position)
             SELECT link.id, asset.id, replica.sorted_at
               FROM replica JOIN link ON link.id = substr(replica.row, 1, 16) AND link.home = ?1
                    JOIN asset ON asset.id = substr(replica.row, 17)
                         AND (asset.via = ?1 OR asset.id IN ({LODGED}))
              WHERE replica.home = ?1 AND replica.space = 'links' AND replica.kind = 13
             ON CONFLICT (link, asset) DO UPDATE SET position = excluded.position
              WHERE position <> excluded.position"
        ))?
        .execute([home])?;
    if removed + put > 0 {
        write.announce(Change::Everything);
    }
    super::said::settle(write, home)
}

/// Serves a home's links no more; answers with the photos that are not shown now.
pub(super) fn end_links(
    write: &Write<'_>,
    home: DeviceId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let conn = write.conn();
    super::visits::tell(write, home)?;
    let shown: Vec<AssetId> = conn
        .prepare_cached("SELECT row FROM replica WHERE home = ?1 AND space = 'links' AND kind = 1")?
        .query_map([home], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    conn.execute("DELETE FROM link WHERE home = ?1", [home])?;
    for table in ["replica", "cursor"] {
        conn.execute(
            &format!("DELETE FROM {table} WHERE home = ?1 AND space = ?2"),
            (home, Space::Links.name()),
        )?;
    }
    let mut gone = Vec::new();
    for id in shown {
        if matches!(known(conn, id)?, Some(Known::Told(via, _)) if via == home) {
            gone.extend(let_go(write, id)?);
        }
    }
    let handed_on = mirror::drop_home(write, home)?;
    gone.extend(handed_on.into_iter().map(|id| (home, id)));
    gone.extend(parcel::drop_home(conn, home)?);
    write.announce(Change::Everything);
    Ok(gone)
}

/// As [`end_links`], and never again unless it is allowed anew.
pub(super) fn end(
    write: &Write<'_>,
    home: DeviceId,
) -> Result<Vec<(DeviceId, AssetId)>, LibraryError> {
    let gone = end_links(write, home)?;
    write
        .conn()
        .execute("DELETE FROM hosting WHERE home = ?1", [home])?;
    Ok(gone)
}

impl Library {
    /// Photos that links show which are served here for another machine, or that are handed
    /// on for it, and that lack a copy here: pictures first, newest first.
    pub fn lacking_of_links(
        &self,
        home: DeviceId,
        limit: usize,
    ) -> Result<Vec<(AssetId, KeptWhat)>, LibraryError> {
        self.catalog.read(|conn| {
            let Some(keep) = super::kept_of_links(conn, home)? else {
                return Ok(Vec::new());
            };
            let mut lacking = Vec::new();
            for what in KeptWhat::EACH {
                if !what.is_in(keep) {
                    continue;
                }
                let some: Vec<AssetId> = conn
                    .prepare_cached(&format!(
                        "SELECT asset.id FROM replica JOIN asset ON asset.id = replica.row
                          WHERE replica.home = ?1 AND replica.space = 'links' AND replica.kind = 1
                            AND asset.via = ?1 AND {}
                            AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.home = ?1
                                              AND kept.asset = asset.id AND kept.what = ?2)
                          ORDER BY asset.sorted_at DESC LIMIT ?3",
                        what.there_is()
                    ))?
                    .query_map(
                        (home, what.name(), limit.saturating_sub(lacking.len())),
                        |row| row.get(0),
                    )?
                    .collect::<Result<_, _>>()?;
                let room = limit.saturating_sub(lacking.len() + some.len());
                let handed_on = mirror::lacking(conn, home, what, room)?;
                for asset in some.into_iter().chain(handed_on) {
                    if !lacking.contains(&(asset, what)) {
                        lacking.push((asset, what));
                    }
                }
            }
            Ok(lacking)
        })
    }
}

/// Whether an asset is shown by a link that is served here for another machine.
pub(crate) fn is_hosted(conn: &Connection, id: AssetId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM link_asset JOIN link ON link.id = link_asset.link
              WHERE link_asset.asset = ?1 AND link.home <> (SELECT device FROM library)",
        )?
        .exists([id])?)
}
