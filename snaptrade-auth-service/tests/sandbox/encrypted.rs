//! Answers to users who were registered with a key of their own.

use http::Method;
use serde_json::Value;
use snaptrade_auth_service::sandbox::{Route, Sandbox};

use crate::common::{Answered, registered, sandbox, send, signed};

/// The keys of the first vector.
fn vector() -> Value {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/encrypted.json")).unwrap();
    vectors[0].clone()
}

/// What the two operations answer a user who has a key.
async fn answers(sandbox: &Sandbox) -> [Answered; 2] {
    let key = vector()["public_key"].as_str().unwrap().to_owned();
    let body = format!(r#"{{"userId":"jane","rsaPublicKey":"{key}"}}"#);
    let register = signed(Method::POST, "/snapTrade/registerUser", &body);
    let secret = send(sandbox, register).await.json()["userSecret"].clone();
    let query = format!("userId=jane&userSecret={}", secret.as_str().unwrap());
    let get = |method, path| send(sandbox, signed(method, &format!("{path}?{query}"), ""));
    [
        get(Method::POST, "/snapTrade/login").await,
        get(Method::GET, "/snapTrade/encryptedJWT").await,
    ]
}

#[cfg(feature = "encrypted")]
#[tokio::test]
async fn its_owner_reads_them() {
    use snaptrade_auth_service::EncryptedResponse;
    use snaptrade_auth_service::encrypted::PrivateKey;

    let private_key = PrivateKey::from_pem(vector()["private_key"].as_str().unwrap()).unwrap();
    let sandbox = sandbox();
    let [login, jwt] = answers(&sandbox).await.map(|answered| {
        assert_eq!(answered.status, 200, "{}", answered.text());
        let sealed: EncryptedResponse = serde_json::from_slice(&answered.body).unwrap();
        private_key.open(&sealed).unwrap()
    });
    let link: Value = serde_json::from_slice(&login).unwrap();
    let link_text = link["redirectURI"].as_str().unwrap();
    assert!(link_text.starts_with("https://app.snaptrade.com/snapTrade/redeemToken?token="));
    assert!(sandbox.is_open_session(link["sessionId"].as_str().unwrap()));
    assert_eq!(jwt.len(), 32);
    assert_eq!(sandbox.commits(Route::GetUserJwt), 1);
}

#[cfg(not(feature = "encrypted"))]
#[tokio::test]
async fn are_not_implemented_without_the_feature() {
    let sandbox = sandbox();
    for answered in answers(&sandbox).await {
        let error = r#"{"error":"The sandbox was built without the feature `encrypted`."}"#;
        answered.is(501, error);
    }
    assert_eq!(sandbox.commits(Route::GetUserJwt), 0);
    assert_eq!(sandbox.commits(Route::LoginUser), 0);
}

#[tokio::test]
async fn a_user_without_a_key_gets_no_token() {
    let sandbox = sandbox();
    let (query, _) = registered(&sandbox, "jane").await;
    let jwt = signed(Method::GET, &format!("/snapTrade/encryptedJWT?{query}"), "");
    let detail = "rsaPublicKey: The user was registered without one.";
    send(&sandbox, jwt).await.is_error(400, "0000", detail);
}
