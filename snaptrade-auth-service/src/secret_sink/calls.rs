//! All calls that are open, and the secrets that nobody took.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::intent::{Intent, IntentId};
use super::not_stored::NotStored;

/// What the clones of a layer and their services share.
#[derive(Default)]
pub(super) struct OpenCalls {
    state: Mutex<State>,
    idle: Notify,
}

#[derive(Default)]
struct State {
    draining: bool,
    calls: BTreeMap<IntentId, (Intent, Stage)>,
    orphans: Vec<NotStored>,
}

/// How far an open call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its task runs.
    Running,
    /// Its future has an answer that holds the only copy of a secret, and was not polled since.
    Unclaimed,
}

/// An open call; it counts until this is dropped.
pub(super) struct OpenCall {
    calls: Arc<OpenCalls>,
    id: IntentId,
}

impl OpenCalls {
    /// Counts a call in, unless no new ones are taken.
    pub(super) fn open(self: &Arc<Self>, intent: &Intent) -> Option<OpenCall> {
        let mut state = self.lock();
        if state.draining {
            return None;
        }
        let id = intent.id();
        state.calls.insert(id, (intent.clone(), Stage::Running));
        Some(OpenCall {
            calls: self.clone(),
            id,
        })
    }

    pub(super) fn refuse_new(&self) {
        self.lock().draining = true;
    }

    /// Until no call is open.
    pub(super) async fn idle(&self) {
        let mut idle = std::pin::pin!(self.idle.notified());
        loop {
            // Enabled before looking, so that the last one to leave is not missed in between.
            idle.as_mut().enable();
            if self.lock().calls.is_empty() {
                return;
            }
            idle.as_mut().await;
            idle.set(self.idle.notified());
        }
    }

    /// The open calls that have come this far.
    pub(super) fn intents(&self, at: Stage) -> Vec<Intent> {
        let state = self.lock();
        let calls = state.calls.values().filter(|(_, stage)| *stage == at);
        calls.map(|(intent, _)| intent.clone()).collect()
    }

    pub(super) fn keep(&self, orphan: NotStored) {
        self.lock().orphans.push(orphan);
    }

    pub(super) fn take_orphans(&self) -> Vec<NotStored> {
        std::mem::take(&mut self.lock().orphans)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenCall {
    /// The answer is with the caller's future.
    pub(super) fn unclaimed(&self) {
        if let Some((_, stage)) = self.calls.lock().calls.get_mut(&self.id) {
            *stage = Stage::Unclaimed;
        }
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let mut state = self.calls.lock();
        state.calls.remove(&self.id);
        if state.calls.is_empty() {
            self.calls.idle.notify_waiters();
        }
    }
}

impl fmt::Debug for OpenCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("OpenCalls")
            .field("draining", &state.draining)
            .field("calls", &state.calls.len())
            .field("orphans", &state.orphans.len())
            .finish_non_exhaustive()
    }
}
