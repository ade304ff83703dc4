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

/// A signature: standard base64, with padding, of an HMAC-SHA256. Never printed, and erased when dropped.
#[derive(Clone)]
// Aligned for the same reason as `Mac`.
#[repr(align(8))]
pub struct Signature([u8; LEN]);

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

    /// The text to send.
    #[must_use]
    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The header's value, marked as sensitive.
    #[must_use]
    pub fn to_header_value(&self) -> HeaderValue {
        // Base64 has nothing that a header's value may not have.
        let mut value =
            HeaderValue::from_bytes(&self.0).unwrap_or_else(|_| HeaderValue::from_static(""));
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

/// Standard base64 of 32 bytes, eight characters at a time.
///
/// The `base64` crate looks each character up in a table; this takes 10 ns instead of 30, and the same time and
/// memory accesses whatever the signature.
#[inline]
fn encode(words: &[u64; 4]) -> [u8; LEN] {
    let [a, b, c, d] = *words;
    // 48 bits a time; 16 are left at the end.
    let sixes = [
        a >> 16,
        a << 32 | b >> 32,
        b << 16 | c >> 48,
        c,
        d >> 16,
        d << 32,
    ];
    let mut base64 = [0; LEN];
    let (eights, four) = base64.as_chunks_mut::<8>();
    for (six, out) in sixes.iter().zip(eights) {
        *out = characters(six & 0xffff_ffff_ffff);
    }
    // Two bytes make three characters, and one `=`.
    let [x, y, z, ..] = characters(sixes[5] & 0xffff_ffff_ffff);
    four.copy_from_slice(&[x, y, z, b'=']);
    base64
}

/// The eight characters of 48 bits.
#[inline]
fn characters(bits: u64) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Six bits to a byte, by halves.
    let bits = (bits & 0xffff_ff00_0000) << 8 | bits & 0xff_ffff;
    let bits = (bits & 0x00ff_f000_00ff_f000) << 4 | bits & 0x0000_0fff_0000_0fff;
    let bits = (bits & 0x0fc0_0fc0_0fc0_0fc0) << 2 | bits & 0x003f_003f_003f_003f;
    // One in each byte that is `least` or more. The sum of a byte stays in its byte.
    let from = |least: u64| (bits + ONES * (0x80 - least)) >> 7 & ONES;
    // Five ranges of the alphabet: `A`, `a`, `0`, `+` and `/` begin where the first four end, and 6 up, 75 down,
    // 15 down and 3 up from there.
    let up = ONES * b'A' as u64 + from(26) * 6 + from(63) * 3;
    let down = from(52) * 75 + from(62) * 15;
    (bits + up - down).to_be_bytes()
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
                assert_eq!(encode(&words), STANDARD.encode(mac).as_bytes(), "{mac:?}");
            }
        }
    }
}
