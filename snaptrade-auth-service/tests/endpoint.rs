//! Endpoints that have no operation of their own.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use snaptrade_auth_service::error::InvalidRequest;
use snaptrade_auth_service::operations::RegisterUser;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, KeyKind, Route, Sandbox};
use snaptrade_auth_service::{
    AuthService, Authentication, CallOptions, Endpoint, Error, ErrorKind, Operation, Outcome,
    Repeat, UserCredentials,
};
use snaptrade_signing::{BoxError, Credentials, SignRequest, SignRequestLayer};
use tower::{Layer, service_fn};

type Snaptrade = AuthService<SignRequest<Sandbox>>;

#[derive(Deserialize)]
struct Account {
    id: String,
    brokerage_authorization: String,
}

fn snaptrade(sandbox: &Sandbox) -> Snaptrade {
    let sign = SignRequestLayer::new(Sandbox::credentials().unwrap());
    AuthService::new(sign.layer(sandbox.clone()))
}

async fn jane(snaptrade: &Snaptrade) -> UserCredentials {
    snaptrade.register_user("jane").await.unwrap().into_body()
}

#[tokio::test]
async fn accounts_positions_and_authorizations() {
    let sandbox = Sandbox::new();
    let snaptrade = snaptrade(&sandbox);
    let jane = jane(&snaptrade).await;
    let accounts = Endpoint::<Vec<Account>>::get("/accounts").user(&jane);
    let accounts = snaptrade.send(accounts).await.unwrap();
    assert_eq!(accounts.len(), 2);
    assert!(accounts.request_id.is_some() && accounts.rate_limit().is_some());

    let positions = Endpoint::<Vec<Value>>::get("/accounts")
        .segment(&accounts[0].id)
        .segment("positions")
        .user(&jane);
    let positions = snaptrade.send(positions).await.unwrap();
    assert_eq!(positions[0]["symbol"], "AAPL");

    let authorizations = Endpoint::<Vec<Value>>::get("/authorizations").user(&jane);
    let authorizations = snaptrade.send(authorizations).await.unwrap();
    let id = accounts[0].brokerage_authorization.as_str();
    assert_eq!(authorizations[0]["id"], id);
    assert_eq!(sandbox.commits(Route::ListPositions), 1);
}

