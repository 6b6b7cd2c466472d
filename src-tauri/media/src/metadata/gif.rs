//! The one packet of metadata that a GIF carries: XMP, in an application
//! extension that is not cut into blocks (XMP specification, part 3, 1.1.2).

/// What stands after the packet, so that readers of blocks find the end: a byte,
/// the numbers from 255 to 0, and a last zero.
const TRAILER: usize = 258;

/// The XMP packet of a GIF.
pub(crate) fn xmp(bytes: &[u8]) -> Option<&[u8]> {
    let table = |flags: u8| match flags & 0x80 {
        0 => 0,
        _ => 3 << ((flags & 7) + 1),
    };
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        at = match bytes.get(at..)? {
            [0x21, 0xff, 11, rest @ ..] if rest.starts_with(b"XMP DataXMP") => {
                let packet = rest.get(11..)?;
                let end = after_blocks(packet, 0)?.checked_sub(TRAILER)?;
                return packet.get(..end);
            }
            [0x21, _, ..] => after_blocks(bytes, at + 2)?,
            // A picture: its place and size, its colours, then one byte and blocks.
            [0x2c, ..] => after_blocks(bytes, at + 11 + table(*bytes.get(at + 9)?))?,
            _ => return None,
        };
    }
}

/// Where the row of blocks that begins at `at` ends: after one of no length.
fn after_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packet_is_found_after_pictures_and_other_extensions() {
        let packet =
            b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>long enough to look like blocks</x:xmpmeta>";
        let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
        gif.extend([0; 6]); // two colours
        gif.extend(b"\x21\xfe\x03abc\0"); // a comment
        gif.extend(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"); // a pixel
        gif.extend(b"\x21\xff\x0bXMP DataXMP");
        gif.extend(packet);
        gif.push(1);
        gif.extend((0..=255).rev());
        gif.push(0);
        gif.push(0x3b);
        assert_eq!(xmp(&gif), Some(&packet[..]));
        for length in 0..gif.len() - 1 {
            assert_eq!(xmp(&gif[..length]), None);
        }
    }
}
