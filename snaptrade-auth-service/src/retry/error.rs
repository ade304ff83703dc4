//! The error of a last attempt.

use std::error::Error as StdError;
use std::fmt;

use snaptrade_signing::BoxError;

use super::attempts::Attempts;
use crate::error::{Outcome, Scrubbed};

/// An attempt has failed, and a [`RetryPolicy`](super::RetryPolicy) makes no other one: final for layers outside.
///
/// Its [source](StdError::source) is why the last attempt failed.
pub struct RetryError {
    pub(crate) attempts: Attempts,
    pub(crate) source: BoxError,
}

impl RetryError {
    pub(super) fn new(attempts: Attempts, source: BoxError) -> Self {
        Self { attempts, source }
    }

    /// How many attempts were made.
    #[must_use]
    pub fn attempts(&self) -> Attempts {
        self.attempts
    }

    /// Whether any of the attempts may have run.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.attempts.earlier_may_have_run() {
            return Outcome::Unknown;
        }
        Outcome::of(&*self.source)
    }
}

impl fmt::Display for RetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempts.count() {
            1 => f.write_str("the attempt failed, and is not made again"),
            count => write!(f, "{count} attempts failed, and no other one is made"),
        }
    }
}

impl fmt::Debug for RetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A client's error may print the URL, with a user's secret in its query.
        f.debug_struct("RetryError")
            .field("attempts", &self.attempts)
            .field("source", &Scrubbed::new(&*self.source))
            .finish()
    }
}

impl StdError for RetryError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
