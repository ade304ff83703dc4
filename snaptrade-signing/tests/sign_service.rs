//! The layer as a tower service: readiness, back-pressure, errors, and what is not sent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use bytes::Bytes;
use common::{NOW, clock, credentials, layer, post, refusal};
use http::{Request, Response, Uri};
use http_body_util::Full;
use snaptrade_signing::clock::UnixTime;
use snaptrade_signing::{SignError, SignRequestLayer};
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok, task};
use tower::{Layer, ServiceBuilder};
use tower_test::mock::{self, Mock};

type Body = Full<Bytes>;
type Client = Mock<Request<Body>, Response<()>>;

#[test]
fn is_ready_when_the_inner_service_is() {
    let (client, mut handle): (Client, _) = mock::pair();
    handle.allow(0);
    let mut service = mock::Spawn::new(layer().layer(client));
    assert_pending!(service.poll_ready());
    handle.allow(1);
    assert!(service.is_woken());
    assert_ready_ok!(service.poll_ready());
    let mut response = task::spawn(service.call(post("{}")));
    assert_pending!(response.poll());
    // The one that was allowed has been used.
    assert_pending!(service.poll_ready());
    let (_, answer) = assert_ready!(handle.poll_request()).unwrap();
    answer.send_response(Response::new(()));
    assert_ready_ok!(response.poll());
}

/// The mock panics if it is called unready, and a clone of it is not ready.
#[test]
fn a_clone_keeps_its_own_readiness() {
    let (client, mut handle): (Client, _) = mock::pair();
    handle.allow(0);
    let mut service = mock::Spawn::new(layer().layer(client));
    assert_pending!(service.poll_ready());
    handle.allow(2);
    assert_ready_ok!(service.poll_ready());
    let mut clone = service.clone();
    // The readiness of the first is not spent by the second, nor shared with it.
    assert_ready_ok!(clone.poll_ready());
    let _second = clone.call(post("{}"));
    let _first = service.call(post("{}"));
    assert!(handle.poll_request().is_ready());
    assert!(handle.poll_request().is_ready());
    assert_pending!(service.poll_ready());
    assert_pending!(clone.poll_ready());
}

#[test]
fn errors_of_the_inner_service_pass_through() {
    #[derive(Debug, thiserror::Error)]
    #[error("out of order")]
    struct OutOfOrder(u8);

    let (client, mut handle): (Client, _) = mock::pair();
    let mut service = mock::Spawn::new(layer().layer(client));
    handle.send_error(OutOfOrder(1));
    let error = assert_ready_err!(service.poll_ready());
    assert_eq!(
        error.downcast_ref::<OutOfOrder>().map(|error| error.0),
        Some(1)
    );

    assert_ready_ok!(service.poll_ready());
    let mut response = task::spawn(service.call(post("{}")));
    let (_, answer) = assert_ready!(handle.poll_request()).unwrap();
    answer.send_error(OutOfOrder(2));
    let error = assert_ready_err!(response.poll());
    assert_eq!(
        error.downcast_ref::<OutOfOrder>().map(|error| error.0),
        Some(2)
    );
    assert!(error.downcast_ref::<SignError>().is_none());
}

/// Each is refused, and what the inner service had reserved for it is free again.
#[test]
fn a_request_that_cannot_be_signed_is_not_sent() {
    let clock = clock();
    let get = |uri: &str| Request::get(uri).body(Body::default()).unwrap();
    let authority = || {
        let mut request = get("/");
        *request.uri_mut() = Uri::from_static("api.snaptrade.com:443");
        request
    };
    let long = |len| get(&format!("/?{}", "x".repeat(len)));
    // `/?`, `&clientId=ACME&timestamp=` and ten digits take 37 bytes of the 65,534.
    let cases: [(&str, Request<Body>, u64); 9] = [
        (
            "the body is not JSON that can be signed: it ends inside a value at byte 1",
            post("["),
            NOW,
        ),
        ("0 is no Unix time in seconds: ", post("1"), 0),
        (
            "100000000000 is no Unix time in seconds: ",
            post("1"),
            100_000_000_000,
        ),
        (
            "1635790389000 is no Unix time in seconds: ",
            post("1"),
            NOW * 1000,
        ),
        ("the request's URI has no path ", get("*"), NOW),
        ("the request's URI has no path ", authority(), NOW),
        (
            "the path and query are 65535 bytes long with their stamp",
            long(65_498),
            NOW,
        ),
        (
            "the body is longer than the 9 bytes ",
            post("\"12345678\""),
            NOW,
        ),
        (
            "the body is longer than the 9 bytes ",
            post("123456789 "),
            NOW,
        ),
    ];
    let (client, mut handle): (Client, _) = mock::pair();
    let layer = SignRequestLayer::new(credentials())
        .clock(clock.clone())
        .max_body_bytes(9);
    let limited = ServiceBuilder::new()
        .layer(layer)
        .concurrency_limit(1)
        .service(client);
    let mut service = mock::Spawn::new(limited);
    for (message, request, now) in cases {
        clock.set(UnixTime::from_secs(now));
        assert_ready_ok!(service.poll_ready());
        let mut response = task::spawn(service.call(request));
        // The permit is back already, and not only when the answer is dropped.
        assert_ready_ok!(service.clone().poll_ready());
        let error = assert_ready_err!(response.poll());
        let text = refusal(&error).to_string();
        assert!(text.starts_with(message), "{text}");
        assert_pending!(handle.poll_request());
        let again = assert_ready_err!(response.poll());
        assert!(again.to_string().contains("polled after"), "{again}");
    }
    // At the limits.
    for (request, now) in [
        (post("123456789"), 1),
        (post("{}"), 99_999_999_999),
        (long(65_497), NOW),
    ] {
        clock.set(UnixTime::from_secs(now));
        assert_ready_ok!(service.poll_ready());
        drop(service.call(request));
        assert!(handle.poll_request().is_ready());
    }
}
