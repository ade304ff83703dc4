//! What all clones of a sandbox share.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use snaptrade_signing::clock::{Clock, SkewedClock};
use tokio::time::Instant;
use uuid::Uuid;

use super::clients::{Clients, KeyKind};
use super::faults::Faults;
use super::limit::{Limit, Standing, Window};
use super::log::Log;
use super::users::{User, Users};

/// How long a link to the connection portal lives.
const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

/// The last second that an HTTP date can tell.
const LAST_DATE: u64 = 253_402_300_799;

pub(super) struct Shared {
    pub(super) clients: Clients,
    pub(super) clock: SkewedClock<Arc<dyn Clock>>,
    pub(super) deletion_delay: Duration,
    pub(super) log: Log,
    pub(super) faults: Faults,
    state: Mutex<State>,
}

/// What requests change. Held for the length of one handler.
pub(super) struct State {
    pub(super) users: Users,
    pub(super) limit: Limit,
    /// Of one account of a Personal key.
    pub(super) account_limit: Limit,
    windows: HashMap<String, Window>,
    account_windows: HashMap<(String, String), Window>,
    /// Open sessions of the connection portal, in the order in which their links expire.
    sessions: VecDeque<(Instant, Uuid)>,
    random: fastrand::Rng,
}

impl Shared {
    pub(super) fn new(
        clients: Clients,
        clock: Arc<dyn Clock>,
        deletion_delay: Duration,
        state: State,
    ) -> Self {
        Self {
            clients,
            clock: SkewedClock::new(clock),
            deletion_delay,
            log: Log::default(),
            faults: Faults::default(),
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No handler leaves it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server's date, `skew` seconds off.
    pub(super) fn date(&self, skew: i64) -> SystemTime {
        let secs = self.clock.now().plus(skew).as_secs().min(LAST_DATE);
        SystemTime::UNIX_EPOCH + Duration::from_secs(secs)
    }
}

impl State {
    pub(super) fn new(limit: Limit, account_limit: Limit, random: fastrand::Rng) -> Self {
        Self {
            users: Users::default(),
            limit,
            account_limit,
            windows: HashMap::new(),
            account_windows: HashMap::new(),
            sessions: VecDeque::new(),
            random,
        }
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes()).into_uuid()
    }

    /// A new user, not yet among the others.
    pub(super) fn new_user(&mut self, id: String, rsa_public_key: Option<String>) -> User {
        User::new(id, rsa_public_key, || self.uuid())
    }

    /// Provides a Personal key with its user, or registers one ahead.
    pub(super) fn provision(&mut self, client_id: &str, user_id: String, secret: Option<String>) {
        let mut user = self.new_user(user_id, None);
        if let Some(secret) = secret {
            user.secret = super::users::Secret::new(secret);
        }
        self.users.insert(client_id, user);
    }

    /// Remembers a link to the connection portal for as long as it lives.
    pub(super) fn open_session(&mut self, id: Uuid, now: Instant) {
        self.expire_sessions(now);
        self.sessions.push_back((now + LINK_LIFE, id));
    }

    pub(super) fn is_open_session(&mut self, id: Uuid, now: Instant) -> bool {
        self.expire_sessions(now);
        self.sessions.iter().any(|(_, open)| *open == id)
    }

    fn expire_sessions(&mut self, now: Instant) {
        while self.sessions.front().is_some_and(|(end, _)| *end <= now) {
            self.sessions.pop_front();
        }
    }

    /// Counts a request of a client.
    pub(super) fn admit(&mut self, client_id: &str, now: Instant) -> Standing {
        let window = self.windows.entry(client_id.to_owned()).or_default();
        window.admit(self.limit, now)
    }

    /// Counts a request for data of one account of a Personal key.
    pub(super) fn admit_account(
        &mut self,
        client_id: &str,
        account_id: &str,
        now: Instant,
    ) -> Standing {
        let key = (client_id.to_owned(), account_id.to_owned());
        let window = self.account_windows.entry(key).or_default();
        window.admit(self.account_limit, now)
    }
}

/// The one user of a Personal key.
pub(super) fn personal_user_id(client_id: &str) -> String {
    format!("{client_id}-user")
}

impl Shared {
    pub(super) fn is_personal(&self, client_id: &str) -> bool {
        self.clients.kind(client_id) == Some(KeyKind::Personal)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("clients", &self.clients)
            .field("deletion_delay", &self.deletion_delay)
            .finish_non_exhaustive()
    }
}
