//! Text on its way into an HMAC-SHA256.

use std::ops::Range;

use sha2::block_api::compress256;

use crate::buffer::{Output, SecretBuffer};
use crate::mac::{BLOCK, Mac, MacKey};

/// Text is hashed whenever so much of it has come together: a body of any size takes no more room than this, and
/// it is hashed while it is in the nearest cache.
const STAGED: usize = 4096;

/// From this length on, a slice is hashed where it stands instead of being copied.
const NOT_COPIED: usize = 1024;

/// Room that is made beforehand; most texts fit.
const SHORT: usize = 512;

/// A one bit, and zeros. Always as long, and cut back: a `memset` of any length masks its stores on x86-64, and what
/// reads them soon waits.
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
    // 768 bits: the key's block and the inner digest.
    padding[30] = 3;
    padding
};

/// A mac that is being made of the text that is written to it.
pub(crate) struct Hashing<'a> {
    state: [u32; 8],
    /// How many bytes the state stands for, the key's block included.
    hashed: usize,
    staged: &'a mut SecretBuffer,
    key: &'a MacKey,
}

impl<'a> Hashing<'a> {
    /// Goes on from the state behind the key's block.
    #[inline]
    pub(crate) fn new(state: [u32; 8], staged: &'a mut SecretBuffer, key: &'a MacKey) -> Self {
        staged.reserve(SHORT);
        Self {
            state,
            hashed: BLOCK,
            staged,
            key,
        }
    }

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

    /// Writes a piece, its first byte replaced, that is longer than a window or near an end.
    #[inline(never)]
    fn extend_long_piece(&mut self, piece: &[u8], first: u8) {
        match piece {
            [_, rest @ ..] if piece.len() >= NOT_COPIED => {
                self.staged.extend(&[first]);
                self.extend_long(rest);
            }
            _ => self.staged.extend_long_piece(piece, first),
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
        let filled = self.staged.len();
        let zeros_end =
            (filled + 1 + size_of::<u64>()).next_multiple_of(BLOCK) - size_of::<u64>() - filled;
        let spare = self.staged.spare(PADDING.len());
        spare.copy_from_slice(&PADDING);
        spare[zeros_end..][..size_of::<u64>()].copy_from_slice(&bits.to_be_bytes());
        self.staged.advance(zeros_end + size_of::<u64>());
        compress256(&mut self.state, self.staged.as_slice().as_chunks().0);

        let mut block = [0; BLOCK];
        let (digest, rest) = block.split_at_mut(32);
        write(&self.state, digest);
        rest.copy_from_slice(&OUTER_PADDING);
        let outer = self.key.outer(&block);
        mac.set(&outer);
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
    fn extend_piece(&mut self, text: &[u8], range: Range<usize>, first: u8) {
        if !self.staged.extend_window(text, &range, first) {
            self.extend_long_piece(&text[range], first);
        }
        self.flush_full();
    }
}

#[inline]
fn write(state: &[u32; 8], out: &mut [u8]) {
    for (word, bytes) in state.iter().zip(out.as_chunks_mut().0) {
        *bytes = word.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac as _};
    use sha2::Sha256;

    use crate::buffer::{Output, SecretBuffer};
    use crate::mac::{Mac, MacKey};

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
        let mut finished = Mac::default();
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
