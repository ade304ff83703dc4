//! What all clones share: the log, the queue, and who is told what.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

use super::driver;
use super::error::RateLimitError;
use super::feedback::Feedback;
use super::permit::Permit;
use super::queue::{Patience, Place, Queue, Verdict};
use super::quota::Quota;
use super::window::{Ticket, Window};

pub(super) struct Limiter {
    state: Mutex<State>,
    /// The driver should look again before it meant to.
    pub(super) changed: Notify,
}

pub(super) struct State {
    pub(super) window: Window,
    pub(super) queue: Queue,
    /// Whether a task serves the queue. There is one while somebody waits.
    pub(super) driven: bool,
}

/// What comes of asking for a slot.
pub(super) enum Entry {
    Granted(Permit),
    Queued(oneshot::Receiver<Verdict>),
}

impl Limiter {
    pub(super) fn new(quota: &Quota) -> Self {
        let state = State {
            window: Window::new(quota, quota.requests_usize()),
            queue: Queue::default(),
            driven: false,
        };
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    /// The state. What is under the lock never panics and never waits.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn place(&self, retried: bool) -> Place {
        self.lock().queue.place(retried)
    }

    /// Takes a slot, or a place in the queue.
    pub(super) fn enter(
        self: &Arc<Self>,
        place: Place,
        patience: Option<Patience>,
    ) -> Result<Entry, RateLimitError> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let now = now();
        if state.queue.is_empty()
            && let Some(ticket) = state.window.try_take(now)
        {
            return Ok(Entry::Granted(Permit::new(self.clone(), ticket)));
        }
        if let Some(patience) = patience {
            let ahead = state.queue.ahead(place);
            let earliest = state.window.earliest(now, ahead);
            if earliest > patience.until {
                return Err(patience.refusal(earliest, now));
            }
        }
        let runtime = Handle::try_current().map_err(|_| RateLimitError::NoRuntime)?;
        let driven = std::mem::replace(&mut state.driven, true);
        let verdict = state.queue.join(place, patience);
        // Not under the lock: a runtime that has shut down drops the driver here, which wants the lock.
        drop(guard);
        if !driven {
            runtime.spawn(driver::drive(self.clone()));
        }
        Ok(Entry::Queued(verdict))
    }

    /// Somebody no longer waits.
    pub(super) fn leave(&self, place: Place) {
        let waiter = self.lock().queue.leave(place);
        drop(waiter);
    }

    /// A slot was granted and not used.
    pub(super) fn refund(&self) {
        self.lock().window.refund();
        self.changed.notify_one();
    }

    /// An attempt ended without an answer.
    pub(super) fn ended(&self) {
        self.lock().window.ended(now());
    }

    /// The head of an answer is here.
    pub(super) fn answered(&self, ticket: Ticket, feedback: Feedback) {
        let mut state = self.lock();
        let now = now();
        if let Some(limit) = feedback.limit {
            state.window.announce_limit(limit);
        }
        if let Some(used) = feedback.used {
            state.window.observe(now, ticket, used);
        }
        if feedback.throttled {
            tracing::debug!(pause = ?feedback.pause, "throttled: everyone on this quota waits");
            state
                .window
                .throttled(feedback.pause.map(|pause| now + pause));
        }
        state.window.answered(now);
        drop(state);
        // There may be room now, or a pause for which somebody would not wait.
        if feedback != Feedback::default() {
            self.changed.notify_one();
        }
    }

    pub(super) fn in_use(&self) -> usize {
        self.lock().window.in_use(now())
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().queue.len()
    }

    pub(super) fn next_free(&self) -> Duration {
        let mut state = self.lock();
        let now = now();
        let ahead = state.queue.len();
        state
            .window
            .earliest(now, ahead)
            .saturating_duration_since(now)
    }
}

impl Patience {
    pub(super) fn refusal(&self, free: Instant, now: Instant) -> RateLimitError {
        RateLimitError::WaitTooLong {
            retry_after: free.saturating_duration_since(now),
            max_wait: self.max_wait,
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("in_use", &self.in_use())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// Tokio's clock, so that a test can pause it.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
