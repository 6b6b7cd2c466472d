//! What to think of before something is shared, and what would be shown of it.

use media::{Input, Origin, Rendition, may_be_written};

use crate::lock::SEEN;
use crate::{Asset, AssetId, Library, LibraryError, LinkOf, Shelf, album, asset, map};

/// Photos that are told of, to be looked at.
const FIRST: usize = 6;
/// Photos that may be writing are looked at, up to so many.
const LOOKED_AT: usize = 300;
/// How a system calls a picture of its screen, in small letters.
const SCREENSHOTS: [&str; 7] = [
    "screenshot",
    "screen shot",
    "bildschirmfoto",
    "bildschirmaufnahme",
    "capture d",
    "captura de",
    "schermata",
];
/// The short sides of phones' screens, in pixels, which are at least 1.7 times as long.
const SCREENS: [u32; 14] = [
    640, 720, 750, 828, 1080, 1125, 1170, 1179, 1206, 1242, 1284, 1290, 1320, 1440,
];

/// What to think of before something is shared, and what would be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerns {
    /// The album's title; empty for photos.
    pub title: String,
    /// Photos and videos that would be shown.
    pub photos: u64,
    /// How many of them are videos.
    pub videos: u64,
    /// The first of them, in the order in which visitors see them.
    pub first: Vec<AssetId>,
    /// How many of them were taken where most of the library's were: at home.
    pub at_home: u64,
    /// How many of them look like writing, or are pictures of a screen. A hint: of what
    /// is looked at, not all is found, and some is none.
    pub documents: u64,
    /// How many of them are archived.
    pub archived: u64,
    /// How many further ones are locked, so that they are not shown; none are told
    /// of while locked photos are closed.
    pub locked: u64,
}

impl Library {
    /// What to think of before an album or some photos are shared.
    pub fn sharing_concerns(&self, of: &LinkOf) -> Result<Concerns, LibraryError> {
        let (mut concerns, bright) = self.catalog.read(|conn| {
            let mut concerns = Concerns::default();
            let ids: Vec<AssetId> = match of {
                LinkOf::Assets(assets) => assets.clone(),
                LinkOf::Album(album) => {
                    album::check_known(conn, *album)?;
                    concerns.title =
                        conn.query_row("SELECT title FROM album WHERE id = ?1", [album], |row| {
                            row.get(0)
                        })?;
                    conn.prepare_cached(&format!(
                        "SELECT asset.id FROM album_asset AS part
                           JOIN asset ON asset.id = part.asset
                          WHERE part.album = ?1 AND asset.trashed_at IS NULL AND {SEEN}
                          ORDER BY {}",
                        album::order::of_album(conn, *album)?.of_assets()
                    ))?
                    .query_map([album], |row| row.get(0))?
                    .collect::<Result<_, _>>()?
                }
            };
            let home = map::home(conn)?;
            let mut bright = Vec::new();
            for id in ids {
                let asset = asset::find(conn, id)?;
                // Of chosen photos, those in the trash are shown by no link.
                if asset.shelf == Shelf::Trash {
                    continue;
                }
                if asset.is_locked {
                    concerns.locked += 1;
                    continue;
                }
                concerns.count(&asset);
                if let (Some(home), Some(latitude), Some(longitude)) =
                    (home, asset.latitude, asset.longitude)
                {
                    concerns.at_home += u64::from(home.is_near(latitude, longitude));
                }
                if is_of_screen(&asset) {
                    concerns.documents += 1;
                } else if asset.kind == "photo" && may_be_written(&asset.thumbhash) {
                    bright.push(asset);
                }
            }
            Ok((concerns, bright))
        })?;
        let looked_at = bright.iter().take(LOOKED_AT);
        let written = looked_at.filter(|asset| self.is_written(asset));
        concerns.documents += written.count() as u64;
        Ok(concerns)
    }

    /// Whether a photo's thumbnail shows a page of writing. What cannot be looked at now
    /// raises no concern.
    fn is_written(&self, asset: &Asset) -> bool {
        let looked = self
            .open_rendition(asset, Rendition::Thumbnail)
            .and_then(|(file, _)| {
                let input = Input::of_file(file);
                Ok(self
                    .decoder
                    .examine(&input, &[Rendition::Thumbnail], Origin::Owner)?)
            });
        looked.is_ok_and(|examined| examined.picture.is_written)
    }
}

impl Concerns {
    fn count(&mut self, asset: &Asset) {
        self.photos += 1;
        self.videos += u64::from(asset.kind == "video");
        self.archived += u64::from(asset.shelf == Shelf::Archive);
        if self.first.len() < FIRST {
            self.first.push(asset.id);
        }
    }
}

/// Whether a photo is one of a screen, by its name, or as phones make them: a PNG of no
/// camera that is as large as a screen.
fn is_of_screen(asset: &Asset) -> bool {
    let name = asset.name.to_lowercase();
    let is_called_so = SCREENSHOTS.iter().any(|word| name.starts_with(word));
    let (short, long) = (asset.width.min(asset.height), asset.width.max(asset.height));
    let is_as_large = SCREENS.contains(&short) && long * 10 >= short * 17 && long <= short * 3;
    let no_camera = asset.camera_make.is_none() && asset.camera_model.is_none();
    asset.kind == "photo"
        && no_camera
        && (is_called_so || (asset.mime == "image/png" && is_as_large))
}
