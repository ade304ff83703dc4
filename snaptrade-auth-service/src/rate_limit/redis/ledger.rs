//! What this process holds, and until when, by its own clock. It reads none, and sends nothing.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::rate_limit::others::Others;
use crate::rate_limit::quota::Quota;

/// What comes free with time. Attempts under way hold slots too; how many, the window knows.
#[derive(Debug)]
pub(super) struct Ledger {
    hold: Duration,
    margin: Duration,
    /// When slots come free, in order.
    releases: VecDeque<Instant>,
    /// What strangers use, as far as this process was told.
    others: Others,
    /// Nobody starts before.
    paused_until: Option<Instant>,
}

/// What has come free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) released: u64,
    /// A pause has ended, or strangers use less.
    pub(super) eased: bool,
}

impl Ledger {
    pub(super) fn new(quota: &Quota) -> Self {
        Self {
            hold: quota.hold(),
            margin: quota.margin(),
            releases: VecDeque::new(),
            others: Others::default(),
            paused_until: None,
        }
    }

    /// The head of an answer is here.
    pub(super) fn answered(&mut self, now: Instant) {
        self.release_at(now + self.hold);
    }

    /// An attempt ended without an answer, and may be on its way yet.
    pub(super) fn ended(&mut self, now: Instant) {
        self.release_at(now + self.margin + self.hold);
    }

    pub(super) fn pause_until(&mut self, until: Instant) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    /// Strangers use so many.
    pub(super) fn observe(&mut self, now: Instant, count: usize) {
        self.others.observe(count, now + self.hold);
    }

    /// Lets go of what has come free by now.
    pub(super) fn advance(&mut self, now: Instant) -> Change {
        let before = (self.others.count(), self.paused_until);
        let mut change = Change::default();
        while self.releases.front().is_some_and(|&at| at <= now) {
            self.releases.pop_front();
            change.released += 1;
        }
        self.others.expire(now);
        self.paused_until = self.paused_until.filter(|&until| until > now);
        change.eased = before != (self.others.count(), self.paused_until);
        change
    }

    /// Slots that are held after their attempts.
    pub(super) fn held(&self) -> usize {
        self.releases.len()
    }

    pub(super) fn others(&self) -> usize {
        self.others.count()
    }

    pub(super) fn pause(&self, now: Instant) -> Duration {
        let until = self.paused_until;
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// When a slot comes free, or strangers are believed to use less.
    pub(super) fn next_free(&self) -> Option<Instant> {
        let others = self.others.steps().next().and_then(|(until, _)| until);
        [self.releases.front().copied(), others]
            .into_iter()
            .flatten()
            .min()
    }

    /// When there is something to tell without anything happening.
    pub(super) fn next_change(&self) -> Option<Instant> {
        [self.next_free(), self.paused_until]
            .into_iter()
            .flatten()
            .min()
    }

    fn release_at(&mut self, at: Instant) {
        let index = self.releases.partition_point(|&other| other <= at);
        self.releases.insert(index, at);
    }
}
