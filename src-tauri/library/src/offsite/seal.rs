//! Sealed bodies: a head (eight bytes that say what it is, and a salt), then pieces of 64 KiB,
//! each encrypted with ChaCha20-Poly1305 under a key of this body alone. The pieces are
//! numbered and the last is marked (STREAM, by Hoang, Reyhanitabar, Rogaway and Vizár), so
//! that none can be changed, moved, left out, or the end cut off, without being noticed.

use std::io::{self, Read};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::ChaCha20Poly1305;

/// How a sealed body begins.
const MARK: &[u8; 8] = b"ALBUMEN1";
/// Bytes of the salt.
const SALT: usize = 32;
/// Bytes of a piece before it is sealed.
const PIECE: usize = 64 << 10;
/// Bytes that sealing adds to a piece.
const TAG: usize = 16;
/// The beginning of each nonce: the key is another for each body, so it need not be.
const NONCE: [u8; 7] = [0; 7];

/// How many bytes a body has once it is sealed, by its bytes before.
pub fn sealed_length(bytes: u64) -> u64 {
    let pieces = bytes.div_ceil(PIECE as u64).max(1);
    (MARK.len() + SALT) as u64 + bytes + pieces * TAG as u64
}

/// A body that is sealed while it is read.
pub struct Sealing<R> {
    from: R,
    /// Gone once the last piece is sealed.
    sealer: Option<EncryptorBE32<ChaCha20Poly1305>>,
    /// The next piece; what comes after it says whether it is the last.
    next: Vec<u8>,
    begun: bool,
    out: Vec<u8>,
    at: usize,
    hash: blake3::Hasher,
}

impl<R: Read> Sealing<R> {
    pub(super) fn new(key: &[u8; 32], salt: [u8; SALT], from: R) -> Sealing<R> {
        Sealing {
            from,
            sealer: Some(EncryptorBE32::new(&(*key).into(), &NONCE.into())),
            next: Vec::new(),
            begun: false,
            out: [MARK.as_slice(), &salt].concat(),
            at: 0,
            hash: blake3::Hasher::new(),
        }
    }

    /// BLAKE3 of what was read so far; of all of it, once all of it was read.
    pub fn hash(&self) -> [u8; 32] {
        *self.hash.finalize().as_bytes()
    }

    fn advance(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            self.next = piece(&mut self.from, PIECE)?;
        }
        let Some(mut sealer) = self.sealer.take() else {
            return Ok(());
        };
        let after = match self.next.len() {
            PIECE => piece(&mut self.from, PIECE)?,
            _ => Vec::new(),
        };
        let now = std::mem::replace(&mut self.next, after);
        self.hash.update(&now);
        let failed = |_| io::Error::other("a piece could not be sealed");
        self.at = 0;
        self.out = match self.next.is_empty() {
            true => sealer.encrypt_last(now.as_slice()).map_err(failed)?,
            false => {
                let sealed = sealer.encrypt_next(now.as_slice()).map_err(failed)?;
                self.sealer = Some(sealer);
                sealed
            }
        };
        Ok(())
    }
}

impl<R: Read> Read for Sealing<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() && self.sealer.is_some() {
            self.advance()?;
        }
        Ok(give(&self.out, &mut self.at, to))
    }
}

/// A sealed body that is opened while it is read. What was read before an error was sealed so.
pub struct Opening<R> {
    from: R,
    opener: Option<DecryptorBE32<ChaCha20Poly1305>>,
    next: Vec<u8>,
    out: Vec<u8>,
    at: usize,
}

