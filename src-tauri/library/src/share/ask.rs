//! What a member asks of an album's home, shown at once and marked as waiting; and
//! what becomes of it here once the home has answered.

use rusqlite::OptionalExtension;

use super::take::{Effects, take};
use super::{Role, hand, lodge, role_of, rule};
use crate::asset::{check_own, find_any};
use crate::catalog::Write;
use crate::feed::{Space, shared_row};
use crate::notice::{self, NoticeKind};
use crate::request::{album_id, bytes, enqueue, ids, wish_of_album};
use crate::undo::photos;
use crate::wire::{
    AlbumAssets, Contribute, Contributed, EditSharing, Invite, Part, Row, RowKind, Say, SetRole,
    Unsay, UploadTaken, WishOf,
};
use crate::{
    ActivityId, AlbumEdit, AlbumId, AssetId, Change, DeviceId, LibraryError, PersonId, RequestId,
    Shelf, Shift, hosting,
};

/// Photos told of in one request.
const AT_ONCE: usize = 200;

/// Fails with a sentence when one may only look at an album.
fn must_edit(write: &Write<'_>, album: AlbumId) -> Result<String, LibraryError> {
    let (title, role) = write
        .conn()
        .prepare_cached("SELECT title, role FROM album WHERE id = ?1")?
        .query_row([album], |row| {
            Ok((row.get::<_, String>(0)?, role_of(row, "role")?))
        })?;
    match role {
        Some(Role::Editor) => Ok(title),
        _ => Err(LibraryError::wrong(format!(
            "You may look at «{title}»; only its owner and its editors may change it."
        ))),
    }
}

/// Puts the library's own photos into another's album.
pub(crate) fn add(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    assets: &[AssetId],
) -> Result<Shift, LibraryError> {
    let title = must_edit(write, album)?;
    let conn = write.conn();
    let mut shift = Shift::default();
    for asset in assets {
        check_own(conn, *asset)?;
        let found = find_any(conn, *asset)?;
        if matches!(found.shelf, Shelf::Trash | Shelf::Locked) {
            return Err(LibraryError::wrong(format!(
                "«{}» is locked or in the trash; take it out of there first.",
                found.name
            )));
        }
        let added = conn
            .prepare_cached(
                "INSERT INTO album_asset (album, asset, added_at, person, waits, given)
                 VALUES (?1, ?2, ?3, (SELECT person FROM library), 1, 1)
                 ON CONFLICT (album, asset) DO UPDATE SET given = 1, waits = 1 WHERE given = 0",
            )?
            .execute((album, asset, write.now_ms))?;
        shift.note(*asset, added > 0);
    }
    for some in shift.changed.chunks(AT_ONCE) {
        let told = format!("{} added to «{title}»", photos(some.len()));
        enqueue(write, home, contribute(write, album, some, false)?, told)?;
    }
    write.announce(Change::Album(album));
    Ok(shift)
}

fn contribute(
    write: &Write<'_>,
    album: AlbumId,
    assets: &[AssetId],
    anew: bool,
) -> Result<WishOf, LibraryError> {
    let conn = write.conn();
    let assets = assets
        .iter()
        .map(|id| {
            Ok(Contributed {
                id: id.bytes().to_vec(),
                row: Some(shared_row(&find_any(conn, *id)?)),
            })
        })
        .collect::<Result<_, LibraryError>>()?;
    Ok(WishOf::Contribute(Contribute {
        album: album.bytes().to_vec(),
        assets,
        anew,
    }))
}

