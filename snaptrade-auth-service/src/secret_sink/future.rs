//! The caller's side of a call.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::sync::oneshot;

use super::error::SecretSinkError;
use super::keeper::Keeper;
use super::task::{Told, unclaimed};
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
        /// Nothing was sent.
        Refused { error: Option<Error> },
    }
}

/// Where the task's answer arrives. It may lie here when the caller goes.
pub(super) struct Answer<T> {
    pub(super) receiver: oneshot::Receiver<Told<T>>,
    pub(super) keeper: Keeper,
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
        let state = State::Refused { error: Some(error) };
        Self { state }
    }
}

impl<T> Answer<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Told<T>> {
        Pin::new(&mut self.receiver).poll(cx).map(|told| {
            told.unwrap_or_else(|_| {
                let outcome = self.progress.give_up();
                let interrupted = SecretSinkError::Interrupted { outcome };
                Err(TransportError::new(self.operation, interrupted.into()).into())
            })
        })
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        self.receiver.close();
        if let Ok(told) = self.receiver.try_recv() {
            unclaimed(&self.keeper, told);
        }
    }
}

impl<F, T> Future for ResponseFuture<F, T>
where
    F: Future<Output = Result<ApiResponse<T>, Error>>,
{
    type Output = Result<ApiResponse<T>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Passing { future } => future.poll(cx),
            StateProj::Detached { answer, bound } => {
                if let Poll::Ready(told) = answer.poll(cx) {
                    return Poll::Ready(told);
                }
                match bound.as_pin_mut() {
                    Some(bound) => bound.poll(cx).map(Err),
                    None => Poll::Pending,
                }
            }
            StateProj::Refused { error } => match error.take() {
                Some(error) => Poll::Ready(Err(error)),
                // Polled after its end, which is the caller's mistake: it never ends again.
                None => Poll::Pending,
            },
        }
    }
}

impl<F, T> fmt::Debug for ResponseFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
