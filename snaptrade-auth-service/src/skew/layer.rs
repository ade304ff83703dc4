//! The layer and its service.

use std::task::{Context, Poll};

use http::{Request, Response};
use snaptrade_signing::clock::{Clock, SkewedClock, SystemClock};
use tower::{Layer, Service};

use super::future::ResponseFuture;

/// Learns from refusals how wrong the clock is. See the [module](crate::skew).
#[derive(Clone, Debug)]
pub struct LearnSkewLayer<C = SystemClock> {
    clock: SkewedClock<C>,
}

impl<C> LearnSkewLayer<C> {
    /// Corrects `clock`, a clone of which the signing layer is to have.
    pub fn new(clock: SkewedClock<C>) -> Self {
        Self { clock }
    }
}

impl<C: Clone, S> Layer<S> for LearnSkewLayer<C> {
    type Service = LearnSkew<S, C>;

    fn layer(&self, inner: S) -> LearnSkew<S, C> {
        LearnSkew {
            inner,
            clock: self.clock.clone(),
        }
    }
}

/// A service whose refusals correct a clock. Made by [`LearnSkewLayer`].
#[derive(Clone, Debug)]
pub struct LearnSkew<S, C = SystemClock> {
    inner: S,
    clock: SkewedClock<C>,
}

impl<S, C, B, R> Service<Request<B>> for LearnSkew<S, C>
where
    S: Service<Request<B>, Response = Response<R>>,
    C: Clock + Clone,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, C>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // Read before the request is stamped, which the inner service does in its call.
        let offset = self.clock.offset();
        let sent = self.clock.uncorrected().now();
        let future = self.inner.call(request);
        ResponseFuture::new(future, self.clock.clone(), offset, sent)
    }
}
