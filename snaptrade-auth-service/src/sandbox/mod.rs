//! An in-memory SnapTrade, for tests and for trying things out.
//!
//! A [`Sandbox`] is itself a `tower` service: plug it in where the HTTP client goes, with no socket between, or
//! [serve](Sandbox::serve) it on a port for any language. It verifies every request as SnapTrade does, keeps users in
//! memory, enforces the rolling limit, and answers with SnapTrade's bodies, codes and headers. What it received stands
//! in its [log](Sandbox::log), and [what goes wrong](Sandbox::faults) is up to you.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use http_body_util::{BodyExt, Full};
//! use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Route, Sandbox};
//! use snaptrade_signing::SignRequestLayer;
//! use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let sandbox = Sandbox::new();
//! let client = SignRequestLayer::new(Sandbox::credentials()?).layer(sandbox.clone());
//!
//! let register = Request::post("/snapTrade/registerUser")
//!     .body(Full::new(Bytes::from_static(br#"{"userId":"jane"}"#)))?;
//! let response = client.clone().oneshot(register.clone()).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//! assert_eq!(sandbox.users(), ["jane"]);
//!
//! // The next request is carried out, yet answered with a gateway's page.
//! sandbox.faults().next(Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html).after_commit());
//! let list = Request::get("/snapTrade/listUsers").body(Full::<Bytes>::default())?;
//! let response = client.clone().oneshot(list).await?;
//! assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
//! assert_eq!(sandbox.commits(Route::ListUsers), 1);
//!
//! let response = client.oneshot(register).await?;
//! assert_eq!(
//!     response.into_body().collect().await?.to_bytes(),
//!     r#"{"detail":"User with the following userId already exist: 'jane'","status_code":400,"code":"1010"}"#,
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # What is like SnapTrade, and what is not
//!
//! Paths route with and without `/api/v1`. Answers, codes and details are those that were seen; where none was seen
//! (a missing parameter, say) the sandbox answers in the same form. Links to the connection portal lead nowhere.
//! Accounts, positions and authorizations are made up, and an order is placed as often as it is asked for. Without the
//! feature `encrypted`, an encrypted response is a 501. Nothing outlives the process, and there is no TLS.
//!
//! Without a socket it needs no runtime, but for faults that take time: those need tokio's.

mod answer;
mod api;
mod body;
mod builder;
mod clients;
mod entry;
mod error;
mod exchange;
mod fault;
mod faults;
mod limit;
mod log;
mod route;
mod routes;
mod serve;
mod server;
mod service;
mod state;
mod users;
mod wire;

use std::time::Duration;

use snaptrade_signing::clock::Clock;
use snaptrade_signing::{ConsumerKey, Credentials, CredentialsError};
use tokio::time::Instant;

pub use body::SandboxBody;
pub use builder::SandboxBuilder;
pub use clients::KeyKind;
pub use entry::{LogEntry, Outcome};
pub use error::SandboxError;
pub use fault::{CannedAnswer, ErrorBody, Fault, Point};
pub use faults::{Arrival, ConnectionFault, Faults};
pub use route::Route;
pub use serve::SandboxServer;
pub use service::ResponseFuture;

/// The client id of [`Sandbox::credentials`].
pub const CLIENT_ID: &str = "SANDBOX";

/// The consumer key of [`Sandbox::credentials`]. It opens nothing but sandboxes.
pub const CONSUMER_KEY: &str = "sandbox-consumer-key";

/// An in-memory SnapTrade. Clones share everything. See the [module](self).
#[derive(Clone, Debug)]
pub struct Sandbox {
    server: server::Server,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// A sandbox for the Commercial client of [`credentials`](Self::credentials), without users.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Other settings.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// [`CLIENT_ID`] and [`CONSUMER_KEY`], which a sandbox without clients of its own accepts.
    ///
    /// # Errors
    ///
    /// None: it returns what [`Credentials::new`] does.
    pub fn credentials() -> Result<Credentials, CredentialsError> {
        default_credentials()
    }

    /// Accepts another key of a client from now on, and not the old one; whether there is such a client.
    pub fn rotate_key(&self, client_id: &str, key: ConsumerKey) -> bool {
        self.server.shared.clients.rotate(client_id, key)
    }

    /// What goes wrong, to be changed at any time.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.server.shared.faults
    }

    /// What was received, oldest first: the last 10,000 requests.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.server.shared.log.entries()
    }

    /// How often something was carried out, whatever its client heard of it.
    #[must_use]
    pub fn commits(&self, route: Route) -> u64 {
        self.server.shared.log.commits(route)
    }

    /// The ids of all users, of all clients, in order.
    #[must_use]
    pub fn users(&self) -> Vec<String> {
        let mut state = self.server.shared.state();
        let users = state.users.all(Instant::now());
        users.map(|user| user.id.clone()).collect()
    }

    /// Whether this is the secret that the user has now.
    #[must_use]
    pub fn is_current_secret(&self, client_id: &str, user_id: &str, user_secret: &str) -> bool {
        let mut state = self.server.shared.state();
        let user = state.users.get_mut(client_id, user_id, Instant::now());
        user.is_some_and(|user| user.secret.is(user_secret))
    }

    /// Whether a login's link is younger than five minutes, on tokio's clock.
    #[must_use]
    pub fn is_open_session(&self, session_id: &str) -> bool {
        let mut state = self.server.shared.state();
        uuid::Uuid::try_parse(session_id).is_ok_and(|id| state.is_open_session(id, Instant::now()))
    }

    /// Allows this many requests in any trailing `period` from now on.
    pub fn set_rate_limit(&self, requests: u32, period: Duration) {
        self.server.shared.state().limit = limit::Limit { requests, period };
    }

    /// Sets the server's clock this many seconds off, for timestamps and for `Date`.
    pub fn set_skew(&self, secs: i64) {
        self.server.shared.clock.set_offset(secs);
    }

    /// The server's time in seconds since 1970, as it believes.
    #[must_use]
    pub fn now(&self) -> snaptrade_signing::UnixTime {
        self.server.shared.clock.now()
    }
}

fn default_credentials() -> Result<Credentials, CredentialsError> {
    Credentials::new(CLIENT_ID, CONSUMER_KEY)
}
