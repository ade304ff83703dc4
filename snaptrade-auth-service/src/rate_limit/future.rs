//! The future of a request that keeps the quota.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;
use tower_service::Service;

use super::admission::Admission;
use super::permit::Permit;
use crate::progress::{Progress, UnderWay};

pin_project! {
    /// The answer to a request, which was sent when its turn had come.
    ///
    /// It joins the queue when it is first polled. Dropped before the inner service was called, it leaves no trace:
    /// nobody loses their turn, and no slot is used. Dropped later, it does what the inner service's own future does,
    /// and its slot is kept for a margin and a window, as the request may have reached the server.
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
        /// In the queue.
        Waiting { admission: Admission, waiting: Option<Call<S, B>> },
        /// It has its slot, and brings its own clone of the inner service to readiness.
        Admitted { admitted: Option<(Call<S, B>, Permit)> },
        /// The inner service was called. The permit is dropped after the call's future.
        Called { #[pin] future: F, permit: Option<Permit>, under_way: Option<UnderWay> },
        /// It was answered, or failed.
        Done,
    }
}

struct Call<S, B> {
    service: S,
    request: Request<B>,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) fn new(admission: Admission, service: S, request: Request<B>) -> Self {
        let state = State::Waiting {
            admission,
            waiting: Some(Call { service, request }),
        };
        Self { state }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        let outcome = ready!(state.as_mut().poll(cx));
        // What is left of a request goes at once, not when somebody drops the future.
        state.set(State::Done);
        Poll::Ready(outcome)
    }
}

impl<S, B, R> State<S, S::Future, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
{
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Response<R>, BoxError>> {
        loop {
            match self.as_mut().project() {
                StateProj::Waiting { admission, waiting } => {
                    let permit = ready!(Pin::new(admission).poll(cx))?;
                    let admitted = waiting.take().map(|call| (call, permit));
                    self.set(State::Admitted { admitted });
                }
                StateProj::Admitted { admitted } => {
                    let Some((call, _)) = admitted else {
                        return Poll::Ready(Err(polled_again()));
                    };
                    ready!(call.service.poll_ready(cx)).map_err(Into::into)?;
                    let Some((mut call, mut permit)) = admitted.take() else {
                        return Poll::Ready(Err(polled_again()));
                    };
                    let progress = call.request.extensions().get::<Progress>();
                    let under_way = progress.cloned().map(UnderWay::start).transpose()?;
                    permit.start();
                    let future = call.service.call(call.request);
                    let permit = Some(permit);
                    self.set(State::Called {
                        future,
                        permit,
                        under_way,
                    });
                }
                StateProj::Called {
                    future,
                    permit,
                    under_way,
                } => {
                    let answer = ready!(future.poll(cx)).map_err(Into::into);
                    if let Some(mut under_way) = under_way.take() {
                        under_way.ended_in(&answer);
                    }
                    let mut response = answer?;
                    if let Some(permit) = permit.take() {
                        permit.answered(&mut response);
                    }
                    return Poll::Ready(Ok(response));
                }
                StateProj::Done => return Poll::Ready(Err(polled_again())),
            }
        }
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
