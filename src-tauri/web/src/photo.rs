//! The page of one photo or video: the picture or the player, the way to its
//! neighbours and back, and what the link's owner lets be known of it.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use library::{Access, Download, Entry, LibraryError, Shown, What};

use crate::{
    album::{Card, PAGE, title_of, words_of},
    files::{FILES, Files},
    notice::Refusal,
    phrases::Language,
    visitor::{Visitor, blocking},
};

/// The long side of a preview, in pixels.
const PREVIEW: u32 = 1440;

/// One line of the details.
struct Fact {
    term: &'static str,
    text: String,
    link: Option<String>,
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
    counter: String,
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
}

/// `/share/{key}/photo/{item}`
pub(crate) async fn photo(visitor: Visitor) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
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
        let totals = access.totals()?;
        Ok(Some((entry, stage, download, [before, after], totals)))
    })
    .await?;
    let Some((entry, stage, download, [previous, next], totals)) = found else {
        return Err(Refusal::nothing(say));
    };
    let terms = visitor.access.terms();
    let base = &visitor.place.base;
    let photos = totals.files.saturating_sub(totals.videos);
    let counter = say.place_of(entry.index + 1, photos, totals.videos);
    let (width, height) = within_long(entry.width, entry.height);
    let own = |pick: fn(&Shown) -> &Option<String>| {
        let text = pick(entry.shown.as_ref()?).as_deref()?.trim();
        (!text.is_empty()).then_some(text)
    };
    let page = PhotoPage {
        say,
        files: &FILES,
        card: Card::of(&visitor, &totals, &format!("/photo/{}", entry.item)),
        heading: format!("{counter} · {}", title_of(terms, say)),
        counter,
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
        told: entry
            .shown
            .as_ref()
            .map(|shown| told(shown, say))
            .unwrap_or_default(),
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

fn told(shown: &Shown, say: Language) -> Vec<Fact> {
    let plain = |term, text: Option<String>| {
        text.filter(|text| !text.is_empty()).map(|text| Fact {
            term,
            text,
            link: None,
        })
    };
    let place = shown.latitude.zip(shown.longitude).map(|(latitude, longitude)| Fact {
        term: say.place(),
        text: format!(
            "{:.4}° {}, {:.4}° {}",
            latitude.abs(),
            if latitude < 0.0 { "S" } else { "N" },
            longitude.abs(),
            if longitude < 0.0 { "W" } else { say.east() },
        ),
        link: Some(format!(
            "https://www.openstreetmap.org/?mlat={latitude:.5}&mlon={longitude:.5}#map=14/{latitude:.5}/{longitude:.5}"
        )),
    });
    [
        plain(
            say.taken(),
            shown
                .taken_local_ms
                .and_then(|time| say.time_of_camera(time)),
        ),
        place,
        plain(say.camera(), shown.camera.clone()),
        plain(say.lens(), shown.lens.clone()),
        plain(say.exposure(), shown.exposure.clone()),
        plain(say.file(), Some(shown.name.clone())),
    ]
    .into_iter()
    .flatten()
    .collect()
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
}
