//! A request that cannot be built.

use http::HeaderName;
use snaptrade_signing::canonical::InvalidJson;

use crate::user::{UserCredentials, UserId};

/// Names of [`InvalidRequest::ReservedHeader`], in the order of its documentation.
const RESERVED: [&str; 13] = [
    "host",
    "content-length",
    "transfer-encoding",
    "trailer",
    "expect",
    "connection",
    "keep-alive",
    "te",
    "upgrade",
    "http2-settings",
    "proxy-connection",
    "proxy-authorization",
    "signature",
];

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
    /// The user id is empty.
    #[error("the user id is empty: pass the id under which your app knows the user")]
    EmptyUserId,
    /// The user's secret is empty.
    #[error(
        "the user's secret is empty: pass the one that registration answered; a Personal key needs none \
         (`LoginUser::personal`)"
    )]
    EmptyUserSecret,
    /// A header that is not the caller's to set.
    ///
    /// These are refused:
    ///
    /// - `host`, `content-length`, `transfer-encoding`, `trailer`, `expect`: the HTTP client derives them from the
    ///   request. A second opinion on where a body ends lets one request be read as two.
    /// - `connection`, `keep-alive`, `te`, `upgrade`, `http2-settings`, `proxy-connection`: they are about the
    ///   connection, which many requests share, and HTTP/2 forbids them.
    /// - `proxy-authorization`: it is for a proxy, and would reach the API. Set it where the proxy is set.
    /// - `signature`: the signing layer sets it.
    #[error(
        "the header `{0}` is not yours to set: the HTTP client and the signing layer derive it from the request"
    )]
    ReservedHeader(HeaderName),
    /// The body has no JSON form.
    #[error(
        "the body has no JSON form (a map whose keys are no strings, or a number that is not finite)"
    )]
    NotJson,
    /// The body's JSON cannot be signed.
    #[error(transparent)]
    InvalidJson(#[from] InvalidJson),
}

impl InvalidRequest {
    /// What is wrong with a header of this name, if anything.
    pub(crate) fn in_header(name: &HeaderName) -> Option<Self> {
        let reserved = RESERVED.contains(&name.as_str());
        reserved.then(|| Self::ReservedHeader(name.clone()))
    }

    /// What is wrong with an id, if anything.
    pub(crate) fn in_user_id(user_id: &UserId) -> Option<Self> {
        user_id.as_str().is_empty().then_some(Self::EmptyUserId)
    }

    /// What is wrong with an id or its secret, if anything.
    pub(crate) fn in_user(user: &UserCredentials) -> Option<Self> {
        let no_secret = user.user_secret.expose().is_empty();
        Self::in_user_id(&user.user_id).or(no_secret.then_some(Self::EmptyUserSecret))
    }
}
