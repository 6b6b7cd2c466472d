//! What one node asks of another about rows whose home that is. A request has an id,
//! so that a repeat does nothing twice; it waits in the outbox until the home has
//! answered, and ends as done or refused, with the reason.

use prost::Message;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::catalog::Write;
use crate::edit::edit_one;
use crate::peer::Guest;
use crate::share::{self, Asker};
use crate::undo::photos;
use crate::wire::{AssetRow, EditAssets, Switch, Wish, WishOf};
use crate::{
    AlbumEdit, AlbumId, AssetEdit, AssetId, Change, DeviceId, Library, LibraryError, RequestId,
    album, moving, partner, safe, shelf, trash,
};

/// The most bytes of a wish.
pub const LARGEST_WISH: usize = 512 * 1024;
/// How many may wait for one home.
const MOST_WAITING: i64 = 100_000;
/// How long an answer is remembered, in days, here and there.
const REMEMBERED_DAYS: i64 = 90;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Its home has not answered.
    Waiting,
    /// It was done.
    Done,
    /// It was refused, and why, in a sentence.
    Refused(String),
}

/// Something asked of another home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Of which machine it is asked.
    pub home: DeviceId,
    /// What is wished, in words.
    pub told: String,
    /// What became of it.
    pub state: RequestState,
    /// When it was asked, milliseconds since 1970.
    pub made_at: i64,
    /// When its home answered.
    pub decided_at: Option<i64>,
}

/// A request on its way to its home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id.
    pub id: RequestId,
    /// The wish as it is sent.
    pub wish: Vec<u8>,
}

