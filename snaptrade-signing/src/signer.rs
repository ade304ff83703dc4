//! Signing, pure and synchronous: a path, a query, a body and a time in; a signature out.

use std::cell::Cell;
use std::fmt;

use hmac::Mac as _;
use http::Request;
use http::uri::PathAndQuery;

use crate::canonical::{Escaping, InvalidJson, Scratch};
use crate::clock::UnixTime;
use crate::credentials::{ClientId, Credentials};
use crate::error::SignError;
use crate::mac::{CheckKey, Mac, MacKey};
use crate::signature::{SIGNATURE, Signature};
use crate::stamp::{self, Stamp};

thread_local! {
    /// Room for the text of one request; taken while in use, so that a signer called from a signer gets its own.
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Signs requests of one client id.
///
/// Making one hashes the key once; each signature starts from there. It holds no lock, and threads share it
/// freely. The text that is signed is erased after each call, [not so](crate#secrets) the request and its stamp; a few
/// KiB of room a thread are kept, and up to 512 KiB where large bodies were signed.
///
/// ```
/// use snaptrade_signing::{Credentials, Signer, UnixTime};
///
/// let signer = Signer::new(Credentials::new("ACME", "mykey")?);
///
/// // Everything at once: the stamped path and query, and the header.
/// let stamp = signer.stamp(&"/snapTrade/listUsers".parse()?, b"", UnixTime::from_secs(1_635_790_389))?;
/// assert_eq!(stamp.path_and_query(), "/snapTrade/listUsers?clientId=ACME&timestamp=1635790389");
///
/// // Or the signature alone, of exactly what is given.
/// let signature = signer.sign("/snapTrade/listUsers", "clientId=ACME&timestamp=1635790389", b"")?;
/// assert_eq!(signature.to_header_value(), stamp.signature());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Signer {
    client_id: ClientId,
    /// `clientId=…&timestamp=`, percent-encoded.
    stamp_prefix: Box<str>,
    key: MacKey,
    /// The same key as the `hmac` crate has it, for [`verify`](Signer::verify): who checks a signature should not have
    /// made it.
    check: CheckKey,
    escaping: Escaping,
}

