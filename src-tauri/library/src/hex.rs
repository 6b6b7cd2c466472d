//! Bytes as hexadecimal digits, two each.

/// Small digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As many bytes as are wanted, of digits of either size and nothing else.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        assert_eq!(hex(&[0x0a, 0xff]), "0aff");
        assert_eq!(from_hex("0aFF"), Some([0x0a, 0xff]));
        for bad in ["", "0a", "0aff0", "0aff00", "+aff", "0 ff", "zzzz", "äff"] {
            assert_eq!(from_hex::<2>(bad), None, "{bad}");
        }
    }
}
