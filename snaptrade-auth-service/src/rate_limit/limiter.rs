//! What all clones share: the log, the queue, and who is told what.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{self, Handle};
use tokio::sync::{Notify, oneshot};

use super::driver;
use super::error::RateLimitError;
use super::feedback::Feedback;
use super::permit::Permit;
use super::queue::{Patience, Place, Queue, Verdict};
use super::quota::Quota;
#[cfg(feature = "redis")]
use super::redis::{Link, RedisQuota, Remote};
use super::window::{Ticket, Window};
use crate::event;

pub(super) struct Limiter {
    state: Mutex<State>,
    /// The drivers should look again before they meant to. Each begins to listen before it looks, so that it misses nothing.
    pub(super) changed: Notify,
    #[cfg(feature = "redis")]
    pub(super) remote: Option<Remote>,
}

pub(super) struct State {
    pub(super) window: Window,
    pub(super) queue: Queue,
    /// The runtimes in which a task serves the queue: one in each in which somebody waits, as any of them may be idle for a
    /// while, or for good.
    drivers: Vec<runtime::Id>,
    /// Turns may come later than was known when their waiters joined.
    pub(super) later: bool,
    /// What is known of the Redis that keeps the log. The window then holds what this process uses, out of its share.
    #[cfg(feature = "redis")]
    pub(super) link: Option<Link>,
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
            drivers: Vec::new(),
            later: false,
            #[cfg(feature = "redis")]
            link: None,
        };
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
            #[cfg(feature = "redis")]
            remote: None,
        }
    }

    #[cfg(feature = "redis")]
    pub(super) fn shared(config: RedisQuota) -> Self {
        let state = State {
            window: Window::new(config.quota(), config.share()),
            queue: Queue::default(),
            drivers: Vec::new(),
            later: false,
            link: Some(Link::new(&config)),
        };
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
            remote: Some(Remote::new(config)),
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
        if state.grants_here()
            && state.queue.is_empty()
            && let Some(ticket) = state.window.try_take(now)
        {
            return Ok(Entry::Granted(Permit::new(self.clone(), ticket)));
        }
        if let Some(patience) = patience {
            let ahead = state.queue.ahead(place);
            let earliest = state.earliest(now, ahead);
            if earliest > patience.until {
                return Err(patience.refusal(earliest, now));
            }
        }
        let runtime = Handle::try_current().map_err(|_| RateLimitError::NoRuntime)?;
        let next_impatience = state.queue.next_impatience();
        let verdict = state.queue.join(place, patience);
        // Who serves the queue may sleep for longer than the newcomer would wait, or not know what others need.
        let looks = state.queue.next_impatience() != next_impatience || !state.grants_here();
        drop(guard);
        self.serve_in(&runtime);
        if looks {
            self.changed.notify_waiters();
        }
        Ok(Entry::Queued(verdict))
    }

    /// Sees to it that a task of this runtime serves the queue while somebody waits.
    pub(super) fn serve_here(self: &Arc<Self>) {
        if let Ok(runtime) = Handle::try_current() {
            self.serve_in(&runtime);
        }
    }

    fn serve_in(self: &Arc<Self>, runtime: &Handle) {
        let id = runtime.id();
        let is_new = self.lock().add_driver(id);
        // Not under the lock: a runtime that has shut down drops the driver here, which wants the lock.
        if is_new {
            runtime.spawn(driver::drive(self.clone(), id));
        }
    }

    /// The slot that was granted to somebody who waits here; none if it has gone to somebody else meanwhile.
    pub(super) fn claim(self: &Arc<Self>, place: Place) -> Option<Permit> {
        let ticket = self.lock().queue.claim(place)?;
        Some(Permit::new(self.clone(), ticket))
    }

    /// Somebody no longer waits.
    pub(super) fn leave(&self, place: Place) {
        let mut state = self.lock();
        let waiter = state.queue.leave(place);
        let granted = state.queue.claim(place).is_some();
        if granted {
            state.refund(1);
        }
        drop(state);
        drop(waiter);
        if granted {
            self.changed.notify_waiters();
        }
    }

    /// A slot was granted and not used.
    pub(super) fn refund(&self) {
        self.lock().refund(1);
        self.changed.notify_waiters();
    }

    /// An attempt ended without an answer.
    pub(super) fn ended(&self) {
        let mut state = self.lock();
        state.window.ended(now());
        #[cfg(feature = "redis")]
        if let Some(link) = &mut state.link {
            link.ended();
        }
        drop(state);
        // An answer may have been waited for.
        self.changed.notify_waiters();
    }

    /// The head of an answer is here.
    pub(super) fn answered(&self, ticket: Ticket, feedback: Feedback) {
        if feedback.throttled {
            let pause = feedback.pause;
            event::emit(|| tracing::debug!(?pause, "throttled: everyone on this quota waits"));
        }
        self.lock().answered(now(), ticket, feedback);
        // There may be room now, or a pause for which somebody would not wait.
        self.changed.notify_waiters();
    }

    pub(super) fn in_use(&self) -> usize {
        let mut state = self.lock();
        #[cfg(feature = "redis")]
        if let Some(held) = state.link.as_ref().and_then(Link::held) {
            return held;
        }
        state.window.in_use(now())
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().queue.len()
    }

    pub(super) fn next_free(&self) -> Duration {
        let mut state = self.lock();
        let now = now();
        let ahead = state.queue.len();
        state.earliest(now, ahead).saturating_duration_since(now)
    }
}

impl State {
    /// False if the runtime has one.
    fn add_driver(&mut self, runtime: runtime::Id) -> bool {
        let is_new = !self.drivers.contains(&runtime);
        if is_new {
            self.drivers.push(runtime);
        }
        is_new
    }

    pub(super) fn remove_driver(&mut self, runtime: runtime::Id) {
        self.drivers.retain(|id| *id != runtime);
    }

    /// Slots were granted and not used.
    pub(super) fn refund(&mut self, slots: usize) {
        for _ in 0..slots {
            self.window.refund();
            #[cfg(feature = "redis")]
            if let Some(link) = &mut self.link {
                link.refunded();
            }
        }
    }

    /// Whether the log is kept here, and not in Redis.
    fn grants_here(&self) -> bool {
        #[cfg(feature = "redis")]
        return self.link.is_none();
        #[cfg(not(feature = "redis"))]
        true
    }

    /// When whoever has `ahead` others before them can have a slot at the earliest.
    fn earliest(&mut self, now: Instant, ahead: usize) -> Instant {
        #[cfg(feature = "redis")]
        if let Some(link) = &self.link {
            return link.earliest(now, &mut self.window, ahead);
        }
        self.window.earliest(now, ahead)
    }

    fn answered(&mut self, now: Instant, ticket: Ticket, feedback: Feedback) {
        if self.grants_here() {
            if let Some(limit) = feedback.limit {
                self.window.announce_limit(limit);
            }
            if let Some(used) = feedback.used {
                self.window.observe(now, ticket, used);
            }
        }
        if feedback.throttled {
            let until = feedback.pause.map(|pause| now + pause);
            self.window.throttled(until);
            self.later = true;
        }
        self.window.answered(now);
        #[cfg(feature = "redis")]
        if let Some(link) = &mut self.link {
            link.answered(now, ticket, feedback);
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
