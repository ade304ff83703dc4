//! `SignRequestLayer` on a hyper client that exists already, with retry and timeouts around it.
//!
//! ```sh
//! cargo run --example hyper_client
//! ```
//!
//! The layers stand outermost first, and `main` says why in this order. Signing is innermost: the server here answers
//! 503 once, the retry waits for as long as that says, and the second attempt has a stamp of its own.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use examples::{Received, mask};
use http::header::RETRY_AFTER;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use snaptrade_auth_service::{CollectAnswerLayer, RetryPolicy};
use snaptrade_signing::{BoxError, Credentials, SignRequestLayer, Verifier, VerifyRequestLayer};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // `Credentials::from_env()` in an app of your own.
    let credentials = Credentials::new("ACME-TEST", "a consumer key")?;
    let server = busy_at_first(Verifier::new(credentials.clone())).await?;

    // The client that exists already. It must not send a request again by itself: that one would have the old stamp.
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(4))
        .retry_canceled_requests(false)
        .build_http();

    let mut client = ServiceBuilder::new()
        // For everything, the waits between attempts included.
        .timeout(Duration::from_secs(20))
        // tower's retry, with a policy that knows what may be sent twice: this GET may, and no POST.
        .retry(RetryPolicy::default())
        // For one attempt.
        .timeout(Duration::from_secs(5))
        // Below the timeout and the retry, so that they cover the body of the answer as well as its head.
        .layer(CollectAnswerLayer::new())
        // Innermost, so that nothing waits between the stamp and the wire, and nothing changes what was signed.
        .layer(SignRequestLayer::new(credentials))
        .service(client);

    let uri = format!("http://{server}/accounts?userId=jane&userSecret=s3cret");
    let request = Request::get(&uri).body(Full::default())?;
    println!("client   sends    GET {}", mask(&uri));

    let response = client.ready().await?.call(request).await?;
    let answer = response.body().bytes().ok_or("the answer was not read")?;
    let received: Received = serde_json::from_slice(answer)?;
    println!("client   gets     {}", response.status());
    println!("         for      {}", mask(&received.path_and_query));
    Ok(())
}

/// A server that verifies each attempt, and answers the first with 503.
async fn busy_at_first(verifier: Verifier) -> std::io::Result<std::net::SocketAddr> {
    let attempts = Arc::new(AtomicU32::new(0));
    let answer = service_fn(move |request: Request<Full<Bytes>>| {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed) + 1;
        async move {
            let received = Received::read(request).await?;
            let mut response = received.to_response();
            if attempt == 1 {
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                // Whole seconds, so that the next stamp is another one.
                response.headers_mut().insert(RETRY_AFTER, 1.into());
            }
            println!(
                "server   verifies attempt {attempt}, stamped {}, and answers {}",
                received.timestamp.unwrap_or_default(),
                response.status(),
            );
            Ok::<_, Infallible>(response)
        }
    });
    examples::serve_with(VerifyRequestLayer::new(verifier).layer(answer)).await
}
