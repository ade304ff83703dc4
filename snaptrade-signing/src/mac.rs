//! HMAC-SHA256 with the key hashed beforehand, over text that is staged in one buffer.

use std::fmt;
use std::ops::Range;

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::buffer::{Output, SecretBuffer};

/// The bytes that SHA-256 takes at a time.
const BLOCK: usize = 64;

/// Text is hashed whenever so much of it has come together: a body of any size takes no more room than this, and
/// it is hashed while it is in the nearest cache.
const STAGED: usize = 4096;

/// From this length on, a slice is hashed where it stands instead of being copied.
const NOT_COPIED: usize = 1024;

const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/// SHA-256 before its first block (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Always as long, and cut back.
const PADDING: [u8; BLOCK + size_of::<u64>()] = {
    let mut padding = [0; _];
    padding[0] = 0x80;
    padding
};

/// What follows the inner digest in the outer block, the same for every mac. As a whole: a byte set in zeros is a
/// store of its own, and reading it with others waits.
const OUTER_PADDING: [u8; BLOCK / 2] = {
    let mut padding = [0; _];
    padding[0] = 0x80;
    let [high, low] = (8 * (BLOCK as u16 + 32)).to_be_bytes();
    padding[30] = high;
    padding[31] = low;
    padding
};

/// A key that signs: SHA-256's states behind the two blocks that RFC 2104 makes of it.
#[derive(Clone)]
pub(crate) struct MacKey {
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
}

impl MacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        match block.get_mut(..key.len()) {
            Some(start) => start.copy_from_slice(key),
            None => {
                let mut digest = Sha256::digest(key);
                block[..digest.len()].copy_from_slice(&digest);
                digest.as_mut_slice().zeroize();
            }
        }
        let state = |pad| {
            let mut state = Zeroizing::new(INITIAL);
            let padded = Zeroizing::new(block.map(|byte| byte ^ pad));
            compress256(&mut state, std::slice::from_ref(&*padded));
            state
        };
        Self {
            inner: state(INNER_PAD),
            outer: state(OUTER_PAD),
        }
    }

    /// Starts a mac. `staged` is room for text, empty now; whoever gave it erases it.
    #[inline]
    pub(crate) fn start<'a>(&'a self, staged: &'a mut SecretBuffer) -> Hashing<'a> {
        staged.reserve(512);
        Hashing {
            state: *self.inner,
            hashed: BLOCK,
            staged,
            key: self,
        }
    }
}

/// A mac that is being made of the text that is written to it.
pub(crate) struct Hashing<'a> {
    state: [u32; 8],
    /// How many bytes the state stands for, the key's block included.
    hashed: usize,
    staged: &'a mut SecretBuffer,
    key: &'a MacKey,
}

impl Hashing<'_> {
    /// Hashes the whole blocks that are staged.
    #[inline(never)]
    fn flush(&mut self) {
        let (blocks, rest) = self.staged.as_slice().as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        let hashed = self.staged.len() - rest.len();
        self.staged.remove_front(hashed);
        self.hashed += hashed;
    }

    #[inline]
    fn flush_full(&mut self) {
        if self.staged.len() >= STAGED {
            self.flush();
        }
    }

    /// Hashes whole blocks of `bytes` where they stand; stages the ends.
    #[cold]
    fn extend_long(&mut self, bytes: &[u8]) {
        let missing = self.staged.len().next_multiple_of(BLOCK) - self.staged.len();
        let (fill, rest) = bytes.split_at(missing.min(bytes.len()));
        self.staged.extend(fill);
        self.flush();
        let (blocks, rest) = rest.as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.hashed += blocks.len() * BLOCK;
        self.staged.extend(rest);
    }

    /// The mac of all that was written.
    #[inline]
    pub(crate) fn finish(mut self, mac: &mut Mac) {
        let bits = 8 * (self.hashed + self.staged.len()) as u64;
        // A one bit, zeros up to the last eight bytes of a block, and the length.
        let zeros_end = (self.staged.len() + 1 + size_of::<u64>()).next_multiple_of(BLOCK)
            - size_of::<u64>()
            - self.staged.len();
        let spare = self.staged.spare(PADDING.len());
        spare.copy_from_slice(&PADDING);
        spare[zeros_end..][..size_of::<u64>()].copy_from_slice(&bits.to_be_bytes());
        self.staged.advance(zeros_end + size_of::<u64>());
        compress256(&mut self.state, self.staged.as_slice().as_chunks().0);

        let mut block = [0; BLOCK];
        let (digest, rest) = block.split_at_mut(32);
        write(&self.state, digest);
        rest.copy_from_slice(&OUTER_PADDING);
        let mut outer = *self.key.outer;
        compress256(&mut outer, &[block]);
        for (word, [high, low]) in mac.0.iter_mut().zip(outer.as_chunks().0) {
            *word = u64::from(*high) << 32 | u64::from(*low);
        }
    }
}

