//! How a layer is set up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use snaptrade_signing::clock::{Clock, SystemClock};

use super::not_stored::NotStored;
use super::queues::UserQueues;
use super::sink::SecretSink;

/// The wait after the first failure, at most; after each further one twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

type Hook = Arc<dyn Fn(&NotStored) + Send + Sync>;

/// The settings of a layer, and of the services it made.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) sink: Arc<dyn SecretSink>,
    /// The sink's.
    pub(super) queues: UserQueues,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) on_orphan: Option<Hook>,
    /// How often the sink is asked to store a secret.
    pub(super) attempts: u32,
    /// How long each call of the sink may take.
    pub(super) timeout: Duration,
}

impl Settings {
    pub(super) fn new(sink: Arc<dyn SecretSink>) -> Self {
        Self {
            queues: sink.user_queues(),
            sink,
            clock: Arc::new(SystemClock),
            on_orphan: None,
            attempts: 8,
            timeout: Duration::from_secs(10),
        }
    }

    /// How long to wait after `failures` of them: exponential, with full jitter.
    pub(super) fn pause(failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1));
        let longest = doubled.and_then(|times| FIRST_PAUSE.checked_mul(times));
        let longest = longest.map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE));
        longest.mul_f64(fastrand::f64())
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("attempts", &self.attempts)
            .field("timeout", &self.timeout)
            .field("on_orphan", &self.on_orphan.is_some())
            .finish_non_exhaustive()
    }
}
