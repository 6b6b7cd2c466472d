//! Where an asset lies: in the timeline, in the archive, locked, or in the trash. Only
//! the timeline and the archive are ever shown to anyone else.

use crate::asset::check_own;
use crate::catalog::Write;
use crate::request::{do_at_home, switch};
use crate::undo::photos;
use crate::wire::WishOf;
use crate::{AssetId, Change, Library, LibraryError, Shift};

/// A place to look for assets in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    /// What the timeline shows.
    #[default]
    Timeline,
    /// Out of the timeline, but in albums, links and search.
    Archive,
    /// To be deleted for good after [`crate::TRASH_DAYS`].
    Trash,
    /// Seen nowhere else, and here only while it is open.
    Locked,
    /// Another person's, seen in albums alone.
    Album,
}

/// The condition for what may be seen outside the trash, in albums and links.
pub(crate) const AT_HAND: &str = "asset.trashed_at IS NULL AND asset.shelf <> 'locked'";

/// The condition for what may be seen outside the trash and outside of albums, too.
pub(crate) const AT_LARGE: &str =
    "asset.trashed_at IS NULL AND asset.shelf IN ('timeline', 'archive')";

impl Shelf {
    /// Of an asset's row.
    pub(crate) fn of(shelf: &str, trashed: bool) -> Shelf {
        match (trashed, shelf) {
            (true, _) => Shelf::Trash,
            (false, "archive") => Shelf::Archive,
            (false, "locked") => Shelf::Locked,
            (false, "album") => Shelf::Album,
            (false, _) => Shelf::Timeline,
        }
    }

    /// The condition for what lies on it.
    pub(crate) fn condition(self) -> &'static str {
        match self {
            Shelf::Timeline => "asset.shelf = 'timeline' AND asset.trashed_at IS NULL",
            Shelf::Archive => "asset.shelf = 'archive' AND asset.trashed_at IS NULL",
            Shelf::Album => "asset.shelf = 'album' AND asset.trashed_at IS NULL",
            Shelf::Trash => {
                "asset.trashed_at IS NOT NULL AND asset.via IS NULL AND (asset.shelf <> 'locked' OR shows_locked())"
            }
            Shelf::Locked => {
                "asset.shelf = 'locked' AND asset.trashed_at IS NULL AND shows_locked()"
            }
        }
    }
}

impl Library {
    /// Moves assets out of the timeline into the archive, or back.
    pub fn archive(&self, assets: &[AssetId], archived: bool) -> Result<Shift, LibraryError> {
        let assets = assets.to_vec();
        self.catalog.write(move |write| {
            let told = |count| told(count, archived);
            let wish = |ids: &[AssetId]| WishOf::Archive(switch(ids, archived));
            let here = |here: &[AssetId]| shift(write, here, archived);
            let (mut shift, away) = do_at_home(write, &assets, told, wish, here)?;
            shift.changed.extend(away.into_values().flatten());
            Ok(shift)
        })
    }
}

/// Puts a new asset where it was, in the commit that makes it one: nobody is told of what
/// is out of sight already.
pub(crate) fn place_new(write: &Write<'_>, id: AssetId, shelf: Shelf) -> Result<(), LibraryError> {
    let sql = match shelf {
        Shelf::Archive => "UPDATE asset SET shelf = 'archive' WHERE id = ?1 AND ?2 > 0",
        Shelf::Trash => "UPDATE asset SET trashed_at = ?2 WHERE id = ?1",
        Shelf::Timeline | Shelf::Locked | Shelf::Album => return Ok(()),
    };
    write
        .conn()
        .prepare_cached(sql)?
        .execute((id, write.now_ms))?;
    Ok(())
}

/// What is done to so many, in words.
pub(crate) fn told(count: usize, archived: bool) -> String {
    let way = match archived {
        true => "archived",
        false => "brought back into the timeline",
    };
    format!("{} {way}", photos(count))
}

/// Moves assets of this machine into the archive or back.
pub(crate) fn shift(
    write: &Write<'_>,
    assets: &[AssetId],
    archived: bool,
) -> Result<Shift, LibraryError> {
    let shelf = match archived {
        true => "archive",
        false => "timeline",
    };
    let mut shift = Shift::default();
    for asset in assets {
        check_own(write.conn(), *asset)?;
        let changed = write
            .conn()
            .prepare_cached(
                "UPDATE asset SET shelf = ?2
                  WHERE id = ?1 AND shelf IN ('timeline', 'archive') AND shelf <> ?2",
            )?
            .execute((asset, shelf))?;
        shift.note(*asset, changed > 0);
        write.announce(Change::Asset(*asset));
    }
    Ok(shift)
}
