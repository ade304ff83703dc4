//! What may be sent twice, and when.
//!
//! [`RetryPolicy`] is a policy for tower's `RetryLayer`. It goes onto any service of [`http::Request`] that collects its
//! answers, above the rolling limit and the attempt's timeout, so that each attempt takes a slot, has its own time, and
//! is stamped anew.
//!
//! ```
//! # #[cfg(feature = "sandbox")] {
//! use http::StatusCode;
//! use snaptrade_auth_service::operations::ListUsers;
//! use snaptrade_auth_service::retry::RetryPolicy;
//! use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Point, Sandbox};
//! use snaptrade_auth_service::{AttemptTimeoutLayer, AuthService, CollectAnswerLayer};
//! use snaptrade_signing::SignRequestLayer;
//! use std::time::Duration;
//! use tower::ServiceBuilder;
//! use tower::retry::RetryLayer;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
//! let sandbox = Sandbox::new();
//! let http = ServiceBuilder::new()
//!     .layer(RetryLayer::new(RetryPolicy::builder().max_attempts(3).build()?))
//!     .layer(AttemptTimeoutLayer::new(Duration::from_secs(10)))
//!     .layer(CollectAnswerLayer::new())
//!     .layer(SignRequestLayer::new(Sandbox::credentials()?))
//!     .service(sandbox.clone());
//! let snaptrade = AuthService::new(http);
//!
//! sandbox.faults().next(Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html));
//! sandbox.faults().next(Fault::Reset(Point::InAnswer));
//! let users = snaptrade.send(ListUsers::new()).await?;
//! assert_eq!(users.attempts(), 3);
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(()) })?;
//! # }
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
//! ```
//!
//! # What is sent again
//!
//! | how the attempt ended | [`Safe`]: list, login, JWT, delete | [`Never`]: register, reset, any other POST |
//! |---|---|---|
//! | [`NotSent`] | again | again |
//! | 429 | again after the announced wait | again after the announced wait |
//! | 502, 503, 504 | again | no |
//! | [`Unknown`]: sent, then a timeout, a reset, a broken or oversized body | again | never: the error says so and what to do |
//! | 401 / 1076, and the answer carries [`StaleStamp`] | twice at most | twice at most |
//! | any other answer | no | no |
//!
//! Which column it is stands in the request's extensions as a [`Repeat`](crate::Repeat), which
//! [`AuthService`](crate::AuthService) puts there; else GET, HEAD and DELETE are [`Safe`], and all else is [`Never`].
//! A stamp is stale if the clock was corrected since. Whether another key would do, is tried below:
//! [`FollowRotationLayer`](crate::FollowRotationLayer).
//! Nothing is sent again that the limiter refused, that could not be signed, or that has no connection for a reason that
//! lasts (the ready-made client's `ConnectError::is_permanent`): another attempt would meet the same.
//!
//! # How long it waits
//!
//! - A 429 that carries [`Paused`](crate::rate_limit::Paused) goes back to the limiter at once, marked as
//!   [`Retried`](crate::rate_limit::Retried), and waits there with everyone else, at the head of the queue.
//! - What a 429 or a 503 announces is waited for otherwise, up to [`max_wait`](RetryPolicyBuilder::max_wait).
//! - Else it backs off: a random time up to 200 ms, then 400 ms, and so on, [as set](RetryPolicyBuilder::backoff).
//! - If the call's deadline would pass meanwhile (its [`CallOptions`](crate::CallOptions), or a
//!   [`DeadlineLayer`](crate::DeadlineLayer)), it does not wait: the caller has the answer at once.
//!
//! Waiting needs a tokio runtime with time enabled; outside of one, there is no other attempt.
//!
//! # The budget
//!
//! What adds load is paid for out of tower's `TpsBudget`, which the clones of a policy share: sending again what was not
//! sent, what is unknown, what met a 5xx, and a 429 that announces nothing, or a wait of 0 seconds. With the budget used up, the failure goes to
//! the caller. A call pays in, once, when it ends with an answer that is final by itself; so a server that fails
//! everything sees no more than the reserve on top of the calls. A 429 that was waited for as announced costs nothing, as
//! that is what the server asked for; nor does the retry of a stale stamp, nor the first one of a call that met a connection
//! from the client's pool which its server had closed: that goes at once, and over a connection made for it.
//!
//! # What the caller hears
//!
//! Each answer carries [`Attempts`], and each error is a [`RetryError`]: final for layers outside. An operation's answers
//! and errors count them too ([`ApiResponse::attempts`](crate::ApiResponse::attempts),
//! [`ApiError::attempts`](crate::ApiError::attempts)). If an earlier attempt may have run, then so may the call, whatever
//! came of the last: its outcome is [`Unknown`], and a 404 that answers a DELETE says so.
//!
//! # Over operations
//!
//! The same policy retries operations, above an [`AuthService`](crate::AuthService) whose HTTP service has no retry of
//! its own. Over one that has, it sees that the policy below has decided, and sends nothing again. It waits by itself for
//! what a 429 announces, as no limiter can tell its next attempt from a new call. Put a
//! [`DeadlineLayer`](crate::DeadlineLayer) outside: without it, a timeout in the call's options bounds each attempt.
//!
//! ```
//! use snaptrade_auth_service::retry::RetryPolicy;
//! use snaptrade_auth_service::{AuthService, DeadlineLayer};
//! use std::time::Duration;
//! use tower::ServiceBuilder;
//! use tower::retry::RetryLayer;
//!
//! fn over_operations<S>(snaptrade: AuthService<S>) -> impl Clone
//! where
//!     S: Clone,
//! {
//!     ServiceBuilder::new()
//!         .layer(DeadlineLayer::new(Duration::from_secs(30)))
//!         .layer(RetryLayer::new(RetryPolicy::default()))
//!         .service(snaptrade)
//! }
//! ```
//!
//! # Caveats
//!
//! - What was sent and broke off is told from what never left by the error's type; see
//!   [`Outcome::of`](crate::Outcome::of) and the feature `client-errors`.
//! - The code of a 401 and the wait in a 429's body are known if a [`CollectAnswerLayer`](crate::CollectAnswerLayer) below
//!   has read them.
//! - tower does not show a policy an inner service that fails to become *ready* for another attempt: such an error comes
//!   out as it is, uncounted. The limiter and HTTP clients are ready at all times.
//!
//! [`Safe`]: crate::Repeat::Safe
//! [`Never`]: crate::Repeat::Never
//! [`NotSent`]: crate::Outcome::NotSent
//! [`Unknown`]: crate::Outcome::Unknown

mod attempt;
mod attempts;
mod backoff;
mod builder;
mod course;
mod decision;
mod error;
mod operation;
mod policy;
mod stale;
#[cfg(test)]
mod tests;
mod wait;

pub use attempts::Attempts;
pub(crate) use attempts::ExtraAttempts;
pub use builder::{InvalidRetryPolicy, RetryPolicyBuilder};
pub use error::RetryError;
pub use policy::RetryPolicy;
pub use stale::StaleStamp;
pub use wait::Wait;
