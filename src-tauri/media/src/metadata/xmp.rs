//! The one thing taken from XMP (ISO 16684-1): the time, where EXIF has none.
//!
//! Editors that export without camera data keep the time here alone. The packet
//! is searched as text for the names everybody uses, not parsed as XML.

use crate::metadata::taken::read_taken;
use crate::{Taken, TakenFrom};

/// Names for the time of the exposure, best first.
const NAMES: [&str; 4] = [
    "exif:DateTimeOriginal",
    "photoshop:DateCreated",
    "xmp:CreateDate",
    "xap:CreateDate",
];

/// The time of the exposure that an XMP packet states.
pub(crate) fn taken(packet: &[u8]) -> Option<Taken> {
    let packet = std::str::from_utf8(packet).ok()?;
    NAMES.iter().find_map(|name| date(property(packet, name)?))
}

/// The value of a property, written as an attribute or as an element.
fn property<'a>(packet: &'a str, name: &str) -> Option<&'a str> {
    packet.match_indices(name).find_map(|(at, _)| {
        let rest = packet.get(at + name.len()..)?;
        if let Some(text) = rest.strip_prefix('>') {
            return text.split_once('<').map(|(value, _)| value);
        }
        let quoted = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = quoted.chars().next().filter(|q| matches!(q, '"' | '\''))?;
        quoted.get(1..)?.split_once(quote).map(|(value, _)| value)
    })
}

/// An ISO 8601 date with a time; one without is not a moment.
fn date(text: &str) -> Option<Taken> {
    let (_, time) = text.trim().split_once('T')?;
    let offset = time
        .find(['+', '-', 'Z'])
        .and_then(|at| time.split_at_checked(at));
    let (clock, offset) = match offset {
        Some((clock, offset)) => (clock, Some(offset)),
        None => (time, None),
    };
    let fraction = clock.split_once('.').map(|(_, fraction)| fraction);
    let moment = text.trim().split(['.', '+', 'Z']).next()?;
    read_taken(moment, fraction, offset, TakenFrom::Xmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_found_as_attribute_and_as_element() {
        let wanted = Taken {
            local_ms: 1_435_608_526_610,
            offset_minutes: None,
            from: TakenFrom::Xmp,
        };
        let attribute = br#"<rdf:Description xmp:ModifyDate="2020-01-01T00:00:00"
            photoshop:DateCreated="2015-06-29T20:08:46.61">"#;
        assert_eq!(taken(attribute), Some(wanted));
        let element = b"<xmp:CreateDate>2015-06-29T20:08:46.61-07:00</xmp:CreateDate>";
        let west = Taken {
            offset_minutes: Some(-420),
            ..wanted
        };
        assert_eq!(taken(element), Some(west));
        assert_eq!(taken(b"<xmp:CreateDate>2015-06-29</xmp:CreateDate>"), None);
        assert_eq!(taken(b"xmp:CreateDate"), None);
        assert_eq!(taken(b"<photoshop:DateCreated/>\xff"), None);
    }
}
