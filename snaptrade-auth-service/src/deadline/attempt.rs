//! How long one attempt may take.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response};
use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;
use tokio::time::Sleep;
use tower::{Layer, Service};

use super::{DeadlineExceeded, DeadlineScope};
use crate::call_options::CallOptions;
use crate::operation::RevealsSecret;
use crate::progress::{GivenUp, Progress, UnderWay};

/// How long an attempt to reveal a secret may take: it must not be killed for being slow.
const DEFAULT_HARD_CAP: Duration = Duration::from_secs(300);

/// Bounds each attempt, its answer's body included if the answer is collected below.
///
/// Put it below retry and the rate limit, and above [`CollectAnswerLayer`](crate::CollectAnswerLayer). It also
/// keeps [`Progress`] up to date. A call that reveals a secret is not bound by the timeout but by the hard cap, as
/// killing it may lose the secret for good.
///
/// # Panics
///
/// Its service panics when called outside of a tokio runtime with time enabled, as all of tokio's timers do.
#[derive(Clone, Copy, Debug)]
pub struct AttemptTimeoutLayer {
    timeout: Duration,
    hard_cap: Duration,
}

impl AttemptTimeoutLayer {
    /// Bounds each attempt by `timeout`, unless its [`CallOptions`] say otherwise.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            hard_cap: DEFAULT_HARD_CAP,
        }
    }

    /// Bounds an attempt that reveals a secret. The default is 5 minutes.
    #[must_use]
    pub fn hard_cap(mut self, cap: Duration) -> Self {
        self.hard_cap = cap;
        self
    }

    #[cfg(feature = "client")]
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl From<Duration> for AttemptTimeoutLayer {
    fn from(timeout: Duration) -> Self {
        Self::new(timeout)
    }
}

impl<S> Layer<S> for AttemptTimeoutLayer {
    type Service = AttemptTimeout<S>;

    fn layer(&self, inner: S) -> AttemptTimeout<S> {
        AttemptTimeout {
            inner,
            settings: *self,
        }
    }
}

/// An HTTP service whose attempts are bounded. Made by [`AttemptTimeoutLayer`].
#[derive(Clone, Debug)]
pub struct AttemptTimeout<S> {
    inner: S,
    settings: AttemptTimeoutLayer,
}

impl<S, B, R> Service<Request<B>> for AttemptTimeout<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = AttemptTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let extensions = request.extensions();
        let options = extensions.get::<CallOptions>();
        let timeout = if extensions.get::<RevealsSecret>().is_some() {
            self.settings.hard_cap
        } else {
            options
                .and_then(|options| options.attempt_timeout)
                .unwrap_or(self.settings.timeout)
        };
        let progress = extensions.get::<Progress>().cloned().unwrap_or_default();
        let state = match UnderWay::start(progress) {
            Ok(under_way) => State::UnderWay {
                future: self.inner.call(request),
                sleep: tokio::time::sleep(timeout),
                timeout,
                under_way,
            },
            // Such a call's end is at hand, so what the ready inner service holds comes free with this one.
            Err(error) => State::GivenUp { error },
        };
        AttemptTimeoutFuture { state }
    }
}

pin_project! {
    /// The answer to one attempt. Dropped under way, it leaves [`Progress`] at what that knew last.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct AttemptTimeoutFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<F> {
        UnderWay {
            #[pin]
            future: F,
            #[pin]
            sleep: Sleep,
            timeout: Duration,
            under_way: UnderWay,
        },
        /// The call was given up before; nothing is sent.
        GivenUp { error: GivenUp },
        /// It was answered, or its time ran out.
        Over,
    }
}

impl<F, R, E> Future for AttemptTimeoutFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        let answer = match state.as_mut().project() {
            StateProj::UnderWay {
                future,
                sleep,
                timeout,
                under_way,
            } => {
                if let Poll::Ready(answer) = future.poll(cx) {
                    let answer = answer.map_err(Into::into);
                    under_way.ended_in(&answer);
                    answer
                } else {
                    ready!(sleep.poll(cx));
                    let (scope, outcome) = (DeadlineScope::Attempt, under_way.given_up());
                    Err(DeadlineExceeded::new(scope, *timeout, outcome).into())
                }
            }
            StateProj::GivenUp { error } => Err((*error).into()),
            StateProj::Over => return Poll::Ready(Err("polled after completion".into())),
        };
        // The attempt is given up at once, not when somebody drops this future.
        state.set(State::Over);
        Poll::Ready(answer)
    }
}
