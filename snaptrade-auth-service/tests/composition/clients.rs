//! Clients over real sockets, against a sandbox that is served. reqwest's and axum's are with the examples.

use bytes::Bytes;
use http::Request;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::sandbox::{Sandbox, SandboxServer};
use snaptrade_auth_service::{AuthService, Authentication, Error, ErrorKind, Outcome};
use snaptrade_signing::BoxError;
use tower::{Layer, ServiceBuilder, ServiceExt};

use crate::{a_life, is_complete, sign};

fn client<B>() -> Client<HttpConnector, B>
where
    B: http_body::Body + Send,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http()
}

async fn served() -> (Sandbox, SandboxServer) {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await.unwrap();
    (sandbox, server)
}

#[tokio::test]
async fn over_hyper_util() {
    let (sandbox, server) = served().await;
    for prefix in ["", "/api/v1", "/api/v1/"] {
        let base_url = format!("{}{prefix}", server.base_url()).parse().unwrap();
        let http = sign().layer(client());
        a_life(&is_complete::<Error>(
            AuthService::new(http).base_url(base_url),
        ))
        .await;
    }
    assert!(
        sandbox
            .log()
            .iter()
            .all(|entry| entry.connection().is_some())
    );
    server.shutdown().await;
}

#[tokio::test]
async fn over_a_client_with_another_body_type() {
    let (_, server) = served().await;
    let http = ServiceBuilder::new()
        .layer(sign())
        .map_request(|request: Request<Full<Bytes>>| {
            request.map(|body| UnsyncBoxBody::new(body.map_err(BoxError::from)))
        })
        .service(client::<UnsyncBoxBody<Bytes, BoxError>>());
    let base_url = server.base_url().parse().unwrap();
    let snaptrade = AuthService::new(http.boxed_clone()).base_url(base_url);
    a_life::<Error>(&snaptrade).await;
    server.shutdown().await;
}

#[tokio::test]
async fn nobody_listens() {
    // A port that was free a moment ago, and to which nothing is bound.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let base_url = format!("http://{address}").parse().unwrap();
    let snaptrade = AuthService::new(sign().layer(client())).base_url(base_url);
    let error = snaptrade.register_user("jane").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.to_string().contains("nothing was sent"), "{error}");
}
