//! `DELETE /snapTrade/deleteUser`: a user leaves, with all brokerage connections.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use snaptrade_auth_service::operations::{DeleteUser, RegisterUser};
//! use snaptrade_auth_service::{AuthService, ErrorKind};
//! # use snaptrade_auth_service::sandbox::Sandbox;
//! # use snaptrade_signing::SignRequestLayer;
//! # use tower::Layer;
//! # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
//!
//! let snaptrade = AuthService::new(http);
//! snaptrade.send(RegisterUser::new("jane")).await?;
//!
//! let deleted = snaptrade.send(DeleteUser::new("jane")).await?;
//! assert_eq!(deleted.body.status.as_deref(), Some("deleted"));
//!
//! let again = snaptrade.send(DeleteUser::new("jane")).await.unwrap_err();
//! assert_eq!(again.kind(), ErrorKind::NotFound);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! | parameter | what it is |
//! |---|---|
//! | `userId` | who; no secret is asked for, so be sure |
//!
//! The answer says that the deletion is queued; a webhook, `USER_DELETED`, says that it is done. The user's connections
//! cannot be brought back, so this is never a way out of an error. Safe to repeat. For Commercial keys.
//!
//! | answer | kind | what to do |
//! |---|---|---|
//! | 401 / 1076 | `SignatureRefused` | check the consumer key and the clock |
//! | 401 / 1083 | `UnknownClient` | check the client id |
//! | 403 | `Forbidden` | a Personal key manages no users |
//! | 404 | `NotFound` | there is no such user; after a repeat, an earlier attempt may have been the one that ran |
//! | 429 | `Throttled` | come back when [`retry_after`](crate::Error::retry_after) says |
//! | 500, 502–504, or none | `Server`, `Transport` | send it again |

use http::Method;
use serde::Deserialize;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::UserId;

/// Deletes a user with all brokerage connections. For Commercial keys.
///
/// The deletion is queued: a webhook confirms it.
///
/// See the [module](self) for an example, the parameters and the errors.
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
        if let Some(invalid) = InvalidRequest::in_user_id(&self.user_id) {
            return Err(invalid);
        }
        let request = ApiRequest::new(Method::DELETE, "/snapTrade/deleteUser");
        Ok(request.query("userId", self.user_id.as_str()))
    }

    fn decode(&self, body: &[u8]) -> Result<DeletedUser, DecodeError> {
        operation::json(body)
    }
}
