//! Panics of others as errors: a secret in this task must not go down with them.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Somebody else's code panicked. The message is on stderr, and may hold anything: it is not repeated.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("it panicked")]
pub(super) struct Panicked;

/// What `make` makes, run to its end or to its first panic. It is not polled after that.
pub(super) async fn caught<F: Future>(make: impl FnOnce() -> F) -> Result<F::Output, Panicked> {
    let future = catch_unwind(AssertUnwindSafe(make)).map_err(|_| Panicked)?;
    let mut future = pin!(future);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}
