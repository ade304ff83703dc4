//! The layer that reads answers whole.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Method, Request, Response, response};
use http_body::Body;
use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;
use tower::{Layer, Service};

use super::DEFAULT_MAX_ANSWER_BYTES;
use super::body::AnswerBody;
use super::collect::{Collect, announced};
use super::said::tell;
use crate::raw::Unread;

/// Reads answers whole, up to a limit. Put it between the attempt's timeout and the signing layer.
///
/// An answer that has not as many bytes as its `content-length` announced is an [`AnswerError`](super::AnswerError). One
/// without that header is as long as the client says: hyper takes an HTTP/2 stream that the server resets with `NO_ERROR`
/// for one that has ended, which the ready-made client does not.
///
/// The success of a [`Streaming`](crate::Streaming) operation passes unread.
#[derive(Clone, Copy, Debug)]
pub struct CollectAnswerLayer {
    max_answer_bytes: usize,
}

impl CollectAnswerLayer {
    /// Reads answers of up to 16 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_answer_bytes: DEFAULT_MAX_ANSWER_BYTES,
        }
    }

    /// The longest answer that is read, in bytes; a longer one is an [`AnswerError`](super::AnswerError).
    #[must_use]
    pub fn max_answer_bytes(mut self, limit: usize) -> Self {
        self.max_answer_bytes = limit;
        self
    }
}

impl Default for CollectAnswerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for CollectAnswerLayer {
    type Service = CollectAnswer<S>;

    fn layer(&self, inner: S) -> CollectAnswer<S> {
        CollectAnswer {
            inner,
            max_answer_bytes: self.max_answer_bytes,
        }
    }
}

/// An HTTP client whose answers are read whole. Made by [`CollectAnswerLayer`].
#[derive(Clone, Debug)]
pub struct CollectAnswer<S> {
    inner: S,
    max_answer_bytes: usize,
}

impl<S, B, R> Service<Request<B>> for CollectAnswer<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    R: Body,
    R::Error: Into<BoxError>,
{
    type Response = Response<AnswerBody<R>>;
    type Error = BoxError;
    type Future = CollectAnswerFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let unread = request.extensions().get::<Unread>().is_some();
        let method = request.method().clone();
        CollectAnswerFuture {
            state: State::Called {
                future: self.inner.call(request),
                method,
                unread,
                limit: self.max_answer_bytes,
            },
        }
    }
}

pin_project! {
    /// The answer, once all of it is here.
    #[must_use = "futures do nothing unless polled"]
    pub struct CollectAnswerFuture<F, R> {
        #[pin]
        state: State<F, R>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, R> {
        /// No head yet.
        Called {
            #[pin]
            future: F,
            method: Method,
            unread: bool,
            limit: usize,
        },
        /// The head is here, the body is on its way.
        Collecting {
            head: Option<response::Parts>,
            #[pin]
            body: Collect<R>,
        },
    }
}

impl<F, R, E> Future for CollectAnswerFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
    R: Body,
    R::Error: Into<BoxError>,
{
    type Output = Result<Response<AnswerBody<R>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Called {
                    future,
                    method,
                    unread,
                    limit,
                } => {
                    let answer = ready!(future.poll(cx)).map_err(Into::into)?;
                    if *unread && answer.status().is_success() {
                        return Poll::Ready(Ok(answer.map(AnswerBody::unread)));
                    }
                    let (head, body) = answer.into_parts();
                    let body = Collect::new(body, *limit, announced(method, &head));
                    let head = Some(head);
                    state.set(State::Collecting { head, body });
                }
                StateProj::Collecting { head, body } => {
                    let bytes = ready!(body.poll(cx))?;
                    let Some(mut head) = head.take() else {
                        return Poll::Ready(Err("polled after completion".into()));
                    };
                    tell(&mut head, &bytes);
                    let body = AnswerBody::collected(bytes);
                    return Poll::Ready(Ok(Response::from_parts(head, body)));
                }
            }
        }
    }
}

impl<F, R> std::fmt::Debug for CollectAnswerFuture<F, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CollectAnswerFuture")
            .finish_non_exhaustive()
    }
}
