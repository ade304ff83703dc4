//! An error that the server answered.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use snaptrade_signing::Clock as _;
use snaptrade_signing::clock::SystemClock;

use super::kind::ErrorKind;
use super::outcome::Outcome;
use crate::operation::Repeat;
use crate::quote::quote;
use crate::rate_limit::announced_wait;
use crate::response::RequestId;
use crate::retry::{Attempts, StaleStamp};

/// An error that the server answered.
///
/// Print the error, not its fields: they hold what the server sent, as it came. `Display` and `Debug` escape control
/// characters and what cannot be seen, cut what is longer than 1 KiB, and mask queries and the values of `userSecret`,
/// `token`, `consumerKey`, `signature` and `Authorization`.
#[derive(Clone)]
#[non_exhaustive]
pub struct ApiError {
    /// The name of the operation.
    pub operation: &'static str,
    /// The status.
    pub status: StatusCode,
    /// The status in words.
    pub reason: &'static str,
    /// SnapTrade's own code, such as `1076`, as it came. Ambiguous by itself: [`kind`](Self::kind) tells.
    pub code: Option<String>,
    /// What the server says, as it came.
    pub detail: Option<String>,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body, as it came.
    pub body: Bytes,
    /// What to quote to SnapTrade's support.
    pub request_id: Option<RequestId>,
    /// From sending the request to the end of the answer.
    pub round_trip_time: Duration,
    pub(crate) repeat: Repeat,
    method: Method,
    /// Whether its request may pass once it is stamped anew.
    pub(crate) stale_stamp: bool,
    /// What a retry policy has counted; none if there is none.
    pub(crate) attempts: Option<Attempts>,
}

impl ApiError {
    pub(crate) fn new(
        operation: &'static str,
        method: Method,
        repeat: Repeat,
        answer: http::Response<Bytes>,
        round_trip_time: Duration,
    ) -> Self {
        let (parts, body) = answer.into_parts();
        let said = Said::read(&body);
        Self {
            operation,
            status: parts.status,
            reason: parts.status.canonical_reason().unwrap_or_default(),
            code: said.code,
            detail: said.detail,
            request_id: RequestId::from_headers(&parts.headers),
            headers: parts.headers,
            body,
            round_trip_time,
            repeat,
            method,
            stale_stamp: parts.extensions.get::<StaleStamp>().is_some(),
            attempts: parts.extensions.get().copied(),
        }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        let code = self.code.as_deref().unwrap_or_default();
        let detail = self.detail.as_deref().unwrap_or_default();
        match (self.status.as_u16(), code) {
            (429, _) => ErrorKind::Throttled,
            (400, "1076") => ErrorKind::DataRefused,
            (401 | 403, "1076") => ErrorKind::SignatureRefused,
            (401 | 403, "1083") if detail.contains("clientId") => ErrorKind::UnknownClient,
            (401 | 403, "1083") => ErrorKind::BadUserCredentials,
            (401 | 403, "0000") => ErrorKind::NotAuthenticated,
            (400, "1010") => ErrorKind::UserExists,
            (400, "1012") => ErrorKind::PersonalKey,
            (402, "3003") => ErrorKind::ConnectionDisabled,
            (425, _) => ErrorKind::NotReady,
            (404, _) => ErrorKind::NotFound,
            (401, _) => ErrorKind::NotAuthenticated,
            (403, _) => ErrorKind::Forbidden,
            (500..=599, _) => ErrorKind::Server,
            (400..=499, _) => ErrorKind::BadRequest,
            _ => ErrorKind::Other,
        }
    }

