//! The future of a request on its way to the server.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::rejection::Rejection;
use super::server::Server;
use super::verified::{Verified, VerifiedHead};
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
        /// The head passed; the body is not all here.
        Collecting {
            #[pin]
            body: B,
            collecting: Option<Collecting<S>>,
        },
        /// The request passed; the server may have to get ready again.
        Passed { passed: Option<Passed<S>> },
        /// The server was called.
        Called { #[pin] future: F },
        /// It was not, and will not be.
        Rejected { rejection: Option<Rejection> },
    }
}

/// A request without its body.
pub(super) struct Collecting<S> {
    pub(super) server: Server<S>,
    pub(super) head: VerifiedHead,
    pub(super) parts: request::Parts,
    pub(super) max_body_bytes: usize,
    pub(super) collect: Collect,
}

struct Passed<S> {
    server: Server<S>,
    request: Request<Full<Bytes>>,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    pub(super) fn collecting(body: B, collecting: Collecting<S>) -> Self {
        let collecting = Some(collecting);
        let state = State::Collecting { body, collecting };
        Self { state }
    }

    pub(super) fn rejected(rejection: Rejection) -> Self {
        let rejection = Some(rejection);
        let state = State::Rejected { rejection };
        Self { state }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone,
    B: Body,
    B::Error: Into<BoxError>,
    R: From<Bytes>,
{
    type Output = Result<Response<R>, S::Error>;

    /// Pending if polled after it has answered itself: a future may then do anything but panic here.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Called { future } => return future.poll(cx),
                StateProj::Collecting { body, collecting } => {
                    let Some(waiting) = collecting else {
                        return Poll::Pending;
                    };
                    let limit = waiting.max_body_bytes;
                    let Poll::Ready(body) = waiting.collect.poll(body, limit, cx) else {
                        // However long the body takes, others go first.
                        waiting.server.release();
                        return Poll::Pending;
                    };
                    let Some(collected) = collecting.take() else {
                        return Poll::Pending;
                    };
                    match collected.pass(body) {
                        Ok(passed) => state.set(State::Passed {
                            passed: Some(passed),
                        }),
                        Err(rejection) => return Poll::Ready(Ok(rejection.into_response())),
                    }
                }
                StateProj::Passed { passed } => {
                    let Some(waiting) = passed else {
                        return Poll::Pending;
                    };
                    let ready = ready!(waiting.server.poll_ready(cx));
                    // Taken out on an error as well, so that nothing stays reserved.
                    let Some(passed) = passed.take() else {
                        return Poll::Pending;
                    };
                    ready?;
                    let future = passed.server.call(passed.request);
                    state.set(State::Called { future });
                }
                StateProj::Rejected { rejection } => {
                    return match rejection.take() {
                        Some(rejection) => Poll::Ready(Ok(rejection.into_response())),
                        None => Poll::Pending,
                    };
                }
            }
        }
    }
}

impl<S> Collecting<S> {
    fn pass(mut self, body: Result<Bytes, SignError>) -> Result<Passed<S>, Rejection> {
        let body = body.map_err(|error| match error {
            SignError::BodyTooLarge { .. } => Rejection::BodyTooLarge,
            _ => Rejection::BodyBroken,
        })?;
        let verified: Verified = self.head.verify_body(&self.parts.uri, &body)?;
        self.parts.extensions.insert(verified);
        Ok(Passed {
            server: self.server,
            request: Request::from_parts(self.parts, Full::new(body)),
        })
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
