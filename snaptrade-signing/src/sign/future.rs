//! The future of a signed request.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Request;
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::layer::Config;
use crate::collect::Collect;
use crate::error::{BoxError, SignError};

pin_project! {
    /// The answer to a signed request, or why it was not sent.
    ///
    /// Dropped while it collects the body, it has sent nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, S::Future, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, B> {
        /// The body is not all here; the service is ready and waits for it. Boxed, so that the future of a body that is
        /// in memory stays small.
        Collecting { collecting: Option<Box<Collecting<S, B>>> },
        /// The inner service was called.
        Called { #[pin] future: F },
        /// It was not, and will not be.
        Refused { error: Option<SignError> },
    }
}

struct Collecting<S, B> {
    service: S,
    config: Arc<Config>,
    request: Request<B>,
    collect: Collect,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    #[inline]
    pub(super) fn called(future: S::Future) -> Self {
        let state = State::Called { future };
        Self { state }
    }

    pub(super) fn refused(error: SignError) -> Self {
        let error = Some(error);
        let state = State::Refused { error };
        Self { state }
    }

    pub(super) fn collecting(
        service: S,
        config: Arc<Config>,
        request: Request<B>,
        collect: Collect,
    ) -> Self {
        let collecting = Some(Box::new(Collecting {
            service,
            config,
            request,
            collect,
        }));
        let state = State::Collecting { collecting };
        Self { state }
    }
}

impl<S, B> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>>,
    S::Error: Into<BoxError>,
    B: Body + From<Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Output = Result<S::Response, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Called { future } => return future.poll(cx).map_err(Into::into),
                StateProj::Refused { error } => {
                    let error = error.take().map_or_else(polled_again, Into::into);
                    return Poll::Ready(Err(error));
                }
                StateProj::Collecting { collecting } => {
                    let Some(body) = collecting else {
                        return Poll::Ready(Err(polled_again()));
                    };
                    let collected = ready!(body.poll(cx));
                    // Taken out on an error as well, so that nothing stays reserved in a future that has failed.
                    let Some(body) = collecting.take() else {
                        return Poll::Ready(Err(polled_again()));
                    };
                    let future = body.call(collected?)?;
                    state.set(State::Called { future });
                }
            }
        }
    }
}

impl<S, B> Collecting<S, B>
where
    S: Service<Request<B>>,
    B: Body + From<Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, SignError>> {
        let body = Pin::new(self.request.body_mut());
        self.collect.poll(body, self.config.max_body_bytes, cx)
    }

    fn call(mut self, body: Bytes) -> Result<S::Future, SignError> {
        self.config.stamp(&mut self.request, &body)?;
        let request = self.request.map(|_| B::from(body));
        Ok(self.service.call(request))
    }
}

#[cold]
fn polled_again() -> BoxError {
    "a future was polled after it had completed".into()
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
