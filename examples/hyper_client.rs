//! The layer on a hyper-util client that exists already, with tower's retry and timeout around it.
//!
//! ```text
//! cargo run --example hyper_client
//! ```
//!
//! Signing is innermost: the server answers 503 once, and the second attempt is stamped anew.

use std::future::{Ready, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Sandbox};
use snaptrade_signing::{BoxError, SignRequestLayer};
use tower::retry::Policy;
use tower::{ServiceBuilder, ServiceExt};

/// Sends a GET again that was answered 503, up to so many times.
#[derive(Clone)]
struct AgainOn503(u32);

type Answer = Result<Response<Incoming>, BoxError>;

impl Policy<Request<Full<Bytes>>, Response<Incoming>, BoxError> for AgainOn503 {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut Request<Full<Bytes>>, answer: &mut Answer) -> Option<Ready<()>> {
        let unavailable =
            matches!(answer, Ok(answer) if answer.status() == StatusCode::SERVICE_UNAVAILABLE);
        self.0 = self.0.checked_sub(u32::from(unavailable))?;
        unavailable.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await?;
    sandbox.faults().next(Fault::status(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorBody::Json,
    ));

    let http_client = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http();
    let client = ServiceBuilder::new()
        .timeout(Duration::from_secs(10))
        .retry(AgainOn503(2))
        .layer(SignRequestLayer::new(Sandbox::credentials()?))
        .service(http_client);

    let url = format!("{}/snapTrade/listUsers", server.base_url());
    let request = Request::get(url).body(Full::default())?;
    let answer = client.oneshot(request).await?;
    println!("answered {}", answer.status());
    let body = answer.into_body().collect().await?.to_bytes();
    println!("users    {}", String::from_utf8_lossy(&body));

    println!("\nwhat the server saw, one line an attempt:");
    for entry in sandbox.log() {
        println!("  {entry}");
    }
    server.shutdown().await;
    Ok(())
}
