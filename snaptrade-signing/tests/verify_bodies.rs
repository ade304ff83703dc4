//! The server's side, in time: nothing is read of a body whose head fails, and a slow one holds nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use bytes::Bytes;
use common::{BodySender, NOW, TestBody, clock, credentials, signature_of};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::Full;
use snaptrade_signing::clock::UnixTime;
use snaptrade_signing::{BoxError, Verifier, VerifyRequest, VerifyRequestLayer};
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok, task};
use tower::limit::ConcurrencyLimit;
use tower::{Layer, ServiceExt};
use tower_test::mock::{self, Handle, Mock};

type Server = Mock<Request<Full<Bytes>>, Response<Bytes>>;
type Guarded<S> = mock::Spawn<VerifyRequest<S>>;

fn layer() -> VerifyRequestLayer {
    VerifyRequestLayer::new(Verifier::new(credentials()).clock(clock())).max_body_bytes(20)
}

fn stamped(body: impl Into<TestBody>, text: &str) -> Request<TestBody> {
    let mut request = Request::post(format!("/x?clientId=ACME&timestamp={NOW}"))
        .body(body.into())
        .unwrap();
    let signature = signature_of(request.uri(), text.as_bytes());
    let headers = request.headers_mut();
    headers.insert("signature", signature.parse().unwrap());
    request
}

/// A signed request whose body, `[1]`, is not here yet.
fn slow() -> (BodySender, Request<TestBody>) {
    let (sender, body) = TestBody::streamed();
    (sender, stamped(body, "[1]"))
}

fn send(mut sender: BodySender) {
    sender.try_send(Frame::data("[1]".into())).unwrap();
}

async fn status(request: Request<TestBody>) -> StatusCode {
    let server = tower::service_fn(|_: Request<Full<Bytes>>| async {
        Ok::<_, BoxError>(Response::new(Bytes::new()))
    });
    let answer = layer().layer(server).oneshot(request).await;
    answer.unwrap().status()
}

/// A query and signatures that make a head fail.
const BAD_HEADS: &[(&str, &[&str])] = &[
    ("", &[SIGNATURE]),
    ("clientId=ACME", &[SIGNATURE]),
    ("clientId=ACME&timestamp=1635790389", &[]),
    ("clientId=ACME&timestamp=1635790389", &["x"]),
    (
        "clientId=ACME&timestamp=1635790389",
        &[SIGNATURE, SIGNATURE],
    ),
    ("clientId=OTHER&timestamp=1635790389", &[SIGNATURE]),
    ("clientId=ACME&timestamp=1635000000", &[SIGNATURE]),
    ("clientId=ACME&timestamp=soon", &[SIGNATURE]),
    (
        "clientId=ACME&timestamp=1635790389&%63lientId=EVIL",
        &[SIGNATURE],
    ),
];

/// It has the form of one.
const SIGNATURE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn bad_heads(body: impl Fn() -> TestBody) -> impl Iterator<Item = Request<TestBody>> {
    BAD_HEADS.iter().map(move |(query, signatures)| {
        let mut request = Request::post(format!("/x?{query}")).body(body()).unwrap();
        for signature in *signatures {
            let signature = HeaderValue::from_static(signature);
            request.headers_mut().append("signature", signature);
        }
        request
    })
}

#[tokio::test]
async fn nothing_is_read_of_a_body_whose_head_fails() {
    // Also if it is announced to be too long.
    for len in [3, 21, u64::MAX] {
        for request in bad_heads(|| TestBody::Untouchable(len)) {
            let uri = request.uri().clone();
            assert_eq!(status(request).await, StatusCode::UNAUTHORIZED, "{uri}");
        }
    }
}

#[tokio::test]
async fn nothing_is_read_of_a_body_that_is_announced_to_be_too_long() {
    let too_long = StatusCode::PAYLOAD_TOO_LARGE;
    for len in [21, u64::MAX] {
        let request = stamped(TestBody::Untouchable(len), "[1]");
        assert_eq!(status(request).await, too_long);
    }
    // By the header alone.
    for len in ["21", "18446744073709551615"] {
        let mut request = stamped(TestBody::Untouchable(3), "[1]");
        let headers = request.headers_mut();
        headers.insert("content-length", len.parse().unwrap());
        assert_eq!(status(request).await, too_long, "{len}");
    }
    // What is no number announces nothing.
    for len in ["20", "-1", "x", ""] {
        let mut request = stamped("[1]", "[1]");
        let headers = request.headers_mut();
        headers.insert("content-length", len.parse().unwrap());
        assert_eq!(status(request).await, StatusCode::OK, "{len}");
    }
}

