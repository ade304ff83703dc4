//! The task that serves the queue: one timer for everyone who waits.
//!
//! It wakes whoever's turn it is, and nobody else. A waiter that is woken has its slot already, so one that is not
//! polled for a while keeps nobody else from theirs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::limiter::{Limiter, now};
use super::permit::Permit;
use super::queue::Verdict;

/// How long to wait for a change that nobody can tell the time of, before looking whether there was one.
const IDLE: Duration = Duration::from_secs(60);

pub(super) type Verdicts = Vec<(oneshot::Sender<Verdict>, Verdict)>;

/// Serves the queue until it is empty.
pub(super) fn drive(limiter: Arc<Limiter>) -> impl Future<Output = ()> + Send {
    // Made here, as a runtime that shuts down may drop the future before it was polled.
    let driving = Driving {
        limiter,
        finished: false,
    };
    async move {
        #[cfg(feature = "redis")]
        if let Some(remote) = &driving.limiter.remote {
            super::redis::drive(&driving.limiter, remote).await;
            return driving.finish();
        }
        while let Some(until) = step(&driving.limiter) {
            // Either way there may be something to do.
            let changed = driving.limiter.changed.notified();
            let _ = timeout_at(until.into(), changed).await;
        }
        driving.finish();
    }
}

/// Does what can be done now, and says until when there is nothing more; `None` if nobody waits.
fn step(limiter: &Arc<Limiter>) -> Option<Instant> {
    let mut verdicts = Verdicts::new();
    let until = decide(limiter, &mut verdicts);
    deliver(verdicts);
    until
}

/// Tells waiters what they get. Not under the lock: one that has gone drops its permit here, which wants the lock.
pub(super) fn deliver(verdicts: Verdicts) {
    for (waiter, verdict) in verdicts {
        let _ = waiter.send(verdict);
    }
}

fn decide(limiter: &Arc<Limiter>, verdicts: &mut Verdicts) -> Option<Instant> {
    let mut state = limiter.lock();
    let state = &mut *state;
    let now = now();
    while !state.queue.is_empty() {
        if let Some(ticket) = state.window.try_take(now) {
            if let Some(waiter) = state.queue.pop() {
                let permit = Permit::new(limiter.clone(), ticket);
                verdicts.push((waiter.verdict, Ok(permit)));
            }
            continue;
        }
        let free = state.window.earliest(now, 0);
        while let Some((waiter, patience)) = state.queue.pop_impatient(free, now) {
            verdicts.push((waiter.verdict, Err(patience.refusal(free, now))));
        }
        if !state.queue.is_empty() {
            // If it is not known, it is an answer that is waited for.
            let unknown = || state.queue.next_impatience().unwrap_or(now + IDLE);
            return Some(if free > now { free } else { unknown() });
        }
    }
    state.driven = false;
    None
}

/// Dropped before its end if its runtime is shut down, while others may wait in another one.
struct Driving {
    limiter: Arc<Limiter>,
    finished: bool,
}

impl Driving {
    fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let mut state = self.limiter.lock();
        state.driven = false;
        let abandoned = state.queue.abandon();
        drop(state);
        // They hear it, come back to the places they had, and the first of them brings a new driver.
        drop(abandoned);
    }
}
