//! `GET /snapTrade/encryptedJWT`.

use http::Method;

use crate::api_request::ApiRequest;
use crate::encrypted_response::EncryptedResponse;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::UserCredentials;

/// Gets a user's token, encrypted for the key that they were registered with. Legacy.
#[derive(Clone, Debug)]
pub struct GetUserJwt {
    user: UserCredentials,
}

impl GetUserJwt {
    /// Gets the token of this user.
    #[must_use]
    pub fn new(user: UserCredentials) -> Self {
        Self { user }
    }
}

impl Operation for GetUserJwt {
    type Output = EncryptedResponse;

    fn name(&self) -> &'static str {
        "getUserJWT"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        Ok(ApiRequest::new(Method::GET, "/snapTrade/encryptedJWT").user(&self.user))
    }

    fn decode(&self, body: &[u8]) -> Result<EncryptedResponse, DecodeError> {
        operation::json(body)
    }
}
