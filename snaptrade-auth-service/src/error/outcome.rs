//! Whether a request ran, told from the types of errors and never from their text.

use std::error::Error as StdError;
use std::io;

use http::StatusCode;
use snaptrade_signing::SignError;

use crate::answer::AnswerError;
use crate::connection::NoRuntime;
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
    ///
    /// - Once the head of an answer is here, nothing that follows says that the request did not run: an
    ///   [`AnswerError`] is [`Unknown`](Self::Unknown), whatever its source. Who collects answers without
    ///   [`CollectAnswerLayer`](crate::CollectAnswerLayer) wraps the errors of bodies in one.
    /// - `REFUSED_STREAM` is believed from hyper-util's client alone, whose errors come before the head. Of a connection
    ///   that goes away (`GOAWAY`), h2 does not tell whether the request was among those that ran.
    #[must_use]
    pub fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut next = Some(error);
        let mut before_the_head = false;
        while let Some(error) = next {
            if let Some(outcome) = known(error, before_the_head) {
                return outcome;
            }
            before_the_head |= is_of_a_request(error);
            next = source(error);
        }
        Self::Unknown
    }

    /// What an answer says about its request, by its status.
    ///
    /// What comes from between the server and here (502, 504, a proxy's own 499 and those from 520 on) does not tell, nor
    /// does a redirect: the server may have run the request before it points elsewhere.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            200..=299 => Self::Succeeded,
            400..=498 | 501 | 505 => Self::Refused,
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
fn known(error: &(dyn StdError + 'static), before_the_head: bool) -> Option<Outcome> {
    if error.is::<AnswerError>() {
        return Some(Outcome::Unknown);
    }
    if let Some(deadline) = error.downcast_ref::<DeadlineExceeded>() {
        return Some(deadline.outcome());
    }
    if let Some(sink) = error.downcast_ref::<SecretSinkError>() {
        return Some(sink.outcome());
    }
    if let Some(retried) = error.downcast_ref::<RetryError>() {
        return Some(retried.outcome());
    }
    let was_not_sent = error.is::<SignError>()
        || error.is::<RateLimitError>()
        || error.is::<GivenUp>()
        || error.is::<NoRuntime>();
    if was_not_sent {
        return Some(Outcome::NotSent);
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return (io.kind() == io::ErrorKind::ConnectionRefused).then_some(Outcome::NotSent);
    }
    client(error, before_the_head)
}

#[cfg(feature = "client-errors")]
fn client(error: &(dyn StdError + 'static), before_the_head: bool) -> Option<Outcome> {
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return error.is_connect().then_some(Outcome::NotSent);
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return error.is_canceled().then_some(Outcome::NotSent);
    }
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        // A stream that the server refuses was not processed at all (RFC 9113, 8.7): as long as it has not begun to
        // answer, and says so of the stream. An error that is made of the reason alone has no frame behind it.
        let by_the_server = before_the_head && error.is_reset() && error.is_remote();
        let reason_alone = !(error.is_reset() || error.is_go_away());
        let refused = error.reason() == Some(h2::Reason::REFUSED_STREAM);
        return (refused && (by_the_server || reason_alone)).then_some(Outcome::NotSent);
    }
    None
}

/// Whether an error ends a request, and not the body of its answer. hyper's own errors do not tell.
#[cfg(feature = "client-errors")]
fn is_of_a_request(error: &(dyn StdError + 'static)) -> bool {
    error.is::<hyper_util::client::legacy::Error>()
}

#[cfg(not(feature = "client-errors"))]
fn client(_: &(dyn StdError + 'static), _: bool) -> Option<Outcome> {
    None
}

#[cfg(not(feature = "client-errors"))]
fn is_of_a_request(_: &(dyn StdError + 'static)) -> bool {
    false
}
