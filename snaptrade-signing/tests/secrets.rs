//! Nothing printable shows a key, a query, a body or a signature.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "secrets/printed.rs"]
mod printed;

use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::Bytes;
use common::{NOW, TestBody, clock, signature_header};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use printed::Printed;
use snaptrade_signing::canonical::{self, Escaping};
use snaptrade_signing::clock::{ManualClock, SkewedClock, SystemClock, UnixTime};
use snaptrade_signing::verify::Rejection;
use snaptrade_signing::{
    BoxError, ClientId, ConsumerKey, Credentials, ProvideSigner, Rotating, SignRequestLayer,
    SignWith, Signature, Signer, Stamp, Verifier, VerifyRequestLayer,
};
use tokio_test::task;
use tower::{Layer, Service};

const KEY: &str = "MarkerKey";
const QUERY: &str = "userSecret=MarkerQuery";
const BODY: &str = r#"{"userSecret":"MarkerBody"}"#;

fn credentials() -> Credentials {
    Credentials::new("ACME", KEY).unwrap()
}

fn signer() -> Arc<Signer> {
    Arc::new(Signer::new(credentials()))
}

fn stamp() -> Stamp {
    let path_and_query = format!("/p?{QUERY}").parse().unwrap();
    let now = UnixTime::from_secs(NOW);
    signer()
        .stamp(&path_and_query, BODY.as_bytes(), now)
        .unwrap()
}

fn signature() -> Signature {
    let stamp = stamp();
    let query = stamp.path_and_query().query().unwrap();
    signer().sign("/p", query, BODY.as_bytes()).unwrap()
}

fn request(body: impl Into<TestBody>) -> Request<TestBody> {
    Request::post(format!("https://api.snaptrade.com/p?{QUERY}"))
        .header("signature", signature().to_header_value())
        .body(body.into())
        .unwrap()
}

/// The markers are where they are looked for, and the search finds them.
#[test]
fn the_search_can_fail() {
    let stamp = stamp();
    assert!(stamp.path_and_query().as_str().contains("MarkerQuery"));
    assert_eq!(stamp.signature(), signature().expose());
    assert_eq!(credentials().consumer_key().expose(), KEY);
    for text in [
        KEY,
        QUERY,
        BODY,
        signature().expose(),
        &format!("{:?}", b"Marker"),
    ] {
        let printed = Printed(vec![format!("x{text}x")]);
        assert!(
            std::panic::catch_unwind(|| printed.check(&signature())).is_err(),
            "{text}"
        );
    }
}

#[test]
fn no_type_shows_a_secret() {
    let clock = ManualClock::new(UnixTime::from_secs(NOW));
    let fixed = SignRequestLayer::new(credentials()).clock(clock.clone());
    let rotating = Rotating::new(credentials());
    let provided = SignRequestLayer::with_provider(rotating.clone());
    let closure = SignRequestLayer::with_provider(signer as fn() -> Arc<Signer>);
    let verifier = Verifier::new(credentials()).clock(clock.clone());
    let verify = VerifyRequestLayer::new(verifier.clone());

    let mut printed = Printed::default();
    printed.debug(&ClientId::new("ACME").unwrap());
    printed.debug(&ConsumerKey::new(KEY).unwrap());
    printed.debug(&ConsumerKey::verbatim(KEY).unwrap());
    printed.debug(&credentials());
    printed.debug(&credentials().consumer_key());
    printed.debug(&signer());
    printed.debug(&rotating.signer());
    printed.debug(&signature());
    printed.debug(&signature().to_header_value());
    printed.debug(&stamp());
    printed.debug(&stamp().signature());
    printed.debug(&rotating);
    printed.debug(&SignWith(signer()));
    for layer in [&fixed, &provided, &closure] {
        printed.debug(layer);
        printed.debug(&layer.layer("a client"));
    }
    printed.debug(&verifier);
    printed.debug(&verify);
    printed.debug(&verify.layer("a server"));
    printed.debug(&clock);
    printed.debug(&SkewedClock::new(SystemClock));
    printed.debug(&Escaping::Ascii);

    // What was sent, its headers and extensions.
    let mut sent = request(BODY);
    sent.extensions_mut().insert(SignWith(signer()));
    stamp().apply(&mut sent).unwrap();
    printed.debug(sent.headers());
    printed.debug(sent.extensions());
    let verified = verifier.verify(sent.uri(), sent.headers(), BODY.as_bytes());
    printed.debug(&verified.unwrap());
    printed.check(&signature());
}

#[test]
fn no_future_shows_a_secret() {
    let client = tower::service_fn(|_: Request<TestBody>| async {
        std::future::pending::<Result<Response<()>, BoxError>>().await
    });
    let mut client = SignRequestLayer::new(credentials()).layer(client);
    let server = tower::service_fn(|_: Request<http_body_util::Full<Bytes>>| async {
        std::future::pending::<Result<Response<Bytes>, BoxError>>().await
    });
    let verifier = Verifier::new(credentials()).clock(clock());
    let mut server = VerifyRequestLayer::new(verifier).layer(server);

    let mut printed = Printed::default();
    let called = client.call(request(BODY));
    printed.debug(&called);
    let refused = client.call(request("{\"MarkerBody"));
    printed.debug(&refused);
    let streamed = || {
        let (mut sender, body) = TestBody::streamed();
        sender.try_send(Frame::data(BODY.into())).unwrap();
        (sender, body)
    };
    let mut cx = Context::from_waker(Waker::noop());
    let (_sender, body) = streamed();
    let mut collecting = std::pin::pin!(client.call(request(body)));
    assert!(collecting.as_mut().poll(&mut cx).is_pending());
    printed.debug(&collecting);
    let (_sender, body) = streamed();
    let mut signed = request(body);
    stamp().apply(&mut signed).unwrap();
    let mut verifying = std::pin::pin!(server.call(signed));
    assert!(verifying.as_mut().poll(&mut cx).is_pending());
    printed.debug(&verifying);
    let unsigned = request(TestBody::Untouchable(1));
    let rejected = server.call(unsigned);
    printed.debug(&rejected);
    printed.check(&signature());
}

