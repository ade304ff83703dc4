//! The SnapTrade authentication operations as tower services.
//!
//! | what | where |
//! |---|---|
//! | a client that is ready to use | `Client`, feature `client` (on by default) |
//! | a service of every operation, over any HTTP service that signs | [`AuthService`] |
//! | register, log in, list, delete, JWT, reset | [`operations`] |
//! | the same by name, on any stack | [`Authentication`] |
//! | everything else: accounts, orders, … | [`Endpoint`] |
//! | an operation of one's own | [`operation`] |
//! | what went wrong, and whether the request ran | [`error`] |
//! | how long an attempt and a call may take | [`deadline`] |
//! | a secret that is shown once reaches its store | [`secret_sink`] |
//! | what may be sent twice, and when | [`retry`] |
//! | never more than the quota in any trailing minute | [`rate_limit`] |
//! | a wrong clock, corrected | [`skew`] |
//! | a new consumer key while requests fly | [`rotation`] |
//! | answers read whole, below retries | [`CollectAnswerLayer`] |
//! | reading encrypted answers | feature `encrypted` |
//! | an in-memory SnapTrade | feature `sandbox` |

mod answer;
mod api_request;
mod authentication;
mod base_url;
mod call_options;
#[cfg(feature = "client")]
pub mod client;
pub mod deadline;
#[cfg(feature = "encrypted")]
pub mod encrypted;
mod encrypted_response;
pub mod endpoint;
pub mod error;
pub mod operation;
pub mod operations;
mod progress;
mod quote;
pub mod rate_limit;
mod raw;
mod response;
pub mod retry;
pub mod rotation;
pub mod rsa_public_key;
#[cfg(feature = "sandbox")]
pub mod sandbox;

pub mod secret_sink;
mod service;
pub mod skew;
mod ssh_wire;
mod user;

pub use answer::{AnswerBody, AnswerError, CollectAnswer, CollectAnswerFuture, CollectAnswerLayer};
pub use api_request::ApiRequest;
pub use authentication::Authentication;
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use call_options::{CallOptions, WithOptions};
#[cfg(feature = "client")]
#[doc(no_inline)]
pub use client::{Client, ClientBuilder, ClientError};
#[doc(no_inline)]
pub use deadline::{AttemptTimeoutLayer, DeadlineExceeded, DeadlineLayer};
pub use encrypted_response::{EncryptedMessageData, EncryptedResponse};
#[doc(no_inline)]
pub use endpoint::Endpoint;
#[doc(no_inline)]
pub use error::{ApiError, Error, ErrorKind, Outcome};
#[doc(no_inline)]
pub use operation::{Operation, Repeat};
pub use progress::Progress;
#[doc(no_inline)]
pub use rate_limit::{Quota, RateLimitStatus, RollingRateLimitLayer};
pub use raw::{Raw, Streaming};
pub use response::{ApiResponse, RequestId};
pub use retry::RetryPolicy;
#[doc(no_inline)]
pub use rotation::FollowRotationLayer;
#[doc(no_inline)]
pub use rsa_public_key::RsaPublicKey;
#[doc(no_inline)]
pub use secret_sink::{SecretSink, SecretSinkLayer};
pub use service::{AuthService, CallFuture};
#[doc(no_inline)]
pub use skew::LearnSkewLayer;
pub use user::{UserCredentials, UserId, UserSecret};
