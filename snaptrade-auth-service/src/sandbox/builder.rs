//! The settings of a sandbox.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use snaptrade_signing::canonical::Escaping;
use snaptrade_signing::clock::{Clock, SystemClock};
use snaptrade_signing::{Credentials, Verifier, VerifyRequestLayer};
use tower::Layer;

use super::Sandbox;
use super::api::Api;
use super::clients::{Clients, KeyKind};
use super::limit::Limit;
use super::server::Server;
use super::state::{Shared, State, personal_user_id};

/// Requests a minute that SnapTrade lets a client id make.
pub(super) const DEFAULT_LIMIT: u32 = 250;

/// Requests a minute for data of one account of a Personal key.
const DEFAULT_ACCOUNT_LIMIT: u32 = 10;

const MINUTE: Duration = Duration::from_secs(60);
const DEFAULT_TOLERANCE: Duration = Duration::from_secs(300);

/// Settings of a [`Sandbox`]. Begun with [`Sandbox::builder`].
pub struct SandboxBuilder {
    clients: Vec<(Credentials, KeyKind)>,
    users: Vec<(String, String, String)>,
    seed: Option<u64>,
    tolerance: Duration,
    clock: Arc<dyn Clock>,
    escaping: Escaping,
    limit: Limit,
    account_limit: Limit,
    deletion_delay: Duration,
}

impl SandboxBuilder {
    pub(super) fn new() -> Self {
        let minute = |requests| Limit {
            requests,
            period: MINUTE,
        };
        Self {
            clients: Vec::new(),
            users: Vec::new(),
            seed: None,
            tolerance: DEFAULT_TOLERANCE,
            clock: Arc::new(SystemClock),
            escaping: Escaping::default(),
            limit: minute(DEFAULT_LIMIT),
            account_limit: minute(DEFAULT_ACCOUNT_LIMIT),
            deletion_delay: Duration::ZERO,
        }
    }

    /// Adds a client. Without any there is one Commercial client, of [`Sandbox::credentials`].
    #[must_use]
    pub fn client(mut self, credentials: Credentials, kind: KeyKind) -> Self {
        self.clients.push((credentials, kind));
        self
    }

    /// Registers a user ahead, with this secret. A Personal client has its user already.
    #[must_use]
    pub fn user(
        mut self,
        client_id: impl Into<String>,
        user_id: impl Into<String>,
        user_secret: impl Into<String>,
    ) -> Self {
        let user = (client_id.into(), user_id.into(), user_secret.into());
        self.users.push(user);
        self
    }

    /// Draws the same secrets and ids for the same requests. Without it, others each time.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How far a timestamp may be from the clock, either way, in whole seconds. The default is 300 s; no source states
    /// SnapTrade's own.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The server's clock: of timestamps and of `Date`. The default is [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How characters beyond ASCII are expected to be signed. The default is [`Escaping::Ascii`].
    #[must_use]
    pub fn escaping(mut self, escaping: Escaping) -> Self {
        self.escaping = escaping;
        self
    }

    /// How many verified requests a client id may make in any trailing `period`, on tokio's clock. The default is 250
    /// a minute.
    #[must_use]
    pub fn rate_limit(mut self, requests: u32, period: Duration) -> Self {
        self.limit = Limit { requests, period };
        self
    }

    /// As [`rate_limit`](Self::rate_limit), for data of one account of a Personal client. The default is 10 a minute.
    #[must_use]
    pub fn account_rate_limit(mut self, requests: u32, period: Duration) -> Self {
        self.account_limit = Limit { requests, period };
        self
    }

    /// How long after its answer a deletion is carried out, on tokio's clock. Until then the user is listed and can log
    /// in. The default is at once.
    #[must_use]
    pub fn deletion_delay(mut self, delay: Duration) -> Self {
        self.deletion_delay = delay;
        self
    }

    /// Makes the sandbox.
    #[must_use]
    pub fn build(self) -> Sandbox {
        let mut clients = self.clients;
        if clients.is_empty()
            && let Ok(credentials) = super::default_credentials()
        {
            clients.push((credentials, KeyKind::Commercial));
        }
        let random = self
            .seed
            .map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let mut state = State::new(self.limit, self.account_limit, random);
        for (credentials, kind) in &clients {
            if *kind == KeyKind::Personal {
                let client_id = credentials.client_id().as_str();
                state.provision(client_id, personal_user_id(client_id), None);
            }
        }
        for (client_id, user_id, secret) in self.users {
            state.provision(&client_id, user_id, Some(secret));
        }
        let clients = Clients::new(clients, self.escaping);
        let shared = Shared::new(clients, self.clock, self.deletion_delay, state);
        let shared = Arc::new(shared);

        let known = shared.clone();
        let verifier =
            Verifier::with_lookup(move |client_id: &str| known.clients.signer(client_id))
                .tolerance(self.tolerance)
                .clock(shared.clock.clone());
        let guarded = VerifyRequestLayer::new(verifier).layer(Api::new(shared.clone()));
        Sandbox {
            server: Server { shared, guarded },
        }
    }
}

impl fmt::Debug for SandboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder")
            .field("clients", &self.clients)
            .field("tolerance", &self.tolerance)
            .field("limit", &self.limit)
            .field("deletion_delay", &self.deletion_delay)
            .finish_non_exhaustive()
    }
}
