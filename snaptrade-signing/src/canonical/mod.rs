//! The text that is signed.
//!
//! The server parses the body that it received and prints it again; the signature is over that text, not over
//! the bytes on the wire. It is what Python prints for
//! `json.dumps(json.loads(body), separators=(",", ":"), sort_keys=True)`: members sorted by code point, the last
//! of equal names kept, numbers and escapes in one form each, no white space.
//!
//! [`request`] and [`json`] return that text, to find out why a signature differs. It holds what the request holds, and
//! is not erased. Signing itself goes through [`Signer`](crate::Signer).
//!
//! ```
//! use snaptrade_signing::canonical;
//!
//! let body = br#"{"userId": "jane", "limit": 1E2}"#;
//! assert_eq!(
//!     canonical::request("/snapTrade/registerUser", "clientId=ACME&timestamp=1635790389", body)?,
//!     r#"{"content":{"limit":100.0,"userId":"jane"},"path":"/snapTrade/registerUser","query":"clientId=ACME&timestamp=1635790389"}"#,
//! );
//! # Ok::<(), snaptrade_signing::canonical::InvalidJson>(())
//! ```
//!
//! # How
//!
//! No tree is built. A first pass looks whether the body is canonical already, as the body of a careful client
//! is; then it is taken as one slice. Else, or if the body before was not either, a second pass rewrites strings,
//! numbers and white space into a buffer, and notes the members of each object as spans of that buffer; objects that
//! are out of order are sorted by their spans, and the text is written once more, in order.
//!
//! What makes it fast, each with its figure: sixteen bytes at a time (`vectors`), names that are guessed (`names`),
//! orders that worked before (`permutation`), short pieces copied as windows (`buffer`), places in registers (`scan`).
//!
//! `tests/differential.rs` holds it against Python's own `json` module: on 3,000,000 generated documents, two in five
//! of them broken, there was no difference.

mod build;
mod check;
mod double;
mod error;
mod escape;
mod key;
mod names;
mod number;
mod object;
mod order;
mod permutation;
mod scan;
mod string;
mod write;

use build::Build;
use check::Check;
pub use error::{InvalidJson, Reason};
use names::Names;
use order::Order;
use write::Content;

use crate::buffer::SecretBuffer;
use crate::mac::{Mac, MacKey};

/// How deep arrays and objects may be nested: 128 is accepted, 129 refused.
pub const MAX_DEPTH: usize = 128;

/// The longest body that is read, in bytes: 256 MiB.
pub const MAX_BYTES: usize = 256 << 20;

/// How much room for text is kept from one body to the next, in bytes.
const RETAINED_BYTES: usize = 128 << 10;

/// How characters outside U+0020..=U+007E are written.
///
/// The published SDKs disagree among themselves: Python's and PHP's escape, those for TypeScript, Ruby, Go and
/// Java do not. Texts in ASCII are the same in both forms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escaping {
    /// As `\uXXXX`, what Python prints by default. The default.
    #[default]
    Ascii,
    /// As they are, in UTF-8, what Python prints with `ensure_ascii=False`; control characters stay escaped.
    RawUtf8,
}

/// The signed text of a request: its body (empty if it has none), its path and its raw query.
///
/// # Errors
///
/// [`InvalidJson`] if the body is not empty and not JSON; it names the place and the reason.
pub fn request(path: &str, query: &str, body: &[u8]) -> Result<String, InvalidJson> {
    request_with(Escaping::default(), path, query, body)
}

