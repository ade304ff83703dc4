//! Each operation, as it should go.

use std::time::Duration;

use http::Method;
use snaptrade_auth_service::sandbox::{Outcome, Route};
use snaptrade_signing::ConsumerKey;
use uuid::Uuid;

use crate::common::{
    PERSONAL, builder, list, personal, register, registered, request, sandbox, send, signed,
    signed_by,
};

#[tokio::test]
async fn registers() {
    let sandbox = sandbox();
    let answered = send(&sandbox, register("jane")).await;
    let secret = answered.json()["userSecret"].as_str().unwrap().to_owned();
    answered.is(
        200,
        &format!(r#"{{"userId":"jane","userSecret":"{secret}"}}"#),
    );
    Uuid::try_parse(&secret).unwrap();
    assert!(sandbox.is_current_secret("SANDBOX", "jane", &secret));
    assert!(!sandbox.is_current_secret("SANDBOX", "jane", &secret[1..]));
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);

    let log = sandbox.log();
    assert_eq!(log.len(), 1);
    assert!(log[0].committed());
    assert_eq!(log[0].outcome(), Outcome::Answered(http::StatusCode::OK));
    assert_eq!(log[0].raw_body(), r#"{"userId":"jane"}"#);
}

#[tokio::test]
async fn a_seed_repeats_the_secrets() {
    let (_, one) = registered(&sandbox(), "jane").await;
    let (_, same) = registered(&sandbox(), "jane").await;
    let (_, other) = registered(&builder().seed(8).build(), "jane").await;
    assert_eq!(one, same);
    assert_ne!(one, other);
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let sandbox = sandbox();
    let first = send(&sandbox, list()).await;
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("date"), "Mon, 01 Nov 2021 18:13:09 GMT");
    assert_eq!(first.header("server"), "gunicorn");
    assert_eq!(first.header("x-frame-options"), "DENY");
    assert_eq!(first.header("referrer-policy"), "same-origin");
    assert_eq!(first.header("allow"), "GET");
    assert_eq!(first.header("x-ratelimit-limit"), "250");
    assert_eq!(first.header("x-ratelimit-remaining"), "249");
    let second = send(&sandbox, request(Method::GET, "/nowhere", "")).await;
    for answered in [&first, &second] {
        let id = answered.header("x-request-id");
        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test]
async fn both_bases_route() {
    let sandbox = sandbox();
    let legacy = signed(
        Method::POST,
        "/api/v1/snapTrade/registerUser",
        r#"{"userId":"old"}"#,
    );
    assert_eq!(send(&sandbox, legacy).await.status, 200);
    let legacy = signed(Method::GET, "/api/v1/snapTrade/listUsers", "");
    send(&sandbox, legacy).await.is(200, r#"["old"]"#);
    send(&sandbox, list()).await.is(200, r#"["old"]"#);
    let other = signed(Method::GET, "/api/v10/snapTrade/listUsers", "");
    assert_eq!(send(&sandbox, other).await.status, 404);
}

#[tokio::test]
async fn the_health_check_verifies_nothing() {
    let sandbox = sandbox();
    for path in ["/", "/api/v1/", "/?clientId=nobody"] {
        send(&sandbox, request(Method::GET, path, "")).await.is(
            200,
            r#"{"version":151,"timestamp":"2021-11-01T18:13:09Z","online":true}"#,
        );
    }
}

#[tokio::test]
async fn logs_in() {
    let sandbox = sandbox();
    let (query, _) = registered(&sandbox, "jane").await;
    let body = r#"{"broker":"ALPACA","immediateRedirect":true,"customRedirect":"https://a.b/c?d=e",
        "reconnect":"8b5f262d-4bb9-365d-888a-202bd3b15fa1","connectionType":"trade","showCloseButton":false,
        "darkMode":true,"locale":"fr","connectionPortalVersion":"v3"}"#;
    let path = format!("/snapTrade/login?{query}");
    let answered = send(&sandbox, signed(Method::POST, &path, body)).await;
    let json = answered.json();
    let (link, session) = (
        json["redirectURI"].as_str().unwrap(),
        json["sessionId"].as_str().unwrap(),
    );
    answered.is(
        200,
        &format!(r#"{{"redirectURI":"{link}","sessionId":"{session}"}}"#),
    );
    Uuid::try_parse(session).unwrap();
    let link = url::Url::parse(link).unwrap();
    let members: Vec<(String, String)> = link.query_pairs().into_owned().collect();
    let (name, token) = &members[0];
    assert_eq!((name.as_str(), token.len()), ("token", 32));
    let rest: Vec<String> = members[1..]
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    assert_eq!(
        rest,
        [
            "clientId=SANDBOX",
            "broker=ALPACA",
            "connectionType=trade",
            "customRedirect=https://a.b/c?d=e",
            "reconnect=8b5f262d-4bb9-365d-888a-202bd3b15fa1",
            "immediateRedirect=true",
            "showCloseButton=false",
            "darkMode=true",
            "locale=fr",
            "connectionPortalVersion=v3",
            &format!("sessionId={session}"),
        ]
    );
    for body in ["", "{}", "null", r#"{"broker":null}"#] {
        let answered = send(&sandbox, signed(Method::POST, &path, body)).await;
        assert_eq!(answered.status, 200, "{body}");
        assert!(answered.text().contains("connectionPortalVersion=v4"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_lives_five_minutes() {
    let sandbox = sandbox();
    let (query, _) = registered(&sandbox, "jane").await;
    let login = signed(Method::POST, &format!("/snapTrade/login?{query}"), "");
    let session = send(&sandbox, login).await.json()["sessionId"].clone();
    let session = session.as_str().unwrap();
    tokio::time::advance(Duration::from_secs(299)).await;
    assert!(sandbox.is_open_session(session));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!sandbox.is_open_session(session));
}

#[tokio::test]
async fn a_deletion_is_queued() {
    tokio::time::pause();
    let delay = Duration::from_secs(30);
    let sandbox = builder().deletion_delay(delay).build();
    let (query, _) = registered(&sandbox, "jane").await;
    let delete = || signed(Method::DELETE, "/snapTrade/deleteUser?userId=jane", "");
    let queued =
        r#"{"status":"deleted","detail":"User queued for deletion: 'jane'","userId":"jane"}"#;
    send(&sandbox, delete()).await.is(200, queued);

    tokio::time::advance(delay / 2).await;
    send(&sandbox, delete()).await.is(200, queued);
    send(&sandbox, list()).await.is(200, r#"["jane"]"#);
    assert_eq!(send(&sandbox, register("jane")).await.status, 400);

    tokio::time::advance(delay / 2).await;
    send(&sandbox, list()).await.is(200, "[]");
    send(&sandbox, delete())
        .await
        .is_error(404, "1011", "The requested resource does not exist.");
    let login = signed(Method::POST, &format!("/snapTrade/login?{query}"), "");
    assert_eq!(send(&sandbox, login).await.status, 401);

    // The id is free again, and the second deletion that was queued does not reach the new user.
    registered(&sandbox, "jane").await;
    tokio::time::advance(delay).await;
    assert_eq!(sandbox.users(), ["PERSONAL-user", "jane"]);
}

#[tokio::test]
async fn a_reset_puts_a_new_secret_in_place_of_the_old() {
    let sandbox = sandbox();
    let (_, old) = registered(&sandbox, "jane").await;
    let reset = |secret: &str| {
        let body = format!(r#"{{"userId":"jane","userSecret":"{secret}"}}"#);
        signed(Method::POST, "/snapTrade/resetUserSecret", &body)
    };
    let answered = send(&sandbox, reset(&old)).await;
    let new = answered.json()["userSecret"].as_str().unwrap().to_owned();
    answered.is(200, &format!(r#"{{"userId":"jane","userSecret":"{new}"}}"#));
    assert_ne!(old, new);
    send(&sandbox, reset(&old)).await.is_error(
        401,
        "1083",
        "Invalid userID or userSecret provided",
    );
    assert_eq!(send(&sandbox, reset(&new)).await.status, 200);
    assert_eq!(sandbox.commits(Route::ResetUserSecret), 2);
}

#[tokio::test]
async fn accounts_and_orders() {
    let sandbox = sandbox();
    let (query, _) = registered(&sandbox, "jane").await;
    let get = |path: &str| signed(Method::GET, &format!("{path}?{query}"), "");
    let accounts = send(&sandbox, get("/accounts")).await.json();
    let id = accounts[1]["id"].as_str().unwrap();
    let authorizations = send(&sandbox, get("/authorizations")).await.json();
    assert_eq!(
        accounts[0]["brokerage_authorization"],
        authorizations[0]["id"]
    );
    let positions = send(&sandbox, get(&format!("/accounts/{id}/positions"))).await;
    positions.is(
        200,
        r#"[{"symbol":"AAPL","units":10.0,"price":190.25},{"symbol":"VTI","units":2.5,"price":260.5}]"#,
    );
    let other = get("/accounts/8b5f262d-4bb9-365d-888a-202bd3b15fa1/positions");
    assert_eq!(send(&sandbox, other).await.status, 404);

    let order = || {
        let body = format!(r#"{{"account_id":"{id}","action":"BUY"}}"#);
        signed(Method::POST, &format!("/trade/place?{query}"), &body)
    };
    let first = send(&sandbox, order()).await.json();
    let second = send(&sandbox, order()).await.json();
    assert_ne!(first["brokerage_order_id"], second["brokerage_order_id"]);
    assert_eq!(sandbox.commits(Route::PlaceOrder), 2);
}

#[tokio::test]
async fn a_personal_key_is_its_own_user() {
    let sandbox = sandbox();
    let signed = |method, path: &str| signed_by(personal(), method, path, "");
    let login = send(&sandbox, signed(Method::POST, "/snapTrade/login")).await;
    assert!(login.text().contains("clientId=PERSONAL"));
    let accounts = send(&sandbox, signed(Method::GET, "/accounts")).await;
    assert_eq!(accounts.status, 200);
    let placeholder = signed(Method::GET, "/accounts?userId=x&userSecret=y");
    assert_eq!(send(&sandbox, placeholder).await.body, accounts.body);
    let users = send(&sandbox, signed(Method::GET, "/snapTrade/listUsers")).await;
    users.is(200, &format!(r#"["{PERSONAL}-user"]"#));
}

#[tokio::test]
async fn clients_do_not_see_each_others_users() {
    let sandbox = builder()
        .user("SANDBOX", "jane", "her secret")
        .user("SANDBOX", "anna", "hers")
        .build();
    send(&sandbox, list()).await.is(200, r#"["anna","jane"]"#);
    let login = "/snapTrade/login?userId=jane&userSecret=her%20secret";
    assert_eq!(
        send(&sandbox, signed(Method::POST, login, "")).await.status,
        200
    );
    assert_eq!(sandbox.users(), ["PERSONAL-user", "anna", "jane"]);
}

#[tokio::test]
async fn a_key_changes_at_one_instant() {
    let sandbox = sandbox();
    let key = || ConsumerKey::new("another key").unwrap();
    assert!(sandbox.rotate_key("SANDBOX", key()));
    assert!(!sandbox.rotate_key("NOBODY", key()));
    send(&sandbox, list())
        .await
        .is_error(401, "1076", "Unable to verify signature sent");
    let new = snaptrade_signing::Credentials::new("SANDBOX", "another key").unwrap();
    let signed = signed_by(new, Method::GET, "/snapTrade/listUsers", "");
    assert_eq!(send(&sandbox, signed).await.status, 200);
}
