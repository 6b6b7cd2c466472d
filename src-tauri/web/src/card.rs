//! What a messenger shows of a link: title, a sentence, and a picture below 300 KB;
//! of a link with a door nothing that is its own.

use library::Totals;

use crate::{
    album::{count, cut, title_of},
    phrases::Language,
    site::Asked,
    visitor::Visitor,
};

/// Characters of the owner's words.
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
    /// The visitor's language.
    pub(crate) say: Language,
}

impl Card {
    /// The card of a link with a door: no picture, no name, no count.
    pub(crate) fn generic(asked: &Asked, base: &str) -> Self {
        Self {
            title: asked.say.generic().into(),
            description: String::new(),
            url: format!("{}{base}", asked.origin()),
            image: None,
            say: asked.say,
        }
    }

    /// The card of the page to add photos: it shows none.
    pub(crate) fn of_adding(visitor: &Visitor) -> Self {
        let (terms, asked, base) = (
            visitor.access.terms(),
            &visitor.asked,
            &visitor.place.base(),
        );
        if terms.has_door {
            return Self::generic(asked, base);
        }
        let say = asked.say;
        Self {
            title: title_of(terms, say),
            description: say.goes_to(&terms.from),
            url: format!("{}{base}", asked.origin()),
            image: None,
            say,
        }
    }

    /// The card of a link for `path` within it; generic when it has a door.
    pub(crate) fn of(visitor: &Visitor, totals: &Totals, path: &str) -> Self {
        let (terms, asked, base) = (
            visitor.access.terms(),
            &visitor.asked,
            &visitor.place.base(),
        );
        if terms.has_door {
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
            url: format!("{}{base}{path}", asked.origin()),
            image: (totals.files > totals.unseen).then(|| format!("{}{base}/card", asked.origin())),
            say,
        }
    }
}
