//! A request that cannot be built.

use snaptrade_signing::canonical::InvalidJson;

use crate::user::{UserCredentials, UserId};

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