impl<R: Read> Opening<R> {
    pub(super) fn new(
        mut from: R,
        key: impl FnOnce(&[u8; SALT]) -> [u8; 32],
    ) -> io::Result<Opening<R>> {
        let head = piece(&mut from, MARK.len() + SALT)?;
        let salt = head.strip_prefix(MARK).and_then(|salt| salt.first_chunk());
        let Some(salt) = salt else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "this is no sealed file of Albumen's",
            ));
        };
        let opener = DecryptorBE32::new(&key(salt).into(), &NONCE.into());
        let next = piece(&mut from, PIECE + TAG)?;
        Ok(Opening {
            from,
            opener: Some(opener),
            next,
            out: Vec::new(),
            at: 0,
        })
    }

    fn advance(&mut self) -> io::Result<()> {
        let Some(mut opener) = self.opener.take() else {
            return Ok(());
        };
        let after = match self.next.len() {
            length if length == PIECE + TAG => piece(&mut self.from, PIECE + TAG)?,
            _ => Vec::new(),
        };
        let now = std::mem::replace(&mut self.next, after);
        let failed = |_| {
            let said = "it is not what was sealed, or not sealed with this key";
            io::Error::new(io::ErrorKind::InvalidData, said)
        };
        self.at = 0;
        self.out = match self.next.is_empty() {
            true => opener.decrypt_last(now.as_slice()).map_err(failed)?,
            false => {
                let opened = opener.decrypt_next(now.as_slice()).map_err(failed)?;
                self.opener = Some(opener);
                opened
            }
        };
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() && self.opener.is_some() {
            self.advance()?;
        }
        Ok(give(&self.out, &mut self.at, to))
    }
}

/// Up to this many bytes; fewer only at the end.
fn piece(from: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut read = Vec::with_capacity(most);
    from.take(most as u64).read_to_end(&mut read)?;
    Ok(read)
}

/// Hands over what is left of `out` from `at` on, as far as it fits.
fn give(out: &[u8], at: &mut usize, to: &mut [u8]) -> usize {
    let left = out.get(*at..).unwrap_or_default();
    let given = left.len().min(to.len());
    if let (Some(to), Some(left)) = (to.get_mut(..given), left.get(..given)) {
        to.copy_from_slice(left);
    }
    *at += given;
    given
}

#[cfg(test)]
mod tests {
    use super::super::RecoveryKey;
    use super::*;

    fn sealed(name: &str, bytes: &[u8]) -> Vec<u8> {
        let keys = RecoveryKey::from_bytes([3; 16]).keys();
        let mut sealing = keys.seal(name, bytes);
        let mut out = Vec::new();
        sealing.read_to_end(&mut out).unwrap();
        assert_eq!(sealing.hash(), *blake3::hash(bytes).as_bytes());
        out
    }

    fn opened(name: &str, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let keys = RecoveryKey::from_bytes([3; 16]).keys();
        let mut out = Vec::new();
        keys.open(name, bytes)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn any_length_comes_back_and_has_the_length_foretold() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let sealed = sealed("a", &bytes);
            assert_eq!(
                sealed.len() as u64,
                sealed_length(length as u64),
                "{length}"
            );
            assert_eq!(opened("a", &sealed).unwrap(), bytes, "{length}");
        }
    }

    #[test]
    fn nothing_can_be_changed_moved_or_cut_off_and_no_name_taken() {
        let bytes = vec![9; 3 * PIECE + 7];
        let whole = sealed("a", &bytes);
        let piece = PIECE + TAG;
        let head = MARK.len() + SALT;
        let mut swapped = whole.clone();
        swapped[head..head + 2 * piece].rotate_left(piece);
        let mut ways = vec![
            swapped,
            whole[..head + piece].to_vec(),
            whole[..head + 3 * piece].to_vec(),
            whole[..head].to_vec(),
            [whole.as_slice(), b"more"].concat(),
            b"something else".to_vec(),
        ];
        for at in [0, 8, 39, 40, head + piece, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            ways.push(changed);
        }
        for way in ways {
            let error = opened("a", &way).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        assert!(opened("b", &whole).is_err());
        assert!(opened("a", &whole).is_ok());
    }

    #[test]
    fn the_same_bytes_are_never_sealed_the_same() {
        assert_ne!(sealed("a", b"photo")[40..], sealed("a", b"photo")[40..]);
    }
}
