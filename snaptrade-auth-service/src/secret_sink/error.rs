//! A secret without a way to its store.

use std::fmt;

use snaptrade_signing::BoxError;

use super::intent::Intent;
use crate::error::Outcome;
use crate::user::UserCredentials;

/// A call that was not made because its secret would have been at risk, or one whose task has gone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretSinkError {
    /// The sink did not write down what was about to be done.
    #[error(
        "the secret sink could not record the intent, so nothing was sent: see that its store is up"
    )]
    NotRecorded(#[source] BoxError),
    /// [`drain`](super::SecretSinkLayer::drain) was called.
    #[error("the secret sink is shutting down and takes no new calls, so nothing was sent")]
    Draining,
    /// There is nothing to run the call on.
    #[error(
        "a call whose secret must outlive its caller needs a tokio runtime, so nothing was sent"
    )]
    NoRuntime,
    /// The answer was to be streamed past the sink.
    #[error(
        "a secret that is shown once cannot be streamed past its sink, so nothing was sent: send the operation itself"
    )]
    Streamed,
    /// The caller's deadline ran out.
    #[error("the call was given up before anything was sent")]
    GivenUp,
    /// The service below panicked.
    #[error("the service below the secret sink panicked")]
    Panicked,
    /// The runtime was shut down under the call.
    #[error(
        "the task that ran the call has gone, as when its runtime is shut down; the intent is recorded"
    )]
    Interrupted {
        /// Whether the request ran, as far as anyone can know.
        outcome: Outcome,
    },
}

impl SecretSinkError {
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::NotRecorded(_)
            | Self::Draining
            | Self::NoRuntime
            | Self::Streamed
            | Self::GivenUp => Outcome::NotSent,
            Self::Panicked => Outcome::Unknown,
            Self::Interrupted { outcome } => *outcome,
        }
    }
}

/// A secret that the sink did not take, however often it was asked. This is the only copy: store it.
///
/// Nothing prints it; [`credentials`](Self::credentials) gives it away.
///
/// ```
/// use snaptrade_auth_service::{Error, UserCredentials};
///
/// fn rescue(error: Error) -> Option<UserCredentials> {
///     match error {
///         Error::NotStored(secret) => Some(secret.into_credentials()),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone)]
pub struct NotStored {
    intent: Intent,
    credentials: UserCredentials,
    reason: String,
}

impl NotStored {
    /// `reason` loses the secret, should it hold it.
    pub(super) fn new(intent: Intent, credentials: UserCredentials, reason: &str) -> Self {
        let secret = credentials.user_secret.expose();
        let reason = match secret {
            "" => reason.to_owned(),
            _ => reason.replace(secret, "[redacted]"),
        };
        Self {
            intent,
            credentials,
            reason,
        }
    }

    /// The call that answered it.
    #[must_use]
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// The user and their secret.
    #[must_use]
    pub fn credentials(&self) -> &UserCredentials {
        &self.credentials
    }

    /// The user and their secret, to keep.
    #[must_use]
    pub fn into_credentials(self) -> UserCredentials {
        self.credentials
    }

    /// Why the sink did not take it, when it was asked last.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} succeeded, but its secret was not stored: {}; take the credentials out of this error and store them, \
             as they are never shown again",
            self.intent, self.reason
        )
    }
}

impl fmt::Debug for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotStored")
            .field("intent", &self.intent)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for NotStored {}
