//! `POST /snapTrade/registerUser`: a new user, and the secret that is shown once.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use snaptrade_auth_service::operations::RegisterUser;
//! use snaptrade_auth_service::{AuthService, ErrorKind, Outcome};
//! # use snaptrade_auth_service::sandbox::Sandbox;
//! # use snaptrade_signing::SignRequestLayer;
//! # use tower::Layer;
//! # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
//!
//! let snaptrade = AuthService::new(http);
//! let jane = snaptrade.send(RegisterUser::new("jane")).await?;
//! // Into your store, before anything else: nobody can fetch it again.
//! let stored = (jane.user_id.clone(), jane.user_secret.expose().to_owned());
//! # assert_eq!(stored.0.as_str(), "jane");
//!
//! let again = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
//! assert_eq!(again.kind(), ErrorKind::UserExists);
//! assert_eq!(again.outcome(), Outcome::Refused);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! | parameter | what it is |
//! |---|---|
//! | `userId` | the id under which your app knows the user: any text that is not empty, and never changes |
//! | `rsaPublicKey` | legacy: the key that answers are encrypted for, `ssh-rsa …` |
//!
//! Never repeated by itself: the first run's secret would be lost. For Commercial keys.
//!
//! | answer | kind | what to do |
//! |---|---|---|
//! | 400 / 1010 | `UserExists` | log in with the stored secret, or reset it if it is lost |
//! | 400 / 1012 | `PersonalKey` | do not register: a Personal key is its own user |
//! | 401 / 1076 | `SignatureRefused` | check the consumer key and the clock; the user is not to blame |
//! | 401 / 1083 | `UnknownClient` | check the client id |
//! | 429 | `Throttled` | come back when [`retry_after`](crate::Error::retry_after) says |
//! | 500, 502–504, or none | `Server`, `Transport` | the user may exist by now: list the users; if so, their secret is unknown, and deleting them is a decision that your app takes |
//! | 200 that cannot be read | `Decode`, or `NotStored` with a sink | the user exists: the error has the answer's [body](crate::error::DecodeError::body), with what may be their secret |

use http::Method;
use serde::Serialize;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::rsa_public_key::RsaPublicKey;
use crate::user::{UserCredentials, UserId};

/// Registers a user. For Commercial keys; a Personal key is its own user.
///
/// The answer holds the user's secret, which is never shown again: store it before anything else.
///
/// See the [module](self) for an example, the parameters and the errors.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterUser {
    user_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    rsa_public_key: Option<RsaPublicKey>,
}

impl RegisterUser {
    /// Registers a user under this id.
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self {
            user_id: user_id.into(),
            rsa_public_key: None,
        }
    }

    /// Asks for encrypted answers, readable with the private key alone. Legacy: not in the public specification
    /// since 2024.
    #[must_use]
    pub fn rsa_public_key(mut self, key: RsaPublicKey) -> Self {
        self.rsa_public_key = Some(key);
        self
    }
}

impl Operation for RegisterUser {
    type Output = UserCredentials;

    fn name(&self) -> &'static str {
        "registerUser"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        match InvalidRequest::in_user_id(&self.user_id) {
            Some(invalid) => Err(invalid),
            None => ApiRequest::new(Method::POST, "/snapTrade/registerUser").json(self),
        }
    }

    fn decode(&self, body: &[u8]) -> Result<UserCredentials, DecodeError> {
        operation::json(body)
    }

    fn secret_of(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn secret(&self, output: &UserCredentials) -> Option<UserCredentials> {
        Some(output.clone())
    }
}
