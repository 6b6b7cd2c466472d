//! What a machine that serves the library's links is told of them.

use prost::Message;
use rusqlite::{Connection, OptionalExtension};

use crate::asset::find_any;
use crate::feed::shared_row;
use crate::kept::KeptWhat;
use crate::original::cut;
use crate::secret::Secret;
use crate::shelf::AT_HAND;
use crate::wire::{SaidRow, ServedLinkRow, ServedPhotoRow};
use crate::{AlbumOrder, AssetId, DeviceId, Download, LibraryError, LinkId, Uploads};

/// A link of the library's own that is not ended.
pub(crate) fn told_link(
    conn: &Connection,
    secret: &Secret,
    id: LinkId,
) -> Result<Option<Vec<u8>>, LibraryError> {
    let found = conn
        .prepare_cached(
            "SELECT link.key_sealed, link.name, link.guessable, album.title, link.description,
                    link.password_hash, link.password_version, link.expires_at, link.download,
                    link.show_metadata, link.people, link.seat_version, link.paused,
                    link.created_at, link.upload, link.auto_accept, link.upload_files,
                    link.upload_bytes, link.comments,
                    coalesce(album.sort_order, 'oldest') AS sort_order
               FROM link LEFT JOIN album ON album.id = link.album
              WHERE link.id = ?1 AND link.home = (SELECT device FROM library)
                AND link.revoked_at IS NULL",
        )?
        .query_row([id], |row| {
            let sealed: Vec<u8> = row.get(0)?;
            let (title, description): (Option<String>, String) = (row.get(3)?, row.get(4)?);
            let (download, upload): (String, String) = (row.get(8)?, row.get(14)?);
            let upload = Uploads::from_name(&upload).unwrap_or(Uploads::None);
            Ok(secret.unseal(&sealed).map(|key| {
                Ok::<_, rusqlite::Error>(ServedLinkRow {
                    key,
                    name: row.get(1)?,
                    guessable: row.get(2)?,
                    title: title.map(|title| cut(&title, 512).to_owned()),
                    description: cut(&description, 16 * 1024).to_owned(),
                    password_hash: row.get(5)?,
                    password_version: row.get(6)?,
                    expires_at: row.get(7)?,
                    download: Download::from_name(&download).map_or(0, Download::number),
                    show_metadata: row.get(9)?,
                    people: row.get(10)?,
                    seat_version: row.get(11)?,
                    paused: row.get(12)?,
                    created_at: row.get(13)?,
                    is_drop_box: upload == Uploads::Only,
                    upload: Some(upload.number()),
                    auto_accept: row.get(15)?,
                    upload_files: row.get(16)?,
                    upload_bytes: row.get(17)?,
                    comments: row.get(18)?,
                    order: AlbumOrder::of(row)?.number(),
                })
            }))
        })
        .optional()?
        .flatten();
    Ok(found.transpose()?.map(|row| row.encode_to_vec()))
}

/// A photo that some link shows.
pub(crate) fn told_asset(conn: &Connection, id: AssetId) -> Result<Option<Vec<u8>>, LibraryError> {
    match is_linked(conn, id)? {
        true => Ok(Some(shared_row(&find_any(conn, id)?).encode_to_vec())),
        false => Ok(None),
    }
}

/// A photo in a link, named by both.
pub(crate) fn told_photo(conn: &Connection, row: &[u8]) -> Result<Option<Vec<u8>>, LibraryError> {
    let Some((link, asset)) = row.split_at_checked(16) else {
        return Ok(None);
    };
    Ok(conn
        .prepare_cached("SELECT position FROM linked WHERE link = ?1 AND asset = ?2")?
        .query_row((link, asset), |row| {
            let position = row.get(0)?;
            Ok(ServedPhotoRow { position }.encode_to_vec())
        })
        .optional()?)
}

/// What was said of what a link shows, named by both.
pub(crate) fn told_said(conn: &Connection, row: &[u8]) -> Result<Option<Vec<u8>>, LibraryError> {
    let Some((link, said)) = row.split_at_checked(16) else {
        return Ok(None);
    };
    Ok(conn
        .prepare_cached(
            "SELECT activity.asset, iif(activity.kind = 'comment', activity.text, NULL),
                    activity.person, coalesce(person.name, activity.name), activity.made_at,
                    activity.edited_at, activity.mark
               FROM linked_said JOIN activity ON activity.id = linked_said.activity
                    LEFT JOIN person ON person.id = activity.person
              WHERE linked_said.link = ?1 AND linked_said.activity = ?2",
        )?
        .query_row((link, said), |row| {
            Ok(SaidRow {
                asset: row.get(0)?,
                text: row.get(1)?,
                person: row.get(2)?,
                name: cut(&row.get::<_, String>(3)?, 255).to_owned(),
                made_at: row.get(4)?,
                edited_at: row.get(5)?,
                mark: row.get(6)?,
            })
        })
        .optional()?
        .map(|row| row.encode_to_vec()))
}

/// Whether a machine that serves the library's links may have these bytes.
pub(crate) fn may_have(
    conn: &Connection,
    device: DeviceId,
    asset: AssetId,
    what: KeptWhat,
) -> Result<bool, LibraryError> {
    Ok(!matches!(what, KeptWhat::Part(_))
        && super::serves(conn, device)?
        && (is_linked(conn, asset)? || is_handed_on(conn, asset)?))
}

/// Whether others are shown a photo, whose mirror that machine is.
fn is_handed_on(conn: &Connection, id: AssetId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM album_asset
                              JOIN album ON album.id = album_asset.album AND album.owner IS NULL
                              JOIN member ON member.album = album.id AND member.state = 'joined'
                              JOIN asset ON asset.id = album_asset.asset
                             WHERE album_asset.asset = ?1 AND {AT_HAND})
                 OR EXISTS (SELECT 1 FROM partner_sees WHERE asset = ?1)"
        ))?
        .query_row([id], |row| row.get(0))?)
}

fn is_linked(conn: &Connection, id: AssetId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM linked WHERE asset = ?1)")?
        .query_row([id], |row| row.get(0))?)
}
