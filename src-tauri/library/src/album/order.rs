//! In which order an album's photos stand: in the window, behind its links, in archives.

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use crate::{AlbumId, LibraryError, LinkId};

/// Where an album begins. What was taken at the same moment stands in the order in which
/// it came, or in that turned round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlbumOrder {
    /// With its oldest photo.
    #[default]
    Oldest,
    /// With its newest photo.
    Newest,
}

impl AlbumOrder {
    /// Its name in the catalog.
    pub(crate) fn name(self) -> &'static str {
        match self {
            AlbumOrder::Oldest => "oldest",
            AlbumOrder::Newest => "newest",
        }
    }

    fn from_name(name: &str) -> AlbumOrder {
        match name {
            "newest" => AlbumOrder::Newest,
            _ => AlbumOrder::Oldest,
        }
    }

    /// Its number on the wire, where 0 is the order of a program that knows no other.
    pub(crate) fn number(self) -> u32 {
        match self {
            AlbumOrder::Oldest => 0,
            AlbumOrder::Newest => 1,
        }
    }

    /// The order of this number; one that only later programs know is shown as the usual.
    pub(crate) fn of_number(number: u32) -> AlbumOrder {
        match number {
            1 => AlbumOrder::Newest,
            _ => AlbumOrder::Oldest,
        }
    }

    /// Of a row that has the column `sort_order`.
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<AlbumOrder> {
        Ok(AlbumOrder::from_name(&row.get::<_, String>("sort_order")?))
    }

    /// What stands behind ORDER BY for these columns.
    pub(crate) fn by(self, columns: [&str; 2]) -> String {
        let [first, then] = columns;
        match self {
            AlbumOrder::Oldest => format!("{first}, {then}"),
            AlbumOrder::Newest => format!("{first} DESC, {then} DESC"),
        }
    }

    /// What stands behind ORDER BY for an album's assets.
    pub(crate) fn of_assets(self) -> String {
        self.by(["asset.sorted_at", "asset.seq"])
    }
}

/// The order of an album; the usual one when there is none of this id.
pub(crate) fn of_album(conn: &Connection, id: AlbumId) -> Result<AlbumOrder, LibraryError> {
    read(conn, "SELECT sort_order FROM album WHERE id = ?1", id)
}

/// The order of an album of a library that is shown to its partner.
pub(crate) fn of_partner_album(conn: &Connection, id: AlbumId) -> Result<AlbumOrder, LibraryError> {
    read(
        conn,
        "SELECT sort_order FROM partner_album WHERE id = ?1",
        id,
    )
}

/// The order in which a link shows its photos that follows the album of another home; any
/// other of chosen ones shows them as they were chosen.
pub(crate) fn of_link(conn: &Connection, id: LinkId) -> Result<AlbumOrder, LibraryError> {
    read(conn, "SELECT sort_order FROM link WHERE id = ?1", id)
}

fn read(conn: &Connection, sql: &str, id: impl ToSql) -> Result<AlbumOrder, LibraryError> {
    Ok(conn
        .prepare_cached(sql)?
        .query_row([id], AlbumOrder::of)
        .optional()?
        .unwrap_or_default())
}
