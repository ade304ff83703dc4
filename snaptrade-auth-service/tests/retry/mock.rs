//! The contract with the inner service, over tower-test's mock, which panics if it is called unready.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use snaptrade_auth_service::retry::Attempts;
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::retry::RetryLayer;
use tower::{Layer, Service};
use tower_test::mock::{self, Mock};

use crate::common::{Req, generous, request};

type Server = Mock<Req, Response<Full<Bytes>>>;

fn respond(status: StatusCode) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

#[tokio::test(start_paused = true)]
async fn another_attempt_waits_until_the_service_is_ready() {
    let (server, mut handle) = mock::pair::<Req, Response<Full<Bytes>>>();
    let mut http = RetryLayer::new(generous(3)).layer(server);
    let mut ready = task::spawn(std::future::poll_fn(|cx| {
        Service::<Req>::poll_ready(&mut http, cx)
    }));
    handle.allow(1);
    assert_ready_ok!(ready.poll());
    drop(ready);

    let mut call = task::spawn(http.call(request(Method::GET)));
    assert_pending!(call.poll());
    let (_, first) = handle.next_request().await.unwrap();
    first.send_response(respond(StatusCode::BAD_GATEWAY));
    // It sleeps, and then waits for its turn.
    assert_pending!(call.poll());
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_pending!(call.poll());
    handle.allow(1);
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let (again, second) = handle.next_request().await.unwrap();
    assert_eq!(again.uri(), request(Method::GET).uri());
    second.send_response(respond(StatusCode::OK));
    let answer = assert_ready_ok!(call.poll());
    assert_eq!(answer.extensions().get::<Attempts>().unwrap().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_sends_nothing_more() {
    let (server, mut handle): (Server, _) = mock::pair();
    handle.allow(9);
    let mut http = RetryLayer::new(generous(3)).layer(server);
    let mut ready = task::spawn(std::future::poll_fn(|cx| {
        Service::<Req>::poll_ready(&mut http, cx)
    }));
    assert_ready_ok!(ready.poll());
    drop(ready);
    let mut call = task::spawn(http.call(request(Method::GET)));
    assert_pending!(call.poll());
    let (_, first) = handle.next_request().await.unwrap();
    first.send_response(respond(StatusCode::BAD_GATEWAY));
    assert_pending!(call.poll());
    drop(call);
    drop(http);
    assert!(handle.next_request().await.is_none());
}
