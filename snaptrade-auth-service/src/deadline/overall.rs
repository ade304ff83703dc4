//! How long a whole call may take.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower::{Layer, Service};

use super::{DeadlineExceeded, DeadlineScope};
use crate::call_options::{CallOptions, WithOptions};
use crate::error::{Error, Outcome, TransportError};
use crate::operation::{Operation, Repeat};
use crate::progress::Progress;
use crate::raw::Streaming;

/// Bounds whole calls, waits and retries included. Outermost in the stack.
///
/// # Panics
///
/// Its service panics when called outside of a tokio runtime with time enabled, as all of tokio's timers do.
#[derive(Clone, Copy, Debug)]
pub struct DeadlineLayer {
    timeout: Duration,
}

impl DeadlineLayer {
    /// Bounds each call by `timeout`, unless its [`CallOptions`] say otherwise.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Deadline<S> {
        Deadline {
            inner,
            timeout: self.timeout,
        }
    }
}

/// A service whose calls are bounded. Made by [`DeadlineLayer`].
#[derive(Clone, Debug)]
pub struct Deadline<S> {
    inner: S,
    timeout: Duration,
}

impl<S> Deadline<S> {
    /// The service below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S, Op> Service<Op> for Deadline<S>
where
    Op: Operation,
    S: Service<WithOptions<Op>, Error = Error>,
{
    type Response = S::Response;
    type Error = Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, operation: Op) -> Self::Future {
        let (operation, bound) = watch(operation, self.timeout);
        DeadlineFuture::new(self.inner.call(operation), bound)
    }
}

/// The head of a streamed answer; its body is the caller's.
impl<S, Op> Service<Streaming<Op>> for Deadline<S>
where
    Op: Operation,
    S: Service<Streaming<WithOptions<Op>>, Error = Error>,
{
    type Response = S::Response;
    type Error = Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, Streaming(operation): Streaming<Op>) -> Self::Future {
        let (operation, bound) = watch(operation, self.timeout);
        DeadlineFuture::new(self.inner.call(operation.streaming()), bound)
    }
}

/// The operation, told that it is watched, and what watches over it.
fn watch<Op: Operation>(operation: Op, default: Duration) -> (WithOptions<Op>, Bound) {
    let options = operation.options();
    let timeout = options.timeout.unwrap_or(default);
    // The sooner of this one and a deadline further out; none if it is beyond all time.
    let own = Instant::now().checked_add(timeout);
    let deadline = own.into_iter().chain(options.deadline).min();
    let progress = Progress::default();
    let options = CallOptions::new().bounded_above(progress.clone(), deadline);
    let bound = Bound::new(timeout, operation.name(), operation.repeat(), progress);
    (operation.with(options), bound)
}

pin_project! {
    /// The answer to a call that is bounded.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct DeadlineFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<F> {
        Running { #[pin] future: F, #[pin] bound: Bound },
        /// It was answered, or its time ran out.
        Over,
    }
}

impl<F> DeadlineFuture<F> {
    fn new(future: F, bound: Bound) -> Self {
        let state = State::Running { future, bound };
        Self { state }
    }
}

impl<F, T> Future for DeadlineFuture<F>
where
    F: Future<Output = Result<T, Error>>,
{
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        let answer = match state.as_mut().project() {
            StateProj::Running { future, bound } => match future.poll(cx) {
                Poll::Ready(answer) => answer,
                Poll::Pending => Err(ready!(bound.poll(cx))),
            },
            // Polled after its end, which is its user's mistake: it never ends again.
            StateProj::Over => return Poll::Pending,
        };
        // The call is given up at once, not when somebody drops this future.
        state.set(State::Over);
        Poll::Ready(answer)
    }
}

pin_project! {
    /// Becomes the error of a call whose time has run out.
    #[derive(Debug)]
    pub(crate) struct Bound {
        #[pin]
        sleep: Sleep,
        timeout: Duration,
        operation: &'static str,
        repeat: Repeat,
        progress: Progress,
    }
}

impl Bound {
    pub(crate) fn new(
        timeout: Duration,
        operation: &'static str,
        repeat: Repeat,
        progress: Progress,
    ) -> Self {
        Self {
            sleep: tokio::time::sleep(timeout),
            timeout,
            operation,
            repeat,
            progress,
        }
    }
}

impl Future for Bound {
    type Output = Error;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Error> {
        let this = self.project();
        ready!(this.sleep.poll(cx));
        let outcome: Outcome = this.progress.give_up();
        let exceeded = DeadlineExceeded::new(DeadlineScope::Overall, *this.timeout, outcome);
        let error = TransportError::new(this.operation, exceeded.into()).repeat(*this.repeat);
        Poll::Ready(error.into())
    }
}
