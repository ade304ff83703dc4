//! Other bodies than `Full<Bytes>`: axum's, one that streams, and a `BoxBody`.
//!
//! ```sh
//! cargo run --example axum_body
//! ```
//!
//! The layer asks of a body that it is `From<Bytes>`, as `axum::body::Body` is, and signs one that streams after it
//! has come to its end. A body type that is not, such as hyper's many boxed ones, is converted by `map_request`: above
//! the layer for those who call, below it for the client that exists already.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use examples::{Received, mask};
use http::{Request, Response};
use http_body_util::channel::Channel;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use snaptrade_signing::{BoxError, Credentials, SignError, SignRequestLayer, Verifier};
use tower::{Service, ServiceBuilder, ServiceExt};

/// The body type of an app that boxes all its bodies.
type BoxBody = UnsyncBoxBody<Bytes, BoxError>;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let credentials = Credentials::new("ACME-TEST", "a consumer key")?;
    let server = examples::serve(Verifier::new(credentials.clone())).await?;
    let login = format!("http://{server}/snapTrade/login?userId=jane&userSecret=s3cret");
    let sign = SignRequestLayer::new(credentials).max_body_bytes(4096);

    println!("axum::body::Body, in memory: signed in the call itself");
    let mut client = ServiceBuilder::new()
        .layer(sign.clone())
        .service(existing::<Body>());
    let request = Request::post(&login).body(Body::from(r#"{"broker": "ALPACA"}"#))?;
    show(client.ready().await?.call(request).await?).await?;

    println!("axum::body::Body, streaming: collected first, then stamped and signed");
    let request = Request::post(&login).body(Body::new(in_pieces(r#"{"darkMode": true}"#)))?;
    show(client.ready().await?.call(request).await?).await?;

    println!("axum::body::Body, longer than `max_body_bytes`: refused, and nothing is sent");
    let too_long = format!("\"{}\"", "x".repeat(5000));
    let request = Request::post(&login).body(Body::from(too_long))?;
    match client.ready().await?.call(request).await {
        Err(error) if error.is::<SignError>() => println!("  {error}\n"),
        other => return Err(format!("expected to be refused, got {other:?}").into()),
    }

    println!("a client that takes a BoxBody: converted below the layer");
    let mut client = ServiceBuilder::new()
        .layer(sign.clone())
        .map_request(|request: Request<Full<Bytes>>| request.map(boxed))
        .service(existing::<BoxBody>());
    let request = Request::post(&login).body(Full::from(r#"{"locale": "fr"}"#))?;
    show(client.ready().await?.call(request).await?).await?;

    println!("callers that send a BoxBody as well: converted above the layer, too");
    let mut client = ServiceBuilder::new()
        .map_request(|request: Request<BoxBody>| request.map(Body::new))
        .layer(sign)
        .map_request(|request: Request<Body>| request.map(boxed))
        .service(existing::<BoxBody>());
    let body = boxed(in_pieces(r#"{"immediateRedirect": false}"#));
    let request = Request::post(&login).body(body)?;
    show(client.ready().await?.call(request).await?).await
}

/// The hyper client that exists already, for any type of body.
fn existing<B>() -> Client<HttpConnector, B>
where
    B: http_body::Body + Send,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http()
}

/// Boxes any body.
fn boxed<B>(body: B) -> BoxBody
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    body.map_err(Into::into).boxed_unsync()
}

/// A body that comes piece by piece, from another task.
fn in_pieces(text: &'static str) -> Channel<Bytes> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        for piece in text.as_bytes().chunks(5) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if sender.send_data(Bytes::from_static(piece)).await.is_err() {
                return; // Nobody reads any more.
            }
        }
    });
    body
}

async fn show(response: Response<Incoming>) -> Result<(), BoxError> {
    let status = response.status();
    let answer = response.into_body().collect().await?.to_bytes();
    let received: Received = serde_json::from_slice(&answer)?;
    println!("  {} {}", received.method, mask(&received.path_and_query));
    println!("  {}", received.body);
    println!(
        "  {status}: verified as {}\n",
        received.client_id.unwrap_or_default()
    );
    Ok(())
}
