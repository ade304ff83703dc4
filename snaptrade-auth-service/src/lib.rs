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
//!
//! # Secrets
//!
//! A user's secret, a portal link, a private key and the secrets of [`snaptrade_signing`] never reach a `Debug`, a `Display`, an
//! event or an error's text of this crate. What the crate holds of them for itself is erased from memory; what passes through
//! is not:
//!
//! | erased | when |
//! |---|---|
//! | [`UserSecret`], [`RedirectUri`](operations::RedirectUri), and all that holds them: operations, answers | dropped |
//! | what [`NotStored`](secret_sink::NotStored) and [`DecodeError`](error::DecodeError) keep of an answer | dropped |
//! | what a [`FileSecretSink`](secret_sink::FileSecretSink) writes and reads, in memory | after each |
//!
//! | not erased | |
//! |---|---|
//! | an [`ApiRequest`]: the target with `userSecret` in its query, and the body | also the [`http::Request`] that is made of it, and each attempt's clone |
//! | an answer's body as it was collected: [`AnswerBody`], [`ApiError::body`](error::ApiError::body), [`Raw`] bytes | |
//! | buffers of the HTTP client, of TLS and of the system | they hold each request and answer |
//! | files of a [`FileSecretSink`](secret_sink::FileSecretSink) | not encrypted: that is up to the disk |
//!
//! A layer of somebody else's below [`AuthService`] sees the secrets: **`tower_http::trace::TraceLayer` with its defaults logs the
//! whole URI, `userSecret` included**, at level `DEBUG`. Put it above [`AuthService`], or give it a `make_span_with` that has the
//! path alone.

mod answer;
mod api_request;
mod authentication;
mod base_url;
mod call_options;
#[cfg(feature = "client")]
pub mod client;
mod connection;
pub mod deadline;
#[cfg(feature = "encrypted")]
pub mod encrypted;
mod encrypted_response;
pub mod endpoint;
pub mod error;
mod event;
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
