//! The rolling log: who holds a slot, and until when. It reads no clock and waits for nobody.
//!
//! A request reaches the server at some moment between its start and its answer. Its slot is kept from the start
//! until a window after the answer, so it covers the whole window that begins at that moment, wherever it lies.
//! There are as many slots as the quota has requests; so no trailing window at the server can hold more.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::others::Others;
use super::quota::Quota;

#[derive(Debug)]
pub(super) struct Window {
    hold: Duration,
    margin: Duration,
    /// How many slots there are, whatever the server announces.
    slots: usize,
    /// What the server counts up to, others included.
    limit: usize,
    /// Started and not answered: nobody knows when these slots come free.
    in_flight: usize,
    /// When the others come free, in order.
    releases: VecDeque<Instant>,
    others: Others,
    /// How many more the server itself has said it would take. If that is all that speaks for a request, they go one
    /// at a time, so that each answer is heard before the next.
    room: usize,
    paused_until: Option<Instant>,
    started: u64,
    released: u64,
}

/// Taken at the start of an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ticket {
    /// How many slots had come free by then. What was started by the time of the answer, less this, is the most
    /// that the server can have counted as ours.
    pub(super) released_before: u64,
    /// Whose count that is, if the log is kept elsewhere.
    #[cfg(feature = "redis")]
    pub(super) generation: u32,
}

impl Window {
    /// A window for `slots` slots, which may be this process's share of the quota.
    pub(super) fn new(quota: &Quota, slots: usize) -> Self {
        Self {
            hold: quota.hold(),
            margin: quota.margin(),
            slots,
            limit: slots,
            in_flight: 0,
            releases: VecDeque::new(),
            others: Others::default(),
            room: 0,
            paused_until: None,
            started: 0,
            released: 0,
        }
    }

    /// Takes a slot if one is free.
    pub(super) fn try_take(&mut self, now: Instant) -> Option<Ticket> {
        self.advance(now);
        let free = self.held() < self.capacity(self.others.count());
        let asked = self.room > 0 && self.in_flight == 0 && self.held() < self.capacity(0);
        (self.paused_until.is_none() && (free || asked)).then(|| self.take())
    }

    /// Takes a slot that was granted elsewhere.
    pub(super) fn take(&mut self) -> Ticket {
        self.in_flight += 1;
        self.started += 1;
        self.room = self.room.saturating_sub(1);
        Ticket {
            released_before: self.released,
            #[cfg(feature = "redis")]
            generation: 0,
        }
    }

    /// The attempt never started: the slot is free at once.
    pub(super) fn refund(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.started = self.started.saturating_sub(1);
    }

    /// The head of the answer is here.
    pub(super) fn answered(&mut self, now: Instant) {
        self.release_at(now + self.hold);
    }

    /// The attempt ended without an answer, and may be on its way yet.
    pub(super) fn ended(&mut self, now: Instant) {
        self.release_at(now + self.margin + self.hold);
    }

    /// An answer said that the server counts `used` requests, or that it counts as many as it would. Call it before
    /// `answered`.
    pub(super) fn observe(&mut self, now: Instant, ticket: Ticket, used: usize) {
        self.advance(now);
        let ours = self.started.saturating_sub(ticket.released_before);
        let ours = usize::try_from(ours).unwrap_or(usize::MAX);
        let used = used.min(self.limit);
        self.others
            .observe(used.saturating_sub(ours), now + self.hold);
        // Those under way are still to be counted, except for the one that was answered.
        let coming = self.in_flight.saturating_sub(1);
        self.room = (self.limit - used).saturating_sub(coming);
    }

    /// An answer said what the server's limit is. It leaves room for others if it is larger than what is configured.
    pub(super) fn announce_limit(&mut self, limit: usize) {
        self.limit = limit.max(1);
    }

    /// An answer refused a request: nobody starts before the time that it announced, and then the first to start asks.
    pub(super) fn throttled(&mut self, until: Option<Instant>) {
        self.paused_until = self.paused_until.max(until);
        self.room = self.room.max(1);
    }

    /// How many slots are held.
    pub(super) fn in_use(&mut self, now: Instant) -> usize {
        self.advance(now);
        self.held()
    }

    /// How many of them are held by attempts under way.
    #[cfg(feature = "redis")]
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// When the slot of whoever is `place`th in the queue, counted from 0, is free: not before this. It is exact if it
    /// is later than now and waits for no attempt that is under way.
    pub(super) fn earliest(&mut self, now: Instant, place: usize) -> Instant {
        self.advance(now);
        // Each further round of slots takes a whole window longer.
        let a_round = self.capacity(0);
        let rounds = u32::try_from(place / a_round).unwrap_or(u32::MAX);
        let free = self.free_from(now, place % a_round);
        let start = self.paused_until.map_or(free, |until| until.max(free));
        let further = self.hold.checked_mul(rounds);
        further
            .and_then(|wait| start.checked_add(wait))
            .unwrap_or(start)
    }

    fn free_from(&self, now: Instant, place: usize) -> Instant {
        let mut from = now;
        for (until, others) in self.others.steps() {
            let others = if self.room > 0 { 0 } else { others };
            let must_go = (self.held() + place + 1).saturating_sub(self.capacity(others));
            let free = match must_go.checked_sub(1) {
                None => from,
                // An attempt that is under way keeps its slot for a window from now at the least.
                Some(index) => {
                    let release = self.releases.get(index).copied();
                    release.unwrap_or(now + self.hold).max(from)
                }
            };
            match until {
                Some(until) if free >= until => from = until,
                _ => return free,
            }
        }
        from
    }

    fn capacity(&self, others: usize) -> usize {
        self.limit.saturating_sub(others).min(self.slots)
    }

    fn held(&self) -> usize {
        self.in_flight + self.releases.len()
    }

    fn release_at(&mut self, at: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        // Nearly always the last: only a margin puts one behind others.
        let index = self.releases.partition_point(|&other| other <= at);
        self.releases.insert(index, at);
    }

    /// Lets go of what has come free by now.
    fn advance(&mut self, now: Instant) {
        while self.releases.front().is_some_and(|&at| at <= now) {
            self.releases.pop_front();
            self.released += 1;
        }
        self.others.expire(now);
        self.paused_until = self.paused_until.filter(|&until| until > now);
    }
}

#[cfg(test)]
mod tests;
