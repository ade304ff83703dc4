//! The life of a user in a page: registered, sent to connect a brokerage, listed, asked for accounts, deleted.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! It talks to the embedded sandbox over a socket: no account, no key, no network.

use serde::Deserialize;
use snaptrade_auth_service::operations::LoginAnswer;
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_auth_service::{Authentication, Client, Endpoint};
use snaptrade_signing::BoxError;

#[derive(Deserialize)]
struct Account {
    name: String,
    institution_name: String,
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await?;

    // For SnapTrade itself: `Client::new(Credentials::from_env()?)?`. It signs, waits for the quota, sends again what
    // may be sent twice, and bounds how long all that takes.
    let snaptrade = Client::builder(Sandbox::credentials()?)
        .base_url(server.base_url().parse()?)
        .build()?;

    // The secret is shown this once. Keep it, or let a `SecretSinkLayer` do so, as `axum_app` does. Nothing prints it.
    let jane = snaptrade.register_user("jane").await?.into_body();
    println!("registered   {jane:?}");

    // Send the user there within five minutes. The link has a token in it, which is for the user's eyes alone.
    match snaptrade.login_user(&jane).await?.into_body() {
        LoginAnswer::Link(link) => {
            println!("connect at   {}", redacted(link.redirect_uri.expose()));
        }
        encrypted => println!("connect with {encrypted:?}"),
    }

    let users = snaptrade.list_users().await?;
    for user in users.iter() {
        println!("user         {user}");
    }
    if let Some(left) = users
        .rate_limit()
        .and_then(|status| status.client.remaining)
    {
        println!("quota        {left} requests are left in this minute");
    }

    // Everything else that SnapTrade has, in a line.
    let accounts = Endpoint::<Vec<Account>>::get("/accounts").user(&jane);
    for account in snaptrade.send(accounts).await?.iter() {
        println!(
            "account      {} at {}",
            account.name, account.institution_name
        );
    }

    // For good, with all connections to brokerages.
    let deleted = snaptrade.delete_user(&jane.user_id).await?;
    println!("deleted      {}", deleted.user_id);

    // Errors say what is wrong, whether the request ran, and what to do.
    if let Err(error) = snaptrade.login_user(&jane).await {
        println!("login again  {:?}: {error}", error.kind());
    }

    println!("\nWhat the server received, and verified:");
    for entry in sandbox.log() {
        println!("  {entry}");
    }
    server.shutdown().await;
    Ok(())
}

/// A link without what makes it one.
fn redacted(link: &str) -> String {
    let page = link.split('?').next().unwrap_or_default();
    format!("{page}?…")
}
