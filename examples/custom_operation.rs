//! `GET /accounts`, which is none of the authentication operations: as an operation of one's own, and in one line.
//!
//! ```text
//! cargo run --example custom_operation
//! ```
//!
//! A type of its own pays off where an operation is called from many places, is tested, or builds its request with
//! some thought; for all else there is `Endpoint`. Both are signed, limited, retried and bounded as the six are.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use snaptrade_auth_service::error::{DecodeError, InvalidRequest};
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_auth_service::{
    ApiRequest, Authentication, Client, Endpoint, Operation, UserCredentials, operation,
};
use snaptrade_signing::BoxError;

/// Lists the accounts of a user.
#[derive(Clone)]
struct ListAccounts {
    user: UserCredentials,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    name: String,
    institution_name: String,
}

impl Operation for ListAccounts {
    type Output = Vec<Account>;

    // As SnapTrade's documentation calls it.
    fn name(&self) -> &'static str {
        "listUserAccounts"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        Ok(ApiRequest::new(Method::GET, "/accounts").user(&self.user))
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<Account>, DecodeError> {
        operation::json(body)
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // The sandbox in place of an HTTP client: no socket, and all signatures verified.
    let sandbox = Sandbox::new();
    let snaptrade = Client::builder(Sandbox::credentials()?)
        .http_service(sandbox.clone())
        .build()?;
    let jane = snaptrade.register_user("jane").await?.into_body();

    println!("An operation of one's own");
    let accounts = snaptrade
        .send(ListAccounts { user: jane.clone() })
        .await?
        .into_body();
    for account in &accounts {
        println!("  {:<8} at {}", account.name, account.institution_name);
    }

    println!("\nThe same as an Endpoint");
    let same = Endpoint::<Vec<Account>>::get("/accounts")
        .named("listUserAccounts")
        .user(&jane);
    println!("  {} accounts", snaptrade.send(same).await?.len());

    let [first, ..] = &accounts[..] else {
        return Err("the sandbox has accounts for everyone".into());
    };
    println!("\nA path with an id in it, encoded");
    let positions = Endpoint::<Vec<Value>>::get("/accounts")
        .segment(&first.id)
        .segment("positions")
        .user(&jane);
    for position in snaptrade.send(positions).await?.iter() {
        println!("  {} of {}", position["units"], position["symbol"]);
    }

    println!("\nA POST, which is never sent twice");
    let order = Endpoint::<Value>::post("/trade/place")
        .named("placeOrder")
        .user(&jane)
        .json(&json!({"account_id": first.id, "action": "BUY"}));
    println!("  {}", snaptrade.send(order).await?["status"]);

    println!("\nAn id that would lead elsewhere");
    let astray = Endpoint::<Value>::get("/accounts")
        .segment("..")
        .user(&jane);
    match snaptrade.send(astray).await {
        Err(error) => println!("  {:?}: {error}", error.outcome()),
        Ok(_) => return Err("`..` was sent".into()),
    }

    println!("\nWhat the sandbox received");
    for entry in sandbox.log() {
        println!("  {entry}");
    }
    Ok(())
}
