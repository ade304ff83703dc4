//! All operations, and what the client is made of.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use snaptrade_auth_service::operations::{
    DeleteUser, GetUserJwt, ListUsers, LoginUser, RegisterUser, ResetUserSecret,
};
use snaptrade_auth_service::sandbox::{Fault, Point, Sandbox};
use snaptrade_auth_service::{
    CallOptions, Client, ClientError, ErrorKind, Operation, Outcome, Quota, RollingRateLimitLayer,
};
use snaptrade_signing::{Credentials, Rotating};
use tower::{ServiceBuilder, ServiceExt};

use crate::common::{client, serve};

async fn live(snaptrade: &Client, sandbox: &Sandbox) {
    let jane = snaptrade.send(RegisterUser::new("jane")).await.unwrap();
    let jane = snaptrade
        .send(ResetUserSecret::new(jane.into_body()))
        .await
        .unwrap()
        .into_body();
    snaptrade.send(LoginUser::new(jane.clone())).await.unwrap();
    // She has no public key, so that the server has nothing to encrypt with, and says so.
    let error = snaptrade.send(GetUserJwt::new(jane)).await.unwrap_err();
    assert!(error.api().is_some(), "{error}");
    let users = snaptrade.send(ListUsers::new()).await.unwrap();
    assert_eq!(users.body, ["jane".into()]);
    snaptrade.send(DeleteUser::new("jane")).await.unwrap();
    assert_eq!(sandbox.log().len(), 6);
}

#[tokio::test]
async fn all_operations_over_both_versions() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        let mut builder = client(&server.base_url());
        if http2 {
            builder = builder.http2_only();
        }
        live(&builder.build().unwrap(), &sandbox).await;
    }
}

#[tokio::test]
async fn an_http_client_of_ones_own() {
    let sandbox = Sandbox::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let http = ServiceBuilder::new()
        .map_request(move |request: Request<Full<Bytes>>| {
            counted.fetch_add(1, Ordering::Relaxed);
            request
        })
        .service(sandbox.clone());
    let snaptrade = client("https://api.snaptrade.com")
        .http_service(http)
        .build()
        .unwrap();
    live(&snaptrade, &sandbox).await;
    assert_eq!(calls.load(Ordering::Relaxed), 6);
}

#[tokio::test]
async fn a_streamed_answer() {
    let (_sandbox, server) = serve().await;
    let snaptrade = client(&server.base_url()).build().unwrap();
    let answer = snaptrade.send(ListUsers::new().streaming()).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "[]");
}

#[tokio::test]
async fn keys_rotate() {
    let (_sandbox, server) = serve().await;
    let keys = Rotating::new(Credentials::new("SANDBOX", "an old key").unwrap());
    let snaptrade = Client::builder(keys.clone())
        .base_url(server.base_url().parse().unwrap())
        .build()
        .unwrap();
    let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureRefused);
    keys.rotate(Sandbox::credentials().unwrap());
    snaptrade.send(ListUsers::new()).await.unwrap();
}

#[tokio::test]
async fn the_layers_are_there() {
    let (sandbox, server) = serve().await;
    let quota = RollingRateLimitLayer::new(Quota::default());
    let snaptrade = client(&server.base_url())
        .rate_limit(quota.clone())
        .attempt_timeout(Duration::from_millis(300))
        .max_answer_bytes(1_000)
        .retry(None)
        .build()
        .unwrap();
    snaptrade.clone().oneshot(ListUsers::new()).await.unwrap();
    assert_eq!(quota.in_use(), 1);

    sandbox.faults().next(Fault::Stall(Point::BeforeCommit));
    let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Timeout, Outcome::Unknown)
    );

    sandbox.faults().next(Fault::Stall(Point::BeforeCommit));
    let options = CallOptions::new()
        .timeout(Duration::from_millis(100))
        .attempt_timeout(Duration::from_secs(60));
    let streamed = ListUsers::new().with(options).streaming();
    let error = snaptrade.send(streamed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);

    sandbox.faults().next(Fault::EndlessBody);
    let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
    assert!(error.to_string().contains("1000 bytes"), "{error}");
}

#[test]
fn debug_shows_no_key() {
    let builder = client("http://127.0.0.1:1")
        .proxy("http://jane:pr0xyword@proxy.test:3128".parse().unwrap());
    let mut shown = format!("{builder:?}");
    shown += &format!("{:?}", builder.build().unwrap());
    assert!(shown.contains("127.0.0.1:1"), "{shown}");
    for secret in ["sandbox-consumer-key", "pr0xyword", "jane"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn settings_that_cannot_be() {
    let built = |proxy: &str| {
        client("http://127.0.0.1:1")
            .proxy(proxy.parse().unwrap())
            .build()
    };
    for proxy in ["/nowhere", "socks4://127.0.0.1:1", "ftp://127.0.0.1"] {
        assert!(
            matches!(built(proxy), Err(ClientError::InvalidProxy)),
            "{proxy}"
        );
    }
    let plain = client("http://127.0.0.1:443").build();
    assert!(matches!(plain, Err(ClientError::PlainHttpOnTlsPort)));
    for root in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let built = client("https://localhost")
            .add_root_certificate(root)
            .build();
        assert!(matches!(built, Err(ClientError::InvalidRoot(_))), "{root}");
    }
}

#[cfg(feature = "encrypted")]
#[tokio::test]
async fn a_jwt_for_who_has_a_key() {
    use snaptrade_auth_service::encrypted::PrivateKey;

    let vectors = include_str!("../vectors/encrypted.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let key = |name: &str| vectors[0][name].as_str().unwrap().to_owned();
    let (_sandbox, server) = serve().await;
    let snaptrade = client(&server.base_url()).build().unwrap();
    let public_key = key("public_key").parse().unwrap();
    let register = RegisterUser::new("jane").rsa_public_key(public_key);
    let jane = snaptrade.send(register).await.unwrap().into_body();
    let sealed = snaptrade.send(GetUserJwt::new(jane)).await.unwrap();
    let private_key = PrivateKey::from_pem(&key("private_key")).unwrap();
    assert!(!private_key.open(&sealed).unwrap().is_empty());
}
