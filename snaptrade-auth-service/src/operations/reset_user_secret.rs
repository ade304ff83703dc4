//! `POST /snapTrade/resetUserSecret`.

use http::Method;
use serde::Serialize;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::{UserCredentials, UserId};

/// Gives a user a new secret; the old one stops working. The new one is shown once.
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
