//! The layer on a reqwest client, through `tower-reqwest`.
//!
//! ```text
//! cargo run --example reqwest_client
//! ```
//!
//! reqwest changes URLs and follows redirects below the layer. So redirects, its own retries and the referer are
//! off, and the URL goes through `Url` once before it is signed: then reqwest finds nothing to change.

use http::{Request, Uri};
use reqwest::{Body, Url};
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_signing::{BoxError, SignRequestLayer};
use tower::{ServiceBuilder, ServiceExt};
use tower_reqwest::HttpClientLayer;

/// The URL as reqwest will send it.
fn as_sent(url: &str) -> Result<Uri, BoxError> {
    Ok(Url::parse(url)?.as_str().parse()?)
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await?;

    let reqwest = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .build()?;
    let client = ServiceBuilder::new()
        .layer(SignRequestLayer::new(Sandbox::credentials()?))
        .layer(HttpClientLayer)
        .service(reqwest);

    for query in [
        "",
        "?a=1+2&b=%2B&b=&c",
        "?name=o'brien&second?mark",
        "?name=é&place=日本",
        "?myclientId=kept&clientId=replaced",
    ] {
        let base = server.base_url();
        let url = as_sent(&format!("{base}/snapTrade/../snapTrade/listUsers{query}"))?;
        let request = Request::get(url).body(Body::default())?;
        let status = client.clone().oneshot(request).await?.status();
        println!("{status}  {query}");
        if !status.is_success() {
            return Err("what arrived did not verify".into());
        }
    }
    server.shutdown().await;
    Ok(())
}
