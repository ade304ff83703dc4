//! H: what the hash alone costs. No signer can be faster; every ratio here is against it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sha2::block_api::compress256;

const BLOCK: usize = 64;
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

/// HMAC-SHA256 from the crate, its key set up once.
#[must_use]
pub fn keyed(key: &str) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length")
}

/// The mac of a text from a clone of a keyed [`Hmac`].
#[must_use]
pub fn from_clone(keyed: &Hmac<Sha256>, text: &[u8]) -> [u8; 32] {
    keyed.clone().chain_update(text).finalize().into_bytes().0
}

/// HMAC-SHA256 from its two states behind the key and nothing else: the least that can be done.
#[derive(Clone, Copy, Debug)]
pub struct Midstates {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Midstates {
    /// Sets up a key of at most a block.
    #[must_use]
    pub fn new(key: &str) -> Self {
        assert!(
            key.len() <= BLOCK,
            "longer keys would have to be hashed first"
        );
        let mut block = [0; BLOCK];
        block[..key.len()].copy_from_slice(key.as_bytes());
        let state = |mask: u8| {
            let mut state = INITIAL;
            compress256(&mut state, &[block.map(|byte| byte ^ mask)]);
            state
        };
        Self {
            inner: state(0x36),
            outer: state(0x5c),
        }
    }

    /// The mac of a text.
    #[must_use]
    pub fn mac(&self, text: &[u8]) -> [u8; 32] {
        let mut inner = self.inner;
        let (blocks, rest) = text.as_chunks();
        compress256(&mut inner, blocks);
        let mut last = [[0; BLOCK]; 2];
        last.as_flattened_mut()[..rest.len()].copy_from_slice(rest);
        finish(&mut inner, &mut last, rest.len(), text.len());

        let mut last = [[0; BLOCK]; 2];
        write(inner, &mut last[0]);
        let mut outer = self.outer;
        finish(&mut outer, &mut last, 32, 32);
        let mut mac = [0; 32];
        write(outer, &mut mac);
        mac
    }
}

/// Pads the last `filled` bytes of a text of `len` bytes behind the key's block, and hashes them.
#[inline]
fn finish(state: &mut [u32; 8], last: &mut [[u8; BLOCK]; 2], filled: usize, len: usize) {
    let blocks = if filled < BLOCK - 8 { 1 } else { 2 };
    let bytes = last.as_flattened_mut();
    bytes[filled] = 0x80;
    let bits = 8 * (BLOCK + len) as u64;
    bytes[BLOCK * blocks - 8..BLOCK * blocks].copy_from_slice(&bits.to_be_bytes());
    compress256(state, &last[..blocks]);
}

fn write(state: [u32; 8], out: &mut [u8]) {
    for (word, bytes) in state.iter().zip(out.as_chunks_mut::<4>().0) {
        *bytes = word.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_the_same_mac() {
        let key = crate::corpus::CONSUMER_KEY;
        for len in 0..300 {
            let text = vec![b'a'; len];
            let raw = Midstates::new(key).mac(&text);
            assert_eq!(raw, from_clone(&keyed(key), &text), "{len} bytes");
        }
    }
}
