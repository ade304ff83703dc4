//! The value of the `Signature` header.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::array::Array;
use http::HeaderValue;
use zeroize::Zeroize;

/// The name of the header that carries the signature.
pub const SIGNATURE: http::HeaderName = http::HeaderName::from_static("signature");

/// The length of a signature in base64: 32 bytes, with padding.
const LEN: usize = 44;

/// A signature: standard base64, with padding, of an HMAC-SHA256. Never printed, and erased when dropped.
#[derive(Clone)]
pub struct Signature([u8; LEN]);

impl Signature {
    pub(crate) fn new(mac: &Array<u8, hmac::digest::consts::U32>) -> Self {
        let mut base64 = [0; LEN];
        // 32 bytes always fill the 44 exactly.
        let written = STANDARD.encode_slice(mac, &mut base64);
        debug_assert_eq!(written.ok(), Some(LEN));
        Self(base64)
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
        self.0.zeroize();
    }
}
