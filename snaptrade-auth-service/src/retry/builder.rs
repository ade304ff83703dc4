//! The settings of a policy.

use std::sync::Arc;
use std::time::Duration;

use tower::retry::budget::TpsBudget;

use super::backoff::{Backoff, Jitter};
use super::policy::RetryPolicy;

/// The most attempts: beyond that, a mistake is likelier than patience.
const MAX_ATTEMPTS: u32 = 100;
/// The longest wait, backed off or announced.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) max_attempts: u32,
    pub(super) backoff: Backoff,
    pub(super) max_wait: Duration,
    pub(super) budget: Arc<TpsBudget>,
}

/// Sets up a [`RetryPolicy`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct RetryPolicyBuilder {
    settings: Settings,
}

/// Settings that make no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRetryPolicy {
    /// No attempt at all, or too many to be meant.
    #[error("a call has 1 to {MAX_ATTEMPTS} attempts, not {0}: set `max_attempts`")]
    MaxAttempts(u32),
    /// A first back-off of nothing, or longer than the longest; or one longer than an hour.
    #[error(
        "a back-off begins with more than nothing and ends with an hour at most, not {base:?} and {cap:?}: set `backoff`"
    )]
    Backoff {
        /// The longest that the first may be.
        base: Duration,
        /// The longest that any may be.
        cap: Duration,
    },
    /// An announced wait of more than an hour.
    #[error("an announced wait is waited for during an hour at most, not {0:?}: set `max_wait`")]
    MaxWait(Duration),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            backoff: Backoff {
                base: Duration::from_millis(200),
                cap: Duration::from_secs(10),
                jitter: Jitter::Random,
            },
            max_wait: Duration::from_secs(60),
            budget: Arc::new(TpsBudget::new(Duration::from_secs(10), 1, 0.2)),
        }
    }
}

impl RetryPolicyBuilder {
    pub(super) fn new() -> Self {
        let settings = Settings::default();
        Self { settings }
    }

    /// How many attempts a call has in all, the first one included: 1 to 100. The default is 4.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = attempts;
        self
    }

    /// How long to wait if no answer says so: up to `base` after the first attempt, twice as long after each other, never
    /// longer than `cap`, which is an hour at most. The default is 200 ms and 10 s.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.settings.backoff.base = base;
        self.settings.backoff.cap = cap;
        self
    }

    /// The longest announced wait that is waited for: an hour at most. An answer that announces a longer one goes to the
    /// caller at once. The default is 60 s, SnapTrade's window.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.settings.max_wait = wait;
        self
    }

    /// What bounds the load that repeating adds, shared by everyone who has it. The default is one of each policy's own:
    /// within 10 seconds, 10 repetitions and a fifth of the calls that were answered.
    pub fn budget(mut self, budget: Arc<TpsBudget>) -> Self {
        self.settings.budget = budget;
        self
    }

    /// Draws the same waits each time. Without it, others.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.backoff.jitter = Jitter::seeded(seed);
        self
    }

    /// The policy.
    ///
    /// # Errors
    ///
    /// [`InvalidRetryPolicy`] if a setting is out of its range.
    pub fn build(self) -> Result<RetryPolicy, InvalidRetryPolicy> {
        let settings = self.settings;
        let (base, cap) = (settings.backoff.base, settings.backoff.cap);
        if !(1..=MAX_ATTEMPTS).contains(&settings.max_attempts) {
            return Err(InvalidRetryPolicy::MaxAttempts(settings.max_attempts));
        }
        if base.is_zero() || base > cap || cap > MAX_WAIT {
            return Err(InvalidRetryPolicy::Backoff { base, cap });
        }
        if settings.max_wait > MAX_WAIT {
            return Err(InvalidRetryPolicy::MaxWait(settings.max_wait));
        }
        Ok(RetryPolicy::with(settings))
    }
}
