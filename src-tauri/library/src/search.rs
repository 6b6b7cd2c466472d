//! Search and lists of assets. One filter says what is wanted, and its plan in
//! SQL serves lists and grids alike: words and marks are looked up in the index
//! of words (`search` in schema.sql), which gives them by time without sorting.

use rusqlite::types::Value;

use crate::asset::{self, Asset};
use crate::shelf::{AT_HAND, AT_LARGE, Shelf};
use crate::{AlbumId, Area, Library, LibraryError, LinkId, PersonId, hex};

/// Begins every mark in the index; no person types it.
const MARK: char = '\u{e000}';
/// How many bits of an asset's spot count its import, below the second.
const SEQ_BITS: u32 = 24;
/// The seconds that a spot has room for, either side of 1970.
const FARTHEST: i64 = 1 << 38;

/// What kind of asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssetKind {
    /// A still picture, live or not.
    Photo,
    /// A film of its own.
    Video,
    /// What the camera's sensor saw.
    Raw,
    /// A photo with a moving part.
    Live,
}

/// Which assets are wanted: all that is said must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words, each the beginning of one in the name, title, description, tags,
    /// camera or place.
    pub text: Option<String>,
    /// Only those in this album.
    pub album: Option<AlbumId>,
    /// Only those chosen for this link of chosen photos.
    pub link: Option<LinkId>,
    /// Only those of the library that this person shows, in the timeline or not.
    pub partner: Option<PersonId>,
    /// Only those in this album of such a library.
    pub partner_album: Option<AlbumId>,
    /// Only those on this shelf. Absent: of an album or a search all that are not
    /// in the trash, else the timeline.
    pub shelf: Option<Shelf>,
    /// Taken at this moment or later, milliseconds of wall clock.
    pub from: Option<i64>,
    /// Taken before this moment, milliseconds of wall clock.
    pub before: Option<i64>,
    /// Only of this kind.
    pub kind: Option<AssetKind>,
    /// Words, each the beginning of one in the camera's maker or model.
    pub camera: Option<String>,
    /// With this many stars or more.
    pub rating_at_least: Option<u8>,
    /// Only favourites.
    pub favorite: bool,
    /// Only those whose place is known, or is not.
    pub placed: Option<bool>,
    /// Only those taken within these degrees.
    pub area: Option<Area>,
}

/// A page of which assets to list.
#[derive(Clone, Debug, Default)]
pub struct AssetQuery {
    /// Which assets.
    pub filter: Filter,
    /// At most this many; 100 when absent.
    pub limit: Option<u32>,
    /// Only those after this one.
    pub after: Option<Cursor>,
}

/// A place in a list of assets, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) sorted_at: i64,
    pub(crate) seq: i64,
}

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub struct AssetPage {
    /// The assets, newest first.
    pub assets: Vec<Asset>,
    /// Where the next page begins, when there is one.
    pub next: Option<Cursor>,
}

/// How the assets of a filter are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Their own table, by the index of time.
    Time,
    /// An album's members.
    Album,
    /// What was chosen for a link.
    Link,
    /// Their own table, by whose library they are of.
    Partner,
    /// The members of an album of such a library.
    PartnerAlbum,
    /// The index of words.
    Words,
}

/// A filter as SQL, from FROM to WHERE, with its values.
pub(crate) struct Plan {
    source: Source,
    tables: &'static str,
    conditions: Vec<&'static str>,
    values: Vec<Value>,
}

