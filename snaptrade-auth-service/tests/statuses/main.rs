//! Every status of every operation: what kind it is, whether the request ran, and what the error tells to do.
//!
//! `provoked` and `own` are answered by the sandbox as it is; `canned` answers what cannot be provoked.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod canned;
mod own;
mod provoked;
mod quoted;
mod succeeded;
mod told;

use snaptrade_auth_service::operations::{
    DeleteUser, GetUserJwt, ListUsers, LoginUser, RegisterUser, ResetUserSecret,
};
use snaptrade_auth_service::sandbox::{KeyKind, Sandbox};
use snaptrade_auth_service::{AuthService, Operation, UserCredentials};
use snaptrade_signing::{Credentials, SignRequest, SignRequestLayer};
use tower::Layer;

/// In every secret, so that it can be looked for.
const MARKER: &str = "marker";
const SECRET: &str = "marker-secret-of-jane";

/// What can be sent and, where it fails to fail, shown.
trait Sent: Operation<Output: Send + std::fmt::Debug> + Send + 'static {}

impl<Op: Operation<Output: Send + std::fmt::Debug> + Send + 'static> Sent for Op {}

/// A sandbox in which Jane is registered.
fn sandbox() -> Sandbox {
    Sandbox::builder()
        .user("SANDBOX", "jane", SECRET)
        .client(credentials(), KeyKind::Commercial)
        .build()
}

fn credentials() -> Credentials {
    Credentials::new("SANDBOX", "marker-consumer-key").unwrap()
}

fn jane() -> UserCredentials {
    UserCredentials::new("jane", SECRET)
}

fn signed_by(sandbox: &Sandbox, credentials: Credentials) -> AuthService<SignRequest<Sandbox>> {
    AuthService::new(SignRequestLayer::new(credentials).layer(sandbox.clone()))
}

fn snaptrade(sandbox: &Sandbox) -> AuthService<SignRequest<Sandbox>> {
    signed_by(sandbox, credentials())
}

/// A module for each operation, with the `tests!` of the file: of the operation, whether it may be repeated, and an
/// answer to it.
macro_rules! for_each_operation {
    () => {
        mod register_user {
            super::super::tests!(crate::register_user(), false, r#"{"userId":"eve","userSecret":"marker"}"#);
        }
        mod login_user {
            super::super::tests!(crate::login_user(), true, r#"{"redirectURI":"https://marker","sessionId":"1"}"#);
        }
        mod list_users {
            super::super::tests!(crate::list_users(), true, r#"["marker"]"#);
        }
        mod delete_user {
            super::super::tests!(crate::delete_user(), true, r#"{"status":"deleted","detail":"","userId":"marker"}"#);
        }
        mod get_user_jwt {
            super::super::tests!(
                crate::get_user_jwt(), true,
                r#"{"encryptedSharedKey":"marker","encryptedMessageData":{"encryptedMessage":"","tag":"","nonce":""}}"#
            );
        }
        mod reset_user_secret {
            super::super::tests!(crate::reset_user_secret(), false, r#"{"userId":"jane","userSecret":"marker"}"#);
        }
    };
}
pub(crate) use for_each_operation;

fn register_user() -> RegisterUser {
    RegisterUser::new("eve")
}

fn login_user() -> LoginUser {
    LoginUser::new(jane())
}

fn list_users() -> ListUsers {
    ListUsers::new()
}

fn delete_user() -> DeleteUser {
    DeleteUser::new("jane")
}

fn get_user_jwt() -> GetUserJwt {
    GetUserJwt::new(jane())
}

fn reset_user_secret() -> ResetUserSecret {
    ResetUserSecret::new(jane())
}
