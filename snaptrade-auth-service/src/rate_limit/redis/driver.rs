//! Serves the queue with what Redis grants, and, while it is away, with this process's share.

use std::pin::pin;
use std::time::Instant;

use tokio::runtime;
use tokio::time::timeout_at;

use super::remote::{Remote, SyncError};
use super::report::{Reply, Report};
use crate::event;
use crate::quote::quote;
use crate::rate_limit::driver::{Verdicts, deliver};
use crate::rate_limit::limiter::{Limiter, State, now};

enum Step {
    /// Nobody waits, nothing is held, and all is told.
    Stop,
    Call(Report),
    Wait(Instant),
}

/// Serves the queue until there is nothing to wait for.
pub(in crate::rate_limit) async fn drive(limiter: &Limiter, remote: &Remote, runtime: runtime::Id) {
    loop {
        let mut changed = pin!(limiter.changed.notified());
        changed.as_mut().enable();
        let mut verdicts = Verdicts::new();
        let step = step(limiter, runtime, &mut verdicts);
        deliver(verdicts);
        match step {
            Step::Stop => return,
            Step::Call(report) => {
                let outcome = remote.sync(&report).await;
                let mut verdicts = Verdicts::new();
                settle(limiter, report.number, outcome, &mut verdicts);
                deliver(verdicts);
                // Whoever serves the queue in another runtime has waited for this.
                limiter.changed.notify_waiters();
            }
            Step::Wait(until) => {
                // Either way there may be something to do.
                let _ = timeout_at(until.into(), changed).await;
            }
        }
    }
}

fn step(limiter: &Limiter, runtime: runtime::Id, verdicts: &mut Verdicts) -> Step {
    let mut state = limiter.lock();
    let state = &mut *state;
    let Some(link) = &mut state.link else {
        return Step::Stop;
    };
    let now = now();
    for _ in 0..state.queue.reclaim(now) {
        state.window.refund();
        link.refunded();
    }
    // Here first, so that nobody waits for a call that may not return in time.
    while link.may_share(now) && !state.queue.is_empty() {
        let Some(ticket) = state.window.try_take(now) else {
            break;
        };
        match state.queue.grant(ticket, now) {
            Some(waiter) => verdicts.push((waiter, Ok(()))),
            None => state.window.refund(),
        }
    }
    link.advance(now);
    let free = link.earliest(now, &mut state.window, 0);
    while let Some((waiter, patience)) = state.queue.pop_impatient(free, now) {
        verdicts.push((waiter.verdict, Err(patience.refusal(free, now))));
    }
    let (waiting, in_flight) = (state.queue.len(), state.window.in_flight());
    if waiting == 0 && link.is_idle(in_flight) {
        state.remove_driver(runtime);
        return Step::Stop;
    }
    let called_until = link.called_until(now);
    let call_at = called_until.unwrap_or_else(|| link.call_at(now, waiting));
    if called_until.is_none() && call_at <= now {
        return Step::Call(link.report(now, waiting, in_flight));
    }
    let share_at = Some(free).filter(|&free| link.is_away() && free > now);
    let times = [
        share_at,
        state.queue.next_impatience(),
        state.queue.next_reclaim(),
    ];
    Step::Wait(times.into_iter().flatten().fold(call_at, Instant::min))
}

fn settle(
    limiter: &Limiter,
    number: u64,
    outcome: Result<Reply, SyncError>,
    verdicts: &mut Verdicts,
) {
    let mut state = limiter.lock();
    let State {
        window,
        queue,
        link: Some(link),
        ..
    } = &mut *state
    else {
        return;
    };
    if !link.ends(number) {
        return;
    }
    let now = now();
    let reply = match outcome {
        Ok(reply) => reply,
        Err(error) => {
            if !link.is_away() {
                let error = quote(&error.to_string());
                event::emit(
                    || tracing::warn!(%error, "Redis is away: this process stands still, and then uses its share"),
                );
            }
            return link.failed(now);
        }
    };
    if link.is_away() {
        event::emit(|| tracing::info!("Redis is back"));
    }
    link.heard(now, &reply);
    for _ in 0..reply.granted {
        match queue.grant(link.ticket(&reply), now) {
            Some(waiter) => {
                window.take();
                verdicts.push((waiter, Ok(())));
            }
            // Whoever wanted it has gone. The next call says that it is not under way.
            None => link.refunded(),
        }
    }
}
