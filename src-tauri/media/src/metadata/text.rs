//! Texts from outside, made fit for a catalog and a screen: decoded, trimmed,
//! without control characters, and of bounded length.

/// The longest name, title or tag, in characters.
const LONGEST_NAME: usize = 256;
/// The longest description, in bytes.
const LONGEST_DESCRIPTION: usize = 16 * 1024;
/// Tags more than this are left out.
const MOST_TAGS: usize = 256;

/// A text of one line: a name, a title, a tag. `None` when nothing is left.
pub(crate) fn line(text: &str) -> Option<String> {
    let kept: String = text
        .trim_matches(is_padding)
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_NAME)
        .collect();
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// A text of several lines, whose ends become `\n`. `None` when nothing is left.
pub(crate) fn lines(text: &str) -> Option<String> {
    let text = text.trim_matches(is_padding);
    let mut kept = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '\r' if letters.peek() == Some(&'\n') => continue,
            '\r' => '\n',
            letter => letter,
        };
        if letter.is_control() && letter != '\n' && letter != '\t' {
            continue;
        }
        if kept.len() + letter.len_utf8() > LONGEST_DESCRIPTION {
            break;
        }
        kept.push(letter);
    }
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// Adds tags that are not there yet.
pub(crate) fn add_tags<T: AsRef<str>>(tags: &mut Vec<String>, more: impl IntoIterator<Item = T>) {
    for tag in more {
        if tags.len() >= MOST_TAGS {
            return;
        }
        if let Some(tag) = line(tag.as_ref())
            && !tags.contains(&tag)
        {
            tags.push(tag);
        }
    }
}

/// Bytes of no stated encoding: UTF-8 when they are, which Latin-1 text with
/// accents hardly ever is by chance; or else Latin-1.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => latin(bytes),
    }
}

/// Latin-1 (ISO 8859-1).
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// UTF-16, up to the first zero; halves of pairs become replacement characters.
pub(crate) fn of_utf16(bytes: &[u8], big_endian: bool) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| {
        if big_endian {
            u16::from_be_bytes(*pair)
        } else {
            u16::from_le_bytes(*pair)
        }
    });
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn is_padding(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || letter == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(line(" \0 Mum\u{7} & Dad\n\0"), Some("Mum & Dad".into()));
        assert_eq!(line(" \0\t"), None);
        assert_eq!(line(&"é".repeat(300)).unwrap().chars().count(), 256);
        assert_eq!(lines("a\r\nb\rc\u{1b}[31m\n"), Some("a\nb\nc[31m".into()));
        assert_eq!(lines(&"é".repeat(10_000)).unwrap().len(), 16_384);
    }

    #[test]
    fn tags_stand_once() {
        let mut tags = vec!["sea".to_owned()];
        add_tags(&mut tags, ["sky", " sea ", "", "sky"]);
        assert_eq!(tags, ["sea", "sky"]);
        add_tags(&mut tags, (0..1000).map(|n| n.to_string()));
        assert_eq!(tags.len(), 256);
    }

    #[test]
    fn bytes_are_utf8_or_latin() {
        assert_eq!(of_bytes(b"V\xc3\xbdlet"), "Výlet");
        assert_eq!(of_bytes(b"caf\xe9"), "café");
        assert_eq!(of_utf16(b"a\0\xac\x20\0\0b\0", false), "a€");
        assert_eq!(of_utf16(b"\xd8\0\0a", true), "\u{fffd}a");
    }
}
