//! All calls under way, and the secrets that nobody took.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::error::NotStored;
use super::intent::{Intent, IntentId};
use super::turns::Turns;

/// What the clones of a layer and their services share.
#[derive(Default)]
pub(super) struct UnderWay {
    pub(super) turns: Arc<Turns>,
    state: Mutex<State>,
    idle: Notify,
}

#[derive(Default)]
struct State {
    draining: bool,
    calls: BTreeMap<IntentId, Intent>,
    orphans: Vec<NotStored>,
}

/// A call under way; it counts until this is dropped.
pub(super) struct Entry {
    under_way: Arc<UnderWay>,
    id: IntentId,
}

impl UnderWay {
    /// Counts a call in, unless no new ones are taken.
    pub(super) fn enter(self: &Arc<Self>, intent: &Intent) -> Option<Entry> {
        let mut state = self.lock();
        if state.draining {
            return None;
        }
        let id = intent.id();
        state.calls.insert(id, intent.clone());
        Some(Entry {
            under_way: self.clone(),
            id,
        })
    }

    pub(super) fn refuse_new(&self) {
        self.lock().draining = true;
    }

    /// Until no call is under way.
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

    pub(super) fn calls(&self) -> Vec<Intent> {
        self.lock().calls.values().cloned().collect()
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

impl Drop for Entry {
    fn drop(&mut self) {
        let mut state = self.under_way.lock();
        state.calls.remove(&self.id);
        if state.calls.is_empty() {
            self.under_way.idle.notify_waiters();
        }
    }
}

impl fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("UnderWay")
            .field("draining", &state.draining)
            .field("calls", &state.calls.len())
            .field("orphans", &state.orphans.len())
            .finish_non_exhaustive()
    }
}
