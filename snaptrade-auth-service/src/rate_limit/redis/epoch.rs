//! Which log Redis keeps, and for how long this process has known it.

use std::time::{Duration, Instant};

use super::report::{Known, Reply};

/// For how long an epoch is remembered: within that, Redis keeps it.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// The epoch of the log, which ends when the log is lost.
#[derive(Debug)]
pub(super) struct Epoch {
    settled_after: Duration,
    heard: Option<Heard>,
    /// Changes with the epoch, as a ticket of an older one says nothing about a newer one's counts.
    generation: u32,
}

#[derive(Debug)]
struct Heard {
    known: Known,
    since: Instant,
    at: Instant,
}

impl Epoch {
    pub(super) fn new(settled_after: Duration) -> Self {
        Self {
            settled_after,
            heard: None,
            generation: 0,
        }
    }

    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Redis answered.
    pub(super) fn heard(&mut self, now: Instant, reply: &Reply) {
        let same = self.heard.take();
        let same = same.filter(|heard| heard.known.epoch == reply.epoch);
        if same.is_none() {
            self.generation = self.generation.wrapping_add(1);
        }
        self.heard = Some(Heard {
            known: Known {
                epoch: reply.epoch.clone(),
                calls: reply.calls,
                number: reply.number,
                is_settled: false,
            },
            since: same.map_or(now, |heard| heard.since),
            at: now,
        });
    }

    /// What to tell of it.
    pub(super) fn known(&self, now: Instant) -> Option<Known> {
        let passed = |since| now.saturating_duration_since(since);
        let heard = self.heard.as_ref();
        let heard = heard.filter(|heard| passed(heard.at) < REMEMBERED)?;
        Some(Known {
            is_settled: passed(heard.since) >= self.settled_after,
            ..heard.known.clone()
        })
    }
}
