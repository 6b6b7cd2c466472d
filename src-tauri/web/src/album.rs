//! The album's page: header, justified rows under days or months, plain links from
//! page to page, and the same with checkboxes to choose what to download.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{Html, IntoResponse, Response},
};
use library::{Access, Download, Entry, LibraryError, MOST_CHOSEN, Terms, Totals, Uploads};
use serde::Deserialize;

use crate::{
    add,
    card::Card,
    figures::{length_of, year_of_camera},
    files::{FILES, Files},
    map,
    notice::Refusal,
    phrases::Language,
    shape,
    site::Site,
    talk::{self, Talk},
    visitor::{Visitor, blocking},
};

/// Photos on a page: with the stylesheet they stay below 50 KB.
pub(crate) const PAGE: u64 = 96;
/// Pictures that are loaded with the page; more than a phone shows at first.
const AT_ONCE: usize = 12;
const DAY_MS: i64 = 86_400_000;
/// Up to here a link's photos are parted by days.
const MOST_DAYS: u64 = 92;
/// The short side of a thumbnail, in pixels.
const THUMBNAIL: u32 = 250;
/// Characters of a photo's own words.
const ALT: usize = 80;
/// Bytes of all of a page's, as they are sent: with these it stays below 50 KB.
const ALTS: usize = 96 * 40;

/// One photo or video in the rows.
pub(crate) struct Cell {
    pub(crate) item: String,
    pub(crate) alt: String,
    /// A video's length; empty when unknown.
    pub(crate) length: Option<String>,
    /// The format of what has no picture of itself.
    pub(crate) unseen: Option<String>,
    pub(crate) shape: String,
    pub(crate) colour: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Loaded only when it comes near.
    pub(crate) is_later: bool,
}

/// Photos under one heading, or under none.
pub(crate) struct Part {
    pub(crate) heading: Option<String>,
    pub(crate) cells: Vec<Cell>,
}

/// By what the rows are parted where the link tells when photos were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Day,
    Month,
    Year,
}

/// A size that may be downloaded.
struct Size {
    /// As the archive's address has it.
    name: &'static str,
    words: &'static str,
    /// How much all of it is, where that is known.
    bytes: Option<String>,
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
    parts: Vec<Part>,
    page: u64,
    pages: u64,
    /// What may be downloaded, the best first; none when nothing may.
    sizes: Vec<Size>,
    all: String,
    files_count: u64,
    selecting: bool,
    may_select: bool,
    talk: Option<Talk>,
    may_add: bool,
    has_map: bool,
}

impl AlbumPage<'_> {
    /// Where a page of the album stands, in this mode.
    fn to(&self, page: u64) -> String {
        let select = if self.selecting { "select=1&" } else { "" };
        format!("{}?{select}page={page}", self.base)
    }

    /// The other mode at this place.
    fn other_mode(&self) -> String {
        let select = if self.selecting { "" } else { "select=1&" };
        format!("{}?{select}page={}", self.base, self.page)
    }
}

/// The query of an album's page.
#[derive(Default, Deserialize)]
pub(crate) struct Asking {
    page: Option<String>,
    select: Option<String>,
    /// Shows the map: of all, or of an area.
    map: Option<String>,
    /// Shows the conversation.
    talk: Option<String>,
    /// What was said before this.
    said: Option<String>,
}

/// `/share/{key}`
pub(crate) async fn album(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    asking: Result<Query<Asking>, QueryRejection>,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    if visitor.access.terms().upload == Uploads::Only {
        return add::page(&site, &visitor).await;
    }
    let asking = asking.map(|Query(asking)| asking).unwrap_or_default();
    let wanted = asking.page.and_then(|page| page.parse().ok()).unwrap_or(1);
    if let Some(area) = &asking.map
        && let Some(page) = map::page(&visitor, area, wanted).await?
    {
        return Ok(page);
    }
    let selecting = asking.select.is_some();
    let reading = asking.talk.is_some() || asking.said.is_some();
    let access = visitor.access.clone();
    let (totals, span, pages, page, sizes, entries, said, has_map) = blocking(say, move || {
        let (totals, span) = (access.totals()?, access.span()?);
        let pages = totals.files.div_ceil(PAGE).max(1);
        let page = wanted.clamp(1, pages);
        let entries = access.entries((page - 1) * PAGE, PAGE)?;
        let sizes = match totals.files {
            0 => Vec::new(),
            _ => sizes(&access, &totals, page == 1, say)?,
        };
        let said = match selecting {
            true => None,
            false => talk::read(&access, None, asking.said.as_deref())?,
        };
        Ok((
            totals,
            span,
            pages,
            page,
            sizes,
            entries,
            said,
            access.has_spots()?,
        ))
    })
    .await?;
    let terms = visitor.access.terms();
    let until = terms.expires_at_ms.and_then(|end| say.last_day(end));
    let may_select = terms.download != Download::None && totals.files > 1;
    let page = AlbumPage {
        say,
        files: &FILES,
        card: Card::of(&visitor, &totals, ""),
        heading: title_of(terms, say),
        base: &visitor.place.base(),
        from: &terms.from,
        description: terms.description.trim(),
        count: count(&totals, say),
        until: until.as_deref(),
        parts: parts(&entries, span.map(|span| step(span, totals.files)), say),
        page,
        pages,
        sizes,
        all: say.files(totals.files),
        files_count: totals.files,
        selecting: selecting && may_select,
        may_select,
        talk: said.map(|said| Talk::of(&site, &visitor, None, said, reading)),
        may_add: terms.upload == Uploads::Add,
        has_map,
    };
    let html = page.render().map_err(|_| Refusal::failed(say))?;
    Ok(Html(html).into_response())
}

