//! The client that is ready to use: every layer of this crate in its order, over hyper-util and rustls.
//!
//! ```
//! use snaptrade_auth_service::Client;
//! use snaptrade_auth_service::operations::{ListUsers, LoginUser, RegisterUser};
//! # #[cfg(feature = "sandbox")] {
//! use snaptrade_auth_service::sandbox::Sandbox;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let sandbox = Sandbox::new();
//! # let server = sandbox.serve("127.0.0.1:0").await?;
//! // `Client::new(Credentials::from_env()?)?`, and that is all, for SnapTrade itself.
//! let snaptrade = Client::builder(Sandbox::credentials()?)
//!     .base_url(server.base_url().parse()?)
//!     .build()?;
//!
//! let jane = snaptrade.send(RegisterUser::new("jane")).await?.into_body();
//! let login = snaptrade.send(LoginUser::new(jane)).await?;
//! assert_eq!(snaptrade.send(ListUsers::new()).await?.body, ["jane".into()]);
//! # let _ = login;
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(()) })?;
//! # }
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
//! ```
//!
//! # What it does unless told
//!
//! | setting | default | why |
//! |---|---|---|
//! | [`base_url`](ClientBuilder::base_url) | `https://api.snaptrade.com` | the base since June 2026 |
//! | [`connect_timeout`](ClientBuilder::connect_timeout) | 10 s | three lost SYNs (1 + 2 + 4 s) and a TLS handshake fit in |
//! | [`attempt_timeout`](ClientBuilder::attempt_timeout) | 30 s | SnapTrade's server is gunicorn, which by default gives up a request after 30 s |
//! | [`timeout`](ClientBuilder::timeout) | 90 s | a whole window in the queue of the quota, and one attempt |
//! | [`retry`](ClientBuilder::retry) | 4 attempts, 200 ms and doubling | as the [table](crate::retry) says |
//! | [`secret_sink`](ClientBuilder::secret_sink) | none | only you know where secrets are safe; set one, or a caller who goes loses a new user's |
//! | [`rate_limit`](ClientBuilder::rate_limit) | 250 in any 60 s | SnapTrade's quota for each client id |
//! | [`max_answer_bytes`](ClientBuilder::max_answer_bytes) | 16 MiB | no answer may fill the memory |
//! | HTTP version | 2 or 1.1, as the server picks | |
//! | trusted roots | Mozilla's, compiled in | the same on every machine, in an empty container too |
//! | [`proxy`](ClientBuilder::proxy) | none, whatever the environment says | a secret goes where the code says |
//! | redirects | never followed | a signature is for one host |
//!
//! # Connections
//!
//! A connection stays in the pool for 4 s of idleness, as servers close theirs from 5 s on. Requests that must not be
//! repeated have a connection each, made for them and closed after them, for over one from the pool their outcome may
//! be left unknown: see [`ByRepeat`]. They cost a handshake; they are few.
//!
//! Over HTTP/2, all other requests share one connection:
//!
//! - If it goes silent, the attempt that meets it finds it dead, and the next attempt has another connection: pings
//!   follow the [attempt's timeout](ClientBuilder::attempt_timeout).
//! - Calls that are cancelled, thousands at once too, leave those beside them alone. How many cancelled calls a server
//!   takes is up to the server; if it closes the connection, the pool opens another one.
//!
//! # No connection
//!
//! Nothing was sent then. A [`ConnectError`] says why; if it [is permanent](ConnectError::is_permanent), it also says
//! which setting to change, and no other attempt is made.
//!
//! | what happens | tried again |
//! |---|---|
//! | a connection is refused, reset, closed, or not there within the connect timeout; a TLS handshake is cut off; a name cannot be looked up | yes |
//! | a proxy answers `CONNECT` with something else than 200 and 407, or with nonsense | yes |
//! | a SOCKS proxy fails, or cannot reach the server (replies 1, 3 to 6) | yes |
//! | a certificate is not trusted, has expired, is not valid yet, or is for another host | no |
//! | a proxy answers 407, or a SOCKS proxy refuses the login or accepts none | no |
//! | the rules of a SOCKS proxy forbid it, or it knows no such command or type of address (replies 2, 7, 8) | no |
//!
//! # Proxies
//!
//! | URL | how the proxy is asked | who looks up the server's name |
//! |---|---|---|
//! | `http://`, `https://` | `CONNECT`, so that it sees no request | the proxy |
//! | `socks5://` | SOCKS5 | this process, as curl does; an address that the proxy cannot reach is followed by the next one |
//! | `socks5h://` | SOCKS5 | the proxy |
//!
//! The connect timeout covers all of it: looking up, the way to the proxy, the proxy's way to the server, and TLS. A look-up
//! blocks a thread that tokio has for that, and no timer. Any other scheme is a [`ClientError`] when the client is built,
//! and so is a proxy that the environment names and that cannot be used: there is no direct connection instead. See
//! [`proxy`](ClientBuilder::proxy) and [`proxy_from_env`](ClientBuilder::proxy_from_env).
//!
//! # What is where
//!
//! | outermost first | |
//! |---|---|
//! | [`DeadlineLayer`](crate::DeadlineLayer) | the whole call |
//! | [`SecretSinkLayer`](crate::SecretSinkLayer), if [set](ClientBuilder::secret_sink) | a secret that is shown once |
//! | [`AuthService`](crate::AuthService) | from operations to requests and back |
//! | tower's `Retry` with [`RetryPolicy`](crate::RetryPolicy) | what may be sent twice |
//! | [`FollowRotationLayer`](crate::FollowRotationLayer), with a `Rotating` | a new consumer key |
//! | [`RollingRateLimitLayer`](crate::RollingRateLimitLayer) | waits for a slot |
//! | [`AttemptTimeoutLayer`](crate::AttemptTimeoutLayer) | one attempt |
//! | [`CollectAnswerLayer`](crate::CollectAnswerLayer) | its answer, read whole |
//! | [`LearnSkewLayer`](crate::LearnSkewLayer) | a clock that is wrong |
//! | [`SignRequestLayer`](snaptrade_signing::SignRequestLayer) | stamps, for the base URL's host alone |
//! | [`ByRepeat`] | a pooled connection or a fresh one |
//! | [`ConnectTimeoutLayer`](crate::deadline::ConnectTimeoutLayer) | name, TCP, proxy, TLS |

