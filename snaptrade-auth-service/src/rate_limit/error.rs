//! Why a request was not let through.

use std::time::Duration;

/// A request that the limiter refused, so that nothing was sent.
///
/// [`RollingRateLimit`](super::RollingRateLimit) returns it boxed; `downcast_ref` tells it from the errors of the
/// inner service.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RateLimitError {
    /// The slot comes free later than the caller would wait.
    #[error(
        "the quota has no slot for at least {retry_after:?}, and `max_wait` is {max_wait:?}: come back then, or send less"
    )]
    WaitTooLong {
        /// When to come back. It may be longer by then, but not shorter.
        retry_after: Duration,
        /// The setting.
        max_wait: Duration,
    },

    /// The slot comes free after the call's deadline.
    #[error(
        "the quota has no slot for at least {retry_after:?}, and the call is given up before that: come back then, send less, or \
         raise the call's timeout"
    )]
    DeadlineTooSoon {
        /// When to come back. It may be longer by then, but not shorter.
        retry_after: Duration,
    },

    /// A wait needs tokio's clock.
    #[error("waiting for a slot needs a tokio runtime: await the call inside one")]
    NoRuntime,
}

impl RateLimitError {
    /// When to come back, if waiting helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::WaitTooLong { retry_after, .. } | Self::DeadlineTooSoon { retry_after } => {
                Some(*retry_after)
            }
            Self::NoRuntime => None,
        }
    }
}
