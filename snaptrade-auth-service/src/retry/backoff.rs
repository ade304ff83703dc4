//! How long to wait if no answer says so: exponential, with full jitter.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Anything from nothing to `base`, then to twice that, and so on up to `cap`.
///
/// The whole wait is random, not a part of it: what failed together should not come back together.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    pub(super) base: Duration,
    pub(super) cap: Duration,
    pub(super) jitter: Jitter,
}

/// Where chance comes from.
#[derive(Clone, Debug, Default)]
pub(super) enum Jitter {
    /// The thread's generator.
    #[default]
    Random,
    /// One that draws the same numbers each time.
    Seeded(Arc<Mutex<fastrand::Rng>>),
}

impl Backoff {
    /// The wait after so many attempts.
    pub(super) fn after(&self, attempts: u32) -> Duration {
        self.jitter.up_to(self.longest(attempts))
    }

    /// The longest that it can be.
    pub(super) fn longest(&self, attempts: u32) -> Duration {
        let factor = 2_u32.checked_pow(attempts.saturating_sub(1));
        factor
            .and_then(|factor| self.base.checked_mul(factor))
            .map_or(self.cap, |wait| wait.min(self.cap))
    }
}

impl Jitter {
    pub(super) fn seeded(seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self::Seeded(Arc::new(Mutex::new(random)))
    }

    fn up_to(&self, longest: Duration) -> Duration {
        let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(match self {
            Self::Random => fastrand::u64(..=nanos),
            Self::Seeded(random) => {
                let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
                random.u64(..=nanos)
            }
        })
    }
}
