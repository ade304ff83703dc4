//! The whole story on one page: a client that signs, a server that verifies, real sockets between them.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! It talks to the embedded sandbox: no account, no network. With `SNAPTRADE_CLIENT_ID` and
//! `SNAPTRADE_CONSUMER_KEY` set it lists the users of that client id at the real API instead, and changes nothing.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_signing::credentials::{CLIENT_ID_VARIABLE, CONSUMER_KEY_VARIABLE};
use snaptrade_signing::{BoxError, Credentials, SignRequest, SignRequestLayer};
use tower::{Layer, ServiceExt};

/// The client that exists already.
type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let is_set = |name| std::env::var_os(name).is_some();
    if is_set(CLIENT_ID_VARIABLE) || is_set(CONSUMER_KEY_VARIABLE) {
        return list_at_the_real_api(Credentials::from_env()?).await;
    }

    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await?;
    let app = App {
        base_url: server.base_url().to_string(),
        // One layer, and every request is signed.
        client: SignRequestLayer::new(Sandbox::credentials()?).layer(http_client()?),
    };
    println!("A SnapTrade sandbox answers at {}\n", app.base_url);

    let jane = json!({"userId": "jane@example.com"});
    let path = "/snapTrade/registerUser";
    let registered = app.call(Method::POST, path, Some(&jane)).await?;
    let secret = registered["userSecret"].as_str().unwrap_or_default();

    app.call(Method::GET, "/snapTrade/listUsers", None).await?;

    let path = format!("/snapTrade/login?userId=jane%40example.com&userSecret={secret}");
    let portal = json!({"connectionType": "read", "darkMode": true});
    app.call(Method::POST, &path, Some(&portal)).await?;

    let path = "/snapTrade/deleteUser?userId=jane%40example.com";
    app.call(Method::DELETE, path, None).await?;

    println!("And one that was tampered with: signed for one user, sent for another.");
    app.tampered().await?;

    server.shutdown().await;
    println!("Done: the sandbox verified every signature.");
    Ok(())
}

struct App {
    base_url: String,
    client: SignRequest<HttpClient>,
}

impl App {
    /// Sends a request and shows both sides of it; an answer that is no success is an error.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, BoxError> {
        let text = body.map(Value::to_string).unwrap_or_default();
        println!(
            "{method} {}\n  > {}",
            masked(path),
            if text.is_empty() { "-" } else { &text }
        );
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .body(Full::from(text))?;
        let (status, answer) = read(self.client.clone().oneshot(request).await?).await?;
        println!("  < {status} {}\n", show(&answer));
        match status.is_success() {
            true => Ok(answer),
            false => Err(format!("{path} was answered {status}").into()),
        }
    }

    /// Takes the stamp of one request for another one.
    async fn tampered(&self) -> Result<(), BoxError> {
        let signer = snaptrade_signing::Signer::new(Sandbox::credentials()?);
        let now = snaptrade_signing::Clock::now(&snaptrade_signing::clock::SystemClock);
        let path = "/snapTrade/deleteUser?userId=joe".parse()?;
        let stamp = signer.stamp(&path, b"", now)?;
        let target = stamp.path_and_query().as_str().replace("joe", "ann");
        let request = Request::delete(format!("{}{target}", self.base_url))
            .header(snaptrade_signing::SIGNATURE, stamp.signature())
            .body(Full::default())?;
        let (status, answer) = read(self.client.get_ref().request(request).await?).await?;
        println!("DELETE {}\n  < {status} {answer}\n", masked(&target));
        match status {
            StatusCode::UNAUTHORIZED => Ok(()),
            _ => Err("a tampered request was not refused".into()),
        }
    }
}

async fn list_at_the_real_api(credentials: Credentials) -> Result<(), BoxError> {
    println!(
        "Listing the users of {} at the real API",
        credentials.client_id()
    );
    let app = App {
        base_url: "https://api.snaptrade.com".to_owned(),
        client: SignRequestLayer::new(credentials).layer(http_client()?),
    };
    app.call(Method::GET, "/snapTrade/listUsers", None).await?;
    Ok(())
}

fn http_client() -> Result<HttpClient, BoxError> {
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?
        .https_or_http()
        .enable_http1()
        .build();
    // A request that was never dispatched must be stamped anew, not sent again as it is.
    Ok(Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build(connector))
}

async fn read(
    answer: http::Response<hyper::body::Incoming>,
) -> Result<(StatusCode, Value), BoxError> {
    let status = answer.status();
    let bytes = answer.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&bytes)?))
}

/// An answer with its secrets masked.
fn show(answer: &Value) -> String {
    let mut shown = answer.clone();
    for name in ["userSecret", "redirectURI"] {
        if let Some(value) = shown.get_mut(name) {
            *value = "••••••".into();
        }
    }
    shown.to_string()
}

/// A path and query without the user's secret.
fn masked(path: &str) -> String {
    match path.split_once("userSecret=") {
        Some((before, secret)) => {
            let rest = secret.find('&').map_or("", |at| &secret[at..]);
            format!("{before}userSecret=••••••{rest}")
        }
        None => path.to_owned(),
    }
}
