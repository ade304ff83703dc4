//! The layer and its service.

use std::task::{Context, Poll};

use http::{Request, Response};
use snaptrade_signing::Rotating;
use tower::{Layer, Service};

use super::future::ResponseFuture;

/// Tells a [`Rotating`] which of its keys the server takes. See the [module](crate::rotation).
#[derive(Clone, Debug)]
pub struct FollowRotationLayer {
    keys: Rotating,
}

impl FollowRotationLayer {
    /// For the keys of which the signing layer has a clone.
    #[must_use]
    pub fn new(keys: Rotating) -> Self {
        Self { keys }
    }
}

impl<S> Layer<S> for FollowRotationLayer {
    type Service = FollowRotation<S>;

    fn layer(&self, inner: S) -> FollowRotation<S> {
        FollowRotation {
            inner,
            keys: self.keys.clone(),
        }
    }
}

/// A service whose answers tell which key the server takes. Made by [`FollowRotationLayer`].
#[derive(Clone, Debug)]
pub struct FollowRotation<S> {
    inner: S,
    keys: Rotating,
}

impl<S, B, R> Service<Request<B>> for FollowRotation<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // A request with a signer of its own says nothing of these keys.
        let own = request.extensions().get::<snaptrade_signing::SignWith>();
        let keys = own.is_none().then(|| self.keys.clone());
        // Read before the request is stamped: a key that changes in between is taken for one that changed later,
        // which costs an attempt at most.
        let generation = self.keys.generation();
        ResponseFuture::new(self.inner.call(request), keys, generation)
    }
}
