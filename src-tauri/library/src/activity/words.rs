//! The words people write: cleaned once, where they come in. They are text, never
//! markup; whoever shows them escapes them.

use unicode_normalization::UnicodeNormalization;

use crate::LibraryError;

/// Characters of a comment.
pub const LONGEST_TEXT: usize = 2_000;
/// Characters of a visitor's name.
pub const LONGEST_NAME: usize = 64;

/// Why something was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsaid {
    /// A visitor gave no name.
    #[error("A comment needs the name of who writes it.")]
    Nameless,
    /// There are no words.
    #[error("A comment needs a few words.")]
    Wordless,
    /// There are too many words.
    #[error("A comment may have {LONGEST_TEXT} characters, and a name {LONGEST_NAME}.")]
    TooLong,
    /// The album's owner has switched it off.
    #[error("Comments and likes are switched off in this album.")]
    Off,
    /// As much was said as may be.
    #[error("There are {0} comments already, and no room for more; delete some.")]
    Full(u64),
}

impl From<Unsaid> for LibraryError {
    fn from(why: Unsaid) -> LibraryError {
        LibraryError::Unsaid(why)
    }
}

/// Whether a character could change how what stands around it is read.
pub(crate) fn disturbs(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A comment as it is kept: composed (NFC), its line breaks alone of all control
/// characters, no more than one empty line between two.
pub(crate) fn text(text: &str) -> Result<String, Unsaid> {
    // What cannot fit is not looked at in full.
    if text.len() > 16 * LONGEST_TEXT {
        return Err(Unsaid::TooLong);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut kept = String::with_capacity(text.len());
    let mut breaks = 0;
    for c in text.nfc() {
        breaks = if c == '\n' { breaks + 1 } else { 0 };
        if c == '\t' {
            kept.push(' ');
        } else if (c == '\n' && breaks <= 2) || !disturbs(c) {
            kept.push(c);
        }
    }
    let kept = kept.trim();
    match kept.chars().count() {
        0 => Err(Unsaid::Wordless),
        count if count > LONGEST_TEXT => Err(Unsaid::TooLong),
        _ => Ok(kept.to_owned()),
    }
}

/// A name as it is kept: one line, perhaps empty.
pub(crate) fn name(name: &str) -> Result<String, Unsaid> {
    if name.len() > 16 * LONGEST_NAME {
        return Err(Unsaid::TooLong);
    }
    let spaced = name
        .nfc()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !disturbs(*c));
    let name: String = spaced.collect();
    let name: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    let name = name.join(" ");
    match name.chars().count() > LONGEST_NAME {
        true => Err(Unsaid::TooLong),
        false => Ok(name),
    }
}

/// Whether a comment calls somebody by name, as `@Anna` does.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.trim().to_lowercase());
    !name.is_empty()
        && text.split('@').skip(1).any(|rest| {
            rest.strip_prefix(name.as_str())
                .is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_keeps_its_lines_and_loses_what_disturbs() {
        assert_eq!(text(" How\r\nlovely\r!\n ").unwrap(), "How\nlovely\n!");
        assert_eq!(text("a\n\n\n\n\nb\tc").unwrap(), "a\n\nb c");
        assert_eq!(text("e\u{301}\u{0}\u{1b}[31m\u{7}").unwrap(), "é[31m");
        assert_eq!(text("\u{202e}evil\u{2066}\u{feff}").unwrap(), "evil");
        // What joins the parts of one sign stays.
        let family = "👨\u{200d}👩\u{200d}👧";
        assert_eq!(text(family).unwrap(), family);
        assert_eq!(
            text("<script>alert(1)</script>").unwrap(),
            "<script>alert(1)</script>"
        );
        assert_eq!(text(" \u{0}\n\u{202e} "), Err(Unsaid::Wordless));
        assert!(text(&"ä".repeat(LONGEST_TEXT)).is_ok());
        assert_eq!(text(&"ä".repeat(LONGEST_TEXT + 1)), Err(Unsaid::TooLong));
        assert_eq!(text(&"e\u{301}".repeat(20_000)), Err(Unsaid::TooLong));
    }

    #[test]
    fn who_is_called_by_name_is_meant() {
        for said in ["@Anna look!", "so says @anna.", "hi @ANNA"] {
            assert!(mentions(said, "Anna"), "{said}");
        }
        for said in ["Anna look!", "@Annabel", "anna@example.org", "@ Anna", ""] {
            assert!(!mentions(said, "Anna"), "{said}");
        }
        assert!(!mentions("@", ""));
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name(" Oma\n  Inge\u{202e} ").unwrap(), "Oma Inge");
        assert_eq!(name("").unwrap(), "");
        assert!(name(&"ß".repeat(LONGEST_NAME)).is_ok());
        assert_eq!(name(&"ß".repeat(LONGEST_NAME + 1)), Err(Unsaid::TooLong));
    }
}
