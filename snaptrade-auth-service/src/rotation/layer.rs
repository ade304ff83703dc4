//! The layer and its service.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use snaptrade_signing::{Rotating, SignWith};
use tower::retry::budget::TpsBudget;
use tower::{Layer, Service};

use super::future::ResponseFuture;
use super::trials::Trials;

/// For so long a request that passed speaks for its key.
const PROOF: Duration = Duration::from_secs(10);

/// Signs a request with another key of a [`Rotating`] if the server refuses the one that it was signed with. See the
/// [module](crate::rotation).
///
/// Clones share what is known of the keys.
#[derive(Clone)]
pub struct FollowRotationLayer {
    keys: Rotating,
    /// Pays for requests that are signed with a key more than once: one for each that has passed.
    budget: Arc<TpsBudget>,
}

impl FollowRotationLayer {
    /// For the keys of which the signing layer has a clone.
    #[must_use]
    pub fn new(keys: Rotating) -> Self {
        let budget = Arc::new(TpsBudget::new(PROOF, 0, 1.0));
        Self { keys, budget }
    }
}

impl fmt::Debug for FollowRotationLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowRotationLayer")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for FollowRotationLayer {
    type Service = FollowRotation<S>;

    fn layer(&self, inner: S) -> FollowRotation<S> {
        FollowRotation {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service whose requests are signed with the key that the server takes. Made by [`FollowRotationLayer`].
#[derive(Clone, Debug)]
pub struct FollowRotation<S> {
    inner: S,
    layer: FollowRotationLayer,
}

impl<S, B, R> Service<Request<B>> for FollowRotation<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    B: Clone,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, R>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // A request with a signer of its own says nothing of these keys.
        if request.extensions().get::<SignWith>().is_some() {
            return ResponseFuture::passing(self.inner.call(request));
        }
        let FollowRotationLayer { keys, budget } = &self.layer;
        let again = (self.inner.clone(), request.clone());
        let key = keys.current();
        let trials = Trials::new(keys.clone(), budget.clone(), key.id());
        request
            .extensions_mut()
            .insert(SignWith(key.signer().clone()));
        ResponseFuture::following(self.inner.call(request), again, trials)
    }
}
