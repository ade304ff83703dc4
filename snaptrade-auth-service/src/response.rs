//! A successful answer, and what its headers say.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::quote::quote;
use crate::rate_limit::RateLimitStatus;
use crate::retry::Attempts;

/// What an operation answered. Dereferences to its body.
///
/// Its `Debug` prints the body's, so that secrets stay out of it as they do out of the body's own, and the names of the
/// headers without their values.
#[derive(Clone)]
#[non_exhaustive]
pub struct ApiResponse<T> {
    /// What the answer says.
    pub body: T,
    /// The status; a success.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// What to quote to SnapTrade's support.
    pub request_id: Option<RequestId>,
    /// From calling the HTTP service to the end of the answer, waits and retries below included.
    pub round_trip_time: Duration,
    /// What a retry policy has counted; none if there is none.
    pub(crate) attempts: Option<Attempts>,
}

impl<T> ApiResponse<T> {
    pub(crate) fn new(parts: http::response::Parts, round_trip_time: Duration, body: T) -> Self {
        Self {
            body,
            status: parts.status,
            request_id: RequestId::from_headers(&parts.headers),
            headers: parts.headers,
            round_trip_time,
            attempts: parts.extensions.get().copied(),
        }
    }

    /// How many attempts were made, as far as a retry policy has counted them.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        Attempts::count_of(self.attempts)
    }

    /// The quota, as the server sees it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimitStatus> {
        RateLimitStatus::from_headers(&self.headers)
    }

    /// The body alone.
    pub fn into_body(self) -> T {
        self.body
    }

    /// The same answer with another body.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> ApiResponse<U> {
        ApiResponse {
            body: map(self.body),
            status: self.status,
            headers: self.headers,
            request_id: self.request_id,
            round_trip_time: self.round_trip_time,
            attempts: self.attempts,
        }
    }
}

impl<T> Deref for ApiResponse<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.body
    }
}

impl<T> DerefMut for ApiResponse<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.body
    }
}

impl<T: fmt::Debug> fmt::Debug for ApiResponse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a server sets may be a secret, such as a cookie.
        let headers: Vec<_> = self.headers.keys().collect();
        f.debug_struct("ApiResponse")
            .field("body", &self.body)
            .field("status", &self.status)
            .field("headers", &headers)
            .field("request_id", &self.request_id)
            .field("round_trip_time", &self.round_trip_time)
            .finish_non_exhaustive()
    }
}

/// The `X-Request-ID` of an answer: what to quote to SnapTrade's support.
///
/// `Display` and `Debug` escape control characters and cut what is longer than 1 KiB.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// From an answer's headers; none if it has no such header in ASCII.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get("x-request-id")?.to_str().ok()?;
        Some(Self(value.to_owned()))
    }

    /// The id, as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(&self.0).fmt(f)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&quote(&self.0)).finish()
    }
}