impl Signer {
    /// Signs as `credentials` say; their consumer key is erased here.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the key is consumed, so that no copy stays behind"
    )]
    pub fn new(credentials: Credentials) -> Self {
        let key = credentials.consumer_key().expose().as_bytes();
        Self {
            stamp_prefix: stamp::prefix(credentials.client_id().as_str()),
            client_id: credentials.client_id().clone(),
            key: MacKey::new(key),
            check: CheckKey::new(key),
            escaping: Escaping::default(),
        }
    }

    /// Chooses how characters beyond ASCII are signed. The default is [`Escaping::Ascii`].
    #[must_use]
    pub fn escaping(mut self, escaping: Escaping) -> Self {
        self.escaping = escaping;
        self
    }

    pub(crate) fn current_escaping(&self) -> Escaping {
        self.escaping
    }

    /// Whose requests are signed.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Signs exactly what is given: the path and the raw query as they are sent, split at the first `?`, and the
    /// body, empty if there is none. The query must hold the stamp already.
    ///
    /// # Errors
    ///
    /// [`SignError::InvalidJson`] and [`SignError::EmptyQuery`].
    #[inline]
    pub fn sign(&self, path: &str, query: &str, body: &[u8]) -> Result<Signature, SignError> {
        if query.is_empty() {
            return Err(SignError::EmptyQuery);
        }
        let mut mac = Mac::default();
        self.mac(path, query, body, &mut mac)?;
        Ok(Signature::new(&mac))
    }

    /// Puts `clientId` and `timestamp` behind the query and signs the result.
    ///
    /// An earlier stamp (members whose raw name is exactly `clientId` or `timestamp`) is taken out; everything
    /// else of the query stays as it is, byte for byte. So does a name that only reads as one of the two once it is
    /// decoded, such as `%63lientId`: it is signed, and [`Verifier`](crate::Verifier) refuses it next to the stamp.
    ///
    /// # Errors
    ///
    /// [`SignError::InvalidJson`], [`SignError::InvalidTime`], [`SignError::NoPath`] and
    /// [`SignError::UriTooLong`].
    #[inline]
    pub fn stamp(
        &self,
        path_and_query: &PathAndQuery,
        body: &[u8],
        now: UnixTime,
    ) -> Result<Stamp, SignError> {
        stamp::check(path_and_query, now)?;
        let path_and_query = stamp::append(path_and_query, &self.stamp_prefix, now);
        let path_and_query = stamp::parse(path_and_query)?;
        let query = path_and_query.query().unwrap_or_default();
        let signature = self.sign(path_and_query.path(), query, body)?;
        Ok(Stamp::new(path_and_query, signature.to_header_value()))
    }

    /// Stamps and signs a request with this body. On an error it is as it was.
    ///
    /// As [`stamp`](Self::stamp) and [`Stamp::apply`], without moving a stamp from one to the other.
    #[inline]
    pub(crate) fn stamp_request<B>(
        &self,
        request: &mut Request<B>,
        body: &[u8],
        now: UnixTime,
    ) -> Result<(), SignError> {
        let path_and_query = request.uri().path_and_query().ok_or(SignError::NoPath)?;
        stamp::check(path_and_query, now)?;
        let stamped = stamp::append(path_and_query, &self.stamp_prefix, now);
        let path_and_query = stamp::parse(stamped)?;
        // Ahead of the hash, so that whoever moves the request next does not wait for these writes: 0.1 H of a
        // small request.
        let before = stamp::set_path_and_query(request, path_and_query)?;
        let stamped = request.uri().path_and_query().ok_or(SignError::NoPath)?;
        let query = stamped.query().unwrap_or_default();
        let mut mac = Mac::default();
        if let Err(error) = self.mac(stamped.path(), query, body, &mut mac) {
            if let Some(before) = before {
                stamp::set_path_and_query(request, before)?;
            }
            return Err(error.into());
        }
        let signature = Signature::new(&mac).to_header_value();
        request.headers_mut().insert(SIGNATURE, signature);
        Ok(())
    }

    /// Whether `signature` (the header's bytes) is the one of what is given. Takes the same time whatever the
    /// signature.
    ///
    /// # Errors
    ///
    /// [`InvalidJson`]: no signature fits such a body.
    pub fn verify(
        &self,
        path: &str,
        query: &str,
        body: &[u8],
        signature: &[u8],
    ) -> Result<bool, InvalidJson> {
        // What is no signature is compared all the same, as the body may have an error to tell.
        let given = Signature::decode(signature);
        let genuine = self.verify_mac(path, query, body, &given.unwrap_or_default())?;
        Ok(genuine && given.is_some())
    }

    /// As [`verify`](Self::verify), of a signature that was decoded.
    pub(crate) fn verify_mac(
        &self,
        path: &str,
        query: &str,
        body: &[u8],
        signature: &[u8; 32],
    ) -> Result<bool, InvalidJson> {
        let check = with_scratch(|scratch| {
            let text = scratch.message(self.escaping, path, query, body)?;
            Ok(self.check.mac(text))
        })?;
        Ok(check.verify_slice(signature).is_ok())
    }

    #[inline]
    fn mac(&self, path: &str, query: &str, body: &[u8], mac: &mut Mac) -> Result<(), InvalidJson> {
        with_scratch(|scratch| scratch.mac(&self.key, self.escaping, path, query, body, mac))
    }
}

/// Lends the thread's room, and erases what was written there.
#[inline]
fn with_scratch<T>(write: impl FnOnce(&mut Scratch) -> T) -> T {
    // A thread that is ending may have dropped its room already.
    let kept = SCRATCH.try_with(Cell::take).ok().flatten();
    let mut scratch = kept.unwrap_or_default();
    let done = write(&mut scratch);
    scratch.erase();
    // Erased a line above, so it does no harm that an ending thread has no place for it.
    let _ = SCRATCH.try_with(|kept| kept.set(Some(scratch)));
    done
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("client_id", &self.client_id)
            .field("escaping", &self.escaping)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_cannot_be_signed_is_as_it_was() {
        let signer = Signer::new(Credentials::new("ACME", "mykey").unwrap());
        let now = UnixTime::from_secs(1_635_790_389);
        for uri in ["https://example.com/a?b=c", "/a", "https://example.com"] {
            let mut request = Request::get(uri).body(()).unwrap();
            let before = request.uri().clone();
            let result = signer.stamp_request(&mut request, b"[NaN]", now);
            assert!(matches!(result, Err(SignError::InvalidJson(_))));
            assert_eq!(request.uri(), &before);
            assert!(request.headers().is_empty());
            signer.stamp_request(&mut request, b"[0]", now).unwrap();
            assert!(request.headers().contains_key(SIGNATURE));
        }
    }
}