/// A slow body is not the fault of whoever stamped the request in time.
#[test]
fn a_timestamp_is_judged_when_the_head_is_here() {
    let clock = clock();
    let verifier = Verifier::new(credentials()).clock(clock.clone());
    let (server, mut handle): (Server, _) = mock::pair();
    let mut service = mock::Spawn::new(VerifyRequestLayer::new(verifier).layer(server));
    assert_ready_ok!(poll_ready(&mut service));
    let (sender, request) = slow();
    let mut call = task::spawn(service.call(request));
    assert_pending!(call.poll());
    clock.set(UnixTime::from_secs(NOW + 10_000));
    send(sender);
    assert_pending!(call.poll());
    assert!(assert_ready!(handle.poll_request()).is_some());
}

fn poll_ready<S>(service: &mut Guarded<S>) -> std::task::Poll<Result<(), S::Error>>
where
    S: tower::Service<Request<Full<Bytes>>, Response = Response<Bytes>> + Clone,
{
    service.poll_ready::<Request<TestBody>>()
}

/// One request at a time.
#[expect(clippy::type_complexity, reason = "a service and its other end")]
fn limited() -> (
    Guarded<ConcurrencyLimit<Server>>,
    Handle<Request<Full<Bytes>>, Response<Bytes>>,
) {
    let (server, handle) = mock::pair();
    let server = ConcurrencyLimit::new(server, 1);
    (mock::Spawn::new(layer().layer(server)), handle)
}

#[test]
fn a_slow_body_holds_no_permit() {
    let (mut service, mut handle) = limited();
    assert_ready_ok!(poll_ready(&mut service));
    let (sender, request) = slow();
    let mut slow = task::spawn(service.call(request));
    assert_pending!(slow.poll());

    // Another passes it by.
    assert_ready_ok!(poll_ready(&mut service));
    let mut quick = task::spawn(service.call(stamped("[1]", "[1]")));
    assert_pending!(quick.poll());
    let (_, answer) = assert_ready!(handle.poll_request()).unwrap();

    // Its body here, the slow one waits its turn, called no sooner than the server is ready.
    send(sender);
    assert!(slow.is_woken());
    assert_pending!(slow.poll());
    assert_pending!(handle.poll_request());
    answer.send_response(Response::new(Bytes::new()));
    assert_ready_ok!(quick.poll());
    drop(quick);
    assert!(slow.is_woken());
    assert_pending!(slow.poll());
    let (request, answer) = assert_ready!(handle.poll_request()).unwrap();
    assert!(
        request
            .extensions()
            .get::<snaptrade_signing::Verified>()
            .is_some()
    );
    answer.send_response(Response::new(Bytes::new()));
    assert_eq!(assert_ready_ok!(slow.poll()).status(), StatusCode::OK);
}

/// What is in memory is not sent to the end of the queue.
#[test]
fn a_body_that_is_here_keeps_its_turn() {
    let (mut service, mut handle) = limited();
    assert_ready_ok!(poll_ready(&mut service));
    let mut call = task::spawn(service.call(stamped("[1]", "[1]")));
    let mut next = mock::Spawn::new(service.get_ref().clone());
    assert_pending!(poll_ready(&mut next), "the permit goes with the request");
    assert_pending!(call.poll());
    assert!(assert_ready!(handle.poll_request()).is_some());
}

/// A request that does not pass needs no permit to be answered, and gives its own back.
#[test]
fn a_request_that_fails_holds_no_permit() {
    for request in bad_heads(|| TestBody::from("[1]")) {
        let (mut service, _handle) = limited();
        assert_ready_ok!(poll_ready(&mut service));
        let mut call = task::spawn(service.call(request));
        assert_ready_ok!(poll_ready(&mut service));
        assert_ready_ok!(call.poll());
        assert_pending!(call.poll(), "it has nothing more to say");
    }
    // The body fails, while another request has the permit.
    for wrong in ["[2]", "[", "[1234567890123456789]"] {
        let (mut service, _handle) = limited();
        assert_ready_ok!(poll_ready(&mut service));
        let (mut sender, request) = slow();
        let mut call = task::spawn(service.call(request));
        assert_pending!(call.poll());
        assert_ready_ok!(poll_ready(&mut service));
        sender.try_send(Frame::data(wrong.into())).unwrap();
        drop(sender);
        assert!(!assert_ready_ok!(call.poll()).status().is_success());
    }
}

#[test]
fn a_server_that_fails_while_a_body_comes_is_told() {
    let (mut service, mut handle) = limited();
    assert_ready_ok!(poll_ready(&mut service));
    let (sender, request) = slow();
    let mut call = task::spawn(service.call(request));
    assert_pending!(call.poll());
    handle.send_error(std::io::Error::other("unplugged"));
    send(sender);
    assert!(assert_ready_err!(call.poll()).is::<std::io::Error>());
    assert_pending!(call.poll(), "it has nothing more to say");
}
