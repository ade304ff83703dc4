//! The future: looks at the answer, and signs anew if that may help.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use snaptrade_signing::SignWith;
use tower::Service;

use super::trials::Trials;
use crate::answer::SignatureRefused;
use crate::rate_limit::Retried;
use crate::retry::{ExtraAttempts, StaleStamp};

pin_project! {
    /// The answer. Dropping it does what dropping the inner service's future does.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B, R>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S::Future, R>,
        following: Option<Following<S, B>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, R> {
        /// The inner service was called.
        Called { #[pin] future: F },
        /// The answer is a refusal, and another key is to be tried once the inner service is ready.
        Refused { refusal: Option<Response<R>> },
    }
}

/// What another attempt takes.
struct Following<S, B> {
    /// A clone, which is brought to readiness before it is called.
    service: S,
    /// As it came, without a signer.
    request: Request<B>,
    trials: Trials,
    /// The key of the attempt to come.
    next: Option<SignWith>,
}

impl<S, B, R> ResponseFuture<S, B, R>
where
    S: Service<Request<B>>,
{
    pub(super) fn passing(future: S::Future) -> Self {
        Self {
            state: State::Called { future },
            following: None,
        }
    }

    pub(super) fn following(
        future: S::Future,
        (service, request): (S, Request<B>),
        trials: Trials,
    ) -> Self {
        Self {
            state: State::Called { future },
            following: Some(Following {
                service,
                request,
                trials,
                next: None,
            }),
        }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B, R>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    B: Clone,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Called { future } => {
                    let mut answer = ready!(future.poll(cx))?;
                    let Some(following) = this.following else {
                        return Poll::Ready(Ok(answer));
                    };
                    if following.try_another(&mut answer) {
                        let refusal = Some(answer);
                        this.state.set(State::Refused { refusal });
                    } else {
                        return Poll::Ready(Ok(answer));
                    }
                }
                StateProj::Refused { refusal } => {
                    let Some(following) = this.following else {
                        return Poll::Pending;
                    };
                    if ready!(following.service.poll_ready(cx)).is_err() {
                        // There is no other attempt, and the refusal is the answer. None if polled after its end, which
                        // is its user's mistake: it never ends again.
                        return refusal
                            .take()
                            .map_or(Poll::Pending, |it| Poll::Ready(Ok(it)));
                    }
                    let future = following.call();
                    this.state.set(State::Called { future });
                }
            }
        }
    }
}

impl<S, B> Following<S, B> {
    /// Whether the answer is a refusal after which another key is to be tried.
    fn try_another<R>(&mut self, answer: &mut Response<R>) -> bool {
        let extensions = answer.extensions();
        // A wrong clock is blamed first: with the right time, the key may do.
        let refused = extensions.get::<SignatureRefused>().is_some()
            && extensions.get::<StaleStamp>().is_none();
        if refused && let Some(key) = self.trials.next() {
            self.next = Some(SignWith(key.signer().clone()));
            return true;
        }
        if answer.status().is_success() {
            self.trials.passed();
        }
        let extra = ExtraAttempts(self.trials.extra());
        answer.extensions_mut().insert(extra);
        false
    }

    /// Calls the ready service with the other key.
    fn call(&mut self) -> S::Future
    where
        S: Service<Request<B>> + Clone,
        B: Clone,
    {
        let mut request = self.request.clone();
        let extensions = request.extensions_mut();
        if let Some(key) = self.next.take() {
            extensions.insert(key);
        }
        // It has waited for a slot before.
        extensions.insert(Retried);
        let clone = self.service.clone();
        std::mem::replace(&mut self.service, clone).call(request)
    }
}

impl<S, B, R> fmt::Debug for ResponseFuture<S, B, R>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