impl Filter {
    /// The plan for this filter.
    pub(crate) fn plan(&self) -> Plan {
        let mut matching = self.matching();
        let narrowed = self.album.is_some()
            || self.link.is_some()
            || self.from.is_some()
            || self.before.is_some()
            || self.area.is_some();
        let of_partner = self.partner.is_some() || self.partner_album.is_some();
        let source = match (&matching, self.album) {
            (Some(_), _) => Source::Words,
            (None, Some(_)) => Source::Album,
            (None, None) if self.link.is_some() => Source::Link,
            (None, None) if self.partner_album.is_some() => Source::PartnerAlbum,
            (None, None) if self.partner.is_some() => Source::Partner,
            // Over all shelves only the index of words is in the order of time.
            (None, None) if narrowed && self.shelf.is_none() => Source::Words,
            (None, None) => Source::Time,
        };
        if let (Some(matching), Some(person)) = (&mut matching, self.partner) {
            matching.push_str(&format!(" AND \"{MARK}of{}\"", hex(&person.bytes())));
        }
        if let (Some(matching), Some(mark)) = (&mut matching, self.shelf.and_then(rare_mark)) {
            matching.push_str(&format!(" AND \"{MARK}{mark}\""));
        }
        let mut plan = Plan {
            source,
            tables: match source {
                // Few of a library's photos were taken in one place.
                Source::Time if self.area.is_some() && self.shelf == Some(Shelf::Timeline) => {
                    "asset INDEXED BY asset_on_map"
                }
                Source::Time => "asset",
                Source::Album => "album_asset JOIN asset ON asset.id = album_asset.asset",
                Source::Link => "link_asset JOIN asset ON asset.id = link_asset.asset",
                Source::Partner => "asset INDEXED BY asset_of_partner",
                Source::PartnerAlbum => {
                    "partner_album_asset JOIN asset ON asset.id = partner_album_asset.asset"
                }
                Source::Words => "search CROSS JOIN asset ON asset.seq = search.rowid & 16777215",
            },
            conditions: vec![match self.shelf {
                Some(shelf) => shelf.condition(),
                None if self.album.is_some() => AT_HAND,
                None if of_partner => "asset.partner IS NOT NULL AND asset.trashed_at IS NULL",
                None if narrowed || matching.is_some() => AT_LARGE,
                None => Shelf::Timeline.condition(),
            }],
            values: Vec::new(),
        };
        if source == Source::Words {
            let all = || format!("\"{MARK}photo\" OR \"{MARK}video\"");
            plan.add("search MATCH ?", [matching.unwrap_or_else(all).into()]);
        }
        if let Some(person) = self.partner {
            plan.add("asset.partner = ?", [Value::Blob(person.bytes().to_vec())]);
        }
        if let Some(album) = self.partner_album {
            let album = Value::Blob(album.bytes().to_vec());
            match source {
                Source::PartnerAlbum => plan.add("partner_album_asset.album = ?", [album]),
                _ => plan.add(
                    "asset.id IN (SELECT asset FROM partner_album_asset WHERE album = ?)",
                    [album],
                ),
            }
        }
        if let Some(album) = self.album {
            let album = || Value::Blob(album.bytes().to_vec());
            match source {
                Source::Album => plan.add("album_asset.album = ?", [album()]),
                // The index is read only where the album has photos; the plus
                // keeps it from being asked anew for each of them.
                _ => plan.add(
                    "search.rowid BETWEEN
                         (SELECT min(asset.spot) FROM album_asset
                            JOIN asset ON asset.id = album_asset.asset WHERE album = ?)
                     AND (SELECT max(asset.spot) FROM album_asset
                            JOIN asset ON asset.id = album_asset.asset WHERE album = ?)
                     AND +search.rowid IN
                         (SELECT asset.spot FROM album_asset
                            JOIN asset ON asset.id = album_asset.asset WHERE album = ?)",
                    [album(), album(), album()],
                ),
            }
        }
        if let Some(link) = self.link {
            let link = Value::Blob(link.bytes().to_vec());
            match source {
                Source::Link => plan.add("link_asset.link = ?", [link]),
                _ => plan.add(
                    "asset.id IN (SELECT asset FROM link_asset WHERE link = ?)",
                    [link],
                ),
            }
        }
        if let Some(area) = self.area {
            let Area {
                south,
                west,
                north,
                east,
            } = area;
            plan.add(
                "asset.latitude >= ? AND asset.latitude < ?",
                [south.into(), north.into()],
            );
            plan.add(
                "asset.longitude >= ? AND asset.longitude < ?",
                [west.into(), east.into()],
            );
        }
        // The index goes by whole seconds, the assets' own times are exact.
        for (moment, exact, of_spot, within) in [
            (self.from, "asset.sorted_at >= ?", "search.rowid >= ?", 0),
            (
                self.before,
                "asset.sorted_at < ?",
                "search.rowid <= ?",
                i64::MAX,
            ),
        ] {
            let Some(moment) = moment else { continue };
            plan.add(exact, [moment.into()]);
            if source == Source::Words {
                plan.add(of_spot, [spot(moment, within).into()]);
            }
        }
        plan
    }

    /// What the index of words is asked, if anything. Every text becomes words in
    /// quotation marks, so that none is taken for a part of the language.
    fn matching(&self) -> Option<String> {
        let mut wanted = words(self.text.as_deref());
        let camera = words(self.camera.as_deref());
        wanted.extend(camera.iter().map(|word| format!("camera : {word}")));
        let mut mark = |name: &str| wanted.push(format!("\"{MARK}{name}\""));
        match self.kind {
            Some(AssetKind::Photo) => mark("photo"),
            Some(AssetKind::Video) => mark("video"),
            Some(AssetKind::Raw) => mark("raw"),
            Some(AssetKind::Live) => mark("live"),
            None => {}
        }
        if let Some(stars @ 1..) = self.rating_at_least {
            mark(&format!("stars{stars}"));
        }
        if self.favorite {
            mark("favorite");
        }
        match self.placed {
            Some(true) => mark("placed"),
            Some(false) => mark("unplaced"),
            None => {}
        }
        (!wanted.is_empty()).then(|| wanted.join(" AND "))
    }
}

