//! Partners: a person who sees all of one's library, one way, and only once they said
//! yes. What they see is a space of its own on the same feed (`offer`): never what is
//! archived, locked or in the trash, and only from a day on where the owner says so. At
//! their machine the photos are assets among their own, marked with whose they are
//! (`follow`), so that grid, search, map and viewer are the ones there are.

mod follow;
mod hear;
mod offer;
mod settle;

use rusqlite::Connection;

use crate::{AlbumId, AssetId, DeviceId, Keep, LibraryError, PersonId};

pub(crate) use follow::{Teller, show_again, take, take_library};
pub(crate) use hear::{hear_answer, hear_receipt, take_rules};
pub(crate) use offer::{may_have, told_album, told_asset, told_rules};
pub(crate) use settle::drop_some;

/// Whether a library that is shown to somebody is seen by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartnerState {
    /// They were asked, and have not answered.
    Asked,
    /// They see it.
    Accepted,
    /// They do not want to, or not any more.
    Declined,
    /// Its owner has ended it.
    Ended,
}

/// By which rules a library is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartnerRules {
    /// Only what was taken then or later, milliseconds of wall clock since 1970; `None`
    /// for everything.
    pub since: Option<i64>,
    /// Whether titles, descriptions and tags travel.
    pub captions: bool,
    /// Whether albums do.
    pub albums: bool,
}

/// What is to be changed of the rules; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartnerEdit {
    /// As [`PartnerRules::since`].
    pub since: Option<Option<i64>>,
    /// As [`PartnerRules::captions`].
    pub captions: Option<bool>,
    /// As [`PartnerRules::albums`].
    pub albums: Option<bool>,
}

/// A machine of a partner that was told of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerCopy {
    /// The machine.
    pub device: DeviceId,
    /// Its name; may be empty.
    pub name: String,
    /// Since when it was told, milliseconds since 1970.
    pub since: i64,
    /// When it confirmed that it has nothing of it any more.
    pub dropped_at: Option<i64>,
}

/// Somebody to whom the library's person shows all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerOffer {
    /// Who.
    pub person: PersonId,
    /// Their name; may be empty.
    pub name: String,
    /// Whether they see it.
    pub state: PartnerState,
    /// By which rules.
    pub rules: PartnerRules,
    /// When it was offered, milliseconds since 1970.
    pub asked_at: i64,
    /// When they answered, or when it was ended.
    pub decided_at: Option<i64>,
    /// How many photos they may see.
    pub count: u64,
    /// Bytes of those originals.
    pub bytes: u64,
    /// The own machine that decides, and its name, where that is not this one.
    pub decided_on: Option<(DeviceId, String)>,
    /// Their machines that were told of it.
    pub copies: Vec<PartnerCopy>,
}

/// A library that somebody shows to the library's person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerLibrary {
    /// Whose it is.
    pub person: PersonId,
    /// Their name; may be empty.
    pub name: String,
    /// Whether it is seen at this machine.
    pub state: PartnerState,
    /// By which rules it is shown.
    pub rules: PartnerRules,
    /// When it was offered, milliseconds since 1970.
    pub asked_at: i64,
    /// How many photos are known of it; before it is accepted, how many there are.
    pub count: u64,
    /// Bytes of those originals.
    pub bytes: u64,
    /// About how many bytes all of their pictures take.
    pub preview_bytes: u64,
    /// Whether it is seen in the timeline, too.
    pub in_timeline: bool,
    /// What is kept here of it.
    pub keep: Keep,
    /// How many previews are here.
    pub previews: u64,
    /// How many originals.
    pub originals: u64,
    /// Bytes of what is here.
    pub kept_bytes: u64,
    /// Whether all of it is known here.
    pub is_complete: bool,
    /// The machines it is on.
    pub homes: Vec<DeviceId>,
}

/// An album of a library that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerAlbum {
    /// Its id.
    pub id: AlbumId,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// The photo shown for it.
    pub cover: Option<AssetId>,
    /// How many of its photos are known here.
    pub count: u64,
}

impl PartnerState {
    /// As a word.
    pub fn name(self) -> &'static str {
        match self {
            PartnerState::Asked => "asked",
            PartnerState::Accepted => "accepted",
            PartnerState::Declined => "declined",
            PartnerState::Ended => "ended",
        }
    }

    fn of(name: &str) -> PartnerState {
        match name {
            "accepted" => PartnerState::Accepted,
            "declined" => PartnerState::Declined,
            "ended" => PartnerState::Ended,
            _ => PartnerState::Asked,
        }
    }

    /// As the number that is told.
    fn number(self) -> u32 {
        match self {
            PartnerState::Asked => 1,
            PartnerState::Accepted => 2,
            PartnerState::Declined => 3,
            PartnerState::Ended => 4,
        }
    }

    pub(crate) fn of_number(number: u32) -> PartnerState {
        match number {
            2 => PartnerState::Accepted,
            3 => PartnerState::Declined,
            4 => PartnerState::Ended,
            _ => PartnerState::Asked,
        }
    }
}

/// Whether somebody may follow the library.
pub(crate) fn is_accepted(conn: &Connection, person: PersonId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM partner WHERE person = ?1 AND state = 'accepted'")?
        .exists([person])?)
}

/// Whether the library was ever offered to somebody: what others ask is not even
/// written down.
pub(crate) fn is_any(conn: &Connection, person: PersonId) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM partner WHERE person = ?1")?
        .exists([person])?)
}

/// Whether somebody may see a photo, and have its bytes.
pub(crate) fn sees(
    conn: &Connection,
    person: PersonId,
    asset: AssetId,
) -> Result<bool, LibraryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM partner_sees WHERE person = ?1 AND asset = ?2")?
        .exists((person, asset))?)
}