#[test]
fn no_error_shows_a_secret() {
    let mut printed = Printed::default();
    for key in [
        "",
        " Marker",
        "Marker\n",
        "Mar\u{200b}ker Marker",
        "Marker\u{7}Marker",
    ] {
        for error in [
            ConsumerKey::new(key).map(drop),
            Credentials::new("ACME", key).map(drop),
            Credentials::new("", KEY).map(drop),
        ] {
            printed.error(&error.unwrap_err());
        }
        printed.panic(Credentials::new("ACME", key));
    }

    // Every reason, in a body full of markers.
    let ends = [
        "",
        "x",
        "]",
        "\"\\ud800\"",
        "\"\\x\"",
        "\"\n\"",
        "01",
        "1e999",
        "NaN",
        "\u{e9}",
        "\"Marker",
        "}Marker",
        ":",
    ];
    for end in ends {
        let body = format!("{{\"MarkerBody\":[\"MarkerBody\",{end}");
        let error = canonical::json(Escaping::Ascii, body.as_bytes()).unwrap_err();
        printed.error(&error);
        let error = signer().sign("/p", QUERY, body.as_bytes()).unwrap_err();
        printed.error(&error);
        printed.panic(signer().sign("/p", QUERY, body.as_bytes()));
    }
    printed.panic(signer().sign("/p", QUERY, BODY.as_bytes()));
    let long = format!("/p?{QUERY}{}", "x".repeat(65_500)).parse().unwrap();
    printed.error(
        &signer()
            .stamp(&long, b"", UnixTime::from_secs(NOW))
            .unwrap_err(),
    );
    printed.error(&signer().stamp(&long, b"", UnixTime::default()).unwrap_err());

    // What the layer refuses.
    let client = tower::service_fn(|_: Request<TestBody>| async { Ok::<_, BoxError>(()) });
    let mut client = SignRequestLayer::new(credentials())
        .max_body_bytes(50)
        .layer(client);
    let long = "\"MarkerBody MarkerBody MarkerBody MarkerBody MarkerBody\"";
    let (mut sender, trailers) = TestBody::streamed();
    sender.try_send(Frame::data(BODY.into())).unwrap();
    sender
        .try_send(Frame::trailers(request("").headers().clone()))
        .unwrap();
    let (mut sender, torn) = TestBody::streamed();
    sender.try_send(Frame::data(BODY.into())).unwrap();
    sender.abort("torn".into());
    for body in [TestBody::from("[\"MarkerBody"), long.into(), trailers, torn] {
        let error = task::spawn(client.call(request(body))).poll();
        let std::task::Poll::Ready(Err(error)) = error else {
            panic!("it was sent")
        };
        printed.error(&*error);
    }
    printed.check(&signature());
}

#[test]
fn no_rejection_shows_a_secret() {
    let verifier = Verifier::new(credentials()).clock(clock());
    let mut printed = Printed::default();
    let signed = signature_header(signature().expose()).unwrap();
    let mut twice = signed.clone();
    twice.append("signature", signature().to_header_value());
    for (query, headers, body, expected) in [
        ("", HeaderMap::new(), BODY, Rejection::NotAuthenticated),
        (
            "&clientId=OTHER&timestamp=1",
            signed.clone(),
            BODY,
            Rejection::UnknownClient("OTHER".to_owned()),
        ),
        (
            "&clientId=ACME&timestamp=1",
            signed.clone(),
            BODY,
            Rejection::Unverified,
        ),
        (
            "&clientId=ACME&timestamp=1635790388",
            signed.clone(),
            BODY,
            Rejection::Unverified,
        ),
        (
            "&clientId=ACME&timestamp=1635790389",
            twice,
            BODY,
            Rejection::Ambiguous,
        ),
        (
            "&clientId=ACME&timestamp=1635790389",
            signed,
            "[\"MarkerBody",
            Rejection::InvalidBody,
        ),
    ] {
        let uri = format!("/p?{QUERY}{query}").parse().unwrap();
        let rejection = verifier
            .verify(&uri, &headers, body.as_bytes())
            .unwrap_err();
        assert_eq!(rejection, expected);
        printed.debug(&rejection);
        printed.debug(&rejection.into_response::<Bytes>());
    }
    printed.check(&signature());
}

/// Whole keys are compared, and equal ones are equal.
#[test]
fn keys_are_compared_whole() {
    let key = |key: &str| ConsumerKey::new(key).unwrap();
    assert_eq!(key("mykey"), key("mykey"));
    for other in ["mykez", "Mykey", "myke", "mykeyy", "y", "mykémy"] {
        assert_ne!(key("mykey"), key(other));
    }
}
