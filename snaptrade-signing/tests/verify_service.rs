//! The server's side: what passes, what does not, and what each is answered.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use bytes::Bytes;
use common::{NOW, TestBody, clock, credentials, layer, signature_of};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::Full;
use snaptrade_signing::{
    BoxError, Credentials, Verified, Verifier, VerifyRequest, VerifyRequestLayer,
};
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok, task};
use tower::limit::ConcurrencyLimit;
use tower::{Layer, ServiceExt};
use tower_test::mock::{self, Mock};

type Server = Mock<Request<Full<Bytes>>, Response<Bytes>>;

const UNVERIFIED: &str =
    r#"{"detail":"Unable to verify signature sent","status_code":401,"code":"1076"}"#;
const NOT_AUTHENTICATED: &str =
    r#"{"detail":"Authentication credentials were not provided.","status_code":401,"code":"0000"}"#;
const INVALID_BODY: &str =
    r#"{"detail":"Unable to verify data sent","status_code":400,"code":"1076"}"#;
const BODY_TOO_LARGE: &str =
    r#"{"detail":"The request's body is too large.","status_code":413,"code":"0000"}"#;
const BODY_BROKEN: &str =
    r#"{"detail":"The request's body could not be read.","status_code":400,"code":"0000"}"#;

fn verifier() -> Verifier {
    Verifier::new(credentials()).clock(clock())
}

/// Answers 200 with what the server got to see: who signed when, and the body.
async fn answer(verifier: Verifier, request: Request<TestBody>) -> (StatusCode, String) {
    let server = tower::service_fn(|request: Request<Full<Bytes>>| async move {
        let verified: &Verified = request.extensions().get().expect("verified");
        let mut text = format!("{} {} ", verified.client_id(), verified.timestamp());
        text += std::str::from_utf8(&common::bytes(request.into_body()).await)?;
        Ok::<_, BoxError>(Response::new(Bytes::from(text)))
    });
    let layer = VerifyRequestLayer::new(verifier).max_body_bytes(20);
    let response = layer.layer(server).oneshot(request).await.unwrap();
    if !response.status().is_success() {
        assert_eq!(response.headers()["content-type"], "application/json");
    }
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status(), text)
}

fn refused(status: u16, body: &str) -> (StatusCode, String) {
    (StatusCode::from_u16(status).unwrap(), body.to_owned())
}

/// A request with this query, signed as it stands.
fn signed(query: &str, body: &'static str) -> Request<TestBody> {
    let mut request = Request::post(format!("/snapTrade/x?{query}"))
        .body(TestBody::from(body))
        .unwrap();
    if !query.is_empty() {
        let signature = signature_of(request.uri(), body.as_bytes());
        request
            .headers_mut()
            .insert("signature", signature.parse().unwrap());
    }
    request
}

fn stamped(body: &'static str) -> Request<TestBody> {
    signed(&format!("clientId=ACME&timestamp={NOW}"), body)
}

