//! The page of one photo or video: the picture or the player, the way to its
//! neighbours and back, and what the link's owner lets be known of it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{Html, IntoResponse, Response},
};
use library::{Access, Conversation, Download, Entry, LibraryError, Shown, Terms, What};
use serde::Deserialize;

use crate::{
    album::{PAGE, title_of, words_of},
    card::Card,
    files::{FILES, Files},
    notice::Refusal,
    phrases::Language,
    site::Site,
    talk::{self, Talk},
    visitor::{Visitor, blocking},
};

/// The long side of a preview, in pixels.
const PREVIEW: u32 = 1440;

/// The part of the world that a photo's map shows, in tenths of a degree.
const MAP: (f64, f64) = (800.0, 400.0);

/// One line of the details.
struct Fact {
    term: &'static str,
    texts: Vec<Text>,
}

/// A fact, or a link to it.
struct Text {
    text: String,
    link: Option<String>,
    /// Whether the link leads to another site.
    is_outside: bool,
}

/// Where a photo was taken, on a map of the part of the world around it: tenths of a
/// degree east of the date line and south of the north pole.
struct Spot {
    x: i32,
    y: i32,
    view: String,
}

/// What stands in the middle of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A picture.
    Picture,
    /// A player with its poster.
    Film,
    /// The poster of a video that browsers do not play yet.
    Preparing,
    /// The name of a format, for there is no picture.
    Bare,
}

#[derive(Template)]
#[template(path = "photo.html", whitespace = "minimize")]
struct PhotoPage<'a> {
    say: Language,
    files: &'a Files,
    card: Card,
    heading: String,
    place: String,
    day: Option<String>,
    base: &'a str,
    up: String,
    item: &'a str,
    alt: String,
    width: u32,
    height: u32,
    stage: Stage,
    format: &'a str,
    has_poster: bool,
    previous: Option<Entry>,
    next: Option<Entry>,
    download: bool,
    title: Option<&'a str>,
    description: Option<&'a str>,
    told: Vec<Fact>,
    spot: Option<Spot>,
    /// Whether its moving part can be played now.
    moves: bool,
    talk: Option<Talk>,
}

/// The query of a photo's page.
#[derive(Default, Deserialize)]
pub(crate) struct Asking {
    /// Shows what was said before this.
    said: Option<String>,
}

/// A photo, and what can be done with it at this moment.
struct Seen {
    entry: Entry,
    stage: Stage,
    download: bool,
    moves: bool,
    said: Option<Conversation>,
}

/// `/share/{key}/photo/{item}`
pub(crate) async fn photo(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    asking: Result<Query<Asking>, QueryRejection>,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let asking = asking.map(|Query(asking)| asking).unwrap_or_default();
    let access = visitor.access.clone();
    let item = visitor.place.item.clone().unwrap_or_default();
    let found = blocking(say, move || {
        let Some(entry) = access.entry(&item)? else {
            return Ok(None);
        };
        let before = match entry.index.checked_sub(1) {
            Some(index) => access.entry_at(index)?,
            None => None,
        };
        let after = access.entry_at(entry.index + 1)?;
        let stage = stage_of(&access, &entry);
        let download = may_download(&access, &entry);
        let moves = access.moves(&entry);
        let totals = access.totals()?;
        let said = talk::read(&access, Some(&entry), asking.said.as_deref())?;
        let seen = Seen {
            entry,
            stage,
            download,
            moves,
            said,
        };
        Ok(Some((seen, [before, after], totals)))
    })
    .await?;
    let Some((seen, [previous, next], totals)) = found else {
        return Err(Refusal::nothing(say));
    };
    let Seen {
        entry,
        stage,
        download,
        moves,
        said,
    } = seen;
    let terms = visitor.access.terms();
    let base = &visitor.place.base();
    let photos = totals.files.saturating_sub(totals.videos);
    let place = say.place_of(entry.index + 1, photos, totals.videos);
    let taken = entry.shown.as_ref().and_then(|shown| shown.taken_local_ms);
    let day = taken.and_then(|taken| say.day_of_camera(taken));
    let (width, height) = within_long(entry.width, entry.height);
    let own = |pick: fn(&Shown) -> &Option<String>| {
        let text = pick(entry.shown.as_ref()?).as_deref()?.trim();
        (!text.is_empty()).then_some(text)
    };
    let page = PhotoPage {
        say,
        files: &FILES,
        card: Card::of(&visitor, &totals, &format!("/photo/{}", entry.item)),
        heading: format!("{place} · {}", title_of(terms, say)),
        place,
        day,
        base,
        up: up(base, &entry),
        item: &entry.item,
        alt: words_of(&entry, say),
        width,
        height,
        stage,
        format: &entry.format,
        has_poster: !entry.unseen,
        previous,
        next,
        download,
        title: own(|shown| &shown.title),
        description: own(|shown| &shown.description),
        told: told(&entry, terms, base, download, say),
        spot: entry.shown.as_ref().and_then(spot),
        moves,
        talk: said.map(|said| Talk::of(&site, &visitor, Some(&entry.item), said, true)),
    };
    let html = page.render().map_err(|_| Refusal::failed(say))?;
    Ok(Html(html).into_response())
}

/// What can be shown of a photo or video at this moment.
fn stage_of(access: &Access, entry: &Entry) -> Stage {
    match (entry.is_video, entry.unseen) {
        (false, false) => Stage::Picture,
        (false, true) => Stage::Bare,
        // What no poster could be made of was not converted either.
        (true, true) if !entry.plays => Stage::Bare,
        (true, _) => match access.read(entry, What::Film) {
            Err(LibraryError::Converting) => Stage::Preparing,
            // Whatever else is amiss, the player tells when it is asked to play.
            _ => Stage::Film,
        },
    }
}

