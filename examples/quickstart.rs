//! The whole story on one page: the operations, a client that signs, a server that verifies, real sockets between.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! It talks to the embedded sandbox: no account, no network. With `SNAPTRADE_CLIENT_ID` and
//! `SNAPTRADE_CONSUMER_KEY` set it lists the users of that client id at the real API instead, and changes nothing.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::operations::{ConnectionType, LoginAnswer, LoginUser};
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_auth_service::{AuthService, Authentication, ErrorKind};
use snaptrade_signing::clock::{Clock, SystemClock};
use snaptrade_signing::credentials::{CLIENT_ID_VARIABLE, CONSUMER_KEY_VARIABLE};
use snaptrade_signing::{BoxError, Credentials, SIGNATURE, SignRequestLayer, Signer};
use tower::Layer;

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
    println!("A SnapTrade sandbox answers at {}\n", server.base_url());

    // One layer, and every request is signed; one service, and every operation has its types.
    let client = http_client()?;
    let http = SignRequestLayer::new(Sandbox::credentials()?).layer(client.clone());
    let snaptrade = AuthService::new(http).base_url(server.base_url().parse()?);

    let jane = snaptrade.register_user("jane@example.com").await?;
    // The secret goes into your store now, as nobody can fetch it again. It is printed by nothing:
    println!("registered  {:?}", jane.body);
    println!("            in {:?}", jane.round_trip_time);
    let jane = jane.into_body();

    let again = match snaptrade.register_user(&jane.user_id).await {
        Err(error) if error.kind() == ErrorKind::UserExists => error,
        other => return Err(format!("registered twice: {other:?}").into()),
    };
    println!("\nand again   {again}");

    let users = snaptrade.list_users().await?;
    println!("\nusers       {:?}", users.body);
    if let Some(status) = users.rate_limit() {
        println!(
            "            {:?} requests are left",
            status.client.remaining
        );
    }

    let login = LoginUser::new(jane.clone())
        .connection_type(ConnectionType::Read)
        .dark_mode(true);
    match snaptrade.send(login).await?.into_body() {
        // Send the user there, within five minutes. The link has a token in it, so only its host is shown.
        LoginAnswer::Link(link) => {
            let link: http::Uri = link.redirect_uri.expose().parse()?;
            println!(
                "\nconnect at  https://{}/…",
                link.host().unwrap_or_default()
            );
        }
        other => println!("\nencrypted   {other:?}"),
    }

    let deleted = snaptrade.delete_user(jane.user_id).await?;
    println!("\ndeleted     {}", deleted.body.detail.unwrap_or_default());

    println!(
        "\ntampered    {}",
        tampered(&client, &server.base_url()).await?
    );

    println!("\nWhat the sandbox received, and verified but for the last:");
    for entry in sandbox.log() {
        println!("  {entry}");
    }
    server.shutdown().await;
    Ok(())
}

/// Takes the stamp of one request for another one: what the signature is there to prevent.
async fn tampered(client: &HttpClient, base_url: &str) -> Result<StatusCode, BoxError> {
    let signer = Signer::new(Sandbox::credentials()?);
    let path = "/snapTrade/deleteUser?userId=joe".parse()?;
    let stamp = signer.stamp(&path, b"", SystemClock.now())?;
    let target = stamp.path_and_query().as_str().replace("joe", "ann");
    let request = Request::delete(format!("{base_url}{target}"))
        .header(SIGNATURE, stamp.signature())
        .body(Full::default())?;
    match client.request(request).await?.status() {
        StatusCode::UNAUTHORIZED => Ok(StatusCode::UNAUTHORIZED),
        status => Err(format!("a tampered request was answered {status}").into()),
    }
}

async fn list_at_the_real_api(credentials: Credentials) -> Result<(), BoxError> {
    println!("Listing the users of {}", credentials.client_id());
    let http = SignRequestLayer::new(credentials).layer(http_client()?);
    for user in AuthService::new(http).list_users().await?.iter() {
        println!("  {user}");
    }
    Ok(())
}

fn http_client() -> Result<HttpClient, BoxError> {
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?
        // Plain HTTP for the sandbox alone.
        .https_or_http()
        .enable_http1()
        .build();
    // A request that was not sent is signed anew before it is sent again; hyper would repeat the old stamp.
    Ok(Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build(connector))
}
