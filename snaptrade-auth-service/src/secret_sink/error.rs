//! A call that is not made, or not ended, for the sake of its secret.

use snaptrade_signing::BoxError;

use crate::error::Outcome;

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
    /// The service below panicked before it was called.
    #[error("the service below the secret sink panicked before it was called, so nothing was sent")]
    NotReady,
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
            | Self::GivenUp
            | Self::NotReady => Outcome::NotSent,
            Self::Panicked => Outcome::Unknown,
            Self::Interrupted { outcome } => *outcome,
        }
    }
}
