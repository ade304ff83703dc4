//! The caller's side of a call.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::sync::oneshot;

use super::delivery::{CallResult, Delivery};
use super::error::SecretSinkError;
use super::recorder::CallRecorder;
use crate::deadline::Bound;
use crate::error::{Error, TransportError};
use crate::progress::Progress;
use crate::response::ApiResponse;

pin_project! {
    /// The answer of a [`SecretSinkService`](super::SecretSinkService).
    ///
    /// Dropped, it takes the call with it only while nothing was sent; a call that reveals no secret, always.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, T> {
        #[pin]
        state: State<F, T>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, T> {
        /// There is no secret in it.
        Passing { #[pin] future: F },
        /// A task has it.
        Detached {
            answer: Answer<T>,
            // None if a layer above watches, or nobody.
            #[pin]
            bound: Option<Bound>,
        },
        /// Nothing was sent; or, without the error, all is told.
        Over { error: Option<Error> },
    }
}

/// Where the task's answer arrives. It may lie here when the caller goes.
pub(super) struct Answer<T> {
    pub(super) receiver: oneshot::Receiver<Delivery<T>>,
    pub(super) recorder: CallRecorder,
    pub(super) operation: &'static str,
    pub(super) progress: Progress,
}

impl<F, T> ResponseFuture<F, T> {
    pub(super) fn passing(future: F) -> Self {
        let state = State::Passing { future };
        Self { state }
    }

    pub(super) fn detached(answer: Answer<T>, bound: Option<Bound>) -> Self {
        let state = State::Detached { answer, bound };
        Self { state }
    }

    pub(super) fn refused(error: Error) -> Self {
        let state = State::Over { error: Some(error) };
        Self { state }
    }
}

impl<T> Answer<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<CallResult<T>> {
        Pin::new(&mut self.receiver)
            .poll(cx)
            .map(|received| received.map_or_else(|_| Err(self.interrupted()), Delivery::claim))
    }

    fn interrupted(&self) -> Error {
        let outcome = self.progress.give_up();
        let interrupted = SecretSinkError::Interrupted { outcome };
        TransportError::new(self.operation, interrupted.into()).into()
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        self.receiver.close();
        if let Ok(delivery) = self.receiver.try_recv() {
            delivery.unclaimed(&self.recorder);
        }
    }
}

impl<F, T> Future for ResponseFuture<F, T>
where
    F: Future<Output = Result<ApiResponse<T>, Error>>,
{
    type Output = Result<ApiResponse<T>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        let result = match state.as_mut().project() {
            StateProj::Passing { future } => return future.poll(cx),
            StateProj::Detached { answer, bound } => match (answer.poll(cx), bound.as_pin_mut()) {
                (Poll::Ready(result), _) => result,
                (Poll::Pending, Some(bound)) => Err(ready!(bound.poll(cx))),
                (Poll::Pending, None) => return Poll::Pending,
            },
            StateProj::Over { error } => match error.take() {
                Some(error) => return Poll::Ready(Err(error)),
                // Polled after its end, which is its user's mistake: it never ends again.
                None => return Poll::Pending,
            },
        };
        // Whoever gave up has gone: what arrives from here on is nobody's.
        state.set(State::Over { error: None });
        Poll::Ready(result)
    }
}

impl<F, T> fmt::Debug for ResponseFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
