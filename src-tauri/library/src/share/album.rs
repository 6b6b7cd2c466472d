//! How an album is shared, beside its title and what is in it.

use rusqlite::Row;

use super::{OWNER_ELSE, Role, check_own, role_of, rule};
use crate::catalog::Write;
use crate::{AlbumId, Change, DeviceId, Library, LibraryError, PersonId};

/// How an album is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// The machine it lives on.
    pub home: DeviceId,
    /// Whose it is, and their name; `None` for one's own, wherever that lives.
    pub owner: Option<(PersonId, String)>,
    /// The machine that it lives on, and its name, where that is neither this one nor its
    /// owner's.
    pub lives_on: Option<(DeviceId, String)>,
    /// The machine that it is to live on, and its name, as soon as that has all of it.
    pub moving_to: Option<(DeviceId, String)>,
    /// What one may do in another's.
    pub role: Option<Role>,
    /// How many people are in it beside its owner.
    pub members: u64,
    /// How many were asked and have not answered.
    pub asked: u64,
    /// How many photos wait for its home.
    pub waiting: u64,
    /// What everyone of the household is made in it, also who comes later.
    pub everyone: Option<Role>,
    /// Whether viewers may have originals.
    pub originals: bool,
    /// Whether editors may make public links of it.
    pub linking: bool,
    /// Whether originals that members put there are kept here, too.
    pub keeping: bool,
    /// Whether members may comment and like.
    pub talking: bool,
    /// Whether another's photos show in one's own timeline.
    pub in_timeline: bool,
    /// Whether nothing is told of what happens in it.
    pub quiet: bool,
    /// To whom its owner hands it over.
    pub heir: Option<PersonId>,
}

/// Edits of how an album is shared; what is `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct SharingEdit {
    /// Everyone of the household is in it; `Some(None)`: not any more by that.
    pub everyone: Option<Option<Role>>,
    /// Whether viewers may have originals.
    pub originals: Option<bool>,
    /// Whether editors may make public links of it.
    pub linking: Option<bool>,
    /// Whether originals that members put there are kept here, too.
    pub keeping: Option<bool>,
    /// Whether members may comment and like.
    pub talking: Option<bool>,
    /// Whether another's photos show in one's own timeline.
    pub in_timeline: Option<bool>,
    /// Whether nothing is told of what happens in it.
    pub quiet: Option<bool>,
}

impl Sharing {
    /// Columns of a query of albums.
    pub(crate) fn columns() -> String {
        let members = "SELECT count(*) FROM member WHERE member.album = album.id AND NOT owns
            AND NOT lodging";
        format!(
            "album.home, {OWNER_ELSE} AS whose, album.role,
             (SELECT name FROM person WHERE person.id = {OWNER_ELSE}) AS owner_name,
             (SELECT name FROM device WHERE device.id = album.home AND album.owner IS NOT NULL
                AND (album.owns OR device.person <> album.owner)) AS home_name,
             album.bound_for,
             (SELECT name FROM device WHERE device.id = album.bound_for) AS bound_name,
             ({members} AND state = 'joined') AS member_count,
             ({members} AND state = 'asked') AS asked_count,
             (SELECT count(*) FROM album_asset WHERE album_asset.album = album.id AND waits > 0)
                 AS waiting_count,
             album.everyone, album.originals, album.linking, album.keeping, album.talking,
             album.in_timeline, album.quiet,
             iif(album.bound_for IS NULL, album.heir, NULL) AS heir"
        )
    }

    /// Of a row that has them.
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Sharing> {
        let owner: Option<PersonId> = row.get("whose")?;
        let name: Option<String> = row.get("owner_name")?;
        let home: DeviceId = row.get("home")?;
        let home_name: Option<String> = row.get("home_name")?;
        let bound: Option<DeviceId> = row.get("bound_for")?;
        let bound_name: Option<String> = row.get("bound_name")?;
        Ok(Sharing {
            home,
            owner: owner.map(|owner| (owner, name.unwrap_or_default())),
            lives_on: home_name.map(|name| (home, name)),
            moving_to: bound.map(|bound| (bound, bound_name.unwrap_or_default())),
            role: role_of(row, "role")?,
            members: row.get("member_count")?,
            asked: row.get("asked_count")?,
            waiting: row.get("waiting_count")?,
            everyone: role_of(row, "everyone")?,
            originals: row.get("originals")?,
            linking: row.get("linking")?,
            keeping: row.get("keeping")?,
            talking: row.get("talking")?,
            in_timeline: row.get("in_timeline")?,
            quiet: row.get("quiet")?,
            heir: row.get("heir")?,
        })
    }
}

/// Changes how an album that lives here is shared, or is to be shown so until its home has
/// decided.
pub(super) fn set_sharing(
    write: &Write<'_>,
    album: AlbumId,
    edit: &SharingEdit,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached(
        "UPDATE album SET originals = coalesce(?2, originals),
                linking = coalesce(?3, linking), talking = coalesce(?4, talking),
                in_timeline = coalesce(?5, in_timeline), quiet = coalesce(?6, quiet),
                keeping = coalesce(?7, keeping)
          WHERE id = ?1",
    )?
    .execute((
        album,
        edit.originals,
        edit.linking,
        edit.talking,
        edit.in_timeline,
        edit.quiet,
        edit.keeping,
    ))?;
    if let Some(everyone) = edit.everyone {
        let role = everyone.map(Role::name);
        conn.prepare_cached("UPDATE album SET everyone = ?2 WHERE id = ?1")?
            .execute((album, role))?;
        // Who that is, the machine says that the album lives on.
        conn.prepare_cached(
            "INSERT INTO member (album, person, role, state, asked_at)
             SELECT ?1, person.id, ?2, 'asked', ?3 FROM person, album
              WHERE ?2 IS NOT NULL AND card IS NOT NULL
                AND person.id <> (SELECT person FROM library)
                AND album.id = ?1 AND album.owner IS NULL
             ON CONFLICT (album, person) DO NOTHING",
        )?
        .execute((album, role, write.now_ms))?;
    }
    Ok(())
}

impl Library {
    /// Changes how an album is shared. Of another's album only what concerns oneself can
    /// be changed: whether it is in the timeline, and quiet.
    pub fn edit_sharing(&self, album: AlbumId, edit: SharingEdit) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            crate::album::check_known(conn, album)?;
            let of_owner = edit.everyone.is_some()
                || edit.originals.is_some()
                || edit.linking.is_some()
                || edit.keeping.is_some()
                || edit.talking.is_some();
            if of_owner {
                check_own(conn, album)?;
                rule::ask_sharing(write, album, &edit)?;
            }
            set_sharing(write, album, &edit)?;
            if edit.in_timeline.is_some() {
                // A photo that several albums show is in the timeline by any of them.
                conn.prepare_cached(
                    "UPDATE asset SET shelf = (SELECT placed.shelf FROM placed
                                                WHERE placed.asset = asset.id)
                      WHERE via IS NOT NULL
                        AND id IN (SELECT asset FROM album_asset WHERE album = ?1)",
                )?
                .execute([album])?;
                write.announce(Change::Everything);
            }
            write.announce(Change::Album(album));
            Ok(())
        })
    }
}
