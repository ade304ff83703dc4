//! Whether a request ran, told from the types of errors and never from their text.

use std::error::Error as StdError;
use std::io;

use http::StatusCode;
use snaptrade_signing::SignError;

use crate::deadline::DeadlineExceeded;
use crate::progress::GivenUp;
use crate::rate_limit::RateLimitError;
use crate::retry::RetryError;
use crate::secret_sink::SecretSinkError;

/// Whether a request ran at the server, as far as anyone can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It never left: no connection, or never dispatched on one.
    NotSent,
    /// The server's answer says that it did not run.
    Refused,
    /// It was sent, or may have been, and nobody knows.
    Unknown,
    /// The server's answer says that it ran.
    Succeeded,
}

impl Outcome {
    /// Whether nobody knows.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }

    /// What an error of an HTTP client says about its request; [`Unknown`](Self::Unknown) unless one of its
    /// sources says better.
    ///
    /// It knows this crate's own errors, a connection that was refused, and with the feature `client-errors` the errors
    /// of hyper, hyper-util and h2, which are reqwest's and axum's too.
    #[must_use]
    pub fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(outcome) = known(error) {
                return outcome;
            }
            next = source(error);
        }
        Self::Unknown
    }

    /// What an answer says about its request, by its status. One that comes from between the server and here (502, 504,
    /// and a proxy's own from 520 on) does not tell.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            200..=299 => Self::Succeeded,
            // To be asked elsewhere, or not at all.
            301 | 302 | 307 | 308 | 400..=499 | 501 | 505 => Self::Refused,
            _ => Self::Unknown,
        }
    }
}

/// What is behind an error. The standard library has an I/O error's source be the source of its inner error; the inner
/// one itself may be one of ours.
pub(crate) fn source<'a>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a (dyn StdError + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// What one error says, its sources aside.
fn known(error: &(dyn StdError + 'static)) -> Option<Outcome> {
    if let Some(deadline) = error.downcast_ref::<DeadlineExceeded>() {
        return Some(deadline.outcome());
    }
    if let Some(sink) = error.downcast_ref::<SecretSinkError>() {
        return Some(sink.outcome());
    }
    if let Some(retried) = error.downcast_ref::<RetryError>() {
        return Some(retried.outcome());
    }
    if error.is::<SignError>() || error.is::<RateLimitError>() || error.is::<GivenUp>() {
        return Some(Outcome::NotSent);
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return (io.kind() == io::ErrorKind::ConnectionRefused).then_some(Outcome::NotSent);
    }
    client(error)
}

#[cfg(feature = "client-errors")]
fn client(error: &(dyn StdError + 'static)) -> Option<Outcome> {
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return error.is_connect().then_some(Outcome::NotSent);
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return error.is_canceled().then_some(Outcome::NotSent);
    }
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        // A refused stream was not processed at all (RFC 9113, 8.7). A reset by this side tells nothing; an error that is
        // made of the reason alone, with no frame behind it, says what it says.
        let by_peer = error.is_remote() || !(error.is_reset() || error.is_go_away());
        let refused = by_peer && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        return refused.then_some(Outcome::NotSent);
    }
    None
}

#[cfg(not(feature = "client-errors"))]
fn client(_: &(dyn StdError + 'static)) -> Option<Outcome> {
    None
}
