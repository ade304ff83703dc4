//! A new consumer key while requests fly, and a second client id on the same client.
//!
//! ```sh
//! cargo run --example rotate_keys
//! ```
//!
//! The key is replaced at the server first, and in the app a moment later. What was signed in between is refused with
//! 401; as the key has changed since, such a request is worth one more attempt, and no more than one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use examples::Received;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use snaptrade_signing::{
    BoxError, Credentials, ProvideSigner, Rotating, SignRequest, SignRequestLayer, SignWith,
    Signer, Verifier,
};
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt};

type SignedClient = SignRequest<Client<HttpConnector, Full<Bytes>>>;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let old = Credentials::new("ACME", "the old key")?;
    let new = Credentials::new("ACME", "the new key")?;
    let partner = Credentials::new("PARTNER", "the partner's key")?;

    // The server knows both clients; one of them will have another key.
    let at_server = Rotating::new(old.clone());
    let server = examples::serve(knows(at_server.clone(), partner.clone())).await?;

    let keys = Rotating::new(old);
    let http = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http();
    let client = SignRequestLayer::with_provider(keys.clone()).layer(http);

    // Made once; a clone goes into the extensions of each request that it signs.
    let partner = SignWith::new(partner);

    let uri = format!("http://{server}/snapTrade/listUsers");
    let mut flying = JoinSet::new();
    for number in 0..200 {
        let mut request = Request::get(&uri).body(Full::default())?;
        if number % 4 == 0 {
            request.extensions_mut().insert(partner.clone());
        }
        flying.spawn(send(client.clone(), keys.clone(), request));
        match number {
            100 => at_server.rotate(new.clone()),
            120 => keys.rotate(new.clone()),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }

    let mut sent = BTreeMap::<String, u32>::new();
    while let Some(outcome) = flying.join_next().await {
        *sent.entry(outcome??).or_default() += 1;
    }
    println!(
        "200 requests, all verified; the key was replaced at the server after 101, in the app after 121\n"
    );
    for (outcome, count) in sent {
        println!("{count:>4}  {outcome}");
    }
    Ok(())
}

/// Sends a request, and once more if the key that it was signed with has been replaced since. Tells who signed it.
async fn send(
    client: SignedClient,
    keys: Rotating,
    request: Request<Full<Bytes>>,
) -> Result<String, BoxError> {
    let generation = keys.generation();
    let mut response = client.clone().oneshot(request.clone()).await?;
    let mut signed_with = generation;
    if response.status() == StatusCode::UNAUTHORIZED {
        signed_with = newer_than(generation, &keys).await?;
        response = client.oneshot(request).await?;
    }
    let client_id = verified_as(response).await?;
    let key = if signed_with == 0 { "old" } else { "new" };
    Ok(match (client_id.as_str(), signed_with == generation) {
        ("ACME", true) => format!("{client_id}, {key} key"),
        ("ACME", false) => format!("{client_id}, {key} key, after the one before was refused"),
        _ => format!("{client_id}, a key of its own"),
    })
}

/// Waits for the next key; in vain, after a second, if the request was refused for another reason.
async fn newer_than(generation: u64, keys: &Rotating) -> Result<u64, BoxError> {
    let newer = async {
        while keys.generation() == generation {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        keys.generation()
    };
    Ok(tokio::time::timeout(Duration::from_secs(1), newer).await?)
}

/// The client id that the server found.
async fn verified_as(response: Response<Incoming>) -> Result<String, BoxError> {
    let status = response.status();
    if status != StatusCode::OK {
        return Err(format!("the server answered {status}").into());
    }
    let body = response.into_body().collect().await?.to_bytes();
    let received: Received = serde_json::from_slice(&body)?;
    Ok(received.client_id.unwrap_or_default())
}

/// Verifies two clients, each with the key that it has at the time.
fn knows(acme: Rotating, partner: Credentials) -> Verifier {
    let partner = Arc::new(Signer::new(partner));
    Verifier::with_lookup(move |client_id: &str| {
        [acme.signer(), partner.clone()]
            .into_iter()
            .find(|signer| signer.client_id().as_str() == client_id)
    })
}
