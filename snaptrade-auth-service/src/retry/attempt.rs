//! How an attempt ended, read from its answer or its error.

use std::error::Error as StdError;
use std::time::Duration;

use http::{Response, StatusCode};
use snaptrade_signing::SignError;

use super::RetryError;
use super::attempts::ExtraAttempts;
use super::decision::End;
use super::stale::StaleStamp;
use crate::answer::SignatureRefused;
use crate::connection::OldConnectionFailed;
use crate::deadline::{DeadlineExceeded, DeadlineScope};
use crate::error::{ApiError, Error, ErrorKind, Outcome, Permanent, source};
use crate::progress::GivenUp;
use crate::rate_limit::{Paused, RateLimitError, announced_in};
use crate::secret_sink::SecretSinkError;

/// An attempt that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) end: End,
    pub(super) outcome: Outcome,
    pub(super) wait: Announced,
    /// How many attempts a layer below has made beside it.
    pub(super) extra: u32,
    /// Whether it failed for its connection, which was older than itself.
    pub(super) old_connection: OldConnection,
}

/// What is known of the connection of an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum OldConnection {
    /// It is not to blame.
    #[default]
    No,
    /// It is; the next one is another in any case.
    Failed,
    /// It is; the next one is to be made for the request.
    WantsFresh,
}

/// The wait that an answer announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    /// It says nothing.
    Nothing,
    /// So long.
    Wait(Duration),
    /// So long, and the limiter below sees to it.
    Paused(Duration),
}

impl Attempt {
    /// From an answer over HTTP.
    pub(super) fn answered<R>(answer: &Response<R>) -> Self {
        let extensions = answer.extensions();
        let refused = extensions.get::<SignatureRefused>().is_some();
        let stale = extensions.get::<StaleStamp>().is_some();
        Self {
            end: end(answer.status(), refused && stale),
            outcome: Outcome::of_status(answer.status()),
            wait: match extensions.get() {
                Some(&Paused(wait)) => Announced::Paused(wait),
                None => announced_in(answer).map_or(Announced::Nothing, Announced::Wait),
            },
            extra: extensions.get().map_or(0, |&ExtraAttempts(extra)| extra),
            old_connection: OldConnection::No,
        }
    }

    /// From an error over HTTP; none if a retry below has decided about it.
    pub(super) fn failed(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        let mut given_up = false;
        let mut old_connection = OldConnection::No;
        while let Some(error) = next {
            if error.is::<RetryError>() {
                return None;
            }
            let deadline = error.downcast_ref::<DeadlineExceeded>();
            given_up |= deadline.is_some_and(|it| it.scope() == DeadlineScope::Overall)
                || error.is::<RateLimitError>()
                || error.is::<SignError>()
                || error.is::<Permanent>()
                || error.is::<GivenUp>()
                || error.is::<SecretSinkError>();
            match error.downcast_ref::<OldConnectionFailed>() {
                None => {}
                Some(old) if old.wants_a_fresh_one => old_connection = OldConnection::WantsFresh,
                Some(_) => old_connection = OldConnection::Failed,
            }
            next = source(error);
        }
        let outcome = Outcome::of(error);
        let end = match outcome {
            _ if given_up => End::GivenUp,
            Outcome::NotSent => End::NotSent,
            Outcome::Unknown => End::Unknown,
            Outcome::Refused | Outcome::Succeeded => End::GivenUp,
        };
        Some(Self {
            old_connection,
            ..Self::without_wait(end, outcome)
        })
    }

    /// From an operation's error; none if a retry below has decided about it.
    pub(super) fn erred(error: &Error) -> Option<Self> {
        match error {
            Error::Api(error) => error.attempts.is_none().then(|| Self::refused(error)),
            Error::Transport(error) if error.counted().is_some() => None,
            Error::Transport(error) => Self::failed(error.happened()),
            Error::Decode(_) | Error::NotStored(_) => Some(Self::success()),
            Error::InvalidRequest(_) => Some(Self::without_wait(End::GivenUp, Outcome::NotSent)),
        }
    }

    /// A success.
    pub(super) fn success() -> Self {
        Self::without_wait(End::Answered, Outcome::Succeeded)
    }

    fn refused(error: &ApiError) -> Self {
        let refused = error.kind() == ErrorKind::SignatureRefused;
        let wait = error.retry_after();
        Self {
            end: end(error.status, refused && error.stale_stamp),
            outcome: error.outcome(),
            wait: wait.map_or(Announced::Nothing, Announced::Wait),
            extra: 0,
            old_connection: OldConnection::No,
        }
    }

    fn without_wait(end: End, outcome: Outcome) -> Self {
        Self {
            end,
            outcome,
            wait: Announced::Nothing,
            extra: 0,
            old_connection: OldConnection::No,
        }
    }
}

/// How an answered attempt ended.
fn end(status: StatusCode, stale_stamp: bool) -> End {
    match status {
        StatusCode::TOO_MANY_REQUESTS => End::Throttled,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            End::Unavailable
        }
        StatusCode::UNAUTHORIZED if stale_stamp => End::StaleStamp,
        _ => End::Answered,
    }
}
