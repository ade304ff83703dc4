//! `SignRequestLayer` on a reqwest client, through `tower-reqwest`.
//!
//! ```sh
//! cargo run --example reqwest_client
//! ```
//!
//! A signature is over the very bytes of the path and the query, and reqwest means well: it rewrites URLs, follows
//! redirects with the signature in hand, and sends a refused HTTP/2 request again. `client` and `through_url` are
//! what keeps it from doing so, and `stack` is what goes around; copy all three. This one has no TLS: to reach SnapTrade, turn reqwest's feature `rustls` on.

use std::time::Duration;

use bytes::Bytes;
use examples::{Received, mask};
use http::{Request, Response, Uri};
use http_body_util::Full;
use reqwest::Body;
use snaptrade_auth_service::{AnswerBody, CollectAnswerLayer, RetryPolicy};
use snaptrade_signing::{BoxError, Credentials, SignRequestLayer, Verifier};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_reqwest::HttpClientLayer;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let credentials = Credentials::new("ACME-TEST", "a consumer key")?;
    let server = examples::serve(Verifier::new(credentials.clone())).await?;

    let mut client = stack(client()?, SignRequestLayer::new(credentials));
    for path_and_query in [
        "/snapTrade/listUsers",
        "/accounts?userId=jane&userSecret=s3cret",
        "/search?name=O'Neill",
        "/accounts/../holdings/./%2e%2e/symbols",
        "/búsqueda?ciudad=Málaga&emoji=🦀",
        "/search?plus=a+b&encoded=a%2Bb&space=a%20b",
        "/search?empty=&bare&twice=1&twice=2&question=?",
    ] {
        let uri = format!("http://{server}{path_and_query}");
        let request = Request::post(uri).body(Full::from(r#"{"café": 1.50}"#))?;
        let response = client.ready().await?.call(request).await?;
        let status = response.status();
        let answer = response.body().bytes().ok_or("the answer was not read")?;
        let received: Received = serde_json::from_slice(answer)
            .map_err(|_| format!("{status}: {}", String::from_utf8_lossy(answer)))?;

        println!("asked     {}", mask(path_and_query));
        println!("arrived   {}", mask(&received.path_and_query));
        println!("verified  {status}\n");
    }
    Ok(())
}

/// What goes around the client, outermost first.
pub(crate) fn stack(
    client: reqwest::Client,
    sign: SignRequestLayer,
) -> impl Service<Request<Full<Bytes>>, Response = Response<AnswerBody<Body>>, Error = BoxError> + Clone
{
    ServiceBuilder::new()
        // Above signing, so that what is signed is what reqwest sends.
        .filter(through_url)
        // tower's retry, with a policy that knows what may be sent twice. `hyper_client` shows it at work.
        .retry(RetryPolicy::default())
        // For one attempt.
        .timeout(Duration::from_secs(5))
        // Below both, so that they cover the body of the answer as well as its head.
        .layer(CollectAnswerLayer::new())
        .layer(sign)
        // A retry needs a body that can be cloned, and reqwest's own cannot.
        .map_request(|request: Request<Full<Bytes>>| request.map(Body::wrap))
        // reqwest's errors print the URL, and with it the user's secret.
        .map_err(reqwest::Error::without_url)
        .layer(HttpClientLayer)
        .service(client)
}

/// A reqwest client that sends a signed request once, to one place, as it is.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        // A redirect would take the signature, the body and the user's secret to another host.
        .redirect(reqwest::redirect::Policy::none())
        // The query, the user's secret in it, is nobody else's business.
        .referer(false)
        // A retry of reqwest's own would have the old stamp; retry above signing instead.
        .retry(reqwest::retry::never())
        // Likewise hyper's, which reqwest has no switch for: it happens on reused connections alone. Leave this out if
        // many requests are sent and an old stamp now and then is no harm.
        .pool_max_idle_per_host(0)
        // Here everything stays on this machine, whatever proxy the environment names.
        .no_proxy()
        .build()
}

/// Writes a request's URI as reqwest is about to: `'` and characters beyond ASCII are encoded, dot segments resolved.
///
/// What has gone through once comes out of a second time as it went in, so that nothing is left to change after
/// signing.
///
/// # Errors
///
/// If the URI is not absolute.
pub(crate) fn through_url<B>(mut request: Request<B>) -> Result<Request<B>, BoxError> {
    let url = reqwest::Url::parse(&request.uri().to_string())?;
    *request.uri_mut() = Uri::try_from(url.as_str())?;
    Ok(request)
}
