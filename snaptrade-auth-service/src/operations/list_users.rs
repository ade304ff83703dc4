//! `GET /snapTrade/listUsers`.

use http::Method;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::UserId;

/// Lists the ids of all registered users.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ListUsers;

impl ListUsers {
    /// Lists all.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Operation for ListUsers {
    type Output = Vec<UserId>;

    fn name(&self) -> &'static str {
        "listUsers"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        Ok(ApiRequest::new(Method::GET, "/snapTrade/listUsers"))
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<UserId>, DecodeError> {
        operation::json(body)
    }
}