/// What may be downloaded, the best first; how much it is only where that is `told`.
fn sizes(
    access: &Access,
    totals: &Totals,
    told: bool,
    say: Language,
) -> Result<Vec<Size>, LibraryError> {
    let bytes = |size| match told {
        true => Ok(access.archive_size(size)?.bytes),
        false => Ok::<_, LibraryError>(None),
    };
    let screen = |bytes: Option<u64>| Size {
        name: "screen",
        words: say.screen_size(),
        bytes: bytes.map(|bytes| say.size(bytes)),
    };
    Ok(match access.terms().download {
        Download::None => Vec::new(),
        Download::Screen => vec![screen(bytes(Download::Screen)?)],
        Download::Original => {
            // A clean copy is as large as its original, but for what was taken out.
            let all = bytes(Download::Original)?.unwrap_or(totals.bytes);
            let originals = Size {
                name: "original",
                words: say.originals(),
                bytes: Some(say.size(all)),
            };
            vec![originals, screen(None)]
        }
    })
}

/// Days for a journey, months for what is longer, years for what is too thin for so
/// many headings.
fn step((first, last): (i64, i64), files: u64) -> Step {
    let days = last.div_euclid(DAY_MS) - first.div_euclid(DAY_MS) + 1;
    match u64::try_from(days) {
        Ok(days) if days <= MOST_DAYS && files >= 4 * days => Step::Day,
        Ok(days) if files >= 4 * (days / 30) => Step::Month,
        _ => Step::Year,
    }
}

/// The photos of a page under their headings. What has no date of its own stands
/// where it was sorted, under the heading before it.
fn parts(entries: &[Entry], step: Option<Step>, say: Language) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (cell, entry) in cells(entries, say).into_iter().zip(entries) {
        let taken = entry.shown.as_ref().and_then(|shown| shown.taken_local_ms);
        let heading = taken.zip(step).and_then(|(taken, step)| match step {
            Step::Day => say.day_of_camera(taken),
            Step::Month => say.month_of_camera(taken),
            Step::Year => year_of_camera(taken),
        });
        match parts.last_mut() {
            Some(part) if heading.is_none() || heading == part.heading => part.cells.push(cell),
            _ => parts.push(Part {
                heading,
                cells: vec![cell],
            }),
        }
    }
    parts
}

/// The photos of a page. Where their words are too long together, those of each are cut.
pub(crate) fn cells(entries: &[Entry], say: Language) -> Vec<Cell> {
    let words = entries.iter().map(|entry| cut(&words_of(entry, say), ALT));
    let mut words: Vec<String> = words.collect();
    if words
        .iter()
        .flat_map(|alt| alt.chars())
        .map(weight)
        .sum::<usize>()
        > ALTS
    {
        let each = ALTS / entries.len().max(1);
        for alt in &mut words {
            *alt = fit(alt, each);
        }
    }
    let photos = entries.iter().zip(words).enumerate();
    photos
        .map(|(place, (entry, alt))| Cell::of(entry, alt, place))
        .collect()
}

impl Cell {
    fn of(entry: &Entry, alt: String, place: usize) -> Self {
        let (width, height) = within_short(entry.width, entry.height);
        Self {
            item: entry.item.clone(),
            alt,
            length: entry
                .is_video
                .then(|| entry.duration_ms.map(length_of).unwrap_or_default()),
            unseen: entry.unseen.then(|| entry.format.clone()),
            shape: shape::shape(entry.width, entry.height),
            colour: shape::colour(&entry.thumbhash),
            width,
            height,
            is_later: place >= AT_ONCE,
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
pub(crate) fn count(totals: &Totals, say: Language) -> String {
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
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// Bytes of a letter once it is escaped.
fn weight(letter: char) -> usize {
    match letter {
        '"' | '\'' | '&' | '<' | '>' => "&#60;".len(),
        letter => letter.len_utf8(),
    }
}

/// What of `text` weighs no more than `most` bytes once it is escaped, and an ellipsis
/// when there was more.
fn fit(text: &str, most: usize) -> String {
    let mut sent = 0;
    let fitting = text.chars().take_while(|letter| {
        sent += weight(*letter);
        sent <= most
    });
    let count = fitting.count();
    cut(text, count)
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
    fn a_journey_has_days_and_a_life_has_months() {
        let june = 1_780_300_800_000;
        assert_eq!(step((june, june), 4), Step::Day);
        assert_eq!(step((june, june + 6 * DAY_MS), 87), Step::Day);
        assert_eq!(step((june, june + 6 * DAY_MS), 9), Step::Month);
        assert_eq!(step((0, june), 1_000_000), Step::Month);
        assert_eq!(step((0, june), 34), Step::Year);
        assert_eq!(step((-DAY_MS - 1, DAY_MS), 16), Step::Day);
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        assert_eq!(cut("Äpfel", 5), "Äpfel");
        assert_eq!(cut("Äpfel und", 6), "Äpfel…");
    }

    #[test]
    fn words_fit_by_what_they_weigh_when_they_are_sent() {
        assert_eq!(fit("Dunes", 5), "Dunes");
        assert_eq!(fit("Dünen", 5), "Düne…");
        assert_eq!(fit("A & B", 8), "A &…");
        assert_eq!(fit("海辺の夕暮れ", 10), "海辺の…");
    }
}
