//! The envelope of a private key: a first line, base64, a last line (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::InvalidPrivateKey;

/// What a PEM block says it is, and its bytes.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

impl<'a> Block<'a> {
    /// Reads the first block of a text.
    ///
    /// White space is ignored wherever it stands, as keys lose and gain line breaks on their way through
    /// environment variables and secret stores.
    pub(super) fn read(text: &'a str) -> Result<Self, InvalidPrivateKey> {
        let (_, begun) = text
            .split_once("-----BEGIN ")
            .ok_or(InvalidPrivateKey::NotPem)?;
        let (label, begun) = begun.split_once("-----").ok_or(InvalidPrivateKey::NotPem)?;
        let (body, end) = begun
            .split_once("-----END ")
            .ok_or(InvalidPrivateKey::Unfinished)?;
        let is_end = |end: &str| end.strip_prefix(label)?.strip_prefix("-----").map(drop);
        is_end(end).ok_or(InvalidPrivateKey::Unfinished)?;

        // OpenSSL's old way of encrypting a PKCS#1 key, with headers inside the block.
        if body.contains("Proc-Type:") {
            return Err(InvalidPrivateKey::Passphrase);
        }
        Ok(Self {
            label,
            bytes: decode(body)?,
        })
    }
}

/// Decodes base64 with white space. Both buffers have their full size from the start: one that grew would leave
/// copies of the key behind.
fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>, InvalidPrivateKey> {
    let mut base64 = Zeroizing::new(Vec::with_capacity(body.len()));
    base64.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(base64.len())]);
    let len = STANDARD
        .decode_slice(&*base64, &mut bytes)
        .map_err(|_| InvalidPrivateKey::NotBase64)?;
    bytes.truncate(len);
    Ok(bytes)
}
