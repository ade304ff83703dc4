//! Any endpoint of the API in a line, without a type of its own for it.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use serde_json::{Value, json};
//! use snaptrade_auth_service::operations::RegisterUser;
//! use snaptrade_auth_service::{AuthService, Endpoint};
//! # use snaptrade_auth_service::sandbox::Sandbox;
//! # use snaptrade_signing::SignRequestLayer;
//! # use tower::Layer;
//! # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
//!
//! #[derive(serde::Deserialize)]
//! struct Account {
//!     id: String,
//!     name: String,
//! }
//!
//! let snaptrade = AuthService::new(http);
//! let jane = snaptrade.send(RegisterUser::new("jane")).await?.into_body();
//!
//! let accounts = Endpoint::<Vec<Account>>::get("/accounts").user(&jane);
//! let accounts = snaptrade.send(accounts).await?;
//! assert_eq!(accounts[0].name, "Cash");
//!
//! let positions = Endpoint::<Value>::get("/accounts")
//!     .segment(&accounts[0].id)
//!     .segment("positions")
//!     .user(&jane);
//! assert_eq!(snaptrade.send(positions).await?[0]["symbol"], "AAPL");
//!
//! // A POST: whatever goes wrong, it is never sent twice.
//! let order = Endpoint::<Value>::post("/trade/place")
//!     .user(&jane)
//!     .json(&json!({"account_id": accounts[0].id, "action": "BUY"}));
//! assert_eq!(snaptrade.send(order).await?["status"], "EXECUTED");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! # What it answers
//!
//! Any `T` that is read from JSON. An answer without a body is read as `null`, so it suits `()`, [`Option`] and
//! [`serde_json::Value`]; anything else calls it truncated. [`serde::de::IgnoredAny`] takes any JSON and keeps none;
//! for bytes that are no JSON, ask for [`raw`](Operation::raw) ones.

use std::fmt;
use std::marker::PhantomData;

use http::{HeaderName, HeaderValue, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation, Repeat};
use crate::user::UserCredentials;

/// A request of your own, answered with a `T`. See the [module](self).
///
/// What cannot be sent (an empty segment, a body without JSON, a header that is not the caller's) is kept until the
/// call, which then fails with [`InvalidRequest`] and sends nothing.
pub struct Endpoint<T> {
    name: &'static str,
    method: Method,
    request: Result<ApiRequest, InvalidRequest>,
    /// Apart from the query until it is sent, so that the secret is erased with it.
    user: Option<UserCredentials>,
    repeat: Option<Repeat>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Endpoint<T> {
    /// A request to a path below the base URL, which is its name until it is [`named`](Self::named).
    ///
    /// The path is written out in your program and taken as it is; what varies goes through
    /// [`segment`](Self::segment), which encodes it.
    #[must_use]
    pub fn new(method: Method, path: &'static str) -> Self {
        Self {
            name: path.split('?').next().unwrap_or(path),
            request: Ok(ApiRequest::new(method.clone(), path)),
            method,
            user: None,
            repeat: None,
            answer: PhantomData,
        }
    }

    /// A GET request.
    #[must_use]
    pub fn get(path: &'static str) -> Self {
        Self::new(Method::GET, path)
    }

    /// A POST request. Not repeated unless [said](Self::repeat) otherwise.
    #[must_use]
    pub fn post(path: &'static str) -> Self {
        Self::new(Method::POST, path)
    }

    /// A PUT request. Not repeated unless [said](Self::repeat) otherwise.
    #[must_use]
    pub fn put(path: &'static str) -> Self {
        Self::new(Method::PUT, path)
    }

    /// A PATCH request. Not repeated unless [said](Self::repeat) otherwise.
    #[must_use]
    pub fn patch(path: &'static str) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// A DELETE request.
    #[must_use]
    pub fn delete(path: &'static str) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds `/` and a segment to the path, percent-encoded. It must not be empty, `.` or `..`.
    #[must_use]
    pub fn segment(self, segment: impl AsRef<str>) -> Self {
        self.map(|request| Ok(request.segment(segment)))
    }

    /// Adds a query parameter, percent-encoded.
    #[must_use]
    pub fn query(self, name: &str, value: impl AsRef<str>) -> Self {
        self.map(|request| Ok(request.query(name, value)))
    }

    /// Adds a query parameter if there is a value.
    #[must_use]
    pub fn query_opt(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        self.map(|request| Ok(request.query_opt(name, value)))
    }

    /// On behalf of this user: adds `userId` and `userSecret`, behind the other parameters. Left out with a Personal
    /// key, which is its own user.
    #[must_use]
    pub fn user(mut self, user: &UserCredentials) -> Self {
        self.user = Some(user.clone());
        self
    }

    /// Sets the body: the canonical JSON of `body`.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        self.map(|request| request.json(body))
    }

    /// Sets a header, replacing any other of its name. Some are not the caller's to set, such as `Host` and
    /// `Content-Length`: [`ReservedHeader`](InvalidRequest::ReservedHeader) lists them.
    #[must_use]
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.map(|request| Ok(request.header(name, value)))
    }

    /// Whether it may be sent again when nobody knows whether it ran. Unless set, GET and DELETE may, and nothing
    /// else.
    #[must_use]
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = Some(repeat);
        self
    }

    /// Names it, for errors and spans: the API's documentation calls `GET /accounts` `listUserAccounts`, say.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// What cannot be sent first is what is told later.
    fn map(
        mut self,
        change: impl FnOnce(ApiRequest) -> Result<ApiRequest, InvalidRequest>,
    ) -> Self {
        self.request = self.request.and_then(change);
        self
    }
}

impl<T: DeserializeOwned> Operation for Endpoint<T> {
    type Output = T;

    fn name(&self) -> &'static str {
        self.name
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        let request = self.request.clone()?;
        match &self.user {
            Some(user) => request.user(user),
            None => request,
        }
        .checked()
    }

    fn decode(&self, body: &[u8]) -> Result<T, DecodeError> {
        if body.trim_ascii().is_empty()
            && let Ok(nothing) = operation::json(b"null")
        {
            return Ok(nothing);
        }
        operation::json(body)
    }

    fn repeat(&self) -> Repeat {
        self.repeat.unwrap_or_else(|| Repeat::of(&self.method))
    }
}

// Derived, these would ask the same of `T`.

impl<T> Clone for Endpoint<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            method: self.method.clone(),
            request: self.request.clone(),
            user: self.user.clone(),
            repeat: self.repeat,
            answer: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Endpoint<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("name", &self.name)
            .field("request", &self.request)
            .field("user", &self.user)
            .field("repeat", &self.repeat)
            .finish()
    }
}
