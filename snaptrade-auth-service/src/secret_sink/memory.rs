//! A sink for tests.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snaptrade_signing::BoxError;

use super::intent::{Ending, Intent, IntentId, Unsettled};
use super::queues::UserQueues;
use super::sink::{SecretSink, SinkFuture};
use crate::user::{UserCredentials, UserId, UserSecret};

/// A sink in memory, for tests: it can be looked into, and told to fail. Clones share everything.
///
/// ```
/// use snaptrade_auth_service::secret_sink::{MemorySecretSink, SinkStep};
///
/// let sink = MemorySecretSink::new();
/// sink.fail(SinkStep::Store, 2);
/// assert!(sink.load(&"jane".into()).is_none());
/// ```
#[derive(Clone, Default)]
pub struct MemorySecretSink {
    state: Arc<Mutex<State>>,
    queues: UserQueues,
}

/// A function of a [`SecretSink`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SinkStep {
    /// [`SecretSink::record`].
    Record,
    /// [`SecretSink::store`].
    Store,
    /// [`SecretSink::settle`].
    Settle,
}

#[derive(Default)]
struct State {
    secrets: BTreeMap<UserId, UserSecret>,
    intents: BTreeMap<IntentId, Unsettled>,
    calls: BTreeMap<SinkStep, usize>,
    failures: BTreeMap<SinkStep, usize>,
    hanging: BTreeMap<SinkStep, usize>,
}

impl MemorySecretSink {
    /// An empty sink.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The secret of a user, if it is here.
    #[must_use]
    pub fn load(&self, user_id: &UserId) -> Option<UserSecret> {
        self.lock().secrets.get(user_id).cloned()
    }

    /// The intents that did not end well, or not yet.
    #[must_use]
    pub fn unsettled(&self) -> Vec<Unsettled> {
        self.lock().intents.values().cloned().collect()
    }

    /// How often a function was called.
    #[must_use]
    pub fn calls(&self, step: SinkStep) -> usize {
        self.lock().calls.get(&step).copied().unwrap_or_default()
    }

    /// Lets the next `times` calls of a function fail, from now on.
    pub fn fail(&self, step: SinkStep, times: usize) {
        self.lock().failures.insert(step, times);
    }

    /// Lets the next `times` calls of a function hang for good, before those that fail.
    pub fn hang(&self, step: SinkStep, times: usize) {
        self.lock().hanging.insert(step, times);
    }

    /// What the function does before all else.
    async fn enter(&self, step: SinkStep) -> Result<(), BoxError> {
        let (hangs, fails) = {
            let mut state = self.lock();
            *state.calls.entry(step).or_default() += 1;
            let hangs = take(&mut state.hanging, step);
            (hangs, !hangs && take(&mut state.failures, step))
        };
        if hangs {
            std::future::pending::<()>().await;
        }
        if fails {
            return Err("the sink was told to fail".into());
        }
        // A point at which a caller can go, as with any other store.
        tokio::task::yield_now().await;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one more of them is due.
fn take(counts: &mut BTreeMap<SinkStep, usize>, step: SinkStep) -> bool {
    let due = counts.entry(step).or_default();
    let take = *due > 0;
    *due = due.saturating_sub(1);
    take
}

impl SecretSink for MemorySecretSink {
    fn record<'a>(&'a self, intent: &'a Intent) -> SinkFuture<'a> {
        Box::pin(async move {
            self.enter(SinkStep::Record).await?;
            let unsettled = Unsettled {
                intent: intent.clone(),
                ending: None,
            };
            self.lock().intents.insert(intent.id(), unsettled);
            Ok(())
        })
    }

    fn store<'a>(&'a self, _: &'a Intent, user: &'a UserCredentials) -> SinkFuture<'a> {
        Box::pin(async move {
            self.enter(SinkStep::Store).await?;
            let mut state = self.lock();
            state
                .secrets
                .insert(user.user_id.clone(), user.user_secret.clone());
            Ok(())
        })
    }

    fn settle<'a>(&'a self, intent: &'a Intent, ending: Ending) -> SinkFuture<'a> {
        Box::pin(async move {
            self.enter(SinkStep::Settle).await?;
            let mut state = self.lock();
            if ending.is_settled() {
                state.intents.remove(&intent.id());
            } else {
                let unsettled = Unsettled {
                    intent: intent.clone(),
                    ending: Some(ending),
                };
                state.intents.insert(intent.id(), unsettled);
            }
            Ok(())
        })
    }

    fn user_queues(&self) -> UserQueues {
        self.queues.clone()
    }
}

impl fmt::Debug for MemorySecretSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("MemorySecretSink")
            .field("users", &state.secrets.len())
            .field("unsettled", &state.intents.len())
            .finish_non_exhaustive()
    }
}
