//! Deadlines: how long it may take to connect, how long an attempt, and how long a whole call.
//!
//! | scope | where | what it covers |
//! |---|---|---|
//! | [`Connect`](DeadlineScope::Connect) | [`ConnectTimeoutLayer`], around the connector of the HTTP client | name, TCP, proxy and TLS |
//! | [`Attempt`](DeadlineScope::Attempt) | [`AttemptTimeoutLayer`], right above the collected answer | one attempt, its answer's body included |
//! | [`Overall`](DeadlineScope::Overall) | [`DeadlineLayer`], outermost, or [`AuthService`](crate::AuthService) alone | everything: waits, retries, the body |
//!
//! Each ends in a [`DeadlineExceeded`] that says which ran out and whether the request may have run.
//!
//! ```
//! use std::time::Duration;
//! use snaptrade_auth_service::operations::ListUsers;
//! use snaptrade_auth_service::{AuthService, CallOptions, ErrorKind, Operation};
//! use tower::service_fn;
//! # use bytes::Bytes;
//! # use http::{Request, Response};
//! # use http_body_util::Full;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let never_answers = service_fn(|_: Request<Full<Bytes>>| {
//!     std::future::pending::<Result<Response<Full<Bytes>>, std::io::Error>>()
//! });
//! let service = AuthService::new(never_answers);
//!
//! let list = ListUsers::new().with(CallOptions::new().timeout(Duration::from_secs(5)));
//! let error = service.send(list).await.unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Timeout);
//! assert!(error.outcome().is_unknown());
//! # }
//! ```

mod attempt;
mod connect;
mod overall;

use std::fmt;
use std::time::Duration;

pub use attempt::{AttemptTimeout, AttemptTimeoutFuture, AttemptTimeoutLayer};
pub use connect::{ConnectTimeout, ConnectTimeoutFuture, ConnectTimeoutLayer};
pub(crate) use overall::Bound;
pub use overall::{Deadline, DeadlineFuture, DeadlineLayer};

use crate::error::Outcome;

/// A deadline ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlineExceeded {
    scope: DeadlineScope,
    after: Duration,
    outcome: Outcome,
}

/// What a deadline covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeadlineScope {
    /// The making of a connection. Nothing was sent.
    Connect,
    /// One attempt, its answer included.
    Attempt,
    /// The whole call.
    Overall,
}

impl DeadlineExceeded {
    pub(crate) fn new(scope: DeadlineScope, after: Duration, outcome: Outcome) -> Self {
        Self {
            scope,
            after,
            outcome,
        }
    }

    /// Which deadline it was.
    #[must_use]
    pub fn scope(&self) -> DeadlineScope {
        self.scope
    }

    /// How long it was.
    #[must_use]
    pub fn after(&self) -> Duration {
        self.after
    }

    /// Whether the request may have run.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

impl fmt::Display for DeadlineExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = match self.scope {
            DeadlineScope::Connect => "no connection",
            DeadlineScope::Attempt => "no complete answer to an attempt",
            DeadlineScope::Overall => "the call did not complete",
        };
        write!(f, "{scope} within {:?}", self.after)
    }
}

impl std::error::Error for DeadlineExceeded {}
