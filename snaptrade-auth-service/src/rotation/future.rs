//! The future: looks at the answer, and lets it pass.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use snaptrade_signing::Rotating;

use crate::answer::SignatureRefused;
use crate::retry::StaleStamp;

pin_project! {
    /// The answer. Dropping it does what dropping the inner service's future does.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        keys: Option<Rotating>,
        // No later than what the request was signed with.
        generation: u64,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, keys: Option<Rotating>, generation: u64) -> Self {
        Self {
            future,
            keys,
            generation,
        }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut answer = ready!(this.future.poll(cx))?;
        if let Some(keys) = this.keys {
            let extensions = answer.extensions_mut();
            if extensions.get::<SignatureRefused>().is_some() {
                // A wrong clock is blamed first: with the right time, the key may do.
                if extensions.get::<StaleStamp>().is_none() && keys.refused(*this.generation) {
                    extensions.insert(StaleStamp);
                }
            } else if answer.status().is_success() {
                keys.accepted(*this.generation);
            }
        }
        Poll::Ready(Ok(answer))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
