//! The future of a request on its way to the server.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::rejection::Rejection;
use super::verifier::Verifier;
use crate::collect::Collect;
use crate::error::{BoxError, SignError};

pin_project! {
    /// The server's answer, or the one to a request that does not pass.
    ///
    /// Dropped while it collects the body, it has called nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<Full<Bytes>>>,
    {
        #[pin]
        state: State<S, S::Future, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, B> {
        /// The body is not all here; the server is ready and waits for it.
        Collecting {
            #[pin]
            body: B,
            waiting: Option<Waiting<S>>,
        },
        /// The request passed.
        Called { #[pin] future: F },
    }
}

struct Waiting<S> {
    service: S,
    verifier: Arc<Verifier>,
    parts: request::Parts,
    collect: Collect,
    max_body_bytes: usize,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    pub(super) fn new(
        service: S,
        verifier: Arc<Verifier>,
        request: Request<B>,
        max_body_bytes: usize,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let waiting = Some(Waiting {
            service,
            verifier,
            parts,
            collect: Collect::default(),
            max_body_bytes,
        });
        let state = State::Collecting { body, waiting };
        Self { state }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>>,
    B: Body,
    B::Error: Into<BoxError>,
    R: From<Bytes>,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Called { future } => return future.poll(cx),
                StateProj::Collecting { body, waiting } => {
                    // None if polled after it had answered, when a future may do anything but panic here.
                    let Some(Waiting {
                        collect,
                        max_body_bytes,
                        ..
                    }) = waiting
                    else {
                        return Poll::Pending;
                    };
                    let collected = ready!(collect.poll(body, *max_body_bytes, cx));
                    let Some(waiting) = waiting.take() else {
                        return Poll::Pending;
                    };
                    match waiting.pass(collected) {
                        Ok(future) => state.set(State::Called { future }),
                        Err(rejection) => return Poll::Ready(Ok(rejection.into_response())),
                    }
                }
            }
        }
    }
}

impl<S> Waiting<S>
where
    S: Service<Request<Full<Bytes>>>,
{
    fn pass(mut self, body: Result<Bytes, SignError>) -> Result<S::Future, Rejection> {
        let body = body.map_err(|error| match error {
            SignError::BodyTooLarge { .. } => Rejection::BodyTooLarge,
            _ => Rejection::BodyBroken,
        })?;
        let verified = self
            .verifier
            .verify(&self.parts.uri, &self.parts.headers, &body)?;
        self.parts.extensions.insert(verified);
        let request = Request::from_parts(self.parts, Full::new(body));
        Ok(self.service.call(request))
    }
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
