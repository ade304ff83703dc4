//! The stamp: `clientId` and `timestamp` behind the raw query.

use std::fmt;
use std::io::Write as _;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::clock::UnixTime;
use crate::error::SignError;
use crate::signature::SIGNATURE;
use crate::{digits, query};

/// The most bytes that a path and query may have, as the `http` crate counts a URI.
pub(crate) const MAX_LEN: usize = u16::MAX as usize - 1;

/// The first time that has ten digits, in September 2001.
const TEN_DIGITS: u64 = 1_000_000_000;

/// What makes a request a signed one. `Debug` prints the path, and not the query. It is [not erased](crate#secrets).
#[derive(Clone)]
pub struct Stamp {
    path_and_query: PathAndQuery,
    signature: HeaderValue,
}

impl Stamp {
    pub(crate) fn new(path_and_query: PathAndQuery, signature: HeaderValue) -> Self {
        Self {
            path_and_query,
            signature,
        }
    }

    /// The path and query to send instead of the request's own.
    #[must_use]
    pub fn path_and_query(&self) -> &PathAndQuery {
        &self.path_and_query
    }

    /// The value of the `Signature` header, marked as sensitive.
    #[must_use]
    pub fn signature(&self) -> &HeaderValue {
        &self.signature
    }

    /// Sets the URI's path and query and the `Signature` header, replacing any that is there.
    ///
    /// # Errors
    ///
    /// [`SignError::NoPath`] if the URI is an authority alone, which has no room for a path. The request is as it was
    /// then.
    pub fn apply<B>(self, request: &mut Request<B>) -> Result<(), SignError> {
        let uri = request.uri();
        if uri.scheme().is_none() && uri.authority().is_some() {
            return Err(SignError::NoPath);
        }
        set_path_and_query(request, self.path_and_query)?;
        request.headers_mut().insert(SIGNATURE, self.signature);
        Ok(())
    }
}

/// Sets the URI's path and query, which is to be no authority alone; returns the one before.
#[inline]
pub(crate) fn set_path_and_query<B>(
    request: &mut Request<B>,
    path_and_query: PathAndQuery,
) -> Result<Option<PathAndQuery>, SignError> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let before = parts.path_and_query.replace(path_and_query);
    match Uri::from_parts(parts) {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => return Err(SignError::NoPath),
    }
    Ok(before)
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp")
            .field("path", &self.path_and_query.path())
            .finish_non_exhaustive()
    }
}

/// Everything but RFC 3986's unreserved characters, so that no client finds anything to change.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `clientId=…&timestamp=`, the id percent-encoded.
pub(crate) fn prefix(client_id: &str) -> Box<str> {
    let client_id = utf8_percent_encode(client_id, RESERVED);
    format!("clientId={client_id}&timestamp=").into()
}

/// Whether a stamp of this time can stand behind the path and query.
#[inline]
pub(crate) fn check(path_and_query: &PathAndQuery, now: UnixTime) -> Result<(), SignError> {
    if !now.can_be_stamped() {
        return Err(SignError::InvalidTime(now));
    }
    if !path_and_query.path().starts_with('/') {
        return Err(SignError::NoPath);
    }
    Ok(())
}

/// The path and query with the stamp at its end, and no other. Both were [checked](check).
#[inline]
pub(crate) fn append(path_and_query: &PathAndQuery, prefix: &str, now: UnixTime) -> Vec<u8> {
    let path = path_and_query.path();
    let query = path_and_query.query().unwrap_or_default();
    let secs = now.as_secs();
    // Room for all, so that the buffer is allocated once and becomes the URI's own.
    let len = path_and_query.as_str().len() + 1 + prefix.len() + digits(secs);
    let mut stamped = Vec::with_capacity(len);
    stamped.extend_from_slice(path.as_bytes());
    stamped.push(b'?');
    query::extend_unstamped(&mut stamped, query);
    stamped.extend_from_slice(prefix.as_bytes());
    extend_digits(&mut stamped, secs);
    stamped
}

/// What [`append`] wrote, as a part of a URI.
#[inline]
pub(crate) fn parse(stamped: Vec<u8>) -> Result<PathAndQuery, SignError> {
    let len = stamped.len();
    if len > MAX_LEN {
        return Err(SignError::UriTooLong { len });
    }
    PathAndQuery::try_from(stamped).map_err(|_| SignError::NoPath)
}

/// The path and query without a stamp; none if there is nothing to take out.
pub(crate) fn remove(path_and_query: &PathAndQuery) -> Option<PathAndQuery> {
    let query = path_and_query.query()?;
    if !query::is_stamped(query) {
        return None;
    }
    let mut rest = path_and_query.path().as_bytes().to_vec();
    rest.push(b'?');
    query::extend_unstamped(&mut rest, query);
    // The separator behind the last member, or the `?`.
    rest.pop();
    PathAndQuery::from_maybe_shared(Bytes::from(rest)).ok()
}

/// How many digits a time has that was checked.
#[inline]
fn digits(secs: u64) -> usize {
    if (TEN_DIGITS..10 * TEN_DIGITS).contains(&secs) {
        return 10;
    }
    secs.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Appends the digits of a time that was checked.
///
/// From 2001 to 2286 they are ten, which are written without a loop.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "both parts are below 100,000,000"
)]
fn extend_digits(out: &mut Vec<u8>, secs: u64) {
    const EIGHT: u64 = 100_000_000;
    if (TEN_DIGITS..10 * TEN_DIGITS).contains(&secs) {
        let [.., a, b] = digits::eight_digits((secs / EIGHT) as u32);
        out.extend_from_slice(&[a, b]);
        out.extend_from_slice(&digits::eight_digits((secs % EIGHT) as u32));
        return;
    }
    // Cannot fail: a `Vec` takes everything.
    let _ = write!(out, "{secs}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_digits_and_no_zeros_before_them() {
        let path_and_query = PathAndQuery::from_static("/a");
        for secs in [
            1,
            9,
            10,
            99_999_999,
            100_000_000,
            999_999_999,
            1_000_000_000,
            1_000_000_001,
            9_999_999_999,
            10_000_000_000,
            99_999_999_999,
        ] {
            let stamped = append(&path_and_query, "timestamp=", UnixTime::from_secs(secs));
            assert_eq!(stamped, format!("/a?timestamp={secs}").as_bytes());
            assert_eq!(stamped.len(), stamped.capacity());
        }
    }
}
