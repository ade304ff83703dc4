//! reqwest changes much: as `reqwest_client.rs` sets it up, what arrives verifies all the same.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use snaptrade_auth_service::AnswerBody;
use snaptrade_auth_service::retry::RetryError;
use snaptrade_signing::{BoxError, VerifyRequestLayer};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_reqwest::HttpClientLayer;

use super::{EMPTY_ANSWER, QUERIES, STAMP, hyper_client, raw, received, sign, verifier};

// The client that is tested is the one that is shown.
#[expect(dead_code, reason = "it has a `main` of its own")]
#[path = "../../reqwest_client.rs"]
mod reqwest_client;

/// What reqwest has its own mind about: what is asked, and what is sent, the stamp left out.
const REWRITTEN: &[(&str, &str)] = &[
    ("/p?name=O'Neill", "/p?name=O%27Neill&"),
    ("/O'Neill", "/O'Neill?"),
    ("/a/./b/../c/%2e%2E/d", "/a/d?"),
    (
        "/café?ciudad=Málaga&emoji=🦀",
        "/caf%C3%A9?ciudad=M%C3%A1laga&emoji=%F0%9F%A6%80&",
    ),
    (
        "/p?plus=a+b&encoded=a%2Bb&lower=a%2bb",
        "/p?plus=a+b&encoded=a%2Bb&lower=a%2bb&",
    ),
    ("/{\"a\"}\\b", "/%7B%22a%22%7D/b?"),
    ("/p?a={}|\\^`", "/p?a={}|\\^`&"),
    (
        "/p?clientId=OLD&name=O'Neill&timestamp=1",
        "/p?name=O%27Neill&",
    ),
];

/// The stack that is shown, with a clock that stands.
fn reqwest_stack(
    client: reqwest::Client,
) -> impl Service<Request<Full<Bytes>>, Response = Response<AnswerBody<reqwest::Body>>, Error = BoxError>
{
    reqwest_client::stack(client, sign())
}

#[tokio::test]
async fn reqwest_requests_verify() {
    let server = examples::serve(verifier()).await.unwrap();
    let mut client = reqwest_stack(reqwest_client::client().unwrap());
    for (asked, sent) in REWRITTEN {
        let request = Request::post(format!("http://{server}{asked}"));
        let request = request.body(Full::from("{\"b\": 1.50}")).unwrap();
        let response = client.ready().await.unwrap().call(request).await.unwrap();
        let received = received(response).await;
        assert_eq!(received.path_and_query, format!("{sent}{STAMP}"), "{asked}");
        assert_eq!(received.body, "{\"b\": 1.50}", "{asked}");
    }
}

#[tokio::test]
async fn a_second_pass_through_url_changes_nothing() {
    for (asked, _) in QUERIES.iter().chain(REWRITTEN) {
        let request = Request::get(format!("http://localhost:1{asked}"));
        let once = reqwest_client::through_url(request.body(()).unwrap()).unwrap();
        let uri = once.uri().clone();
        let twice = reqwest_client::through_url(once).unwrap();
        assert_eq!(twice.uri(), &uri, "{asked}");
    }
    let relative = Request::get("/p").body(()).unwrap();
    assert!(reqwest_client::through_url(relative).is_err());
}

#[tokio::test]
async fn reqwest_alone_breaks_a_signature() {
    // What `through_url` is for: without it, the same request is refused.
    let server = examples::serve(verifier()).await.unwrap();
    let client = ServiceBuilder::new()
        .layer(sign())
        .layer(HttpClientLayer)
        .service(reqwest_client::client().unwrap());
    let request = Request::get(format!("http://{server}/p?name=O'Neill"));
    let request = request.body(reqwest::Body::default()).unwrap();
    let response = client.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

/// A server that sends everyone to `/stolen` at `target`.
async fn redirecting_to(target: SocketAddr) -> SocketAddr {
    let location = format!("http://localhost:{}/stolen", target.port());
    let answer = service_fn(move |_: Request<Full<Bytes>>| {
        let response = Response::builder()
            .status(StatusCode::FOUND)
            .header("location", &location)
            .body(Full::default())
            .unwrap();
        async { Ok::<_, Infallible>(response) }
    });
    let guarded = VerifyRequestLayer::new(verifier()).layer(answer);
    examples::serve_with(guarded).await.unwrap()
}

fn with_secret(server: SocketAddr) -> Request<Full<Bytes>> {
    Request::get(format!("http://{server}/accounts?userSecret=s3cret"))
        .body(Full::default())
        .unwrap()
}

/// A port that nobody listens on.
fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn an_error_of_the_reqwest_stack_does_not_print_the_secret() {
    let client = reqwest_client::client().unwrap();
    let error = reqwest_stack(client).oneshot(with_secret(nobody())).await;
    let error = error.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("s3cret"), "{printed}");
    assert!(error.downcast_ref::<RetryError>().is_some(), "{printed}");
}

#[tokio::test]
async fn an_error_of_reqwest_alone_prints_it() {
    // What `without_url` is for, and the proof that the test above could fail.
    let client = ServiceBuilder::new()
        .layer(HttpClientLayer)
        .service(reqwest_client::client().unwrap());
    let request = with_secret(nobody()).map(reqwest::Body::wrap);
    let error = client.oneshot(request).await.unwrap_err();
    assert!(error.to_string().contains("s3cret"), "{error}");
}

#[tokio::test]
async fn the_reqwest_client_does_not_follow_a_redirect() {
    let (stranger, head) = raw(EMPTY_ANSWER).await;
    let server = redirecting_to(stranger).await;
    let client = reqwest_stack(reqwest_client::client().unwrap());
    let response = client.oneshot(with_secret(server)).await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);

    // Whoever calls next is the first to do so.
    let probe = Request::get(format!("http://{stranger}/probe"));
    let probe = probe.body(Full::<Bytes>::default()).unwrap();
    hyper_client(false).oneshot(probe).await.unwrap();
    assert!(head.await.unwrap().starts_with("GET /probe "));
}

#[tokio::test]
async fn a_reqwest_client_left_as_it_comes_gives_the_signature_away() {
    // What the settings are for, and the proof that the test above could fail.
    let (stranger, head) = raw(EMPTY_ANSWER).await;
    let server = redirecting_to(stranger).await;
    let default = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = reqwest_stack(default).oneshot(with_secret(server));
    assert_eq!(response.await.unwrap().status(), StatusCode::OK);

    let head = head.await.unwrap();
    assert!(head.starts_with("GET /stolen "), "{head}");
    assert!(head.contains("\r\nsignature: "), "{head}");
    assert!(head.contains("userSecret=s3cret"), "{head}");
}