#[tokio::test]
async fn a_personal_key_sends_no_user() {
    let credentials = Credentials::new("PERSONAL", "a key").unwrap();
    let sandbox = Sandbox::builder().client(credentials.clone(), KeyKind::Personal);
    let http = SignRequestLayer::new(credentials).layer(sandbox.build());
    let accounts = Endpoint::<Vec<Account>>::get("/accounts");
    assert_eq!(
        AuthService::new(http).send(accounts).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn an_order_is_placed_once_whatever_is_answered() {
    let sandbox = Sandbox::new();
    let snaptrade = snaptrade(&sandbox);
    let jane = jane(&snaptrade).await;
    let accounts = Endpoint::<Vec<Account>>::get("/accounts").user(&jane);
    let account = snaptrade.send(accounts).await.unwrap()[0].id.clone();
    let order = Endpoint::<Value>::post("/trade/place")
        .named("placeOrder")
        .user(&jane)
        .json(&json!({"action": "BUY", "account_id": account}));
    assert_eq!(Operation::repeat(&order), Repeat::Never);
    let placed = snaptrade.send(order.clone()).await.unwrap();
    assert_eq!(placed["status"], "EXECUTED");

    let lost = Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html).after_commit();
    sandbox.faults().next(lost);
    let error = snaptrade.send(order).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    let text = error.to_string();
    assert!(text.starts_with("placeOrder answered 502"), "{text}");
    assert!(text.contains("must not run twice"), "{text}");
    assert_eq!(sandbox.commits(Route::PlaceOrder), 2);

    let log = sandbox.log();
    let sent = std::str::from_utf8(log.last().unwrap().raw_body()).unwrap();
    assert!(sent.starts_with(r#"{"account_id":""#), "canonical: {sent}");
}

#[test]
fn what_may_be_repeated() {
    type Any = Endpoint<Value>;
    for (endpoint, repeat) in [
        (Any::get("/x"), Repeat::Safe),
        (Any::delete("/x"), Repeat::Safe),
        (Any::post("/x"), Repeat::Never),
        (Any::put("/x"), Repeat::Never),
        (Any::patch("/x"), Repeat::Never),
        (Any::new(Method::OPTIONS, "/x"), Repeat::Never),
        (Any::post("/x").repeat(Repeat::Safe), Repeat::Safe),
        (Any::get("/x").repeat(Repeat::Never), Repeat::Never),
    ] {
        assert_eq!(Operation::repeat(&endpoint), repeat, "{endpoint:?}");
    }
}

#[test]
fn everything_is_encoded_and_nothing_is_printed() {
    let jane = UserCredentials::new("jane doe", "marker-secret");
    let endpoint = Endpoint::<Value>::get("/a?b=c")
        .segment("d/é")
        .user(&jane)
        .query("e&", "f=+")
        .query_opt("g", None::<&str>)
        .query_opt("h", Some("i"))
        .header(
            HeaderName::from_static("x-marker"),
            HeaderValue::from_static("marker-header"),
        );
    let request = Operation::request(&endpoint).unwrap();
    assert_eq!(
        request.path_and_query(),
        "/a/d%2F%C3%A9?b=c&e%26=f%3D%2B&h=i&userId=jane%20doe&userSecret=marker-secret"
    );
    assert_eq!(request.headers()["x-marker"], "marker-header");
    assert_eq!(endpoint.name(), "/a");
    let printed = format!("{endpoint:?} {:?}", endpoint.clone().raw());
    assert!(!printed.contains("marker"), "{printed}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_at_the_call() {
    let sandbox = Sandbox::new();
    let snaptrade = snaptrade(&sandbox);
    let no_json = HashMap::from([(vec![1_u8], 2)]);
    type Any = Endpoint<Value>;
    for (endpoint, named) in [
        (Any::get("/accounts").segment(""), "segment"),
        (Any::get("/accounts").segment("..").segment("x"), "segment"),
        (Any::get("/accounts#x"), "path"),
        (Any::get("/ü/ y"), "path"),
        (Any::post("/trade/place").json(&no_json), "no JSON form"),
        (Any::post("/x").json(&no_json).json(&1), "no JSON form"),
        (
            Any::get("/x").user(&UserCredentials::new("", "secret")),
            "user id is empty",
        ),
        (
            Any::get("/x").user(&UserCredentials::new("jane", "")),
            "secret is empty",
        ),
    ] {
        let error = snaptrade.send(endpoint).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.to_string().contains(named), "{error}");
    }
    assert!(sandbox.log().is_empty());
}

async fn answered<Op>(body: &'static str, operation: Op) -> Result<Op::Output, Error>
where
    Op: Operation + Send + 'static,
    Op::Output: Send,
{
    let http = service_fn(move |_: Request<Full<Bytes>>| async move {
        Ok::<_, BoxError>(Response::new(Full::<Bytes>::from(body)))
    });
    let answer = AuthService::new(http).send(operation).await?;
    Ok(answer.into_body())
}

#[tokio::test]
async fn answers_without_a_body() {
    for empty in ["", " \r\n", "null"] {
        answered(empty, Endpoint::<()>::delete("/x")).await.unwrap();
        let none = answered(empty, Endpoint::<Option<u8>>::get("/x")).await;
        assert_eq!(none.unwrap(), None);
        let null = answered(empty, Endpoint::<Value>::get("/x")).await;
        assert_eq!(null.unwrap(), Value::Null);
    }
    let list = answered("", Endpoint::<Vec<u8>>::get("/x")).await;
    let Err(Error::Decode(error)) = list else {
        panic!("{list:?}");
    };
    assert!(error.is_truncated(), "{error}");

    // `()` is no body at all; any JSON, unread, is `IgnoredAny`.
    let unit = answered("{}", Endpoint::<()>::delete("/x")).await;
    assert_eq!(unit.unwrap_err().kind(), ErrorKind::Decode);
    let ignored = Endpoint::<IgnoredAny>::delete("/x");
    answered(r#"{"detail":"gone"}"#, ignored).await.unwrap();
    let raw = answered("<p>", Endpoint::<()>::get("/x").raw()).await;
    assert_eq!(raw.unwrap(), "<p>");
}

#[tokio::test]
async fn headers_of_an_endpoint_and_of_a_call() {
    let sandbox = Sandbox::new();
    let snaptrade = snaptrade(&sandbox);
    let header = |name, value| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    let (one, first) = header("x-one", "endpoint");
    let (two, second) = header("x-two", "marker-inner");
    let (same, third) = header("x-one", "marker-outer");
    let users = Endpoint::<Value>::get("/snapTrade/listUsers")
        .header(one, first)
        .with(CallOptions::new().header(two, second))
        .with(
            CallOptions::new()
                .header(same, third)
                .accept(HeaderValue::from_static("application/vnd.x+json"))
                .content_type(HeaderValue::from_static("text/plain")),
        );
    assert!(!format!("{users:?}").contains("marker"));
    snaptrade.send(users).await.unwrap();
    let log = sandbox.log();
    let sent = log[0].raw_headers();
    assert_eq!(sent["x-one"], "marker-outer");
    assert_eq!(sent["x-two"], "marker-inner");
    assert_eq!(sent["accept"], "application/vnd.x+json");
    assert_eq!(sent["content-type"], "text/plain");
}

/// Those of the connection, of the body's framing and of the stamp.
const RESERVED: [&str; 14] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "signature",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "Host",
];

#[tokio::test]
async fn headers_that_are_not_the_callers_are_refused() {
    let sandbox = Sandbox::new();
    let snaptrade = snaptrade(&sandbox);
    for name in RESERVED {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let value = HeaderValue::from_static("marker-value");
        let options = CallOptions::new().header(name.clone(), value.clone());
        let endpoint = || Endpoint::<Value>::get("/snapTrade/listUsers");
        // A good one behind it changes nothing, and neither do other settings on top.
        let good = |endpoint: Endpoint<Value>| {
            endpoint.header(HeaderName::from_static("x-good"), value.clone())
        };
        let errors = [
            snaptrade
                .send(good(endpoint().header(name.clone(), value.clone())))
                .await
                .unwrap_err(),
            snaptrade
                .send(endpoint().with(options.clone()).with(CallOptions::new()))
                .await
                .unwrap_err(),
            snaptrade
                .send(RegisterUser::new("jane").with(options.clone()))
                .await
                .unwrap_err(),
            snaptrade
                .send(RegisterUser::new("jane").with(options).raw())
                .await
                .unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
            assert_eq!(error.outcome(), Outcome::NotSent);
            let text = format!("{error} {error:?}");
            assert!(text.contains(&format!("`{name}`")), "{text}");
            assert!(!text.contains("marker"), "{text}");
            let Error::InvalidRequest(invalid) = error else {
                panic!("{error:?}");
            };
            assert_eq!(*invalid, InvalidRequest::ReservedHeader(name.clone()));
        }
    }
    assert!(sandbox.log().is_empty());
}