/// Others' albums into which a photo of the library's own was put here: that another's
/// album names it says nothing.
fn albums_of(write: &Write<'_>, asset: AssetId) -> Result<Vec<(AlbumId, DeviceId)>, LibraryError> {
    Ok(write
        .conn()
        .prepare_cached(
            "SELECT album.id, album.home FROM album_asset
               JOIN album ON album.id = album_asset.album
               JOIN asset ON asset.id = album_asset.asset
              WHERE album_asset.asset = ?1 AND album.owner IS NOT NULL AND asset.via IS NULL
                AND album_asset.given",
        )?
        .query_map([asset], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?)
}

/// Tells the albums of others that hold a photo what is new of it.
pub(crate) fn tell_anew(write: &Write<'_>, asset: AssetId) -> Result<(), LibraryError> {
    for (album, home) in albums_of(write, asset)? {
        let wish = contribute(write, album, &[asset], true)?;
        enqueue(write, home, wish, "1 photo told anew".to_owned())?;
    }
    Ok(())
}

/// Takes a photo that its owner deletes or locks out of the albums of others.
pub(crate) fn withdraw(write: &Write<'_>, asset: AssetId) -> Result<(), LibraryError> {
    for (album, home) in albums_of(write, asset)? {
        take_out(write, home, album, &[asset])?;
    }
    Ok(())
}

/// Takes one's own photos out of another's album, and anybody's out of one's own that
/// lives elsewhere.
pub(crate) fn remove(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    assets: &[AssetId],
) -> Result<Shift, LibraryError> {
    must_edit(write, album)?;
    let mut shift = Shift::default();
    for asset in assets {
        let mine: Option<bool> = write
            .conn()
            .prepare_cached(
                "SELECT album.owns OR person IS (SELECT person FROM library)
                   FROM album_asset JOIN album ON album.id = album_asset.album
                  WHERE album = ?1 AND asset = ?2",
            )?
            .query_row((album, asset), |row| row.get(0))
            .optional()?;
        if mine == Some(false) {
            return Err(LibraryError::wrong(
                "Only who put a photo there and the album's owner may take it out.",
            ));
        }
        shift.note(*asset, mine.is_some());
    }
    take_out(write, home, album, &shift.changed)?;
    Ok(shift)
}

fn take_out(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    assets: &[AssetId],
) -> Result<(), LibraryError> {
    let conn = write.conn();
    for some in assets.chunks(AT_ONCE) {
        for asset in some {
            conn.prepare_cached("DELETE FROM album_asset WHERE album = ?1 AND asset = ?2")?
                .execute((album, asset))?;
        }
        let wish = WishOf::RemoveFromAlbum(AlbumAssets {
            album: album.bytes().to_vec(),
            assets: bytes(some),
            withdraws: None,
        });
        let told = format!("{} taken out of an album", photos(some.len()));
        enqueue(write, home, wish, told)?;
    }
    write.announce(Change::Album(album));
    Ok(())
}

/// Edits the words of another's album.
pub(crate) fn edit(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    edit: &AlbumEdit,
) -> Result<(), LibraryError> {
    let title = must_edit(write, album)?;
    crate::album::edit_rows(write, album, edit)?;
    let wish = WishOf::EditAlbum(wish_of_album(album, edit.clone()));
    enqueue(write, home, wish, format!("the album «{title}» edited"))?;
    Ok(())
}

/// Says something in another's album.
pub(crate) fn say(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    (id, asset): (ActivityId, Option<AssetId>),
    text: Option<&str>,
) -> Result<(), LibraryError> {
    let told = match text {
        Some(_) => "a comment written",
        None => "a like given",
    };
    let wish = WishOf::Say(Say {
        album: album.bytes().to_vec(),
        id: id.bytes().to_vec(),
        asset: asset.map(|asset| asset.bytes().to_vec()),
        text: text.map(str::to_owned),
    });
    enqueue(write, home, wish, told.to_owned()).map(|_| ())
}

/// Asks to delete what one said in another's album.
pub(crate) fn unsay(
    write: &Write<'_>,
    home: DeviceId,
    album: AlbumId,
    id: ActivityId,
) -> Result<(), LibraryError> {
    let wish = WishOf::Unsay(Unsay {
        album: album.bytes().to_vec(),
        ids: vec![id.bytes().to_vec()],
    });
    enqueue(write, home, wish, "a comment or a like deleted".to_owned()).map(|_| ())
}

/// What becomes of a request that was taken back.
pub(crate) const TAKEN_BACK: &str = "It was taken back; nothing was changed.";

/// What was taken back may be on its way with another machine, and its bytes, too: so its home
/// hears that it is not to be done, or takes the photos out again.
pub(crate) fn take_back(
    write: &Write<'_>,
    home: DeviceId,
    id: RequestId,
    wish: &WishOf,
) -> Result<(), LibraryError> {
    let WishOf::Contribute(wish) = wish else {
        return Ok(());
    };
    let space = Space::Album(album_id(&wish.album)?);
    let mut is_told = write.conn().prepare_cached(
        "SELECT 1 FROM replica WHERE home = ?1 AND space = ?2 AND kind = 1 AND row = ?3",
    )?;
    let mut out = Vec::new();
    for told in wish.assets.iter().filter(|_| !wish.anew) {
        // One that was in the album before stays there.
        match is_told.exists((home, space.name(), &told.id))? {
            true => show_again(write, home, space, RowKind::Asset, &told.id)?,
            false => out.push(told.id.clone()),
        }
    }
    let wish = WishOf::RemoveFromAlbum(AlbumAssets {
        album: wish.album.clone(),
        assets: out,
        withdraws: Some(id.bytes().to_vec()),
    });
    enqueue(write, home, wish, String::new()).map(|_| ())
}

/// What the answer of an album's home means for what was shown while it waited.
pub(crate) fn answered(
    write: &Write<'_>,
    home: DeviceId,
    wish: &WishOf,
    refusal: Option<&str>,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let album = match wish {
        WishOf::ServeLinks(wish) => {
            return match refusal {
                Some(_) if wish.on => hosting::refused(write, home),
                _ => Ok(()),
            };
        }
        WishOf::SayFor(wish) => {
            return match refusal {
                Some(_) => hosting::refused_said(write, wish),
                None => Ok(()),
            };
        }
        WishOf::TakeUpload(wish) => {
            return match refusal {
                Some(refusal) => {
                    let taken = UploadTaken {
                        id: wish.id.clone(),
                        refusal: Some(refusal.to_owned()),
                    };
                    hosting::hear_taken(write, home, &taken)
                }
                None => Ok(()),
            };
        }
        WishOf::Contribute(wish) => {
            let album = album_id(&wish.album)?;
            let told: Vec<Vec<u8>> = wish.assets.iter().map(|told| told.id.clone()).collect();
            for asset in ids(&told)? {
                match refusal {
                    // Its home tells of it next.
                    None => conn.prepare_cached(
                        "UPDATE album_asset SET waits = 2
                          WHERE album = ?1 AND asset = ?2 AND waits = 1",
                    )?,
                    Some(_) => conn.prepare_cached(
                        "DELETE FROM album_asset WHERE album = ?1 AND asset = ?2 AND waits = 1",
                    )?,
                }
                .execute((album, asset))?;
            }
            album
        }
        // Nobody asked for that.
        WishOf::RemoveFromAlbum(wish) if wish.withdraws.is_some() => return Ok(()),
        WishOf::RemoveFromAlbum(wish) => {
            let album = album_id(&wish.album)?;
            if refusal.is_some() {
                for asset in &wish.assets {
                    show_again(write, home, Space::Album(album), RowKind::Asset, asset)?;
                }
            }
            album
        }
        WishOf::EditAlbum(wish) => {
            let album = album_id(&wish.album)?;
            if refusal.is_some() {
                show_again(
                    write,
                    home,
                    Space::Album(album),
                    RowKind::Album,
                    &wish.album,
                )?;
            }
            album
        }
        WishOf::Say(wish) => {
            let album = album_id(&wish.album)?;
            if refusal.is_some() {
                conn.prepare_cached("DELETE FROM activity WHERE id = ?1 AND waits = 1")?
                    .execute([&wish.id])?;
                show_again(write, home, Space::Album(album), RowKind::Said, &wish.id)?;
                write.announce(Change::Activity);
            }
            album
        }
        WishOf::Unsay(wish) => {
            let album = album_id(&wish.album)?;
            if refusal.is_some() {
                for id in &wish.ids {
                    show_again(write, home, Space::Album(album), RowKind::Said, id)?;
                }
            }
            album
        }
        WishOf::AnswerOffer(wish) => {
            let album = album_id(&wish.album)?;
            if refusal.is_some() {
                let me: PersonId =
                    conn.query_row("SELECT person FROM library", [], |row| row.get(0))?;
                show_again(write, home, Space::Shared(me), RowKind::Offer, &wish.album)?;
            }
            album
        }
        WishOf::MakeLink(wish) => {
            if refusal.is_some() {
                conn.prepare_cached("DELETE FROM editor_link WHERE id = ?1")?
                    .execute([&wish.id])?;
            }
            album_id(&wish.album)?
        }
        WishOf::TakeOver(wish) => {
            let album = album_id(&wish.album)?;
            match refusal {
                None => hand::receive(write, home, album)?,
                Some(_) if lodge::asks_again(write, album)? => return Ok(()),
                Some(_) => {}
            }
            album
        }
        WishOf::Invite(Invite { album, .. })
        | WishOf::SetRole(SetRole { album, .. })
        | WishOf::Part(Part { album, .. })
        | WishOf::EditSharing(EditSharing { album, .. }) => {
            let album = album_id(album)?;
            if refusal.is_some() {
                rule::refused(write, home, album)?;
            }
            album
        }
        WishOf::DeleteAlbum(wish) => {
            let me: PersonId =
                conn.query_row("SELECT person FROM library", [], |row| row.get(0))?;
            if refusal.is_some() {
                show_again(write, home, Space::Shared(me), RowKind::Offer, &wish.album)?;
            }
            album_id(&wish.album)?
        }
        _ => return Ok(()),
    };
    write.announce(Change::Album(album));
    // What one did oneself is no news.
    if let Some(refusal) = refusal.filter(|refusal| *refusal != TAKEN_BACK) {
        let owner: PersonId = conn
            .prepare_cached("SELECT person FROM device WHERE id = ?1")?
            .query_row([home], |row| row.get(0))?;
        notice::note(write, NoticeKind::Refused, album, owner, None, refusal)?;
    }
    Ok(())
}

/// Shows a row as its home told it last.
fn show_again(
    write: &Write<'_>,
    home: DeviceId,
    space: Space,
    kind: RowKind,
    row: &[u8],
) -> Result<(), LibraryError> {
    let body: Option<Vec<u8>> = write
        .conn()
        .prepare_cached(
            "SELECT body FROM replica WHERE home = ?1 AND space = ?2 AND kind = ?3 AND row = ?4",
        )?
        .query_row((home, space.name(), kind as u32, row), |row| row.get(0))
        .optional()?;
    let Some(body) = body else { return Ok(()) };
    let told = Row {
        kind: kind as u32,
        row: row.to_vec(),
        revision: 0,
        body: Some(body),
    };
    take(write, home, space, &told, true, &mut Effects::default()).map(|_| ())
}
