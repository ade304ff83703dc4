//! The layer as a tower service: readiness, back-pressure, errors, and whose signer signs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use common::{NOW, clock, credentials, layer, post, refusal, signature_of};
use http::{Method, Request, Response, Uri, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use snaptrade_signing::clock::{Clock, ManualClock, UnixTime};
use snaptrade_signing::{
    BoxError, Credentials, Rotating, SignError, SignRequestLayer, SignWith, Signer, Verifier,
};
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok, task};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_test::mock::{self, Mock};

type Body = Full<Bytes>;
type Client = Mock<Request<Body>, Response<()>>;

/// A service that answers each request with itself.
fn echo<B: Send + 'static>()
-> impl Service<Request<B>, Response = Request<B>, Error = BoxError, Future: Send> + Clone {
    tower::service_fn(|request| async { Ok(request) })
}

async fn signed(layer: SignRequestLayer, request: Request<Body>) -> Request<Body> {
    layer.layer(echo()).oneshot(request).await.unwrap()
}

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

#[tokio::test]
async fn everything_but_the_stamp_stays() {
    let body = "{ \"b\": 1.50, \"a\": \"\\/\" }";
    let request = Request::builder()
        .method(Method::PATCH)
        .version(Version::HTTP_2)
        .uri("https://User@api.SnapTrade.com:8443/a%2Fb/./c?userId=j%20n&&x")
        .header("X-Twice", "1")
        .header("X-Twice", "2")
        .header("Signature", "stale")
        .header("signature", "staler")
        .extension(7_u8)
        .body(Body::from(body))
        .unwrap();
    let sent = signed(layer(), request).await;
    assert_eq!(
        sent.uri().to_string(),
        format!(
            "https://User@api.SnapTrade.com:8443/a%2Fb/./c?userId=j%20n&&x&clientId=ACME&timestamp={NOW}"
        )
    );
    assert_eq!(
        (sent.method(), sent.version()),
        (&Method::PATCH, Version::HTTP_2)
    );
    assert_eq!(sent.headers().get_all("x-twice").iter().count(), 2);
    assert_eq!(sent.extensions().get(), Some(&7_u8));
    let signatures: Vec<_> = sent.headers().get_all("signature").iter().collect();
    assert_eq!(
        signatures,
        [signature_of(sent.uri(), body.as_bytes()).as_str()]
    );
    assert!(signatures[0].is_sensitive());
    assert_eq!(common::bytes(sent.into_body()).await, body);
}

#[tokio::test]
async fn a_boxed_body_is_boxed_below_the_layer() {
    let client = ServiceBuilder::new()
        .layer(layer())
        .map_request(|request: Request<Body>| request.map(BodyExt::boxed))
        .service(echo::<BoxBody<Bytes, std::convert::Infallible>>());
    let sent = client.oneshot(post("[1]")).await.unwrap();
    assert_eq!(common::bytes(sent.into_body()).await, "[1]");
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

#[tokio::test]
async fn a_request_can_bring_its_own_signer() {
    let mut request = post("{}");
    let other = SignWith::new(Credentials::new("OTHER", "other key").unwrap());
    request.extensions_mut().insert(other.clone());
    let sent = signed(layer(), request).await;
    let query = sent.uri().query().unwrap();
    assert_eq!(query, format!("clientId=OTHER&timestamp={NOW}"));
    let signature = other.0.sign(sent.uri().path(), query, b"").unwrap();
    assert_eq!(sent.headers()["signature"], signature.expose());
}

/// Each attempt has the time at which it was made, and one stamp.
#[tokio::test]
async fn a_retry_is_stamped_anew() {
    #[derive(Clone)]
    struct Twice(ManualClock, u8);

    impl tower::retry::Policy<Request<Body>, Request<Body>, BoxError> for Twice {
        type Future = std::future::Ready<()>;

        fn retry(
            &mut self,
            request: &mut Request<Body>,
            result: &mut Result<Request<Body>, BoxError>,
        ) -> Option<Self::Future> {
            // A careless policy sends again what was sent, stamp and all.
            let sent = result.as_ref().unwrap();
            *request.uri_mut() = sent.uri().clone();
            *request.headers_mut() = sent.headers().clone();
            self.0.advance(40);
            self.1 = self.1.checked_sub(1)?;
            Some(std::future::ready(()))
        }

        fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
            Some(request.clone())
        }
    }

    let clock = clock();
    let service = ServiceBuilder::new()
        .retry(Twice(clock.clone(), 2))
        .layer(SignRequestLayer::new(credentials()).clock(clock.clone()))
        .service(echo());
    let sent = service.oneshot(post("[1]")).await.unwrap();
    let query = sent.uri().query().unwrap();
    assert_eq!(query, format!("clientId=ACME&timestamp={}", NOW + 80));
    let signatures: Vec<_> = sent.headers().get_all("signature").iter().collect();
    assert_eq!(signatures, [signature_of(sent.uri(), b"[1]").as_str()]);
}

/// No request has the id of one key and the signature of another, and after a rotation only the new one signs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_rotate_under_load() {
    let pair = |n: u32| Credentials::new(format!("ID{n}"), format!("key{n}")).unwrap();
    let clock = clock();
    let keys = Rotating::new(pair(0));
    let service = SignRequestLayer::with_provider(keys.clone())
        .clock(clock.clone())
        .layer(echo());
    let verifier = Verifier::with_lookup(move |id: &str| {
        let n = id.strip_prefix("ID")?.parse().ok()?;
        Some(Arc::new(Signer::new(pair(n))))
    })
    .clock(clock.clone());

    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (service, verifier, keys) = (service.clone(), verifier.clone(), keys.clone());
        tasks.spawn(async move {
            let mut ids = HashSet::new();
            while ids.len() < 4 {
                let before = keys.generation();
                let sent = service.clone().oneshot(post::<Body>("[1]")).await.unwrap();
                let signature = sent.headers()["signature"].as_bytes();
                let verified = verifier
                    .verify(sent.uri(), Some(signature), b"[1]")
                    .unwrap();
                let id: u64 = verified.client_id().as_str()[2..].parse().unwrap();
                assert!((before..=keys.generation()).contains(&id));
                ids.insert(id);
                tokio::task::yield_now().await;
            }
        });
    }
    let mut n = 0;
    while !tasks.is_empty() {
        n += 1;
        keys.rotate(pair(n));
        tokio::task::yield_now().await;
        while let Some(done) = tasks.try_join_next() {
            done.unwrap();
        }
    }
    assert_eq!(keys.generation(), u64::from(n));
    let sent = service.oneshot(post::<Body>("[1]")).await.unwrap();
    assert!(
        sent.uri()
            .query()
            .unwrap()
            .starts_with(&format!("clientId=ID{n}&"))
    );
    assert_eq!(clock.now().as_secs(), NOW);
}
