//! The service: signs in the call what is in memory, and hands the rest to the future.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::Request;
use http_body::Body;
use tower_service::Service;

use super::authority::unstamp;
use super::future::ResponseFuture;
use super::layer::Config;
use crate::collect::Collect;
use crate::error::{BoxError, SignError};

/// An HTTP client whose requests are signed. See the [module](crate::sign).
#[derive(Clone, Debug)]
pub struct SignRequest<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> SignRequest<S> {
    pub(super) fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config }
    }

    /// The client.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The client, to change its settings.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Takes the layer off.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B> Service<Request<B>> for SignRequest<S>
where
    S: Service<Request<B>> + Clone,
    S::Error: Into<BoxError>,
    B: Body + From<Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ResponseFuture<S, B>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    #[inline]
    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if !self.config.signs_for(request.uri(), request.headers()) {
            unstamp(&mut request);
            return ResponseFuture::called(self.inner.call(request));
        }
        if request.body().is_end_stream() {
            return match self.config.stamp(&mut request, b"") {
                Ok(()) => ResponseFuture::called(self.inner.call(request)),
                Err(error) => self.refuse(error),
            };
        }
        // What is in memory is read here and now. Whoever polls the body next brings a waker of their own.
        let mut collect = Collect::default();
        let mut cx = Context::from_waker(Waker::noop());
        let limit = self.config.max_body_bytes;
        match collect.poll(Pin::new(request.body_mut()), limit, &mut cx) {
            Poll::Ready(Ok(bytes)) => match self.config.stamp(&mut request, &bytes) {
                Ok(()) => {
                    // In place: moving a request whose fields were just written waits for them, 40 ns.
                    *request.body_mut() = B::from(bytes);
                    ResponseFuture::called(self.inner.call(request))
                }
                Err(error) => self.refuse(error),
            },
            Poll::Ready(Err(error)) => self.refuse(error),
            Poll::Pending => {
                let ready = self.take_ready();
                ResponseFuture::collecting(ready, self.config.clone(), request, collect)
            }
        }
    }
}

impl<S: Clone> SignRequest<S> {
    /// The inner service that was polled ready; a clone that was not takes its place.
    fn take_ready(&mut self) -> S {
        let clone = self.inner.clone();
        std::mem::replace(&mut self.inner, clone)
    }

    /// Nothing is sent, and what the inner service had reserved for the request is given back.
    #[cold]
    fn refuse<B>(&mut self, error: SignError) -> ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        drop(self.take_ready());
        ResponseFuture::refused(error)
    }
}
