//! What a signed request is: all that it was, and one stamp of the right signer at the right time.

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
use common::{NOW, clock, credentials, layer, post, signature_of};
use http::{Method, Request, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use snaptrade_signing::clock::{Clock, ManualClock};
use snaptrade_signing::{
    BoxError, Credentials, Rotating, SignRequestLayer, SignWith, Signer, Verifier,
};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

type Body = Full<Bytes>;

/// A service that answers each request with itself.
fn echo<B: Send + 'static>()
-> impl Service<Request<B>, Response = Request<B>, Error = BoxError, Future: Send> + Clone {
    tower::service_fn(|request| async { Ok(request) })
}

async fn signed(layer: SignRequestLayer, request: Request<Body>) -> Request<Body> {
    layer.layer(echo()).oneshot(request).await.unwrap()
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
                let verified = verifier.verify(sent.uri(), sent.headers(), b"[1]").unwrap();
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