#[tokio::test]
async fn what_is_signed_passes_with_its_bytes() {
    let body = "{ \"a\": 1E2 }";
    let expected = (StatusCode::OK, format!("ACME {NOW} {body}"));
    assert_eq!(answer(verifier(), stamped(body)).await, expected);
    // Streamed, in pieces.
    let (mut sender, streamed) = TestBody::streamed();
    let request = stamped(body).map(|_| streamed);
    let sending = async move {
        for piece in ["{ \"a\"", "", ": 1E2 }"] {
            sender.send_data(piece.into()).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(answer(verifier(), request), sending);
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn what_one_layer_signs_the_other_lets_pass() {
    let request = Request::put("https://api.snaptrade.com/é?a=+&clientId=OLD&&b")
        .body(TestBody::from("[\"é\", 1]"))
        .unwrap();
    let signed = layer()
        .layer(tower::service_fn(|request| async {
            Ok::<_, BoxError>(request)
        }))
        .oneshot(request)
        .await
        .unwrap();
    let expected = (StatusCode::OK, format!("ACME {NOW} [\"é\", 1]"));
    assert_eq!(answer(verifier(), signed).await, expected);
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let without_signature = {
        let mut request = stamped("");
        request.headers_mut().remove("signature");
        request
    };
    for request in [
        without_signature,
        signed("", ""),
        signed("clientId=ACME", ""),
        signed(&format!("timestamp={NOW}"), ""),
        signed(&format!("clientIdx=ACME&timestamp={NOW}"), ""),
        // What only some readers take for a stamp is none.
        signed(&format!("clientid=ACME&timestamp={NOW}"), ""),
        signed(&format!("x;clientId=ACME&timestamp={NOW}"), ""),
    ] {
        let uri = request.uri().clone();
        let expected = refused(401, NOT_AUTHENTICATED);
        assert_eq!(answer(verifier(), request).await, expected, "{uri}");
    }
}

#[tokio::test]
async fn an_unknown_client_is_told_its_id() {
    for (sent, shown) in [
        ("OTHER", "OTHER"),
        ("", ""),
        ("acme", "acme"),
        ("ACM%45x", "ACMEx"),
        // As the server's own JSON has it, whatever the id is.
        ("%22%5C%0A%C3%A9", r#"\"\\\n\u00e9"#),
        ("%ff", r"\ufffd"),
    ] {
        let request = signed(&format!("clientId={sent}&timestamp={NOW}"), "");
        let body = format!(
            r#"{{"detail":"Invalid clientId provided - {shown}","status_code":401,"code":"1083"}}"#
        );
        assert_eq!(answer(verifier(), request).await, refused(401, &body));
    }
}

#[tokio::test]
async fn a_wrong_signature_does_not_pass() {
    let right = signature_of(stamped("[1]").uri(), b"[1]");
    let unpadded = right.trim_end_matches('=');
    let longer = format!("{right}AAAA");
    for wrong in [
        "",
        "x",
        unpadded,
        &longer,
        &right.to_lowercase(),
        &format!(" {right}"),
        "é",
    ] {
        let mut request = stamped("[1]");
        let wrong = http::HeaderValue::from_bytes(wrong.as_bytes()).unwrap();
        request.headers_mut().insert("signature", wrong);
        assert_eq!(answer(verifier(), request).await, refused(401, UNVERIFIED));
    }
    // The right one, of another body.
    let request = stamped("[1]").map(|_| TestBody::from("[2]"));
    assert_eq!(answer(verifier(), request).await, refused(401, UNVERIFIED));
    // Another's key.
    let other = Verifier::new(Credentials::new("ACME", "other key").unwrap()).clock(clock());
    assert_eq!(
        answer(other, stamped("[1]")).await,
        refused(401, UNVERIFIED)
    );
}

/// Which of them another reader takes, nobody knows.
#[tokio::test]
async fn a_second_signature_is_refused() {
    let right = signature_of(stamped("[1]").uri(), b"[1]");
    for second in [&right, "", "x"] {
        for first in [false, true] {
            let mut request = stamped("[1]");
            let (first, second) = if first {
                (second, &*right)
            } else {
                (&*right, second)
            };
            let headers = request.headers_mut();
            headers.insert("signature", first.parse().unwrap());
            headers.append("signature", second.parse().unwrap());
            assert_eq!(answer(verifier(), request).await, refused(401, UNVERIFIED));
        }
    }
    let mut request = stamped("[1]");
    let both = format!("{right}, {right}").parse().unwrap();
    request.headers_mut().insert("signature", both);
    assert_eq!(answer(verifier(), request).await, refused(401, UNVERIFIED));
}

#[tokio::test]
async fn a_second_client_is_refused() {
    for query in [
        format!("clientId=ACME&timestamp={NOW}&%63lientId=EVIL"),
        format!("clientId=EVIL&clientId=ACME&timestamp={NOW}"),
    ] {
        let request = signed(&query, "");
        assert_eq!(answer(verifier(), request).await, refused(401, UNVERIFIED));
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told() {
    let request = stamped("{}").map(|_| TestBody::from("{\"a\":}"));
    assert_eq!(
        answer(verifier(), request).await,
        refused(400, INVALID_BODY)
    );
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told() {
    let streamed = || {
        let (sender, body) = TestBody::streamed();
        (sender, stamped("").map(|_| body))
    };
    let (mut sender, late) = streamed();
    sender.try_send(Frame::data("[123456789,".into())).unwrap();
    sender.try_send(Frame::data("123456789]".into())).unwrap();
    drop(sender);
    assert_eq!(answer(verifier(), late).await, refused(413, BODY_TOO_LARGE));
    let early = stamped("").map(|_| TestBody::Untouchable(21));
    assert_eq!(
        answer(verifier(), early).await,
        refused(413, BODY_TOO_LARGE)
    );
    let within = stamped("[1234567890123456 ]");
    assert_eq!(answer(verifier(), within).await.0, StatusCode::OK);

    let (sender, torn) = streamed();
    sender.abort("torn".into());
    assert_eq!(answer(verifier(), torn).await, refused(400, BODY_BROKEN));
    let (mut sender, trailers) = streamed();
    sender.try_send(Frame::trailers(HeaderMap::new())).unwrap();
    drop(sender);
    assert_eq!(
        answer(verifier(), trailers).await,
        refused(400, BODY_BROKEN)
    );
}

/// Only what passed reaches the server; what was reserved for the rest is given back.
#[test]
fn the_server_is_ready_and_called_once() {
    let (server, mut handle): (Server, _) = mock::pair();
    handle.allow(0);
    type Service = mock::Spawn<VerifyRequest<ConcurrencyLimit<Server>>>;
    let poll_ready = |service: &mut Service| service.poll_ready::<Request<TestBody>>();
    let layer = VerifyRequestLayer::new(verifier());
    let mut service = mock::Spawn::new(layer.layer(ConcurrencyLimit::new(server, 1)));
    assert_pending!(poll_ready(&mut service));
    handle.allow(9);
    assert!(service.is_woken());

    // Refused: the permit is back while the answer is still there.
    assert_ready_ok!(poll_ready(&mut service));
    let mut call = task::spawn(service.call(signed("x", "")));
    let response = assert_ready_ok!(call.poll());
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_pending!(handle.poll_request());
    assert_ready_ok!(poll_ready(&mut service));
    assert_pending!(call.poll(), "it has nothing more to say");

    // Dropped while it collects.
    let (mut sender, body) = TestBody::streamed();
    let mut call = task::spawn(service.call(stamped("").map(|_| body)));
    assert_pending!(call.poll());
    drop(call);
    assert!(sender.try_send(Frame::data(Bytes::new())).is_err());
    assert_pending!(handle.poll_request());

    // Passed, and failed by the server.
    assert_ready_ok!(poll_ready(&mut service));
    let mut call = task::spawn(service.call(stamped("")));
    assert_pending!(call.poll());
    let (_, answer) = assert_ready!(handle.poll_request()).unwrap();
    assert_pending!(poll_ready(&mut service));
    answer.send_error(std::io::Error::other("unplugged"));
    assert!(assert_ready_err!(call.poll()).is::<std::io::Error>());
    drop(call);
    assert_ready_ok!(poll_ready(&mut service));
}
