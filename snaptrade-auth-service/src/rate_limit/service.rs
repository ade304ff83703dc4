//! The service: always ready, for the wait is in the future.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use snaptrade_signing::BoxError;
use tower_service::Service;

use super::admission::Admission;
use super::extension::Retried;
use super::future::ResponseFuture;
use super::limiter::Limiter;
use crate::call_options::CallOptions;
use crate::progress::Progress;

/// A service whose requests keep a quota. See the [module](crate::rate_limit).
#[derive(Clone, Debug)]
pub struct RollingRateLimit<S> {
    inner: S,
    limiter: Arc<Limiter>,
    max_wait: Option<Duration>,
}

impl<S> RollingRateLimit<S> {
    pub(super) fn new(inner: S, limiter: Arc<Limiter>, max_wait: Option<Duration>) -> Self {
        Self {
            inner,
            limiter,
            max_wait,
        }
    }

    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service, to change its settings.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Takes the layer off.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B, R> Service<Request<B>> for RollingRateLimit<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<S, B>;

    /// Nothing is asked of the inner service here. What a ready one holds, a connection or somebody's permit, it
    /// would hold for the whole wait; so each future brings a clone of its own to readiness when its turn has come.
    #[inline]
    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if let Some(progress) = request.extensions().get::<Progress>() {
            // While it waits, nothing was sent.
            progress.track();
        }
        let extensions = request.extensions();
        let retried = extensions.get::<Retried>().is_some();
        let options = extensions.get::<CallOptions>();
        let deadline = options.and_then(|options| options.deadline);
        let deadline = deadline.map(tokio::time::Instant::into_std);
        let admission = Admission::new(self.limiter.clone(), retried, self.max_wait, deadline);
        ResponseFuture::new(admission, self.inner.clone(), request)
    }
}
