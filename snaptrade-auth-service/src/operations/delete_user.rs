//! `DELETE /snapTrade/deleteUser`.

use http::Method;
use serde::Deserialize;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::UserId;

/// Deletes a user with all brokerage connections. The deletion is queued: a webhook confirms it.
#[derive(Clone, Debug)]
pub struct DeleteUser {
    user_id: UserId,
}

impl DeleteUser {
    /// Deletes the user with this id.
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self {
            user_id: user_id.into(),
        }
    }
}

/// A user whose deletion is queued.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeletedUser {
    /// `deleted`.
    pub status: Option<String>,
    /// What the server says.
    pub detail: Option<String>,
    /// Who.
    pub user_id: UserId,
}

impl Operation for DeleteUser {
    type Output = DeletedUser;

    fn name(&self) -> &'static str {
        "deleteUser"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        let request = ApiRequest::new(Method::DELETE, "/snapTrade/deleteUser");
        Ok(request.query("userId", self.user_id.as_str()))
    }

    fn decode(&self, body: &[u8]) -> Result<DeletedUser, DecodeError> {
        operation::json(body)
    }
}
