//! The layer, which is also the handle to what its clones share.

use std::sync::Arc;
use std::time::Duration;

use snaptrade_signing::clock::Clock;
use tower_layer::Layer;

use super::calls::{OpenCalls, Stage};
use super::intent::Intent;
use super::not_stored::NotStored;
use super::service::SecretSinkService;
use super::settings::Settings;
use super::sink::SecretSink;

/// Brings every secret that is shown once into a sink. See the [module](crate::secret_sink).
///
/// Clones share the calls under way: keep one to [drain](Self::drain) them. Calls of one user run one after the
/// other, in the order in which they were made, on all layers whose sinks share their
/// [queues](SecretSink::user_queues), as clones of one sink do.
#[derive(Clone, Debug)]
pub struct SecretSinkLayer {
    settings: Arc<Settings>,
    calls: Arc<OpenCalls>,
}

/// What was left when the time for [draining](SecretSinkLayer::drain) was over.
#[derive(Debug)]
#[must_use = "what is left needs somebody to look after it"]
#[non_exhaustive]
pub struct Drained {
    /// Calls still under way. They go on for as long as the runtime does.
    pub unfinished: Vec<Intent>,
    /// Calls whose answer holds the only copy of a secret, in a future that nobody has polled since: poll it, or drop it,
    /// which gives the secret to the hook.
    pub unclaimed: Vec<Intent>,
    /// Secrets that neither the sink nor a caller nor a hook took: the only copies.
    pub orphans: Vec<NotStored>,
}

impl SecretSinkLayer {
    /// Stores secrets in `sink`, which is asked up to 8 times, 10 seconds each.
    #[must_use]
    pub fn new(sink: impl SecretSink) -> Self {
        Self {
            settings: Arc::new(Settings::new(Arc::new(sink))),
            calls: Arc::default(),
        }
    }

    /// How often the sink is asked to store a secret before it is handed over; at least once. The pauses between are
    /// random, of up to 100 milliseconds at first and of up to 5 seconds at last.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.change().attempts = attempts;
        self
    }

    /// How long each call of the sink may take.
    #[must_use]
    pub fn sink_timeout(mut self, timeout: Duration) -> Self {
        self.change().timeout = timeout;
        self
    }

    /// Calls `hook` with each secret that is not in the sink, if its caller has gone: with the only copy, or with the body of
    /// an answer from which no secret could be read.
    ///
    /// It should not block for long, as it may be called where a future is dropped. Without a hook, or if that
    /// panics, the secret is kept in memory for [`take_orphans`](Self::take_orphans) or [`drain`](Self::drain).
    #[must_use]
    pub fn on_orphan(mut self, hook: impl Fn(&NotStored) + Send + Sync + 'static) -> Self {
        self.change().on_orphan = Some(Arc::new(hook));
        self
    }

    /// Where the time of intents comes from. The default is the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.change().clock = Arc::new(clock);
        self
    }

    fn change(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    /// The calls under way whose answers hold a secret, those that wait for another of their user included.
    #[must_use]
    pub fn under_way(&self) -> Vec<Intent> {
        self.calls.intents(Stage::Running)
    }

    /// Hands over the secrets that nobody took so far.
    #[must_use]
    pub fn take_orphans(&self) -> Vec<NotStored> {
        self.calls.take_orphans()
    }

    /// Refuses new calls that reveal a secret, for good, and waits up to `within` for those under way.
    ///
    /// Call it before the runtime is shut down. Dropped, it leaves new calls refused.
    pub async fn drain(&self, within: Duration) -> Drained {
        self.calls.refuse_new();
        // What is left says whether the time ran out.
        let _ = tokio::time::timeout(within, self.calls.idle()).await;
        Drained {
            unfinished: self.calls.intents(Stage::Running),
            unclaimed: self.calls.intents(Stage::Unclaimed),
            orphans: self.calls.take_orphans(),
        }
    }
}

impl Drained {
    /// Whether nothing is left.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.unfinished.is_empty() && self.unclaimed.is_empty() && self.orphans.is_empty()
    }
}

impl<S> Layer<S> for SecretSinkLayer {
    type Service = SecretSinkService<S>;

    fn layer(&self, inner: S) -> SecretSinkService<S> {
        SecretSinkService::new(inner, self.settings.clone(), self.calls.clone())
    }
}