mod builder;
mod by_repeat;
mod dial;
mod error;
mod http;
mod mark;
mod per_runtime;
mod permanent_cause;
mod proxy;
mod service;
mod signing;
mod socks;
mod stack;
mod tls;
mod track;
mod whole;

use std::fmt;

use http_body_util::combinators::UnsyncBoxBody;
use snaptrade_signing::{BoxError, Credentials};

pub use self::builder::ClientBuilder;
pub use self::by_repeat::{ByRepeat, ByRepeatFuture};
pub use self::error::{ClientError, ConnectError};
pub use self::signing::Signing;
use self::stack::Stack;
use crate::answer::AnswerBody;
use crate::base_url::BaseUrl;

/// The unread body of a streamed answer.
pub type ResponseBody = AnswerBody<UnsyncBoxBody<bytes::Bytes, BoxError>>;

/// SnapTrade's API. See the [module](self).
///
/// Clones share the connections and the quota, and are made without much ado. Make one for each client id.
///
/// It is built anywhere, and may be called from several tokio runtimes, with I/O and time enabled; each makes connections of
/// its own, which go with it. Called outside of one, it panics, as tokio's timers do.
#[derive(Clone)]
pub struct Client {
    stack: Stack,
    base_url: BaseUrl,
}

impl Client {
    /// A client with the settings of the [module](self)'s table.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    pub fn new(credentials: Credentials) -> Result<Self, ClientError> {
        Self::builder(credentials).build()
    }

    /// Other settings. [`Signing`] is made from [`Credentials`], a [`Rotating`](snaptrade_signing::Rotating), an
    /// `Arc<Signer>`, or a [`SignRequestLayer`](snaptrade_signing::SignRequestLayer) with a provider or a clock of its own.
    /// Whatever hosts that signs for, the client has it sign for the base URL's alone.
    pub fn builder(signing: impl Into<Signing>) -> ClientBuilder {
        ClientBuilder::new(signing.into())
    }

    /// Where it sends requests to.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
