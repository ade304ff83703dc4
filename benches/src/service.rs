//! The service under the layers: does nothing, so that what is measured is the layer.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use snaptrade_signing::clock::ManualClock;
use snaptrade_signing::{SignRequest, SignRequestLayer, UnixTime};
use tower_layer::Layer;
use tower_service::Service;

use crate::corpus;

/// Takes a request, drops it, and answers at once.
#[derive(Clone, Copy, Debug)]
pub struct Bare;

impl<B> Service<Request<B>> for Bare {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Bytes>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        drop(black_box(request));
        ready(Ok(Response::new(Bytes::new())))
    }
}

/// The clock of all cases. It stands still.
#[must_use]
pub fn clock() -> ManualClock {
    ManualClock::new(UnixTime::from_secs(corpus::TIMESTAMP))
}

/// The signing layer over the bare service.
#[must_use]
pub fn signed() -> SignRequest<Bare> {
    SignRequestLayer::new(corpus::credentials())
        .clock(clock())
        .layer(Bare)
}

/// Polls a service ready, calls it and polls its future, which is to be ready at once.
pub fn call<S, R>(service: &mut S, request: R) -> S::Response
where
    S: Service<R>,
    S::Error: std::fmt::Debug,
{
    let mut cx = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut cx).is_ready(), "it is always ready");
    now(service.call(request)).expect("it does not fail")
}

/// The output of a future that is ready at once.
pub fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it is ready at once"),
    }
}
