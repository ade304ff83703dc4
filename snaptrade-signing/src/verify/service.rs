//! The service: checks the head, and hands the rest to the future.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

use super::future::{Collecting, ResponseFuture};
use super::rejection::Rejection;
use super::server::Server;
use super::verified::VerifiedHead;
use super::verifier::Verifier;
use crate::collect::Collect;
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
        // The ready service goes with the request, or is given back; a clone that is not ready takes its place.
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        let head = match self.check_head(&request) {
            Ok(head) => head,
            Err(rejection) => return ResponseFuture::rejected(rejection),
        };
        let (parts, body) = request.into_parts();
        let collecting = Collecting {
            server: Server::ready(ready),
            head,
            parts,
            max_body_bytes: self.max_body_bytes,
            collect: Collect::default(),
        };
        ResponseFuture::collecting(body, collecting)
    }
}

impl<S> VerifyRequest<S> {
    /// All that can be known before the body is read.
    fn check_head<B: Body>(&self, request: &Request<B>) -> Result<VerifiedHead, Rejection> {
        let head = self
            .verifier
            .verify_head(request.uri(), request.headers())?;
        let announced = request.body().size_hint().lower();
        let announced = announced.max(content_length(request.headers()));
        match announced > self.max_body_bytes as u64 {
            true => Err(Rejection::BodyTooLarge),
            false => Ok(head),
        }
    }
}

/// What the header says, for bodies that do not know it; 0 if it says nothing.
fn content_length(headers: &HeaderMap) -> u64 {
    let lengths = headers.get_all(CONTENT_LENGTH).iter();
    let lengths = lengths.filter_map(|length| length.to_str().ok()?.parse().ok());
    lengths.max().unwrap_or(0)
}