/// Whether the link allows a download and there is something to give now: a video
/// may still be in the making, and what has no preview may have no clean copy.
fn may_download(access: &Access, entry: &Entry) -> bool {
    let at_hand = !entry.is_video && !entry.unseen;
    access.terms().download != Download::None
        && (at_hand || access.read(entry, What::Download).is_ok())
}

/// The photo's own place in the rows, on the page that holds it.
fn up(base: &str, entry: &Entry) -> String {
    match entry.index / PAGE {
        0 => format!("{base}#p-{}", entry.item),
        before => format!("{base}?page={}#p-{}", before + 1, entry.item),
    }
}

fn told(entry: &Entry, terms: &Terms, base: &str, download: bool, say: Language) -> Vec<Fact> {
    let plain = |term, text: Option<String>| {
        let text = text.filter(|text| !text.is_empty())?;
        Some(Fact {
            term,
            texts: vec![Text::plain(text)],
        })
    };
    let facts = entry.shown.as_ref().map(|shown| {
        let taken = shown.taken_local_ms;
        [
            plain(
                say.taken(),
                taken.and_then(|taken| say.time_of_camera(taken)),
            ),
            place(shown, say),
            plain(say.camera(), shown.camera.clone()),
            plain(say.lens(), shown.lens.clone()),
            plain(say.exposure(), shown.exposure.clone()),
            plain(say.file(), Some(shown.name.clone())),
        ]
    });
    // Where there is a choice, it is made here; the bar's button gives the best.
    let choice = (download && terms.download == Download::Original && !entry.unseen).then(|| {
        let address = format!("{base}/photo/{}/download", entry.item);
        let original = format!(
            "{} ({}, {})",
            say.original(),
            entry.format,
            say.size(entry.bytes)
        );
        Fact {
            term: say.download(),
            texts: vec![
                Text::link(original, address.clone()),
                Text::link(say.screen_size().into(), format!("{address}?size=screen")),
            ],
        }
    });
    facts
        .into_iter()
        .flatten()
        .chain([choice])
        .flatten()
        .collect()
}

/// The nearest town, and the coordinates with a way to a map of the street.
fn place(shown: &Shown, say: Language) -> Option<Fact> {
    let (latitude, longitude) = shown.latitude.zip(shown.longitude)?;
    let coordinates = Text {
        text: format!(
            "{}° {}, {}° {}",
            say.degrees(latitude.abs()),
            if latitude < 0.0 { "S" } else { "N" },
            say.degrees(longitude.abs()),
            if longitude < 0.0 { "W" } else { say.east() },
        ),
        link: Some(format!(
            "https://www.openstreetmap.org/?mlat={latitude:.5}&mlon={longitude:.5}#map=14/{latitude:.5}/{longitude:.5}"
        )),
        is_outside: true,
    };
    Some(Fact {
        term: say.place(),
        texts: shown
            .place
            .clone()
            .map(Text::plain)
            .into_iter()
            .chain([coordinates])
            .collect(),
    })
}

fn spot(shown: &Shown) -> Option<Spot> {
    let (latitude, longitude) = shown.latitude.zip(shown.longitude)?;
    let tenths = |degrees: f64, most: f64| (degrees * 10.0).clamp(0.0, most).round();
    let (x, y) = (
        tenths(longitude + 180.0, 3600.0),
        tenths(90.0 - latitude, 1800.0),
    );
    let left = (x - MAP.0 / 2.0).clamp(0.0, 3600.0 - MAP.0);
    let top = (y - MAP.1 / 2.0).clamp(0.0, 1800.0 - MAP.1);
    Some(Spot {
        // Whole numbers of at most 3600.
        x: x as i32,
        y: y as i32,
        view: format!("{left} {top} {} {}", MAP.0, MAP.1),
    })
}

impl Text {
    fn plain(text: String) -> Self {
        Self {
            text,
            link: None,
            is_outside: false,
        }
    }

    /// To something of this link.
    fn link(text: String, address: String) -> Self {
        Self {
            text,
            link: Some(address),
            is_outside: false,
        }
    }
}

/// The sides of a preview: 1440 pixels the longer, never larger than the original.
fn within_long(width: u32, height: u32) -> (u32, u32) {
    let long = width.max(height).max(1);
    let scaled = |side: u32| {
        let side = u64::from(side.max(1)) * u64::from(PREVIEW.min(long)) / u64::from(long);
        u32::try_from(side).unwrap_or(PREVIEW).max(1)
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_keep_their_shape() {
        assert_eq!(within_long(6000, 4000), (1440, 960));
        assert_eq!(within_long(300, 200), (300, 200));
        assert_eq!(within_long(1, 60_000), (1, 1440));
    }

    #[test]
    fn the_map_ends_where_the_world_does() {
        let at = |latitude, longitude| {
            let shown = Shown {
                name: String::new(),
                title: None,
                description: None,
                taken_local_ms: None,
                camera: None,
                lens: None,
                exposure: None,
                place: None,
                latitude: Some(latitude),
                longitude: Some(longitude),
            };
            let spot = spot(&shown).unwrap();
            (spot.x, spot.y, spot.view)
        };
        assert_eq!(at(44.4, 8.9), (1889, 456, "1489 256 800 400".into()));
        assert_eq!(at(-90.0, 180.0), (3600, 1800, "2800 1400 800 400".into()));
        assert_eq!(at(89.9, -179.96), (0, 1, "0 0 800 400".into()));
    }
}
