//! Never more requests at the server than the quota allows, in any trailing window.
//!
//! SnapTrade counts 250 requests in any trailing 60 seconds for each client id. [`RollingRateLimitLayer`] keeps that
//! promise at the *server*, whatever the latencies: a request takes a slot when it starts, and keeps it until a window
//! after its answer's head. It goes onto any service of [`http::Request`], below a retry (each attempt counts) and above
//! whatever signs the request, for a signature should not wait in a queue.
//!
//! ```
//! use http::{Request, Response};
//! use snaptrade_auth_service::RollingRateLimitLayer;
//! use snaptrade_auth_service::rate_limit::Quota;
//! use std::time::Duration;
//! use tower::{Layer, Service, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // Any HTTP client that is a tower service.
//! let client = tower::service_fn(|_: Request<()>| async { Ok::<_, std::io::Error>(Response::new(())) });
//!
//! let limit = RollingRateLimitLayer::new(Quota::default()).max_wait(Duration::from_secs(20));
//! let mut client = limit.layer(client);
//!
//! client.ready().await?.call(Request::new(())).await?;
//! assert_eq!(limit.in_use(), 1);
//! assert_eq!(limit.next_free(), Duration::ZERO);
//! # Ok(())
//! # }
//! ```
//!
//! # Why a log
//!
//! What 10,000 requests do in thirty minutes at a server that counts 250 in any trailing 60 seconds, if all are there
//! from the beginning; `cargo test -p snaptrade-auth-service --test rate_limit peers -- --nocapture` prints it
//! anew:
//!
//! | | tower's `RateLimit` | a token bucket | this one |
//! |---|---|---|---|
//! | most in a minute, without latency | 250 | 499 | 250 |
//! | most in a minute, latencies up to 10 s | 269 | 490 | 250 |
//! | most in a minute, a first burst that takes 55 s to arrive | 500 | 500 | 250 |
//! | in all, without latency (the quota: 7,500) | 7,500 | 7,749 | 7,500 |
//!
//! A window that begins at fixed times cannot see that a burst of the window before arrived late, and a bucket adds what
//! it refills to what it had saved.
//!
//! The same over sockets, against a sandbox that allows 40 requests a second: of 160, how many were answered and how many
//! were throttled with a 429 (`cargo test -p snaptrade-auth-service --all-features --test rate_limit sockets --
//! --nocapture`; the counts of the other two differ a little from run to run):
//!
//! | | tower's `RateLimit` | a token bucket | this one |
//! |---|---|---|---|
//! | without latency | 143 / 17 | 119 / 41 | 160 / 0 |
//! | a first burst that arrives 0.9 s late | 120 / 40 | 118 / 42 | 160 / 0 |
//!
//! # The queue
//!
//! First come, first served, in the order in which the futures are first polled; a request marked as [`Retried`] goes
//! before those that were never tried. In each runtime in which somebody waits a task serves the queue, and wakes whoever's
//! turn it is, and nobody else: a runtime that is idle stalls no other. A future that is dropped leaves the queue, and gives a
//! slot that it did not use to the next. Waiting needs a tokio runtime with time enabled; a request that finds a free slot needs
//! none.
//!
//! Whoever cannot have a slot in time hears so as soon as that is known: a wait beyond
//! [`max_wait`](RollingRateLimitLayer::max_wait), or beyond the deadline of the call (its [`CallOptions`](crate::CallOptions), or
//! a [`DeadlineLayer`](crate::DeadlineLayer)), is a [`RateLimitError`] with the time to come back. That holds for a pause after
//! a 429 as well, for those who wait already.
//!
//! A future that is not polled keeps its place, and nobody from theirs: a slot that it does not look at within a second goes to
//! the next, and it has the first one that comes free once it is polled. One whose request was sent keeps its slot until it is
//! polled to its end or dropped; forgotten (`std::mem::forget`), for good.
//!
//! # Readiness
//!
//! The service is always ready, as the wait is in the future. Each future has a clone of the inner service for itself;
//! when its turn has come, it polls that clone until it is ready, and calls it, once. So nothing is called that was not
//! ready, and nothing ready is held by a request that waits. What follows: the layers above cannot ask the inner service
//! whether it is ready, and its clones should share what they are ready for, as those of all HTTP clients do.
//!
//! # What answers teach
//!
//! - `X-RateLimit-Limit` and `-Remaining` tell how many requests the server has counted. What cannot be our own belongs
//!   to others on the same client id, and is left to them for one window, unless the server itself tells of room: then
//!   requests go one at a time. A limit below the quota is kept.
//! - A 429 stops everyone on the quota for the [announced](announced_wait) time, an hour at most. Its answer then
//!   carries [`Paused`], so that a retry policy knows to send it again at once, as [`Retried`]. A 429 of one *account*
//!   stops nobody else.
//!
//! # Many processes
//!
//! With the feature `redis`, `RollingRateLimitLayer::shared` keeps one quota over any number of processes.
//!
//! # What it cannot know
//!
//! The log starts empty. If a process ends and another one starts within a window, the server may count the requests of
//! both. An attempt that fails keeps its slot for [`margin`](Quota::margin) and window, even if it never left the
//! machine.

mod admission;
mod announced;
mod driver;
mod error;
mod extension;
mod feedback;
mod future;
mod layer;
mod limiter;
mod others;
mod permit;
mod queue;
mod quota;
#[cfg(feature = "redis")]
mod redis;
mod service;
mod status;
#[cfg(test)]
mod tests;
mod window;

#[cfg(feature = "redis")]
pub use self::redis::{InvalidRedisQuota, RedisQuota};
pub(crate) use announced::announced_in;
pub use announced::announced_wait;
pub use error::RateLimitError;
pub use extension::{AnnouncedWait, Paused, Retried};
pub use future::ResponseFuture;
pub use layer::RollingRateLimitLayer;
pub use quota::{InvalidQuota, Quota, QuotaBuilder};
pub use service::RollingRateLimit;
pub use status::{Allowance, RateLimitStatus};
