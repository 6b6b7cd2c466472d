//! The album's page: header, justified rows, plain links from page to page, and
//! the card that a messenger shows.

use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::{Html, IntoResponse, Response},
};
use library::{Entry, Terms, Totals};
use serde::Deserialize;

use crate::{
    files::{FILES, Files},
    notice::Refusal,
    phrases::{Language, length_of},
    shape,
    site::Asked,
    visitor::{Visitor, blocking},
};

/// Photos on a page: with the stylesheet they stay below 50 KB.
pub(crate) const PAGE: u64 = 120;
/// The short side of a thumbnail, in pixels.
const THUMBNAIL: u32 = 250;
/// Characters of a photo's own words on the album's page, and of the card's.
const ALT: usize = 80;
const TEASER: usize = 200;

/// What a messenger shows of an address.
#[derive(Debug)]
pub(crate) struct Card {
    /// The link's title.
    pub(crate) title: String,
    /// A sentence; empty when there is nothing to say.
    pub(crate) description: String,
    /// Absolute.
    pub(crate) url: String,
    /// Absolute address of a JPEG.
    pub(crate) image: Option<String>,
}

impl Card {
    /// The card of a link with a password: no picture, no name, no count.
    pub(crate) fn generic(asked: &Asked, base: &str) -> Self {
        Self {
            title: asked.say.generic().into(),
            description: String::new(),
            url: format!("{}{base}", asked.origin),
            image: None,
        }
    }

    /// The card of a link for `path` within it; generic when it has a password.
    pub(crate) fn of(visitor: &Visitor, totals: &Totals, path: &str) -> Self {
        let (terms, asked, base) = (visitor.access.terms(), &visitor.asked, &visitor.place.base);
        if terms.has_password {
            return Self::generic(asked, base);
        }
        let say = asked.say;
        let description = match terms.description.trim() {
            "" if terms.from.is_empty() => count(totals, say),
            "" => format!("{}, {}", count(totals, say), say.from(&terms.from)),
            description => cut(description, TEASER),
        };
        Self {
            title: title_of(terms, say),
            description,
            url: format!("{}{base}{path}", asked.origin),
            image: (totals.files > totals.unseen).then(|| format!("{}{base}/card", asked.origin)),
        }
    }
}

/// One photo or video in the rows.
struct Cell {
    item: String,
    alt: String,
    /// A video's length; empty when unknown.
    length: Option<String>,
    /// The format of what has no picture of itself.
    unseen: Option<String>,
    shape: String,
    colour: String,
    width: u32,
    height: u32,
}

#[derive(Template)]
#[template(path = "album.html", whitespace = "minimize")]
struct AlbumPage<'a> {
    say: Language,
    files: &'a Files,
    card: Card,
    heading: String,
    base: &'a str,
    from: &'a str,
    description: &'a str,
    count: String,
    until: Option<&'a str>,
    photos: Vec<Cell>,
    page: u64,
    pages: u64,
}

/// The query of an album's page.
#[derive(Deserialize)]
pub(crate) struct Asking {
    page: Option<String>,
}

/// `/share/{key}`
pub(crate) async fn album(
    visitor: Visitor,
    asking: Result<Query<Asking>, QueryRejection>,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let wanted = asking
        .ok()
        .and_then(|Query(asking)| asking.page?.parse::<u64>().ok())
        .unwrap_or(1);
    let access = visitor.access.clone();
    let (totals, pages, page, entries) = blocking(say, move || {
        let totals = access.totals()?;
        let pages = totals.files.div_ceil(PAGE).max(1);
        let page = wanted.clamp(1, pages);
        let entries = access.entries((page - 1) * PAGE, PAGE)?;
        Ok((totals, pages, page, entries))
    })
    .await?;
    let terms = visitor.access.terms();
    let until = terms
        .expires_at_ms
        .and_then(|time| say.day_of_instant(time));
    let page = AlbumPage {
        say,
        files: &FILES,
        card: Card::of(&visitor, &totals, ""),
        heading: title_of(terms, say),
        base: &visitor.place.base,
        from: &terms.from,
        description: terms.description.trim(),
        count: count(&totals, say),
        until: until.as_deref(),
        photos: entries.iter().map(|entry| Cell::of(entry, say)).collect(),
        page,
        pages,
    };
    let html = page.render().map_err(|_| Refusal::failed(say))?;
    Ok(Html(html).into_response())
}

impl Cell {
    fn of(entry: &Entry, say: Language) -> Self {
        let (width, height) = within_short(entry.width, entry.height);
        Self {
            item: entry.item.clone(),
            alt: cut(&words_of(entry, say), ALT),
            length: entry
                .is_video
                .then(|| entry.duration_ms.map(length_of).unwrap_or_default()),
            unseen: entry.unseen.then(|| entry.format.clone()),
            shape: shape::shape(entry.width, entry.height),
            colour: shape::colour(&entry.thumbhash),
            width,
            height,
        }
    }
}

/// The heading of a link's pages.
pub(crate) fn title_of(terms: &Terms, say: Language) -> String {
    match terms.title.trim() {
        "" => say.untitled().into(),
        title => title.into(),
    }
}

/// How many photos and videos a link shows, in words.
fn count(totals: &Totals, say: Language) -> String {
    say.count_of(totals.files.saturating_sub(totals.videos), totals.videos)
}

/// What a screen reader says: `Dunes, 3 May 2026`, `Video, 0:14, Dunes, 3 May 2026`.
/// Title or description and the day stand where the link shows them; what has
/// neither is told apart by its place in the album. What has no picture says so.
pub(crate) fn words_of(entry: &Entry, say: Language) -> String {
    let own = entry.shown.as_ref().and_then(|shown| {
        [&shown.title, &shown.description]
            .into_iter()
            .flatten()
            .map(|text| text.trim())
            .find(|text| !text.is_empty())
    });
    let day = entry
        .shown
        .as_ref()
        .and_then(|shown| say.day_of_camera(shown.taken_local_ms?));
    let place = entry.index + 1;
    let first = match (entry.is_video, own, &day) {
        (false, Some(_), _) => None,
        (false, None, _) => Some(say.photo(place)),
        (true, None, None) => Some(say.video_at(place)),
        (true, ..) => Some(say.video().to_owned()),
    };
    let length = entry.duration_ms.filter(|_| entry.is_video);
    let unseen = entry
        .unseen
        .then(|| format!("{}, {}", entry.format, say.no_preview()));
    [
        first,
        length.map(length_of),
        own.map(str::to_owned),
        day,
        unseen,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}

/// The sides of a thumbnail: as upright in the original, 250 pixels the shorter.
fn within_short(width: u32, height: u32) -> (u32, u32) {
    let short = width.min(height).max(1);
    let scaled = |side: u32| {
        let side = u64::from(side.max(1)) * u64::from(THUMBNAIL.min(short)) / u64::from(short);
        u32::try_from(side).unwrap_or(u32::MAX).max(1)
    };
    (scaled(width), scaled(height))
}

/// The first `most` characters, with an ellipsis when there were more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbnails_keep_their_shape() {
        assert_eq!(within_short(4000, 3000), (333, 250));
        assert_eq!(within_short(3000, 4000), (250, 333));
        assert_eq!(within_short(100, 40), (100, 40));
        assert_eq!(within_short(0, 0), (1, 1));
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        assert_eq!(cut("Äpfel", 5), "Äpfel");
        assert_eq!(cut("Äpfel und", 6), "Äpfel…");
    }
}
