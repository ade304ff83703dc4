//! What the examples share: a small server that only rightly signed requests get through to.
//!
//! An example about one layer or one client starts one on a free port of this machine, calls it, and shows what came
//! through: `cargo run --example hyper_client`. Those about SnapTrade's operations start a sandbox instead.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use snaptrade_signing::{BoxError, Verified, Verifier, VerifyRequestLayer};
use tokio::net::TcpListener;
use tower::{Layer, Service, service_fn};

/// A request as the server received it, which is what it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query, byte for byte as they were on the wire. Print them through [`mask`].
    pub path_and_query: String,
    /// The body.
    pub body: String,
    /// Whose signature it was; none if nothing verified it.
    pub client_id: Option<String>,
    /// When it was stamped, in seconds since 1970; none if nothing verified it.
    pub timestamp: Option<u64>,
}

impl Received {
    /// Reads a request to its end.
    ///
    /// # Errors
    ///
    /// If the body breaks off; one in memory never does.
    pub async fn read(request: Request<Full<Bytes>>) -> Result<Self, Infallible> {
        let (parts, body) = request.into_parts();
        let verified: Option<&Verified> = parts.extensions.get();
        let path_and_query = parts.uri.path_and_query();
        let body = body.collect().await?.to_bytes();
        Ok(Self {
            version: format!("{:?}", parts.version),
            method: parts.method.to_string(),
            path_and_query: path_and_query.map_or_else(String::new, ToString::to_string),
            body: String::from_utf8_lossy(&body).into_owned(),
            client_id: verified.map(|verified| verified.client_id().to_string()),
            timestamp: verified.map(|verified| verified.timestamp().as_secs()),
        })
    }

    /// The request as the body of an answer.
    #[must_use]
    pub fn to_response(&self) -> Response<Full<Bytes>> {
        // A structure of strings and a number is always JSON.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let mut response = Response::new(Full::from(json));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// Serves, on a free port, an answer to each request that `verifier` lets pass: what was [`Received`].
///
/// # Errors
///
/// If no port can be had.
pub async fn serve(verifier: Verifier) -> std::io::Result<SocketAddr> {
    let answer = service_fn(|request| async {
        Ok::<_, Infallible>(Received::read(request).await?.to_response())
    });
    serve_with(VerifyRequestLayer::new(verifier).layer(answer)).await
}

/// Serves any service on a free port, over HTTP/1.1 and over HTTP/2 with prior knowledge.
///
/// It goes on until the runtime ends, as the examples do when they have shown what they show.
///
/// # Errors
///
/// If no port can be had.
pub async fn serve_with<S>(service: S) -> std::io::Result<SocketAddr>
where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let (stream, client) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => break eprintln!("server: cannot accept: {error}"),
            };
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let connection = auto::Builder::new(TokioExecutor::new());
                let served = connection.serve_connection(TokioIo::new(stream), service);
                if let Err(error) = served.await {
                    eprintln!("server: connection of {client}: {error}");
                }
            });
        }
    });
    Ok(address)
}

/// A path and query that may be shown: the value of a `userSecret` is replaced.
///
/// ```
/// assert_eq!(examples::mask("/accounts?userId=jane&userSecret=s3cret"), "/accounts?userId=jane&userSecret=…");
/// ```
#[must_use]
pub fn mask(path_and_query: &str) -> String {
    let Some((path, query)) = path_and_query.split_once('?') else {
        return path_and_query.to_owned();
    };
    let members = query.split('&').map(|member| match member.split_once('=') {
        Some((name @ "userSecret", _)) => Cow::from(format!("{name}=…")),
        _ => Cow::from(member),
    });
    format!("{path}?{}", members.collect::<Vec<_>>().join("&"))
}

/// The README's code, so that it is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct ReadMe;
