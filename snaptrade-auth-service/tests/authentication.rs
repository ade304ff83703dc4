//! The operations by name, on several stacks; and what a Personal key may do.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::operations::{LoginAnswer, LoginUser};
use snaptrade_auth_service::sandbox::{KeyKind, Route, Sandbox};
use snaptrade_auth_service::{
    AuthService, Authentication, DeadlineLayer, Error, ErrorKind, Outcome, UserCredentials,
};
use snaptrade_signing::{BoxError, Credentials, SignRequest, SignRequestLayer};
use tower::{Layer, ServiceBuilder};

fn signed(sandbox: &Sandbox) -> AuthService<SignRequest<Sandbox>> {
    let sign = SignRequestLayer::new(Sandbox::credentials().unwrap());
    AuthService::new(sign.layer(sandbox.clone()))
}

/// Generic over the stack and its errors, as an app's own code would be.
async fn a_life<E: std::fmt::Debug>(snaptrade: &impl Authentication<E>) {
    let jane = snaptrade.register_user("jane").await.unwrap().into_body();
    assert_eq!(
        snaptrade.list_users().await.unwrap().body,
        std::slice::from_ref(&jane.user_id)
    );
    let login = snaptrade.login_user(&jane).await.unwrap();
    assert!(matches!(login.body, LoginAnswer::Link(_)));
    let renewed = snaptrade.reset_user_secret(&jane).await.unwrap();
    assert_ne!(renewed.user_secret, jane.user_secret);
    // Registered without a key.
    snaptrade.get_user_jwt(&renewed).await.unwrap_err();
    snaptrade.delete_user(&jane.user_id).await.unwrap();
    assert!(snaptrade.list_users().await.unwrap().is_empty());
}

#[tokio::test]
async fn by_name_on_the_service_itself() {
    let sandbox = Sandbox::new();
    a_life::<Error>(&signed(&sandbox)).await;
    for route in [
        Route::RegisterUser,
        Route::LoginUser,
        Route::ResetUserSecret,
        Route::DeleteUser,
    ] {
        assert_eq!(sandbox.commits(route), 1, "{route}");
    }
}

#[tokio::test]
async fn by_name_under_layers_whose_error_is_ours() {
    let layered = DeadlineLayer::new(Duration::from_secs(5)).layer(signed(&Sandbox::new()));
    a_life::<Error>(&layered).await;
}

#[tokio::test]
async fn by_name_under_layers_whose_error_is_towers() {
    let layered = ServiceBuilder::new()
        .concurrency_limit(2)
        .timeout(Duration::from_secs(5))
        .service(signed(&Sandbox::new()));
    a_life::<BoxError>(&layered).await;
}

#[tokio::test]
async fn by_name_from_another_task() {
    // What a handler of a server needs: futures that may change threads.
    async fn list<A>(snaptrade: A) -> usize
    where
        A: Authentication + Send + Sync + 'static,
    {
        let listing = async move { snaptrade.list_users().await.unwrap().len() };
        tokio::spawn(listing).await.unwrap()
    }
    assert_eq!(list(signed(&Sandbox::new())).await, 0);
}

/// A sandbox whose one key is a Personal one.
fn personal() -> (Sandbox, AuthService<SignRequest<Sandbox>>) {
    let credentials = Credentials::new("PERSONAL", "a consumer key").unwrap();
    let sandbox = Sandbox::builder()
        .client(credentials.clone(), KeyKind::Personal)
        .build();
    let http = SignRequestLayer::new(credentials).layer(sandbox.clone());
    (sandbox, AuthService::new(http))
}

#[tokio::test]
async fn a_personal_key_logs_in_and_lists_itself() {
    let (sandbox, snaptrade) = personal();
    let login = snaptrade.send(LoginUser::personal()).await.unwrap();
    assert!(matches!(login.body, LoginAnswer::Link(_)));
    assert_eq!(snaptrade.list_users().await.unwrap().len(), 1);
    let query = sandbox.log()[0].raw_query().unwrap().to_owned();
    assert!(
        !query.contains("userId") && !query.contains("userSecret"),
        "{query}"
    );
}

#[tokio::test]
async fn what_a_personal_key_may_not_do_says_what_to_do_instead() {
    let (sandbox, snaptrade) = personal();
    let error = snaptrade.register_user("jane").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PersonalKey);
    assert_eq!(error.outcome(), Outcome::Refused);
    assert!(error.to_string().contains("LoginUser::personal"), "{error}");

    let jane = UserCredentials::new("jane", "marker-secret");
    for error in [
        snaptrade.delete_user("jane").await.unwrap_err(),
        snaptrade.reset_user_secret(&jane).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        assert_eq!(error.api().unwrap().status, StatusCode::FORBIDDEN);
        let text = error.to_string();
        assert!(text.contains("a Personal key manages no users"), "{text}");
        assert!(!text.contains("marker"), "{text}");
    }
    assert_eq!(sandbox.users().len(), 1);
}

#[tokio::test]
async fn a_commercial_key_cannot_log_in_without_a_user() {
    let sandbox = Sandbox::new();
    let error = signed(&sandbox)
        .send(LoginUser::personal())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert!(error.to_string().contains("userId"), "{error}");
}

#[tokio::test]
async fn an_empty_id_or_secret_is_never_sent() {
    let sandbox = Sandbox::new();
    let snaptrade = signed(&sandbox);
    for (id, secret, named) in [("", "secret", "user id"), ("jane", "", "user's secret")] {
        let user = UserCredentials::new(id, secret);
        for error in [
            snaptrade.login_user(&user).await.unwrap_err(),
            snaptrade.get_user_jwt(&user).await.unwrap_err(),
            snaptrade.reset_user_secret(&user).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(error.outcome(), Outcome::NotSent);
            let text = error.to_string();
            assert!(text.contains(&format!("{named} is empty")), "{text}");
        }
    }
    for error in [
        snaptrade.register_user("").await.unwrap_err(),
        snaptrade.delete_user("").await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("user id is empty"), "{error}");
    }
    assert!(sandbox.log().is_empty());
}
