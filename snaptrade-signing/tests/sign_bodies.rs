//! Bodies that have to be waited for: what is sent, when it is stamped, and what a failure leaves behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use bytes::Bytes;
use common::{BodySender, NOW, TestBody, clock, credentials, layer, post, refusal, signature_of};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use snaptrade_signing::clock::ManualClock;
use snaptrade_signing::{SignError, SignRequest, SignRequestLayer};
use tokio_test::task::Spawn;
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok, task};
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service};
use tower_test::mock::{self, Handle, Mock};

type Client = ConcurrencyLimit<Mock<Request<TestBody>, Response<()>>>;
type Server = Handle<Request<TestBody>, Response<()>>;
type Call = Spawn<<SignRequest<Client> as Service<Request<TestBody>>>::Future>;

/// A client that has one permit, ready for a call.
fn ready(layer: &SignRequestLayer) -> (mock::Spawn<SignRequest<Client>>, Server) {
    let (client, server) = mock::pair();
    let mut service = mock::Spawn::new(layer.layer(ConcurrencyLimit::new(client, 1)));
    assert_ready_ok!(service.poll_ready());
    (service, server)
}

/// A call that collects its body and holds the client's permit meanwhile.
fn collecting(
    layer: &SignRequestLayer,
) -> (BodySender, Call, mock::Spawn<SignRequest<Client>>, Server) {
    let (mut service, mut server) = ready(layer);
    let (mut body, streamed) = TestBody::streamed();
    send(&mut body, "[1,");
    let mut call = task::spawn(service.call(post(streamed)));
    assert_pending!(call.poll());
    assert_pending!(service.poll_ready(), "the permit waits with the body");
    assert_pending!(server.poll_request());
    (body, call, service, server)
}

fn send(body: &mut BodySender, data: &'static str) {
    let frame = Frame::data(Bytes::from_static(data.as_bytes()));
    body.try_send(frame).expect("there is room");
}

/// The call has ended, nothing was sent, and the permit is back though the future is still there.
fn refused(
    mut call: Call,
    mut service: mock::Spawn<SignRequest<Client>>,
    mut server: Server,
) -> SignError {
    let error = assert_ready_err!(call.poll());
    refusal(&error);
    assert_pending!(server.poll_request());
    assert_ready_ok!(service.poll_ready());
    *error.downcast().unwrap()
}

#[tokio::test]
async fn the_clock_is_read_when_the_body_is_complete() {
    let clock = clock();
    let layer = SignRequestLayer::new(credentials()).clock(clock.clone());
    let (mut body, mut call, mut service, mut server) = collecting(&layer);
    clock.advance(60);
    send(&mut body, " 2 ");
    assert!(call.is_woken());
    assert_pending!(call.poll());
    clock.advance(60);
    send(&mut body, "");
    send(&mut body, "]");
    drop(body);
    assert_pending!(call.poll(), "the request is under way");

    let (sent, answer) = assert_ready!(server.poll_request()).unwrap();
    let query = sent.uri().query().unwrap().to_owned();
    assert_eq!(query, format!("clientId=ACME&timestamp={}", NOW + 120));
    assert_eq!(
        sent.headers()["signature"],
        signature_of(sent.uri(), b"[1,2]")
    );
    assert_eq!(common::bytes(sent.into_body()).await, "[1, 2 ]");
    assert_pending!(service.poll_ready(), "the permit is the client's now");
    answer.send_response(Response::new(()));
    assert_ready_ok!(call.poll());
    drop(call);
    assert_ready_ok!(service.poll_ready());
}

