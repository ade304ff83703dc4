//! A client whose body is `axum::body::Body`, in memory and streamed; and one whose body is a `BoxBody`.
//!
//! ```text
//! cargo run --example axum_body
//! ```

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Channel, Full, combinators::BoxBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_signing::{BoxError, SignRequestLayer};
use tower::{Layer, ServiceBuilder, ServiceExt};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await?;
    let url = format!("{}/snapTrade/registerUser", server.base_url());
    let sign = SignRequestLayer::new(Sandbox::credentials()?);

    // `Body` is `From<Bytes>`: the layer goes on as it is.
    let client = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http::<Body>();
    let client = sign.layer(client);

    let request = Request::post(&url).body(Body::from(r#"{"userId":"in memory"}"#))?;
    println!(
        "in memory  {}",
        client.clone().oneshot(request).await?.status()
    );

    // A body that is still on its way is collected, and then the clock is read.
    let (mut sender, streamed) = Channel::<Bytes, BoxError>::new(1);
    tokio::spawn(async move {
        for part in [r#"{"user"#, r#"Id": "#, r#""streamed"}"#] {
            if sender.send_data(Bytes::from(part)).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
    });
    let request = Request::post(&url).body(Body::new(streamed))?;
    println!("streamed   {}", client.oneshot(request).await?.status());

    // A `BoxBody` is not `From<Bytes>`: sign a `Full`, and box it below the layer.
    let boxed = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http::<BoxBody<Bytes, std::convert::Infallible>>();
    let boxed = ServiceBuilder::new()
        .layer(sign)
        .map_request(|request: Request<Full<Bytes>>| request.map(BodyExt::boxed))
        .service(boxed);
    let request = Request::post(&url).body(Full::from(r#"{"userId":"boxed"}"#))?;
    println!("boxed      {}", boxed.oneshot(request).await?.status());

    println!("\nusers      {:?}", sandbox.users());
    server.shutdown().await;
    match sandbox.users().len() {
        3 => Ok(()),
        _ => Err("a request was refused".into()),
    }
}
