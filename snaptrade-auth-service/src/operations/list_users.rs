//! `GET /snapTrade/listUsers`: the ids of all registered users.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
//! use snaptrade_auth_service::{AuthService, UserId};
//! # use snaptrade_auth_service::sandbox::Sandbox;
//! # use snaptrade_signing::SignRequestLayer;
//! # use tower::Layer;
//! # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
//!
//! let snaptrade = AuthService::new(http);
//! assert!(snaptrade.send(ListUsers::new()).await?.is_empty());
//!
//! snaptrade.send(RegisterUser::new("jane")).await?;
//! assert_eq!(snaptrade.send(ListUsers::new()).await?.body, [UserId::new("jane")]);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! It has no parameters, is safe to repeat, and verifies the signature: a good first call for a new key.
//!
//! | answer | kind | what to do |
//! |---|---|---|
//! | 401 / 1076 | `SignatureRefused` | check the consumer key and the clock |
//! | 401 / 1083 | `UnknownClient` | check the client id |
//! | 403 / 0000 | `NotAuthenticated` | put the signing layer on the client: the request came without a stamp |
//! | 429 | `Throttled` | come back when [`retry_after`](crate::Error::retry_after) says |
//! | 500, 502–504, or none | `Server`, `Transport` | ask again |

use http::Method;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::UserId;

/// Lists the ids of all registered users.
///
/// See the [module](self) for an example, the parameters and the errors.
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
