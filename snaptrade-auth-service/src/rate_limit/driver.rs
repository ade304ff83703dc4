//! The task that serves the queue: one timer for everyone who waits in a runtime.
//!
//! It wakes whoever's turn it is, whatever their runtime, and nobody else. A waiter that is woken has its slot already; if it
//! does not look within a second, the slot goes to the next one.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::limiter::{Limiter, now};
use super::queue::Verdict;

/// How long to wait for a change that nobody can tell the time of, before looking whether there was one.
const IDLE: Duration = Duration::from_secs(60);

pub(super) type Verdicts = Vec<(oneshot::Sender<Verdict>, Verdict)>;

/// Serves the queue until it is empty.
pub(super) fn drive(
    limiter: Arc<Limiter>,
    runtime: runtime::Id,
) -> impl Future<Output = ()> + Send {
    // Made here, as a runtime that shuts down may drop the future before it was polled.
    let driving = Driving {
        limiter,
        runtime,
        finished: false,
    };
    async move {
        #[cfg(feature = "redis")]
        if let Some(remote) = &driving.limiter.remote {
            super::redis::drive(&driving.limiter, remote, runtime).await;
            return driving.finish();
        }
        serve(&driving.limiter, runtime).await;
        driving.finish();
    }
}

async fn serve(limiter: &Limiter, runtime: runtime::Id) {
    loop {
        let mut changed = pin!(limiter.changed.notified());
        changed.as_mut().enable();
        let Some(until) = step(limiter, runtime) else {
            return;
        };
        // Either way there may be something to do.
        let _ = timeout_at(until.into(), changed).await;
    }
}

/// Does what can be done now, and says until when there is nothing more; `None` if nobody waits.
fn step(limiter: &Limiter, runtime: runtime::Id) -> Option<Instant> {
    let mut verdicts = Verdicts::new();
    let until = decide(limiter, runtime, &mut verdicts);
    deliver(verdicts);
    until
}

/// Tells waiters what they get. Not under the lock: it wakes them.
pub(super) fn deliver(verdicts: Verdicts) {
    for (waiter, verdict) in verdicts {
        let _ = waiter.send(verdict);
    }
}

fn decide(limiter: &Limiter, runtime: runtime::Id, verdicts: &mut Verdicts) -> Option<Instant> {
    let mut state = limiter.lock();
    let state = &mut *state;
    let now = now();
    let unclaimed = state.queue.reclaim(now);
    state.refund(unclaimed);
    while !state.queue.is_empty() {
        if let Some(ticket) = state.window.try_take(now) {
            match state.queue.grant(ticket, now) {
                Some(waiter) => verdicts.push((waiter, Ok(()))),
                None => state.refund(1),
            }
            continue;
        }
        if std::mem::take(&mut state.later) {
            let window = &mut state.window;
            let hopeless = state.queue.sweep(|ahead| window.earliest(now, ahead));
            for (waiter, patience, free) in hopeless {
                verdicts.push((waiter.verdict, Err(patience.refusal(free, now))));
            }
        }
        let free = state.window.earliest(now, 0);
        while let Some((waiter, patience)) = state.queue.pop_impatient(free, now) {
            verdicts.push((waiter.verdict, Err(patience.refusal(free, now))));
        }
        if !state.queue.is_empty() {
            // If it is not known when, it is an answer that is waited for.
            let unknown = || state.queue.next_impatience().unwrap_or(now + IDLE);
            let until = if free > now { free } else { unknown() };
            let reclaim = state.queue.next_reclaim();
            return Some(reclaim.map_or(until, |reclaim| until.min(reclaim)));
        }
    }
    state.remove_driver(runtime);
    None
}

/// Dropped before its end if its runtime is shut down, while others may wait in another one.
struct Driving {
    limiter: Arc<Limiter>,
    runtime: runtime::Id,
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
        state.remove_driver(self.runtime);
        let abandoned = state.queue.abandon();
        drop(state);
        // They hear it, come back to the places they had, and the first of them brings a new driver.
        drop(abandoned);
    }
}
