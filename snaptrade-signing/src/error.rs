//! Why a request was not signed.

use crate::canonical::InvalidJson;
use crate::clock::UnixTime;

/// Any error, as tower's layers pass it on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request that was not signed, and so was not sent.
///
/// [`SignRequest`](crate::sign::SignRequest) returns it boxed; `downcast_ref` tells it from the errors of the
/// inner service. It never holds or prints a query, a body, a key or a signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The body is not JSON, so the server could not verify any signature over it.
    #[error(transparent)]
    InvalidJson(#[from] InvalidJson),

    /// The query has no `clientId` and `timestamp`, as it is empty.
    #[error("the query is empty: it must hold clientId and timestamp (`stamp` adds them)")]
    EmptyQuery,

    /// The time is no time in seconds that a server could accept.
    #[error(
        "{0} is no Unix time in seconds: check the clock (0 means before 1970; milliseconds are too large)"
    )]
    InvalidTime(UnixTime),

    /// The URI has no path: it is `*`, or an authority alone.
    #[error(
        "the request's URI has no path that begins with a slash: write it as /path or https://host/path"
    )]
    NoPath,

    /// With the stamp, the path and query are longer than a URI can be.
    #[error("the path and query are {len} bytes long with their stamp: a URI holds {max} at most", max = crate::stamp::MAX_LEN)]
    UriTooLong {
        /// The length in bytes, stamp included.
        len: usize,
    },

    /// The body is longer than the layer collects.
    #[error(
        "the body is longer than the {limit} bytes that are collected for signing: raise `max_body_bytes`"
    )]
    BodyTooLarge {
        /// The setting, in bytes.
        limit: usize,
    },

    /// The body could not be read to its end.
    #[error("the request's body failed before it could be signed")]
    Body(#[source] BoxError),

    /// The body ends in trailers, which are not covered by the signature and would be lost.
    #[error("the request's body has trailers, which a signed request cannot carry: leave them out")]
    Trailers,
}