/// [`request`] with a choice of escaping.
///
/// # Errors
///
/// As [`request`].
pub fn request_with(
    escaping: Escaping,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<String, InvalidJson> {
    let mut scratch = Scratch::default();
    let message = scratch.message(escaping, path, query, body)?;
    Ok(String::from_utf8_lossy(message).into_owned())
}

/// The canonical text of any JSON text. Unlike a request's content, `{}` stays `{}`, and nothing is no JSON.
///
/// A body that is sent in this form is the same on the wire and under the signature, whatever a server does.
///
/// # Errors
///
/// As [`request`].
///
/// ```
/// use snaptrade_signing::canonical::{self, Escaping};
///
/// assert_eq!(canonical::json(Escaping::Ascii, "{\"b\": \"é\", \"a\": 1.50}".as_bytes())?, r#"{"a":1.5,"b":"\u00e9"}"#);
/// let error = canonical::json(Escaping::Ascii, b"[1, NaN]").unwrap_err();
/// assert_eq!(error.offset(), 4);
/// # Ok::<(), canonical::InvalidJson>(())
/// ```
pub fn json(escaping: Escaping, text: &[u8]) -> Result<String, InvalidJson> {
    let mut scratch = Scratch::default();
    let canonical = scratch.canonical(escaping, text)?;
    Ok(String::from_utf8_lossy(canonical).into_owned())
}

/// Reused room for one text after the other.
#[derive(Default)]
pub(crate) struct Scratch {
    reader: Reader,
    /// The whole message, or what of it is still to be hashed.
    out: SecretBuffer,
}

#[derive(Default)]
struct Reader {
    /// The body, rewritten in document order.
    text: SecretBuffer,
    order: Order,
    names: Names,
    /// Whether the last body was not canonical.
    deviated: bool,
}

impl Scratch {
    /// The whole signed text of a request.
    pub(crate) fn message(
        &mut self,
        escaping: Escaping,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> Result<&[u8], InvalidJson> {
        let content = self.reader.content(escaping, body)?;
        content.write_message(escaping, path, query, &mut self.out);
        Ok(self.out.as_slice())
    }

    /// Sets `mac` to that of the whole signed text of a request.
    #[inline]
    pub(crate) fn mac(
        &mut self,
        key: &MacKey,
        escaping: Escaping,
        path: &str,
        query: &str,
        body: &[u8],
        mac: &mut Mac,
    ) -> Result<(), InvalidJson> {
        let content = self.reader.content(escaping, body)?;
        let mut hashing = key.start(&mut self.out);
        content.write_message(escaping, path, query, &mut hashing);
        hashing.finish(mac);
        Ok(())
    }

    fn canonical(&mut self, escaping: Escaping, body: &[u8]) -> Result<&[u8], InvalidJson> {
        self.reader.read(escaping, body)?.write(&mut self.out);
        Ok(self.out.as_slice())
    }

    /// Overwrites what it held, and gives room back beyond what is kept for the next text.
    pub(crate) fn erase(&mut self) {
        self.reader.text.erase(RETAINED_BYTES);
        self.reader.order.erase();
        self.reader.names.erase();
        self.out.erase(RETAINED_BYTES);
    }
}

impl Reader {
    /// The content that a request with this body has: none if the body is empty, or an empty object.
    #[inline]
    fn content<'a>(
        &'a mut self,
        escaping: Escaping,
        body: &'a [u8],
    ) -> Result<Content<'a>, InvalidJson> {
        if body.is_empty() {
            return Ok(Content::Text(b"null"));
        }
        Ok(match self.read(escaping, body)? {
            Content::Text(b"{}") => Content::Text(b"null"),
            content => content,
        })
    }

    fn read<'a>(
        &'a mut self,
        escaping: Escaping,
        body: &'a [u8],
    ) -> Result<Content<'a>, InvalidJson> {
        if body.len() > MAX_BYTES {
            return Err(InvalidJson::new(MAX_BYTES, Reason::TooLong));
        }
        // A program whose last body was not canonical does not make the next one so: 0.1 H of a small body.
        let check = !self.deviated;
        if check && scan::scan(body, escaping, &mut self.names, &mut Check { body }).is_ok() {
            return Ok(Content::Text(body));
        }
        let mut build = Build::new(body, &mut self.text, &mut self.order);
        if scan::scan(body, escaping, &mut self.names, &mut build).is_err() {
            return Err(build.error());
        }
        // Nothing is copied while nothing is rewritten.
        let unchanged = build.finish();
        self.deviated = self.order.is_disordered() || !unchanged;
        let text = match unchanged {
            true => body,
            false => self.text.as_slice(),
        };
        Ok(match self.order.is_disordered() {
            true => Content::Disordered(text, &self.order),
            false => Content::Text(text),
        })
    }
}

/// Writes `text` as the inside of a JSON string, in ASCII.
pub(crate) fn write_escaped(text: &str, out: &mut SecretBuffer) {
    string::write_escaped(text, Escaping::Ascii, out);
}
