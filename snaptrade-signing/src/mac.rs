//! HMAC-SHA256 with the key hashed beforehand, over text that is staged in one buffer.

use std::fmt;
use std::ops::Range;

use hmac::KeyInit;
use hmac::block_api::HmacCore;
use hmac::digest::array::Array;
use hmac::digest::block_api::{Buffer, FixedOutputCore, UpdateCore};
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

/// A key that signs: its two blocks are hashed once, and each mac goes on from there.
///
/// The `hmac` crate's block-level API: a clone of it is the two states, without a block buffer beside them.
#[derive(Clone)]
pub(crate) struct MacKey(HmacCore<Sha256>);

impl MacKey {
    /// RFC 2104's first step, after which nothing can fail.
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
        let block: &Array<u8, _> = (&*block).into();
        Self(HmacCore::new(block))
    }

    /// Starts a mac. `staged` is room for text, empty now; whoever gave it erases it.
    #[inline]
    pub(crate) fn start<'a>(&self, staged: &'a mut SecretBuffer) -> Hashing<'a> {
        staged.reserve(512);
        Hashing {
            mac: self.0.clone(),
            staged,
        }
    }
}

/// A mac that is being made of the text that is written to it.
pub(crate) struct Hashing<'a> {
    mac: HmacCore<Sha256>,
    staged: &'a mut SecretBuffer,
}

impl Hashing<'_> {
    /// Hashes the whole blocks that are staged.
    #[inline(never)]
    fn flush(&mut self) {
        let (blocks, rest) = self.staged.as_slice().as_chunks::<BLOCK>();
        self.mac.update_blocks(Array::cast_slice_from_core(blocks));
        let hashed = self.staged.len() - rest.len();
        self.staged.remove_front(hashed);
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
        self.mac.update_blocks(Array::cast_slice_from_core(blocks));
        self.staged.extend(rest);
    }

    /// The mac of all that was written.
    #[inline]
    pub(crate) fn finish(mut self) -> Mac {
        let (blocks, rest) = self.staged.as_slice().as_chunks::<BLOCK>();
        self.mac.update_blocks(Array::cast_slice_from_core(blocks));
        let mut buffer = Buffer::<HmacCore<Sha256>>::new(rest);
        let mut out = Array::default();
        self.mac.finalize_fixed_core(&mut buffer, &mut out);
        Mac(out.into())
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

    #[inline]
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

/// What HMAC-SHA256 gives. It is compared in constant time alone, and erased when dropped.
///
/// Aligned, so that inside a `Result` it is moved in the pieces in which it was written: else each move waits for
/// the stores before it, 20 ns every time.
#[repr(align(8))]
pub(crate) struct Mac([u8; 32]);

impl Mac {
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the other is the same. Takes the same time whether it is or not.
    pub(crate) fn is(&self, other: &[u8; 32]) -> bool {
        self.0.ct_eq(other).into()
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
        *mac.finish().as_bytes()
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
