//! A request that cannot be built.

use snaptrade_signing::canonical::InvalidJson;

/// A request that cannot be built; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// The path has characters that must be percent-encoded, or the whole is too long.
    #[error(
        "the path cannot be part of a URL: pass its variable parts through `segment`, which encodes them"
    )]
    InvalidPath,
    /// A segment of the path is empty, `.` or `..`.
    #[error(
        "a segment of the path is empty, `.` or `..`, which would name another path: check the id"
    )]
    InvalidSegment,
    /// The body has no JSON form.
    #[error(
        "the body has no JSON form (a map whose keys are no strings, or a number that is not finite)"
    )]
    NotJson,
    /// The body's JSON cannot be signed.
    #[error(transparent)]
    InvalidJson(#[from] InvalidJson),
}