/// A query of requests.
fn select(rest: &str) -> String {
    format!("SELECT id, home, told, state, reason, made_at, decided_at FROM outbox {rest}")
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Request> {
    let state: String = row.get(3)?;
    Ok(Request {
        id: row.get(0)?,
        home: row.get(1)?,
        told: row.get(2)?,
        state: match state.as_str() {
            "done" => RequestState::Done,
            "refused" => RequestState::Refused(row.get(4)?),
            _ => RequestState::Waiting,
        },
        made_at: row.get(5)?,
        decided_at: row.get(6)?,
    })
}

/// Puts a wish into the outbox.
pub(crate) fn enqueue(
    write: &Write<'_>,
    home: DeviceId,
    of: WishOf,
    told: String,
) -> Result<RequestId, LibraryError> {
    let wish = Wish { of: Some(of) }.encode_to_vec();
    if wish.len() > LARGEST_WISH {
        return Err(LibraryError::wrong(
            "That is too much to ask at once; ask for some of it.",
        ));
    }
    let conn = write.conn();
    let waiting: i64 = conn
        .prepare_cached("SELECT count(*) FROM outbox WHERE home = ?1 AND state = 'waiting'")?
        .query_row([home], |row| row.get(0))?;
    if waiting >= MOST_WAITING {
        return Err(LibraryError::wrong(
            "Too much waits for that machine already; let it be online first.",
        ));
    }
    let id = RequestId::new(write.now_ms);
    conn.prepare_cached(
        "INSERT INTO outbox (id, home, wish, told, made_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((id, home, wish, told, write.now_ms))?;
    write.announce(Change::Outbox);
    write.announce(Change::Replica(home));
    Ok(id)
}

impl Library {
    /// Asks another home to edit photos of its own; waits in the outbox.
    pub fn ask_edit(
        &self,
        home: DeviceId,
        assets: &[AssetId],
        edit: AssetEdit,
    ) -> Result<RequestId, LibraryError> {
        let edit = edit.checked()?;
        let wish = WishOf::EditAssets(EditAssets {
            assets: bytes(assets),
            favorite: edit.favorite,
            rating: edit.rating.map(u32::from),
            title: edit.title,
            description: edit.description,
        });
        self.ask(home, wish, format!("{} edited", photos(assets.len())))
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
        let wish = WishOf::Trash(Switch {
            assets: bytes(assets),
            on,
        });
        self.ask(home, wish, format!("{} {way}", photos(assets.len())))
    }

    fn ask(&self, home: DeviceId, of: WishOf, told: String) -> Result<RequestId, LibraryError> {
        self.peer(home)?;
        self.catalog
            .write(move |write| enqueue(write, home, of, told))
    }

    /// What was asked of other homes, newest first.
    pub fn outbox(&self) -> Result<Vec<Request>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&select("ORDER BY made_at DESC, id DESC"))?
                .query_map([], from_row)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// The request with this id.
    pub fn request(&self, id: RequestId) -> Result<Request, LibraryError> {
        self.catalog.read(|conn| {
            conn.prepare_cached(&select("WHERE id = ?1"))?
                .query_row([id], from_row)
                .optional()?
                .ok_or_else(|| LibraryError::Unknown {
                    noun: "request",
                    id: id.to_string(),
                })
        })
    }

    /// What waits for a home, oldest first.
    pub fn outgoing(&self, home: DeviceId) -> Result<Vec<Outgoing>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id, wish FROM outbox WHERE home = ?1 AND state = 'waiting'
                      ORDER BY made_at, id LIMIT 100",
                )?
                .query_map([home], |row| {
                    Ok(Outgoing {
                        id: row.get(0)?,
                        wish: row.get(1)?,
                    })
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Notes a home's answer: `None` when it did what was asked.
    pub fn note_answer(&self, id: RequestId, refusal: Option<String>) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let asked: Option<(DeviceId, Vec<u8>)> = write
                .conn()
                .query_row(
                    "UPDATE outbox SET state = iif(?2 IS NULL, 'done', 'refused'),
                            reason = coalesce(?2, ''), decided_at = ?3
                      WHERE id = ?1 AND state = 'waiting' RETURNING home, wish",
                    (id, &refusal, write.now_ms),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            if let Some((home, wish)) = asked {
                if let Some(wish) = Wish::decode(wish.as_slice()).ok().and_then(|wish| wish.of) {
                    share::answered(write, home, &wish, refusal.as_deref())?;
                }
                write.announce(Change::Outbox);
                write.announce(Change::Replica(home));
            }
            Ok(())
        })
    }

    /// Takes back what a home has not answered, or puts away what it refused; false
    /// for what was done.
    pub fn withdraw(&self, id: RequestId) -> Result<bool, LibraryError> {
        self.catalog.write(move |write| {
            let asked: Option<(DeviceId, Vec<u8>, bool)> = write
                .conn()
                .query_row(
                    "DELETE FROM outbox WHERE id = ?1 AND state <> 'done'
                     RETURNING home, wish, state = 'waiting'",
                    [id],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let was_asked = asked.is_some();
            if let Some((home, wish, waited)) = asked {
                let wish = Wish::decode(wish.as_slice()).ok().and_then(|wish| wish.of);
                if let Some(wish) = wish.filter(|_| waited) {
                    share::answered(write, home, &wish, Some("You took it back."))?;
                }
                write.announce(Change::Outbox);
                write.announce(Change::Replica(home));
            }
            Ok(was_asked)
        })
    }

    /// Forgets answers of long ago.
    pub fn sweep_requests(&self) -> Result<(), LibraryError> {
        self.catalog.write(|write| {
            let before = write.now_ms - REMEMBERED_DAYS * crate::time::DAY_MS;
            let conn = write.conn();
            conn.execute("DELETE FROM outbox WHERE decided_at < ?1", [before])?;
            conn.execute("DELETE FROM decided WHERE decided_at < ?1", [before])?;
            Ok(())
        })
    }
}

impl Guest {
    /// Decides what a peer asks, does it where it may, and answers with why not. The
    /// same id again gets the same answer, and nothing is done twice.
    ///
    /// # Errors
    /// When the peer is not known any more, or the catalog cannot be written: then
    /// nothing is decided.
    pub fn ask(&self, id: RequestId, wish: &[u8]) -> Result<Option<String>, LibraryError> {
        let (guest, asked) = (self.clone(), wish.to_vec());
        let known = Wish::decode(wish).ok().and_then(|wish| wish.of);
        let is_moved = matches!(known, Some(WishOf::Moved(_)));
        let refusal = self.library.catalog.write(move |write| {
            let conn = write.conn();
            guest.check(conn)?;
            let may_ask = guest.is_own()
                || share::is_any_member(conn, guest.person())?
                || partner::is_any(conn, guest.person())?;
            if !may_ask {
                // Nothing is written down of it.
                return Ok(Some(
                    "You are not in an album here, or not any more; nothing was changed."
                        .to_owned(),
                ));
            }
            let before: Option<(DeviceId, Option<String>)> = conn
                .prepare_cached("SELECT device, refusal FROM decided WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((device, refusal)) = before {
                return match device == guest.device() {
                    true => Ok(refusal),
                    false => Err(LibraryError::NotShared),
                };
            }
            if !is_moved && moving::is_leaving(conn)? {
                return Err(LibraryError::wrong(
                    "This library is moving to another machine, which will answer.",
                ));
            }
            conn.execute_batch("SAVEPOINT wish")?;
            let refusal = match decide(write, &guest, &asked) {
                Ok(()) => None,
                Err(error) if error.concerns_all() => return Err(error),
                Err(error) => {
                    write.recording.set(false);
                    conn.execute_batch("ROLLBACK TO wish")?;
                    Some(error.to_string())
                }
            };
            conn.execute_batch("RELEASE wish")?;
            conn.execute(
                "INSERT INTO decided (id, device, refusal, decided_at) VALUES (?1, ?2, ?3, ?4)",
                (id, guest.device(), &refusal, write.now_ms),
            )?;
            Ok(refusal)
        })?;
        if matches!(known, Some(WishOf::KeepTwo(_))) && refusal.is_none() {
            self.library.keep_promise()?;
        }
        Ok(refusal)
    }
}

fn decide(write: &Write<'_>, guest: &Guest, wish: &[u8]) -> Result<(), LibraryError> {
    let wish = Wish::decode(wish)
        .map_err(|_| LibraryError::wrong("What is asked cannot be read."))?
        .of
        .ok_or_else(|| {
            LibraryError::wrong("This Albumen does not know what is asked; update it.")
        })?;
    let asker = Asker {
        person: guest.person(),
        device: guest.device(),
    };
    match guest.is_own() {
        true => apply(write, &wish, guest.device()),
        false => match &wish {
            WishOf::AnswerPartner(wish) => partner::hear_answer(write, asker, wish.accept),
            WishOf::PartnerDropped(_) => partner::hear_receipt(write, asker),
            wish => share::decide(write, asker, &guest.library.secret, wish),
        },
    }
}

fn apply(write: &Write<'_>, wish: &WishOf, by: DeviceId) -> Result<(), LibraryError> {
    match wish {
        WishOf::EditAssets(wish) => {
            let assets = ids(&wish.assets)?;
            let edit = AssetEdit {
                favorite: wish.favorite,
                rating: wish.rating.and_then(|stars| u8::try_from(stars).ok()),
                title: wish.title.clone(),
                description: wish.description.clone(),
                ..AssetEdit::default()
            }
            .checked()?;
            write.record_undo(&format!("{} edited", photos(assets.len())))?;
            assets.iter().try_for_each(|id| edit_one(write, *id, &edit))
        }
        WishOf::Trash(wish) => trash::shift(write, &ids(&wish.assets)?, wish.on).map(|_| ()),
        WishOf::Archive(wish) => shelf::shift(write, &ids(&wish.assets)?, wish.on).map(|_| ()),
        WishOf::EditAlbum(wish) => {
            let edit = AlbumEdit {
                title: wish.title.clone(),
                description: wish.description.clone(),
                cover: None,
            };
            album::edit(write, album_id(&wish.album)?, &edit.checked()?)
        }
        WishOf::AddToAlbum(wish) => {
            album::add(write, album_id(&wish.album)?, &ids(&wish.assets)?).map(|_| ())
        }
        WishOf::RemoveFromAlbum(wish) => {
            album::remove(write, album_id(&wish.album)?, &ids(&wish.assets)?).map(|_| ())
        }
        WishOf::KeepTwo(wish) => safe::promise(write, wish.on),
        WishOf::Moved(_) => moving::moved(write, by),
        WishOf::AnswerOffer(_)
        | WishOf::LeaveAlbum(_)
        | WishOf::Contribute(_)
        | WishOf::Say(_)
        | WishOf::Unsay(_)
        | WishOf::MakeLink(_)
        | WishOf::EndLink(_)
        | WishOf::TakeOver(_)
        | WishOf::AnswerPartner(_)
        | WishOf::PartnerDropped(_) => Err(LibraryError::wrong(
            "That is for other people to ask, not for one's own machines.",
        )),
    }
}

/// Wishes that wait for a home, oldest first.
pub(crate) fn waiting(conn: &Connection, home: DeviceId) -> Result<Vec<WishOf>, LibraryError> {
    let wishes: Vec<Vec<u8>> = conn
        .prepare_cached(
            "SELECT wish FROM outbox WHERE home = ?1 AND state = 'waiting' ORDER BY made_at, id",
        )?
        .query_map([home], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(wishes
        .iter()
        .filter_map(|wish| Wish::decode(wish.as_slice()).ok()?.of)
        .collect())
}

/// Shows an asset as it will be once its home has done this; false when the wish is
/// not about it.
pub(crate) fn foresee(wish: &WishOf, asset: AssetId, row: &mut AssetRow) -> bool {
    let assets = match wish {
        WishOf::EditAssets(wish) => &wish.assets,
        WishOf::Trash(wish) | WishOf::Archive(wish) => &wish.assets,
        WishOf::AddToAlbum(wish) | WishOf::RemoveFromAlbum(wish) => &wish.assets,
        _ => return false,
    };
    if !assets.iter().any(|id| *id == asset.bytes()) {
        return false;
    }
    let text = |new: &Option<String>, old: &mut Option<String>| {
        if let Some(new) = new {
            *old = Some(new.clone()).filter(|text| !text.is_empty());
        }
    };
    match wish {
        WishOf::EditAssets(wish) => {
            row.favorite = wish.favorite.unwrap_or(row.favorite);
            row.rating = wish.rating.or(row.rating);
            text(&wish.title, &mut row.title);
            text(&wish.description, &mut row.description);
        }
        WishOf::Trash(wish) => row.trashed = wish.on,
        WishOf::Archive(wish) => row.archived = wish.on,
        _ => {}
    }
    true
}

pub(crate) fn bytes(assets: &[AssetId]) -> Vec<Vec<u8>> {
    assets.iter().map(|id| id.bytes().to_vec()).collect()
}

pub(crate) fn ids(assets: &[Vec<u8>]) -> Result<Vec<AssetId>, LibraryError> {
    assets
        .iter()
        .map(|id| id.as_slice().try_into().map(AssetId::from_bytes))
        .collect::<Result<_, _>>()
        .map_err(|_| LibraryError::wrong("A photo is named that cannot be."))
}

pub(crate) fn album_id(id: &[u8]) -> Result<AlbumId, LibraryError> {
    id.try_into()
        .map(AlbumId::from_bytes)
        .map_err(|_| LibraryError::wrong("An album is named that cannot be."))
}
