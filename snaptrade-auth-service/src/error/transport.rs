//! There was no answer, or not all of it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use snaptrade_signing::{BoxError, SignError};

use super::kind::ErrorKind;
use super::outcome::{Outcome, source};
use super::scrubbed::Scrubbed;
use crate::deadline::DeadlineExceeded;
use crate::operation::Repeat;
use crate::rate_limit::RateLimitError;
use crate::retry::{Attempts, RetryError};
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
    /// What a retry policy has counted; none if there is none.
    attempts: Option<Attempts>,
}

impl TransportError {
    pub(crate) fn new(operation: &'static str, source: BoxError) -> Self {
        let outcome = Outcome::of(&*source);
        // What people look for is why the last attempt failed.
        let (source, attempts) = match source.downcast::<RetryError>() {
            Ok(retried) => (retried.source, Some(retried.attempts)),
            Err(source) => (source, None),
        };
        let mut error = Self {
            operation,
            outcome,
            shown: Scrubbed::new(&*source),
            source,
            repeat: Repeat::Never,
            attempts,
        };
        if attempts.is_none() {
            error.attempts = error
                .downcast_ref()
                .map(|retried: &RetryError| retried.attempts);
        }
        error
    }

    /// The HTTP service failed before it was called.
    pub(crate) fn not_ready(source: BoxError) -> Self {
        Self {
            outcome: Outcome::NotSent,
            ..Self::new("the HTTP service", source)
        }
    }

    pub(crate) fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// A retry policy has decided: this is final.
    pub(crate) fn set_attempts(&mut self, attempts: Attempts) {
        self.attempts = Some(attempts);
        if attempts.earlier_may_have_run() {
            self.outcome = Outcome::Unknown;
        }
    }

    pub(crate) fn counted(&self) -> Option<Attempts> {
        self.attempts
    }

    /// What happened, to be looked at by type.
    pub(crate) fn happened(&self) -> &(dyn StdError + 'static) {
        &*self.source
    }

    /// How many attempts were made, as far as a retry policy has counted them.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        Attempts::count_of(self.attempts)
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
            next = source(error);
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
        })?;
        Attempts::fmt_note(self.attempts, f)
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
