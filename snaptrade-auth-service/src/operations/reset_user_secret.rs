//! `POST /snapTrade/resetUserSecret`: a new secret in place of one that leaked.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use snaptrade_auth_service::operations::{LoginUser, RegisterUser, ResetUserSecret};
//! use snaptrade_auth_service::{AuthService, ErrorKind};
//! # use snaptrade_auth_service::sandbox::Sandbox;
//! # use snaptrade_signing::SignRequestLayer;
//! # use tower::Layer;
//! # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
//!
//! let snaptrade = AuthService::new(http);
//! let jane = snaptrade.send(RegisterUser::new("jane")).await?.into_body();
//!
//! let renewed = snaptrade.send(ResetUserSecret::new(jane.clone())).await?.into_body();
//! // Into your store, before anything else: if it is lost, so is the user.
//! assert_ne!(renewed.user_secret, jane.user_secret);
//!
//! let old = snaptrade.send(LoginUser::new(jane)).await.unwrap_err();
//! assert_eq!(old.kind(), ErrorKind::BadUserCredentials);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! | parameter | what it is |
//! |---|---|
//! | `userId`, `userSecret` | who, with the secret as it is now |
//!
//! Never repeated by itself: the first run's secret would be lost, and the one that was sent would no longer fit. For
//! Commercial keys.
//!
//! | answer | kind | what to do |
//! |---|---|---|
//! | 401 / 1083, "userID or userSecret" | `BadUserCredentials` | it may have been reset already |
//! | 401 / 1083, "clientId" | `UnknownClient` | check the client id |
//! | 401 / 1076 | `SignatureRefused` | check the consumer key and the clock; the user is not to blame |
//! | 403 | `Forbidden` | a Personal key manages no users |
//! | 404 | `NotFound` | there is no such user |
//! | 429 | `Throttled` | come back when [`retry_after`](crate::Error::retry_after) says |
//! | 500, 502–504, or none | `Server`, `Transport` | it may have run: log in with the old secret to find out; if that is refused, ask the support |
//! | 200 that cannot be read | `Decode`, or `NotStored` with a sink | it ran: the error has the answer's [body](crate::error::DecodeError::body), with what may be the new secret |

use http::Method;
use serde::Serialize;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::{UserCredentials, UserId};

/// Gives a user a new secret; the old one stops working. For Commercial keys.
///
/// The answer holds the new secret, which is never shown again: store it before anything else.
///
/// See the [module](self) for an example, the parameters and the errors.
#[derive(Clone, Debug)]
pub struct ResetUserSecret {
    user: UserCredentials,
}

/// Borrowed, so that the secret is copied into the request alone.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    user_id: &'a str,
    user_secret: &'a str,
}

impl ResetUserSecret {
    /// Replaces the secret of this user.
    #[must_use]
    pub fn new(user: UserCredentials) -> Self {
        Self { user }
    }
}

impl Operation for ResetUserSecret {
    type Output = UserCredentials;

    fn name(&self) -> &'static str {
        "resetUserSecret"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        if let Some(invalid) = InvalidRequest::in_user(&self.user) {
            return Err(invalid);
        }
        ApiRequest::new(Method::POST, "/snapTrade/resetUserSecret").json(&Body {
            user_id: self.user.user_id.as_str(),
            user_secret: self.user.user_secret.expose(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<UserCredentials, DecodeError> {
        operation::json(body)
    }

    fn secret_of(&self) -> Option<&UserId> {
        Some(&self.user.user_id)
    }

    fn secret(&self, output: &UserCredentials) -> Option<UserCredentials> {
        Some(output.clone())
    }
}
