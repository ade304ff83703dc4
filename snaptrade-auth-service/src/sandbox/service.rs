//! The sandbox as a tower service.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use snaptrade_signing::BoxError;
use tower::Service;

use super::body::SandboxBody;
use super::error::SandboxError;
use super::{Sandbox, exchange};

/// The sandbox's answer.
///
/// Dropped before the request is read, nothing is done; dropped later, it is as if a client had left: what was
/// [delayed](super::Fault::Delay) before the commit is still carried out.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture {
    exchange: Pin<Box<dyn Future<Output = Result<Response<SandboxBody>, SandboxError>> + Send>>,
}

impl<B> Service<Request<B>> for Sandbox
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<SandboxBody>;
    type Error = SandboxError;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SandboxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let exchange = exchange::run(self.server.clone(), request);
        ResponseFuture {
            exchange: Box::pin(exchange),
        }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<SandboxBody>, SandboxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.exchange.as_mut().poll(cx)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
