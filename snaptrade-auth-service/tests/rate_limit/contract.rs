//! Tower's contract: what is called was ready, and what waits holds nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use snaptrade_auth_service::rate_limit::{
    Quota, RateLimitError, RollingRateLimit, RollingRateLimitLayer,
};
use tokio::time::advance;
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok, task};
use tower::{Layer, Service, ServiceExt};
use tower_test::mock::{self, Handle, Mock};

type Inner = Mock<Request<()>, Response<()>>;

fn layer(requests: u32) -> RollingRateLimitLayer {
    RollingRateLimitLayer::new(Quota::builder().requests(requests).build().unwrap())
}

fn pair(
    layer: &RollingRateLimitLayer,
) -> (RollingRateLimit<Inner>, Handle<Request<()>, Response<()>>) {
    let (inner, handle) = mock::pair();
    (layer.layer(inner), handle)
}

/// A service that must be polled ready before each call, and whose clones must be so on their own.
#[derive(Default)]
struct Strict {
    ready: bool,
    polls: usize,
    ready_ones: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self {
            ready: false,
            polls: 0,
            ready_ones: self.ready_ones.clone(),
        }
    }
}

impl Service<Request<()>> for Strict {
    type Response = Response<()>;
    type Error = std::io::Error;
    type Future = std::future::Ready<Result<Response<()>, std::io::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), std::io::Error>> {
        self.polls += 1;
        if self.polls < 3 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.ready_ones
            .fetch_add(usize::from(!self.ready), Ordering::SeqCst);
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(self.ready, "called without being ready");
        self.ready = false;
        self.polls = 0;
        self.ready_ones.fetch_sub(1, Ordering::SeqCst);
        std::future::ready(Ok(Response::new(())))
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_called_was_ready_and_what_waits_holds_nothing_ready() {
    let inner = Strict::default();
    let ready_ones = inner.ready_ones.clone();
    let mut client = layer(2).layer(inner);
    let calls: Vec<_> = (0..10)
        .map(|_| tokio::spawn(client.call(Request::new(()))))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
        assert_eq!(ready_ones.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_in_the_future() {
    let layer = layer(1);
    let (mut client, mut handle) = pair(&layer);
    let mut client_ready = task::spawn(async { client.ready().await.map(|_| ()) });
    assert_ready_ok!(client_ready.poll());
    drop(client_ready);

    let mut first = task::spawn(client.call(Request::new(())));
    let mut second = task::spawn(client.call(Request::new(())));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    let (_, send) = handle.next_request().await.unwrap();
    send.send_response(Response::new(()));
    assert_ready_ok!(first.poll());
    assert_eq!((layer.in_use(), layer.waiting()), (1, 1));
    assert_eq!(layer.next_free().as_secs(), 120);

    advance(Duration::from_secs(61)).await;
    tokio::task::yield_now().await;
    assert!(second.is_woken());
    assert_pending!(second.poll());
    let (_, send) = handle.next_request().await.unwrap();
    send.send_response(Response::new(()));
    assert_ready_ok!(second.poll());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_started_uses_no_slot() {
    let layer = layer(1);
    let (mut client, mut handle) = pair(&layer);
    handle.allow(0);
    let mut call = task::spawn(client.call(Request::new(())));
    assert_eq!(
        layer.in_use(),
        0,
        "a future that is not polled does nothing"
    );
    assert_pending!(call.poll());
    assert_eq!(layer.in_use(), 1);
    drop(call);
    assert_eq!(layer.in_use(), 0);

    let mut call = task::spawn(client.call(Request::new(())));
    assert_pending!(call.poll());
    handle.send_error("not now");
    let error = assert_ready_err!(call.poll());
    assert_eq!(error.to_string(), "not now");
    assert_eq!(layer.in_use(), 0, "even while the future is kept");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_without_an_answer_keeps_its_slot_for_a_margin_and_a_window() {
    let layer = layer(2);
    let (mut client, mut handle) = pair(&layer);
    let mut dropped = task::spawn(client.call(Request::new(())));
    let mut failed = task::spawn(client.call(Request::new(())));
    assert_pending!(dropped.poll());
    assert_pending!(failed.poll());
    advance(Duration::from_secs(100)).await;
    assert_eq!(layer.in_use(), 2, "they may be on their way yet");

    drop(dropped);
    let _ = handle.next_request().await;
    let (_, send) = handle.next_request().await.unwrap();
    send.send_error("reset");
    assert_ready_err!(failed.poll());
    advance(Duration::from_secs(65)).await;
    assert_eq!(layer.in_use(), 2);
    advance(Duration::from_secs(1)).await;
    assert_eq!(layer.in_use(), 0);
}

#[test]
fn a_wait_without_a_runtime_is_an_error() {
    let layer = layer(1);
    let mut client = layer.layer(Strict::default());
    let mut first = task::spawn(client.call(Request::new(())));
    assert_pending!(first.poll());
    assert_pending!(first.poll());
    assert_ready_ok!(first.poll());
    let mut second = task::spawn(client.call(Request::new(())));
    let error = assert_ready_err!(second.poll());
    assert!(matches!(
        error.downcast_ref(),
        Some(RateLimitError::NoRuntime)
    ));
    let again = assert_ready!(second.poll()).unwrap_err();
    assert!(again.to_string().contains("polled after"));
}
