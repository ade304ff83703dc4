//! The service: collects the body, asks the verifier, and passes the request on or answers it.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

use super::future::ResponseFuture;
use super::verifier::Verifier;
use crate::error::BoxError;

/// A server that only rightly signed requests reach. See the [module](crate::verify).
#[derive(Clone, Debug)]
pub struct VerifyRequest<S> {
    inner: S,
    verifier: Arc<Verifier>,
    max_body_bytes: usize,
}

impl<S> VerifyRequest<S> {
    pub(super) fn new(inner: S, verifier: Arc<Verifier>, max_body_bytes: usize) -> Self {
        Self {
            inner,
            verifier,
            max_body_bytes,
        }
    }

    /// The server behind.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The server behind, to change its settings.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Takes the layer off.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B, R> Service<Request<B>> for VerifyRequest<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone,
    B: Body,
    B::Error: Into<BoxError>,
    R: From<Bytes>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The ready service waits with the request; a clone that is not ready takes its place.
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        ResponseFuture::new(ready, self.verifier.clone(), request, self.max_body_bytes)
    }
}
