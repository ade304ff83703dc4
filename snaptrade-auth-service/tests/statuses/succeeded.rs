//! 200, as the sandbox answers it, and with members that are newer than this crate.

use http::{Response, StatusCode};
use snaptrade_auth_service::ApiResponse;
use snaptrade_auth_service::operations::{GetUserJwt, LoginAnswer, LoginUser};
use snaptrade_auth_service::sandbox::{Fault, Sandbox};

use crate::{MARKER, Sent, jane, sandbox, snaptrade};

async fn ok<Op: Sent>(sandbox: &Sandbox, operation: Op) -> ApiResponse<Op::Output> {
    let answer = snaptrade(sandbox).send(operation).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    let id = answer.request_id.as_ref().unwrap().as_str();
    assert_eq!(answer.headers["x-request-id"], id);
    assert_eq!(answer.headers["content-type"], "application/json");
    let printed = format!("{answer:?} {answer:#?}");
    assert!(!printed.contains(MARKER), "{printed}");
    answer
}

/// As the sandbox answers, and then with this body.
async fn newer<Op: Sent>(operation: Op, body: &'static str) -> Op::Output {
    let sandbox = sandbox();
    let mut answer = Response::new(body.into());
    let json = http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert("content-type", json);
    sandbox.faults().next(Fault::response(answer));
    ok(&sandbox, operation).await.into_body()
}

#[tokio::test]
async fn register_user() {
    let sandbox = sandbox();
    let eve = ok(&sandbox, crate::register_user()).await;
    assert_eq!(eve.rate_limit().unwrap().client.remaining, Some(249));
    let secret = eve.user_secret.expose();
    assert!(sandbox.is_current_secret("SANDBOX", "eve", secret));
    assert!(!format!("{eve:?}").contains(secret));
    let body = r#"{"new":{"er":[1]},"userSecret":"marker-\u00e9","userId":"a\"b"}"#;
    let eve = newer(crate::register_user(), body).await;
    assert_eq!(eve.user_id.as_str(), "a\"b");
    assert_eq!(eve.user_secret.expose(), "marker-é");
}

#[tokio::test]
async fn login_user() {
    let sandbox = sandbox();
    let login = ok(&sandbox, crate::login_user()).await;
    let LoginAnswer::Link(link) = &login.body else {
        panic!("{login:?}");
    };
    assert!(sandbox.is_open_session(link.session_id.as_ref().unwrap().as_str()));
    assert!(!format!("{login:?}").contains("token="));
    let body = r#"{"redirectURI":"https://x/?marker","newer":1}"#;
    let LoginAnswer::Link(link) = newer(LoginUser::new(jane()), body).await else {
        panic!("no link");
    };
    assert_eq!(link.redirect_uri.expose(), "https://x/?marker");
    assert_eq!(link.session_id, None);
    let encrypted = newer(LoginUser::new(jane()), SEALED).await;
    assert!(matches!(encrypted, LoginAnswer::Encrypted(_)));
}

#[tokio::test]
async fn list_users() {
    let listed = ok(&sandbox(), crate::list_users()).await;
    assert_eq!(listed.body, [jane().user_id]);
    assert!(newer(crate::list_users(), " [ ] ").await.is_empty());
}

#[tokio::test]
async fn delete_user() {
    let sandbox = sandbox();
    let deleted = ok(&sandbox, crate::delete_user()).await;
    assert_eq!(deleted.user_id.as_str(), "jane");
    assert_eq!(deleted.body.status.as_deref(), Some("deleted"));
    assert!(deleted.detail.is_some() && sandbox.users().is_empty());
    let deleted = newer(crate::delete_user(), r#"{"userId":"jane"}"#).await;
    assert_eq!((deleted.status, deleted.detail), (None, None));
}

const SEALED: &str = r#"{"encryptedMessageData":{"encryptedMessage":"bWFya2Vy","nonce":"bg==","tag":"dA==","x":1},"encryptedSharedKey":"marker"}"#;

#[tokio::test]
async fn get_user_jwt() {
    let sealed = newer(GetUserJwt::new(jane()), SEALED).await;
    assert_eq!(sealed.encrypted_shared_key(), "marker");
    assert_eq!(sealed.encrypted_message_data().tag(), "dA==");
}

#[tokio::test]
async fn reset_user_secret() {
    let sandbox = sandbox();
    let renewed = ok(&sandbox, crate::reset_user_secret()).await;
    let secret = renewed.user_secret.expose();
    assert!(sandbox.is_current_secret("SANDBOX", "jane", secret));
    assert!(!format!("{renewed:?}").contains(secret));
}