    /// Whether the request ran. An answer from between the server and here (502, 504, 52x) does not tell, and none tells
    /// of an earlier attempt that may have run.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.earlier_may_have_run() {
            return Outcome::Unknown;
        }
        Outcome::of_status(self.status)
    }

    /// How many attempts were made, as far as a retry policy has counted them.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        Attempts::count_of(self.attempts)
    }

    fn earlier_may_have_run(&self) -> bool {
        self.attempts.is_some_and(Attempts::earlier_may_have_run)
    }

    /// How long to wait before asking again, as the answer announced it.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        announced_wait(
            self.status,
            &self.headers,
            self.detail.as_deref(),
            SystemClock.now(),
        )
    }

    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self.kind() {
            ErrorKind::SignatureRefused => {
                "the signature does not fit, which is never the user's fault: check the consumer key (a pasted space \
                 is enough), this machine's clock, and that nothing below the signing layer changes requests"
            }
            ErrorKind::DataRefused => "the server could not read the signed body: send JSON",
            ErrorKind::UnknownClient => "check the client id",
            ErrorKind::BadUserCredentials => {
                "the user id or the user's secret is wrong: if the secret is lost, reset it"
            }
            ErrorKind::NotAuthenticated => {
                "the request came without clientId, timestamp or Signature: is the signing layer on this client?"
            }
            ErrorKind::UserExists => {
                "log the user in with the stored secret; if it is lost, reset it"
            }
            ErrorKind::PersonalKey => {
                "a Personal key is its own user: do not register, and use `LoginUser::personal`"
            }
            ErrorKind::Throttled => match self.retry_after() {
                Some(wait) => {
                    return Cow::Owned(format!("come back in {} s", wait.as_secs_f64().ceil()));
                }
                None => "come back in a minute",
            },
            ErrorKind::NotFound if self.method == Method::DELETE && self.earlier_may_have_run() => {
                "an earlier attempt of this call may have succeeded, so that nothing is left to delete: look whether it \
                 is gone"
            }
            ErrorKind::NotFound => "check the id and the path",
            ErrorKind::Forbidden => {
                "this client id may not do that: a Personal key manages no users and has no secret to reset; with a \
                 Commercial one, ask SnapTrade"
            }
            ErrorKind::ConnectionDisabled => "the user must reconnect the brokerage",
            ErrorKind::NotReady => "the brokerage's data is still being fetched: ask again later",
            ErrorKind::Server if self.outcome().is_unknown() && self.repeat == Repeat::Never => {
                "it may have run: find out before you send it again, as it must not run twice"
            }
            ErrorKind::Server => "try again later, and quote the request id if it stays so",
            _ if self.status.is_redirection() && self.repeat == Repeat::Never => {
                "a redirect is never followed: check the base URL; it may have run, so find out before you send it again, \
                 as it must not run twice"
            }
            _ if self.status.is_redirection() => "a redirect is never followed: check the base URL",
            _ => "see the detail, and quote the request id to the support",
        })
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} answered {}", self.operation, self.status.as_u16())?;
        if let Some(code) = &self.code {
            write!(f, " / {}", quote(code))?;
        }
        match &self.detail {
            Some(detail) => write!(f, " \"{}\"", quote(detail))?,
            None => write!(f, " {}", self.reason)?,
        }
        write!(f, ": {}", self.remedy())?;
        Attempts::fmt_note(self.attempts, f)?;
        if let Some(id) = &self.request_id {
            write!(f, " [request id {id}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("code", &self.code.as_deref().map(quote))
            .field("detail", &self.detail.as_deref().map(quote))
            .field("request_id", &self.request_id)
            .field("round_trip_time", &self.round_trip_time)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ApiError {}

/// What an error's body says, read leniently.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) code: Option<String>,
    pub(crate) detail: Option<String>,
}

impl Said {
    /// Whether a 401 refuses the signature rather than the user.
    pub(crate) fn signature_refused(&self) -> bool {
        self.code.as_deref() == Some("1076")
    }

    /// Nothing, if the body is none of the forms that are known: HTML, say, or cut off.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let text = |names: &[&str]| {
            names.iter().find_map(|name| match members.get(*name)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Null => None,
                other => Some(other.to_string()),
            })
        };
        Self {
            code: text(&["code", "default_code"]),
            detail: text(&["detail", "default_detail", "error", "message"]),
        }
    }
}
