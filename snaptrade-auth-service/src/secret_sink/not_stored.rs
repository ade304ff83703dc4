//! A secret that is in no sink.

use std::fmt;

use zeroize::Zeroizing;

use super::intent::Intent;
use crate::user::UserCredentials;

/// A secret that the sink did not take, or that could not be given to it. This is the only copy: store it.
///
/// Nothing prints it; [`credentials`](Self::credentials) gives it away, or, if no secret could be read from the answer,
/// [`body`](Self::body) what was answered.
///
/// ```
/// use snaptrade_auth_service::{Error, UserCredentials};
///
/// fn rescue(error: Error) -> Option<UserCredentials> {
///     match error {
///         Error::NotStored(secret) => secret.into_credentials(),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone)]
pub struct NotStored {
    intent: Intent,
    cause: NotStoredCause,
    secret: Unstored,
    reason: String,
}

/// Why a secret is not in the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotStoredCause {
    /// The sink did not take it, however often it was asked.
    SinkFailed,
    /// The answer names another user than the call was for, so that storing it would overwrite the secret of that user.
    /// The ids are compared byte by byte.
    OtherUser,
    /// The request ran, and no secret could be read from its answer.
    Unreadable,
}

/// The secret, or what may hold it.
#[derive(Clone)]
pub(super) enum Unstored {
    Credentials(UserCredentials),
    Body(Zeroizing<Vec<u8>>),
}

impl NotStored {
    pub(super) fn new(intent: Intent, cause: NotStoredCause, secret: Unstored) -> Self {
        Self {
            intent,
            cause,
            secret,
            reason: String::new(),
        }
    }

    /// The reason loses the secret, should it hold it.
    pub(super) fn because(mut self, reason: &str) -> Self {
        self.reason = match &self.secret {
            Unstored::Credentials(user) if !user.user_secret.expose().is_empty() => {
                reason.replace(user.user_secret.expose(), "[redacted]")
            }
            _ => reason.to_owned(),
        };
        self
    }

    /// The call that answered it.
    #[must_use]
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// Why it is not in the sink.
    #[must_use]
    pub fn cause(&self) -> NotStoredCause {
        self.cause
    }

    /// The user and their secret; none if the answer was [unreadable](NotStoredCause::Unreadable).
    #[must_use]
    pub fn credentials(&self) -> Option<&UserCredentials> {
        match &self.secret {
            Unstored::Credentials(user) => Some(user),
            Unstored::Body(_) => None,
        }
    }

    /// The user and their secret, to keep; none if the answer was [unreadable](NotStoredCause::Unreadable).
    #[must_use]
    pub fn into_credentials(self) -> Option<UserCredentials> {
        match self.secret {
            Unstored::Credentials(user) => Some(user),
            Unstored::Body(_) => None,
        }
    }

    /// The body of an [unreadable](NotStoredCause::Unreadable) answer, which may hold the secret.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        match &self.secret {
            Unstored::Credentials(_) => None,
            Unstored::Body(body) => Some(body),
        }
    }

    /// Why, in words: what the sink said when it was asked last, or what is wrong with the answer.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.cause {
            NotStoredCause::SinkFailed => {
                "but its secret was not stored: take the credentials out of this error and store them"
            }
            NotStoredCause::OtherUser => {
                "but the answer names another user, so its secret was not stored: take the credentials out of this error, \
                 and find out whose they are"
            }
            NotStoredCause::Unreadable => {
                "but no secret could be read from its answer: take the body out of this error and keep it"
            }
        };
        let (intent, reason) = (&self.intent, &self.reason);
        write!(
            f,
            "{intent} succeeded, {what}, as it is never shown again ({reason})"
        )
    }
}

impl fmt::Debug for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotStored")
            .field("intent", &self.intent)
            .field("cause", &self.cause)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for NotStored {}
