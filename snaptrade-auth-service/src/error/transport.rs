//! There was no answer, or not all of it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use snaptrade_signing::{BoxError, SignError};

use super::kind::ErrorKind;
use super::outcome::Outcome;
use super::scrubbed::Scrubbed;
use crate::deadline::DeadlineExceeded;
use crate::operation::Repeat;
use crate::rate_limit::RateLimitError;
use crate::secret_sink::SecretSinkError;

/// There was no answer, or not all of it.
pub struct TransportError {
    operation: &'static str,
    outcome: Outcome,
    /// What is shown: its text without queries, and the same of its sources.
    shown: Scrubbed,
    /// What happened. It may print a URL, so it is only ever looked at by type.
    source: BoxError,
    repeat: Repeat,
}

impl TransportError {
    pub(crate) fn new(operation: &'static str, source: BoxError) -> Self {
        Self {
            operation,
            outcome: Outcome::of(&*source),
            shown: Scrubbed::new(&*source),
            source,
            repeat: Repeat::Never,
        }
    }

    pub(crate) fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Whether the request ran, as far as anyone can know.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Which deadline ran out, if one did.
    #[must_use]
    pub fn deadline(&self) -> Option<&DeadlineExceeded> {
        self.downcast_ref()
    }

    /// The first among the causes that has this type. What it prints is up to it: a client's error may print the
    /// URL with the user's secret in it.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        let mut next: Option<&(dyn StdError + 'static)> = Some(&*self.source);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    pub(super) fn kind(&self) -> ErrorKind {
        if self.deadline().is_some() {
            ErrorKind::Timeout
        } else if self.downcast_ref::<RateLimitError>().is_some() {
            ErrorKind::Throttled
        } else if self.downcast_ref::<SignError>().is_some() {
            ErrorKind::NotSigned
        } else if self.downcast_ref::<SecretSinkError>().is_some() {
            ErrorKind::SecretSink
        } else {
            ErrorKind::Transport
        }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.downcast_ref::<RateLimitError>()?.retry_after()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.operation, self.shown)?;
        f.write_str(match self.outcome {
            Outcome::NotSent => " (nothing was sent)",
            Outcome::Refused => " (the server did not run it)",
            Outcome::Succeeded => " (the server ran it)",
            Outcome::Unknown if self.repeat == Repeat::Never => {
                " (it may have run: find out before you send it again, as it must not run twice)"
            }
            Outcome::Unknown => " (it may have run; it is safe to send it again)",
        })
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("operation", &self.operation)
            .field("outcome", &self.outcome)
            .field("source", &self.shown)
            .finish()
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // Its own text is part of this error's.
        self.shown.source()
    }
}
