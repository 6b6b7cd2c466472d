//! Some photos of a link, as an address names them: the beginnings of their names,
//! just long enough that no other photo of the link has the same. So a choice needs
//! no table, and 500 of them fit an address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of a name that tell it from others in all but one link of thousands.
const USUAL: usize = 4;

/// Some photos of a link.
pub(super) struct Choice {
    /// Bytes of each beginning.
    width: usize,
    /// The beginnings, sorted, each once.
    begin: Vec<Vec<u8>>,
}

impl Choice {
    /// A choice of names out of all that the link has.
    pub(super) fn of(chosen: &[[u8; 16]], all: &[[u8; 16]]) -> Choice {
        let is_clear = |width: usize| {
            let mut beginnings: Vec<_> = all.iter().map(|name| name.get(..width)).collect();
            beginnings.sort_unstable();
            beginnings.is_sorted_by(|one, next| one < next)
        };
        let width = (USUAL..16).find(|width| is_clear(*width)).unwrap_or(16);
        Choice::sorted(width, chosen.iter().map(|name| beginning(name, width)))
    }

    /// As [`Choice::token`] wrote it; anything else is no choice.
    pub(super) fn parse(token: &str) -> Option<Choice> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (width, rest) = bytes.split_first()?;
        let width = usize::from(*width);
        if !(USUAL..=16).contains(&width) || rest.is_empty() || rest.len() % width != 0 {
            return None;
        }
        Some(Choice::sorted(
            width,
            rest.chunks(width).map(<[u8]>::to_vec),
        ))
    }

    fn sorted(width: usize, beginnings: impl Iterator<Item = Vec<u8>>) -> Choice {
        let mut begin: Vec<_> = beginnings.collect();
        begin.sort_unstable();
        begin.dedup();
        Choice { width, begin }
    }

    /// How it stands in an address.
    pub(super) fn token(&self) -> String {
        let width = u8::try_from(self.width).unwrap_or_default();
        let bytes: Vec<u8> = [width]
            .into_iter()
            .chain(self.begin.iter().flatten().copied())
            .collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// How many photos it names.
    pub(super) fn count(&self) -> usize {
        self.begin.len()
    }

    /// Whether it names this one.
    pub(super) fn has(&self, name: &[u8; 16]) -> bool {
        self.begin
            .binary_search_by(|begin| begin.as_slice().cmp(&beginning(name, self.width)))
            .is_ok()
    }
}

fn beginning(name: &[u8; 16], width: usize) -> Vec<u8> {
    name.get(..width).unwrap_or(name).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_chosen_and_no_others() {
        let all: Vec<[u8; 16]> = (0..20_000_u32)
            .map(|number| *blake3::hash(&number.to_le_bytes()).as_bytes())
            .map(|hash: [u8; 32]| hash[..16].try_into().unwrap())
            .collect();
        let chosen: Vec<_> = all.iter().step_by(40).copied().collect();
        let token = Choice::of(&chosen, &all).token();
        assert!(token.len() < 4_000, "{}", token.len());
        let read = Choice::parse(&token).unwrap();
        assert_eq!(read.count(), 500);
        let named: Vec<_> = all.iter().filter(|name| read.has(name)).copied().collect();
        assert_eq!(named, chosen);
    }

    #[test]
    fn names_that_begin_alike_are_told_apart() {
        let (mut one, mut other) = ([7; 16], [7; 16]);
        (one[9], other[9]) = (1, 2);
        let choice = Choice::parse(&Choice::of(&[one], &[one, other]).token()).unwrap();
        assert!(choice.has(&one) && !choice.has(&other));
        for bad in ["", "A", "AAAA", "!", "BAAA"] {
            assert!(Choice::parse(bad).is_none(), "{bad}");
        }
    }
}
