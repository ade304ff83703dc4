//! What an operation alone is refused, by the sandbox as it is.

use snaptrade_auth_service::operations::{
    ConnectionType, DeleteUser, GetUserJwt, LoginUser, PortalVersion, RegisterUser, ResetUserSecret,
};
use snaptrade_auth_service::sandbox::{KeyKind, Sandbox};
use snaptrade_auth_service::{ErrorKind, UserCredentials};
use snaptrade_signing::Credentials;

use crate::told::Told;
use crate::{jane, sandbox, signed_by, snaptrade};

const WRONG_USER: Told = Told {
    status: 401,
    code: Some("1083"),
    kind: ErrorKind::BadUserCredentials,
    outcome: snaptrade_auth_service::Outcome::Refused,
    remedy: "if the secret is lost, reset it",
};

fn strangers() -> [UserCredentials; 2] {
    [("nobody", "marker-of-nobody"), ("jane", "marker-wrong")]
        .map(|(id, secret)| UserCredentials::new(id, secret))
}

#[tokio::test]
async fn registering_an_id_twice() {
    let sandbox = sandbox();
    let error = snaptrade(&sandbox)
        .send(RegisterUser::new("jane"))
        .await
        .unwrap_err();
    Told::refused(400, "1010", ErrorKind::UserExists, "log the user in").by(&error, "registerUser");
    assert!(sandbox.is_current_secret("SANDBOX", "jane", crate::SECRET));
}

#[tokio::test]
async fn registering_with_a_personal_key() {
    let credentials = Credentials::new("PERSONAL", "marker-key").unwrap();
    let sandbox = Sandbox::builder()
        .client(credentials.clone(), KeyKind::Personal)
        .build();
    let snaptrade = signed_by(&sandbox, credentials);
    let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
    Told::refused(400, "1012", ErrorKind::PersonalKey, "LoginUser::personal")
        .by(&error, "registerUser");

    let told = Told::refused(
        403,
        "1066",
        ErrorKind::Forbidden,
        "a Personal key manages no users",
    );
    let error = snaptrade.send(DeleteUser::new("jane")).await.unwrap_err();
    told.by(&error, "deleteUser");
    let error = snaptrade
        .send(ResetUserSecret::new(jane()))
        .await
        .unwrap_err();
    told.by(&error, "resetUserSecret");
}

#[tokio::test]
async fn logging_in_as_nobody_or_with_a_wrong_secret() {
    let sandbox = sandbox();
    for user in strangers() {
        let error = snaptrade(&sandbox)
            .send(LoginUser::new(user))
            .await
            .unwrap_err();
        WRONG_USER.by(&error, "loginUser");
    }
}

#[tokio::test]
async fn logging_in_with_a_value_that_the_portal_does_not_know() {
    let sandbox = sandbox();
    let login = || LoginUser::new(jane());
    for (login, named) in [
        (
            login().connection_type(ConnectionType::Other("write".into())),
            "connectionType",
        ),
        (
            login().connection_portal_version(PortalVersion::Other("v9".into())),
            "connectionPortalVersion",
        ),
    ] {
        let error = snaptrade(&sandbox).send(login).await.unwrap_err();
        let told = Told::refused(400, "0000", ErrorKind::BadRequest, "see the detail");
        told.by(&error, "loginUser");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[tokio::test]
async fn deleting_nobody() {
    let sandbox = sandbox();
    let error = snaptrade(&sandbox)
        .send(DeleteUser::new("nobody"))
        .await
        .unwrap_err();
    Told::refused(404, "1011", ErrorKind::NotFound, "check the id").by(&error, "deleteUser");
    assert_eq!(sandbox.users(), ["jane"]);
}

#[tokio::test]
async fn the_token_of_a_user_without_a_key_or_of_nobody() {
    let sandbox = sandbox();
    let error = snaptrade(&sandbox)
        .send(GetUserJwt::new(jane()))
        .await
        .unwrap_err();
    let told = Told::refused(400, "0000", ErrorKind::BadRequest, "see the detail");
    told.by(&error, "getUserJWT");
    for user in strangers() {
        let error = snaptrade(&sandbox)
            .send(GetUserJwt::new(user))
            .await
            .unwrap_err();
        WRONG_USER.by(&error, "getUserJWT");
    }
}

#[tokio::test]
async fn resetting_the_secret_of_nobody_or_with_a_wrong_one() {
    let sandbox = sandbox();
    for user in strangers() {
        let error = snaptrade(&sandbox)
            .send(ResetUserSecret::new(user))
            .await
            .unwrap_err();
        WRONG_USER.by(&error, "resetUserSecret");
    }
    assert!(sandbox.is_current_secret("SANDBOX", "jane", crate::SECRET));
}