impl Output for Hashing<'_> {
    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        if bytes.len() >= NOT_COPIED {
            self.extend_long(bytes);
            return;
        }
        self.staged.extend(bytes);
        self.flush_full();
    }

    #[inline(always)]
    fn extend_all<const N: usize>(&mut self, pieces: [&[u8]; N]) {
        let len: usize = pieces.iter().map(|piece| piece.len()).sum();
        if len >= NOT_COPIED {
            for piece in pieces {
                self.extend(piece);
            }
            return;
        }
        self.staged.extend_all(pieces);
        self.flush_full();
    }

    #[inline(always)]
    fn extend_piece(&mut self, text: &[u8], range: Range<usize>, end: u8) {
        if range.len() >= NOT_COPIED {
            self.extend_long(&text[range]);
            self.staged.extend(&[end]);
            return;
        }
        self.staged.extend_piece(text, range, end);
        self.flush_full();
    }
}

#[inline]
fn write(state: &[u32; 8], out: &mut [u8]) {
    for (word, bytes) in state.iter().zip(out.as_chunks_mut().0) {
        *bytes = word.to_be_bytes();
    }
}

/// What HMAC-SHA256 gives. It is compared in constant time alone, and erased when dropped.
///
/// As words, and written where it stays: inside a `Result` it was moved in other pieces than those in which it was
/// written, and each such move waits for the stores before it, 10 ns every time.
#[derive(Default)]
pub(crate) struct Mac([u64; 4]);

impl Mac {
    #[inline]
    fn set(&mut self, bytes: &[u8; 32]) {
        for (word, bytes) in self.0.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
    }

    /// Its bytes, eight to a word, the first the highest.
    #[inline]
    pub(crate) fn as_words(&self) -> &[u64; 4] {
        &self.0
    }

    /// Whether the other is the same. Takes the same time whether it is or not.
    pub(crate) fn is(&self, other: &[u8; 32]) -> bool {
        let mut words = Self::default();
        words.set(other);
        self.0.ct_eq(&words.0).into()
    }
}

impl Drop for Mac {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac as _};
    use sha2::Sha256;

    use super::MacKey;
    use crate::buffer::{Output, SecretBuffer};

    fn expected(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn actual(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        let key = MacKey::new(key);
        let mut staged = SecretBuffer::default();
        let mut mac = key.start(&mut staged);
        for part in parts {
            mac.extend(part);
        }
        let mut finished = super::Mac::default();
        mac.finish(&mut finished);
        let words = finished.as_words().map(u64::to_be_bytes);
        *words.as_flattened().first_chunk().unwrap()
    }

    #[test]
    fn is_the_mac_of_the_hmac_crate() {
        let text: Vec<u8> = (0..=250).cycle().take(20_000).collect();
        for key in [0, 1, 50, 63, 64, 65, 200] {
            let key = &text[..key];
            for len in (0..200).chain([1023, 1024, 1025, 4095, 4096, 4097, 20_000]) {
                let text = &text[..len];
                assert_eq!(actual(key, &[text]), expected(key, &[text]), "{len} bytes");
            }
        }
    }

    #[test]
    fn parts_of_any_length_are_one_text() {
        let text = [b'x'; 9_000];
        for head in [0, 1, 11, 63, 64, 65, 1_023, 1_024, 4_090] {
            for body in [0, 1, 52, 53, 54, 1_023, 1_024, 1_088, 4_000, 8_999] {
                for tail in [0, 1, 55, 56, 64, 1_024] {
                    let parts = [&text[..head], &text[..body], &text[..tail]];
                    assert_eq!(actual(b"key", &parts), expected(b"key", &parts));
                }
            }
        }
    }
}
