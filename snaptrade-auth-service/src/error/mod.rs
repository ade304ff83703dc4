//! What can go wrong with a call, told so that the caller knows what to do.
//!
//! ```
//! use snaptrade_auth_service::{Error, ErrorKind};
//!
//! fn advice(error: &Error) -> &'static str {
//!     match error.kind() {
//!         ErrorKind::UserExists => "log the user in with the stored secret",
//!         ErrorKind::SignatureRefused => "the consumer key is wrong, not the user",
//!         ErrorKind::Throttled => "come back later",
//!         _ if error.outcome().is_unknown() => "it may have run: look before you repeat it",
//!         _ => "tell the support, with the request id",
//!     }
//! }
//! ```
//!
//! No error, however deep its sources, prints a query, a body, a key or a user's secret. What a server or another crate
//! says is quoted: control characters and what cannot be seen are escaped (`\n`, `\u{202e}`), what is longer than 1 KiB
//! is cut, and values of secrets are masked.

mod api_error;
mod decode;
mod invalid_request;
mod kind;
mod outcome;
mod permanent;
mod scrubbed;
mod transport;

use std::fmt;
use std::time::Duration;

pub use api_error::ApiError;
pub(crate) use api_error::Said;
pub use decode::DecodeError;
pub use invalid_request::InvalidRequest;
pub use kind::ErrorKind;
pub use outcome::Outcome;
pub(crate) use outcome::source;
pub(crate) use permanent::Permanent;
pub(crate) use scrubbed::Scrubbed;
pub use transport::TransportError;

use crate::secret_sink::NotStored;

/// Why a call did not answer what was asked for.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The server answered with an error.
    Api(Box<ApiError>),
    /// There was no answer, or not all of it.
    Transport(Box<TransportError>),
    /// The server answered with success, and with something that is not what the operation answers.
    Decode(Box<DecodeError>),
    /// The request could not be built; nothing was sent.
    InvalidRequest(Box<InvalidRequest>),
    /// It ran, but its secret is not in the [secret sink](crate::secret_sink). This holds the only copy: store it.
    NotStored(Box<NotStored>),
}

impl Error {
    /// What kind of error it is, told from the status, the code and the detail together.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Api(error) => error.kind(),
            Self::Transport(error) => error.kind(),
            Self::Decode(_) => ErrorKind::Decode,
            Self::InvalidRequest(_) => ErrorKind::InvalidRequest,
            Self::NotStored(_) => ErrorKind::NotStored,
        }
    }

    /// Whether the request ran at the server, as far as anyone can know.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Api(error) => error.outcome(),
            Self::Transport(error) => error.outcome(),
            Self::InvalidRequest(_) => Outcome::NotSent,
            Self::Decode(_) | Self::NotStored(_) => Outcome::Succeeded,
        }
    }

    /// The server's answer, if it is an error that the server answered.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// How long to wait before asking again, if that was announced.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after(),
            Self::Transport(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::InvalidRequest(error) => error.fmt(f),
            Self::NotStored(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Api(error) => error.source(),
            Self::Transport(error) => error.source(),
            Self::Decode(error) => error.source(),
            Self::InvalidRequest(error) => error.source(),
            Self::NotStored(error) => error.source(),
        }
    }
}

impl From<InvalidRequest> for Error {
    fn from(error: InvalidRequest) -> Self {
        Self::InvalidRequest(Box::new(error))
    }
}

impl From<NotStored> for Error {
    fn from(error: NotStored) -> Self {
        Self::NotStored(Box::new(error))
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::Transport(Box::new(error))
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Decode(Box::new(error))
    }
}
