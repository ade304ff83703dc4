//! The SnapTrade authentication operations as tower services.
//!
//! | what | where |
//! |---|---|
//! | a client that is ready to use | `Client`, feature `client` (on by default) |
//! | a service of every operation, over any HTTP service that signs | [`AuthService`] |
//! | register, log in, list, delete, JWT, reset | [`operations`] |
//! | an operation of one's own | [`operation`] |
//! | what went wrong, and whether the request ran | [`error`] |
//! | how long an attempt and a call may take | [`deadline`] |
//! | never more than the quota in any trailing minute | [`rate_limit`] |
//! | answers read whole, below retries | [`CollectAnswerLayer`] |
//! | reading encrypted answers | feature `encrypted` |
//! | an in-memory SnapTrade | feature `sandbox` |

mod answer;
mod api_request;
mod base_url;
mod call_options;
#[cfg(feature = "client")]
pub mod client;
pub mod deadline;
#[cfg(feature = "encrypted")]
pub mod encrypted;
mod encrypted_response;
pub mod error;
pub mod operation;
pub mod operations;
mod progress;
pub mod rate_limit;
mod raw;
mod response;
pub mod retry;
pub mod rsa_public_key;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod service;
mod ssh_wire;
mod user;

pub use answer::{AnswerBody, AnswerError, CollectAnswer, CollectAnswerFuture, CollectAnswerLayer};
pub use api_request::ApiRequest;
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use call_options::{CallOptions, WithOptions};
#[cfg(feature = "client")]
#[doc(no_inline)]
pub use client::{Client, ClientBuilder, ClientError};
#[doc(no_inline)]
pub use deadline::{AttemptTimeoutLayer, DeadlineExceeded, DeadlineLayer};
pub use encrypted_response::{EncryptedMessageData, EncryptedResponse};
#[doc(no_inline)]
pub use error::{ApiError, Error, ErrorKind, Outcome};
#[doc(no_inline)]
pub use operation::{Operation, Repeat};
pub use progress::Progress;
#[doc(no_inline)]
pub use rate_limit::{Quota, RateLimitStatus, RollingRateLimitLayer};
pub use raw::{Raw, Streaming};
pub use response::{ApiResponse, RequestId};
#[doc(no_inline)]
pub use rsa_public_key::RsaPublicKey;
pub use service::{AuthService, CallFuture};
pub use user::{UserCredentials, UserId, UserSecret};
