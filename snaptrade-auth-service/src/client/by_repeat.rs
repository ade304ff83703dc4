//! Two clients as one: which of them sends a request depends on whether it may be repeated.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Request;
use pin_project_lite::pin_project;
use tower::Service;

use crate::connection::FreshConnection;
use crate::operation::Repeat;

/// Sends what may be repeated over one client, and what must not over another.
///
/// An idle connection that its server closes at the wrong moment takes a request with it, and nobody can tell whether
/// that ran. A request that may be repeated is sent again; for one that must not, `fresh` should open a connection of
/// its own. So it does for one that has just met such a connection, and is sent again. The request's [`Repeat`] stands in its extensions; without it, [`Repeat::of`] its method counts.
///
/// ```
/// use std::convert::Infallible;
/// use http::{Request, Response};
/// use snaptrade_auth_service::client::ByRepeat;
/// use tower::{ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Infallible> {
/// let pooled = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new("pooled")) });
/// let fresh = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new("fresh")) });
/// let client = ByRepeat::new(pooled, fresh);
///
/// let register = Request::post("/snapTrade/registerUser").body(()).unwrap();
/// assert_eq!(*client.clone().oneshot(register).await?.body(), "fresh");
/// let list = Request::get("/snapTrade/listUsers").body(()).unwrap();
/// assert_eq!(*client.oneshot(list).await?.body(), "pooled");
/// # Ok(())
/// # }
/// ```
///
/// It is ready when both clients are, as it cannot know which of them the next request is for.
#[derive(Clone, Copy, Debug)]
pub struct ByRepeat<P, F> {
    pooled: P,
    fresh: F,
}

impl<P, F> ByRepeat<P, F> {
    /// `pooled` for what may be repeated, `fresh` for what must not.
    pub fn new(pooled: P, fresh: F) -> Self {
        Self { pooled, fresh }
    }
}

impl<P, F, B> Service<Request<B>> for ByRepeat<P, F>
where
    P: Service<Request<B>>,
    F: Service<Request<B>, Response = P::Response, Error = P::Error>,
{
    type Response = P::Response;
    type Error = P::Error;
    type Future = ByRepeatFuture<P::Future, F::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), P::Error>> {
        ready!(self.pooled.poll_ready(cx))?;
        self.fresh.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let extensions = request.extensions();
        let marked = extensions.get::<Repeat>().copied();
        let repeat = marked.unwrap_or_else(|| Repeat::of(request.method()));
        let state = if repeat == Repeat::Never || extensions.get::<FreshConnection>().is_some() {
            State::Fresh {
                future: self.fresh.call(request),
            }
        } else {
            State::Pooled {
                future: self.pooled.call(request),
            }
        };
        ByRepeatFuture { state }
    }
}

pin_project! {
    /// The answer of the client that was chosen.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct ByRepeatFuture<P, F> {
        #[pin]
        state: State<P, F>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<P, F> {
        Pooled { #[pin] future: P },
        Fresh { #[pin] future: F },
    }
}

impl<P, F> Future for ByRepeatFuture<P, F>
where
    P: Future,
    F: Future<Output = P::Output>,
{
    type Output = P::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<P::Output> {
        match self.project().state.project() {
            StateProj::Pooled { future } => future.poll(cx),
            StateProj::Fresh { future } => future.poll(cx),
        }
    }
}
