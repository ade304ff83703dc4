//! The value of the `Signature` header.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use zeroize::Zeroize;

use crate::mac::Mac;

/// The name of the header that carries the signature.
pub const SIGNATURE: http::HeaderName = http::HeaderName::from_static("signature");

/// The length of a signature in base64: 32 bytes, with padding.
const LEN: usize = 44;

/// Its room: whole vectors, as pieces of one would wait for it.
const ROOM: usize = 48;

/// A signature: standard base64, with padding, of an HMAC-SHA256. Never printed, and erased when dropped.
#[derive(Clone)]
// Aligned for the same reason as `Mac`.
#[repr(align(8))]
pub struct Signature([u8; ROOM]);

impl Signature {
    #[inline]
    pub(crate) fn new(mac: &Mac) -> Self {
        Self(encode(mac.as_words()))
    }

    /// The bytes of a header's value; none if it cannot be a signature.
    pub(crate) fn decode(base64: &[u8]) -> Option<[u8; 32]> {
        let mut mac = [0; 32];
        let len = STANDARD.decode_slice(base64, &mut mac).ok()?;
        (len == mac.len()).then_some(mac)
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        &self.0[..LEN]
    }

    /// The text to send.
    #[must_use]
    pub fn expose(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The header's value, marked as sensitive. It is a copy that is [not erased](crate#secrets).
    #[must_use]
    pub fn to_header_value(&self) -> HeaderValue {
        // Base64 has nothing that a header's value may not have.
        let mut value = HeaderValue::from_bytes(self.as_bytes())
            .unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature([redacted])")
    }
}

impl Drop for Signature {
    fn drop(&mut self) {
        // As a slice: an array is overwritten byte by byte.
        self.0.as_mut_slice().zeroize();
    }
}

/// Standard base64 of 32 bytes.
///
/// The `base64` crate looks each character up in a table; this takes less than half of that time, and the same
/// memory accesses whatever the signature. The compiler makes three vectors of it.
#[inline]
fn encode(words: &[u64; 4]) -> [u8; ROOM] {
    let [a, b, c, d] = *words;
    // 48 bits a time; 16 are left at the end.
    let bits = [
        a >> 16,
        a << 32 | b >> 32,
        b << 16 | c >> 48,
        c,
        d >> 16,
        d << 32,
    ];
    let mut base64 = [0; ROOM];
    for (bits, out) in bits.into_iter().zip(base64.as_chunks_mut().0) {
        *out = sixes(bits).to_le_bytes();
    }
    for six in &mut base64 {
        *six = character(*six);
    }
    // Two bytes make three characters, and one `=`.
    base64[LEN - 1] = b'=';
    base64
}

/// 48 bits, six to a byte, by halves, the first the lowest.
#[inline(always)]
fn sixes(bits: u64) -> u64 {
    let bits = bits >> 24 & 0xff_ffff | (bits & 0xff_ffff) << 32;
    let bits = bits >> 12 & 0xfff_0000_0fff | (bits & 0xfff_0000_0fff) << 16;
    bits >> 6 & 0x003f_003f_003f_003f | (bits & 0x003f_003f_003f_003f) << 8
}

/// The character of six bits: five ranges of the alphabet, `A`, `a`, `0`, `+` and `/`, each so much up or down.
#[inline(always)]
fn character(six: u8) -> u8 {
    let from = |least: u8, add: u8| if six >= least { add } else { 0 };
    let up = from(26, 6) + from(63, 3);
    let down = from(52, 75) + from(62, 15);
    six + b'A' + up - down
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_base64_of_the_crate() {
        for step in 0..=255u8 {
            for start in 0..=255u8 {
                let mut byte = start;
                let mac: [u8; 32] = std::array::from_fn(|_| {
                    byte = byte.wrapping_add(step);
                    byte
                });
                let words = mac
                    .as_chunks()
                    .0
                    .iter()
                    .map(|word| u64::from_be_bytes(*word));
                let words = words.collect::<Vec<_>>().try_into().unwrap();
                assert_eq!(
                    encode(&words)[..LEN],
                    *STANDARD.encode(mac).as_bytes(),
                    "{mac:?}"
                );
            }
        }
    }
}