/// No clone of the client, no waiting: what is in memory is sent in the call, however many pieces it has.
#[tokio::test]
async fn a_stream_that_is_all_here_is_sent_in_the_call() {
    let (mut service, mut server) = ready(&layer());
    let (mut body, streamed) = TestBody::streamed();
    for piece in ["{", "\"a\"", ":1", "}"] {
        send(&mut body, piece);
    }
    drop(body);
    let _unpolled = service.call(post(streamed));
    let (sent, _) = assert_ready!(server.poll_request()).unwrap();
    assert_eq!(
        sent.headers()["signature"],
        signature_of(sent.uri(), br#"{"a":1}"#)
    );
    assert_eq!(common::bytes(sent.into_body()).await, r#"{"a":1}"#);
}

#[tokio::test]
async fn a_stream_without_bytes_is_no_body() {
    let (mut service, mut server) = ready(&layer());
    let (body, streamed) = TestBody::streamed();
    let mut call = task::spawn(service.call(post(streamed)));
    drop(body);
    assert_pending!(call.poll());
    let (sent, _) = assert_ready!(server.poll_request()).unwrap();
    assert_eq!(sent.headers()["signature"], signature_of(sent.uri(), b""));
    assert!(common::bytes(sent.into_body()).await.is_empty());
}

#[test]
fn a_call_that_is_dropped_leaves_nothing_behind() {
    let (mut body, call, mut service, mut server) = collecting(&layer());
    drop(call);
    let more = body.try_send(Frame::data(Bytes::new()));
    assert!(more.is_err(), "the body was dropped");
    assert!(service.is_woken());
    assert_ready_ok!(service.poll_ready());
    assert_pending!(server.poll_request());
}

/// Whoever waited for the permit of a call that was dropped gets it, and its call goes out.
#[test]
fn the_next_call_goes_on_where_one_was_dropped() {
    let (_body, call, mut service, mut server) = collecting(&layer());
    drop(call);
    assert_ready_ok!(service.poll_ready());
    let _call = service.call(post("[2]"));
    let (sent, _) = assert_ready!(server.poll_request()).unwrap();
    assert_eq!(
        sent.headers()["signature"],
        signature_of(sent.uri(), b"[2]")
    );
}

#[test]
fn a_body_that_fails_sends_nothing() {
    let (body, call, service, server) = collecting(&layer());
    body.abort("torn".into());
    let error = refused(call, service, server);
    let SignError::Body(source) = &error else {
        panic!("{error}")
    };
    assert_eq!(source.to_string(), "torn");
}

#[test]
fn a_body_with_trailers_sends_nothing() {
    let (mut body, call, service, server) = collecting(&layer());
    body.try_send(Frame::trailers(HeaderMap::new())).unwrap();
    assert!(matches!(
        refused(call, service, server),
        SignError::Trailers
    ));
}

#[test]
fn a_body_that_is_no_json_sends_nothing() {
    let (body, call, service, server) = collecting(&layer());
    drop(body);
    let error = refused(call, service, server);
    assert!(matches!(error, SignError::InvalidJson(error) if error.offset() == 3));
}

#[test]
fn a_time_that_is_none_sends_nothing() {
    let clock = ManualClock::default();
    let (mut body, call, service, server) = collecting(&layer().clock(clock));
    send(&mut body, "2]");
    drop(body);
    assert!(matches!(
        refused(call, service, server),
        SignError::InvalidTime(_)
    ));
}

#[test]
fn a_body_that_grows_too_long_sends_nothing() {
    let (mut body, mut call, service, server) = collecting(&layer().max_body_bytes(6));
    send(&mut body, "456");
    assert_pending!(call.poll(), "six bytes are within the limit");
    send(&mut body, "7");
    let error = refused(call, service, server);
    assert!(matches!(error, SignError::BodyTooLarge { limit: 6 }));
}

#[test]
fn a_body_that_is_announced_too_long_is_not_read() {
    let (mut service, server) = ready(&layer().max_body_bytes(6));
    let call = task::spawn(service.call(post(TestBody::Untouchable(7))));
    let error = refused(call, service, server);
    assert!(matches!(error, SignError::BodyTooLarge { limit: 6 }));
}

#[test]
fn a_failed_call_fails_again_when_polled_again() {
    let (body, mut call, _service, mut server) = collecting(&layer());
    body.abort("torn".into());
    assert_ready_err!(call.poll());
    let error = assert_ready_err!(call.poll());
    assert!(error.to_string().contains("polled after"), "{error}");
    assert_pending!(server.poll_request());
}

#[test]
fn an_error_of_the_client_is_the_clients_after_collecting_too() {
    let (mut body, mut call, _service, mut server) = collecting(&layer());
    send(&mut body, "2]");
    drop(body);
    assert_pending!(call.poll());
    let (_, answer) = assert_ready!(server.poll_request()).unwrap();
    answer.send_error(std::io::Error::other("unplugged"));
    let error = assert_ready_err!(call.poll());
    assert!(error.is::<std::io::Error>());
}