/// The mark of a shelf on which few of the library's assets lie: looking for it
/// saves looking at each of the others.
fn rare_mark(shelf: Shelf) -> Option<&'static str> {
    match shelf {
        Shelf::Timeline | Shelf::Locked | Shelf::Album => None,
        Shelf::Archive => Some("archived"),
        Shelf::Trash => Some("trashed"),
    }
}

/// The words of a text as the index is asked for them: each by its beginning.
fn words(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default()
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\0' | MARK))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{word}\" *"))
        .collect()
}

/// An asset's spot, as the catalog reckons it.
fn spot(sorted_at: i64, seq: i64) -> i64 {
    let second = (sorted_at / 1_000).clamp(-FARTHEST, FARTHEST - 1);
    (second << SEQ_BITS) | (seq & ((1 << SEQ_BITS) - 1))
}

impl Plan {
    fn add<const N: usize>(&mut self, condition: &'static str, values: [Value; N]) {
        self.conditions.push(condition);
        self.values.extend(values);
    }

    /// Only what comes after a place in the list.
    fn after(&mut self, Cursor { sorted_at, seq }: Cursor) {
        match self.source {
            Source::Words => self.add("search.rowid < ?", [spot(sorted_at, seq).into()]),
            _ => self.add(
                "(asset.sorted_at, asset.seq) < (?, ?)",
                [sorted_at.into(), seq.into()],
            ),
        }
    }

    /// Only what was taken before this moment.
    pub(crate) fn before(&mut self, moment: i64) {
        self.add("asset.sorted_at < ?", [moment.into()]);
    }

    /// Whether it is the whole timeline.
    pub(crate) fn is_whole_timeline(&self) -> bool {
        self.source == Source::Time && self.conditions == [Shelf::Timeline.condition()]
    }

    /// The whole query for these columns, newest or oldest first.
    pub(crate) fn select(&self, columns: &str, newest_first: bool) -> String {
        let (time, seq) = match self.source {
            Source::Words => ("search.rowid", None),
            _ => ("asset.sorted_at", Some("asset.seq")),
        };
        let way = if newest_first { "DESC" } else { "ASC" };
        let seq = seq.map(|seq| format!(", {seq} {way}")).unwrap_or_default();
        format!(
            "SELECT {columns} FROM {} WHERE {} ORDER BY {time} {way}{seq}",
            self.tables,
            self.conditions.join(" AND ")
        )
    }

    /// The values of the query, in their order.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

impl Library {
    /// Fails with a sentence when the filter asks for what is locked and not open.
    pub(crate) fn check_shelf(&self, filter: &Filter) -> Result<(), LibraryError> {
        match filter.shelf {
            Some(Shelf::Locked) => self.check_open(),
            _ => Ok(()),
        }
    }

    /// A page of assets, newest first.
    pub fn assets(&self, query: &AssetQuery) -> Result<AssetPage, LibraryError> {
        self.check_shelf(&query.filter)?;
        let limit = query.limit.unwrap_or(100).clamp(1, 1_000);
        let mut plan = query.filter.plan();
        if let Some(after) = query.after {
            plan.after(after);
        }
        let sql = format!("{} LIMIT {}", plan.select(asset::COLUMNS, true), limit + 1);
        let mut assets = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&sql)?
                .query_map(
                    rusqlite::params_from_iter(plan.into_values()),
                    asset::from_row,
                )?
                .collect::<Result<Vec<Asset>, _>>()?)
        })?;
        let more = assets.len() > limit as usize;
        assets.truncate(limit as usize);
        let next = assets.last().filter(|_| more).map(|last| Cursor {
            sorted_at: last.sorted_at,
            seq: last.seq,
        });
        Ok(AssetPage { assets, next })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.sorted_at, self.seq)
    }
}

impl std::str::FromStr for Cursor {
    type Err = LibraryError;

    fn from_str(text: &str) -> Result<Cursor, LibraryError> {
        text.split_once(':')
            .and_then(|(at, seq)| {
                Some(Cursor {
                    sorted_at: at.parse().ok()?,
                    seq: seq.parse().ok()?,
                })
            })
            .ok_or_else(|| {
                LibraryError::wrong("That is no place in the list; pass on «next» as it came.")
            })
    }
}
