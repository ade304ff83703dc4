//! `POST /snapTrade/registerUser`.

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
        ApiRequest::new(Method::POST, "/snapTrade/registerUser").json(self)
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
