//! What an operation is: a request to build and an answer to read, without any I/O.
//!
//! Write one for any endpoint that has none here.
//!
//! ```
//! use http::Method;
//! use snaptrade_auth_service::error::{DecodeError, InvalidRequest};
//! use snaptrade_auth_service::{ApiRequest, Operation, UserCredentials, operation};
//!
//! #[derive(serde::Deserialize)]
//! struct Account {
//!     id: String,
//!     name: String,
//! }
//!
//! #[derive(Clone)]
//! struct ListAccounts {
//!     user: UserCredentials,
//! }
//!
//! impl Operation for ListAccounts {
//!     type Output = Vec<Account>;
//!
//!     fn name(&self) -> &'static str {
//!         "listAccounts"
//!     }
//!
//!     fn request(&self) -> Result<ApiRequest, InvalidRequest> {
//!         Ok(ApiRequest::new(Method::GET, "/accounts").user(&self.user))
//!     }
//!
//!     fn decode(&self, body: &[u8]) -> Result<Vec<Account>, DecodeError> {
//!         operation::json(body)
//!     }
//! }
//! ```

use http::Method;
use serde::de::DeserializeOwned;

use crate::api_request::ApiRequest;
use crate::call_options::{CallOptions, WithOptions};
use crate::error::{DecodeError, InvalidRequest};
use crate::raw::{Raw, Streaming};
use crate::user::{UserCredentials, UserId};

/// Whether a request may be sent again when nobody knows whether it ran.
///
/// [`AuthService`](crate::AuthService) puts it into the extensions of each request, where
/// [`RetryPolicy`](crate::RetryPolicy) finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repeat {
    /// Running it twice does what running it once does.
    Safe,
    /// It might do something twice, or throw away what the first run answered.
    Never,
}

impl Repeat {
    /// What holds for a method if nothing else is said: GET, HEAD and DELETE are safe.
    #[must_use]
    pub fn of(method: &Method) -> Self {
        if [Method::GET, Method::HEAD, Method::DELETE].contains(method) {
            Self::Safe
        } else {
            Self::Never
        }
    }
}

/// In the extensions of a request whose answer holds a secret that is shown once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RevealsSecret;

/// A call to the API. See the [module](crate::operation).
pub trait Operation: Clone {
    /// What a successful answer says.
    type Output;

    /// Its name, as the API's documentation has it: for spans and errors.
    fn name(&self) -> &'static str;

    /// The request.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`] if a parameter cannot be sent.
    fn request(&self) -> Result<ApiRequest, InvalidRequest>;

    /// Reads the body of a successful answer.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not what the operation answers.
    fn decode(&self, body: &[u8]) -> Result<Self::Output, DecodeError>;

    /// Whether it may be sent again. Unless overridden, GET, HEAD and DELETE may.
    fn repeat(&self) -> Repeat {
        self.request()
            .map_or(Repeat::Never, |request| Repeat::of(request.method()))
    }

    /// Whose secret the answer will hold, if it holds one that is shown once.
    ///
    /// Told before anything is sent: a [secret sink](crate::secret_sink) writes it down, and lets one such call of a
    /// user wait for the other.
    fn secret_of(&self) -> Option<&UserId> {
        None
    }

    /// The secret that the answer holds. What answers one overrides [`secret_of`](Self::secret_of) too.
    fn secret(&self, _output: &Self::Output) -> Option<UserCredentials> {
        None
    }

    /// Whether the answer holds a secret that is shown once, so that it must not get lost under way: unless
    /// overridden, if it is known [whose](Self::secret_of).
    fn reveals_secret(&self) -> bool {
        self.secret_of().is_some()
    }

    /// The settings of this call.
    fn options(&self) -> CallOptions {
        CallOptions::default()
    }

    /// Changes the settings of this call.
    fn with(self, options: CallOptions) -> WithOptions<Self> {
        WithOptions::new(self, options)
    }

    /// Answers the undecoded bytes.
    fn raw(self) -> Raw<Self> {
        Raw(self)
    }

    /// Answers the unread body.
    fn streaming(self) -> Streaming<Self> {
        Streaming(self)
    }
}

/// Reads JSON, for [`Operation::decode`].
///
/// # Errors
///
/// [`DecodeError`] with the place; it holds nothing of the body.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(body).map_err(|error| DecodeError::new(&error))
}
