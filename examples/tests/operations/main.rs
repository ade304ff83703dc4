//! The authentication operations over axum's body type and over reqwest, against a sandbox that is served.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::sandbox::{Fault, Point, Sandbox, SandboxServer};
use snaptrade_auth_service::{
    AuthService, Authentication, BaseUrl, Endpoint, Error, ErrorKind, Outcome, UserCredentials,
};
use snaptrade_signing::SignRequestLayer;
use tower::{Service, ServiceBuilder};
use tower_reqwest::HttpClientLayer;

// The client that is tested is the one that is shown.
#[expect(dead_code, reason = "it has a `main` of its own")]
#[path = "../../reqwest_client.rs"]
mod reqwest_client;

async fn served() -> (Sandbox, SandboxServer, BaseUrl) {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await.unwrap();
    let base_url = server.base_url().parse().unwrap();
    (sandbox, server, base_url)
}

fn sign() -> SignRequestLayer {
    SignRequestLayer::new(Sandbox::credentials().unwrap())
}

/// The client of an axum app that speaks `axum::body::Body`, converted below the signing layer.
fn over_axum_body(base_url: &BaseUrl) -> impl Authentication + Service<Accounts, Error = Error> {
    let client: Client<_, axum::body::Body> = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http();
    let http = ServiceBuilder::new()
        .layer(sign())
        .map_request(|request: Request<Full<Bytes>>| request.map(axum::body::Body::new))
        .service(client);
    AuthService::new(http).base_url(base_url.clone())
}

/// The client of `reqwest_client.rs`. There is nothing in these URLs that reqwest would rewrite.
fn over_reqwest(base_url: &BaseUrl) -> impl Authentication + Service<Accounts, Error = Error> {
    let http = ServiceBuilder::new()
        .layer(sign())
        .map_request(|request: Request<Full<Bytes>>| request.map(reqwest::Body::wrap))
        .layer(HttpClientLayer)
        .service(reqwest_client::client().unwrap());
    AuthService::new(http).base_url(base_url.clone())
}

type Accounts = Endpoint<Vec<serde_json::Value>>;

/// The life of users whose ids every client would like to encode in its own way.
async fn a_life<S>(mut snaptrade: S)
where
    S: Authentication + Service<Accounts, Error = Error>,
{
    for id in [
        "jane",
        "a b+c&d=e",
        "O'Neill",
        "j@example.com/..",
        "日本 🦀",
        "%41",
    ] {
        let user = snaptrade.register_user(id).await.unwrap().into_body();
        assert_eq!(user.user_id.as_str(), id);
        snaptrade.login_user(&user).await.unwrap();
        let user = snaptrade
            .reset_user_secret(&user)
            .await
            .unwrap()
            .into_body();
        let accounts = Accounts::get("/accounts").user(&user);
        std::future::poll_fn(|cx| Service::<Accounts>::poll_ready(&mut snaptrade, cx))
            .await
            .unwrap();
        snaptrade.call(accounts).await.unwrap();
        assert_eq!(snaptrade.list_users().await.unwrap().body, [user.user_id]);
        snaptrade.delete_user(id).await.unwrap();
    }
}

#[tokio::test]
async fn a_life_over_axum_bodies() {
    let (_, server, base_url) = served().await;
    a_life(over_axum_body(&base_url)).await;
    server.shutdown().await;
}

#[tokio::test]
async fn a_life_over_reqwest() {
    let (_, server, base_url) = served().await;
    a_life(over_reqwest(&base_url)).await;
    server.shutdown().await;
}

#[tokio::test]
async fn what_reqwest_fails_with_is_told_without_the_url() {
    let (sandbox, server, base_url) = served().await;
    let snaptrade = over_reqwest(&base_url);
    let jane = UserCredentials::new("jane", "marker-secret");

    sandbox.faults().next(Fault::Reset(Point::BeforeCommit));
    let error = snaptrade.login_user(&jane).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(!format!("{error} {error:?}").contains("marker"), "{error}");

    server.shutdown().await;
    let error = snaptrade.login_user(&jane).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
    assert!(!format!("{error} {error:?}").contains("marker"), "{error}");
}
