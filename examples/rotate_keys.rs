//! A new consumer key while requests fly, without one failed call; and a second client id on the same client.
//!
//! ```sh
//! cargo run --example rotate_keys
//! ```
//!
//! The app is told the new key first, and the server takes it from some instant on. What is on its way then with the old
//! key is refused: the new key takes over, and such a request is sent once more. `Client::builder(keys)` is all that it
//! takes in the ready-made client; here it is on a hyper client that exists already.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::retry::Attempts;
use snaptrade_auth_service::sandbox::{Fault, KeyKind, Point, Sandbox};
use snaptrade_auth_service::{CollectAnswerLayer, FollowRotationLayer, RetryPolicy};
use snaptrade_signing::{BoxError, ConsumerKey, Credentials, Rotating, SignRequestLayer, SignWith};
use tokio::task::JoinSet;
use tower::{ServiceBuilder, ServiceExt};

const NEW_KEY: &str = "the new key";

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let acme = Credentials::new("ACME", "the old key")?;
    let partner = Credentials::new("PARTNER", "the partner's key")?;
    let sandbox = Sandbox::builder()
        .client(acme.clone(), KeyKind::Commercial)
        .client(partner.clone(), KeyKind::Commercial)
        .build();
    // So that there are always some on their way.
    let slow = Fault::Delay(Point::BeforeReading, Duration::from_millis(10));
    sandbox.faults().when(move |_| Some(slow.clone()));
    let server = sandbox.serve("127.0.0.1:0").await?;

    let keys = Rotating::new(acme);
    let http: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http();
    let client = ServiceBuilder::new()
        // Counts the attempts, and makes others for other reasons.
        .retry(RetryPolicy::default())
        // Signs a refused request with the staged key, which takes over once the server has accepted it.
        .layer(FollowRotationLayer::new(keys.clone()))
        // Reads why it was refused.
        .layer(CollectAnswerLayer::new())
        .layer(SignRequestLayer::with_provider(keys.clone()))
        .service(http);

    // Made once; a clone goes into the extensions of each request that it signs.
    let partner = SignWith::new(partner);

    let uri = format!("{}/snapTrade/listUsers", server.base_url());
    let mut flying = JoinSet::new();
    for number in 0..200 {
        let mut request = Request::get(&uri).body(Full::default())?;
        let by_partner = number % 4 == 0;
        if by_partner {
            request.extensions_mut().insert(partner.clone());
        }
        let call = client.clone().oneshot(request);
        flying.spawn(async move { Ok::<_, BoxError>((by_partner, call.await?)) });
        match number {
            // The app knows the key that is to come, and goes on with the one that is.
            50 => keys.stage(Credentials::new("ACME", NEW_KEY)?)?,
            // The server goes over to it, and tells nobody.
            100 => _ = sandbox.rotate_key("ACME", ConsumerKey::new(NEW_KEY)?),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }

    let mut calls = BTreeMap::<_, u32>::new();
    while let Some(call) = flying.join_next().await {
        let (by_partner, answer) = call??;
        if answer.status() != StatusCode::OK {
            return Err(format!("a call was answered {}", answer.status()).into());
        }
        let attempts = answer
            .extensions()
            .get()
            .copied()
            .map_or(1, Attempts::count);
        *calls.entry((by_partner, attempts)).or_default() += 1;
    }
    println!(
        "200 calls, all answered 200. The server took another key after 101, in one instant.\n"
    );
    for ((by_partner, attempts), count) in calls {
        println!(
            "{count:>4}  {:<8} attempts: {attempts}",
            if by_partner { "PARTNER" } else { "ACME" }
        );
    }
    println!(
        "\nThe key was replaced in the app {} time.",
        keys.generation()
    );
    server.shutdown().await;
    Ok(())
}
