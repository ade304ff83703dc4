//! What this process knows of Redis, and what it has yet to tell. It reads no clock and sends nothing.

use std::time::{Duration, Instant};

use super::quota::RedisQuota;
use crate::rate_limit::feedback::Feedback;
use crate::rate_limit::window::{Ticket, Window};

/// How often a process with requests under way is heard of, so that the slots of one that has died come free.
pub(super) const BEAT: Duration = Duration::from_secs(5);
/// How often to ask Redis while somebody waits: another process may have given a slot back. And while it is away.
const ASK: Duration = Duration::from_secs(1);
/// When to ask again if Redis cannot tell.
const SOON: Duration = Duration::from_millis(20);
/// For how long an epoch is remembered: within that, Redis keeps it.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub(in crate::rate_limit) struct Link {
    /// A margin and a window: what was granted before that is used up.
    settled_after: Duration,
    requests: usize,
    known: Option<Known>,
    /// Changes with the epoch, as a ticket of an older one says nothing about a newer one's counts.
    generation: u32,
    untold: Untold,
    /// Under way, or lost with the runtime that was telling it.
    told: Option<Report>,
    outage: Option<Outage>,
    /// When to ask next, if somebody waits, and before when Redis has no slot by its own word.
    ask_at: Option<Instant>,
    free_at: Option<Instant>,
    beat_at: Option<Instant>,
    held: usize,
}

#[derive(Debug)]
struct Known {
    epoch: String,
    calls: u64,
    at: Instant,
}

#[derive(Debug, Default)]
struct Untold {
    /// Something happened here that Redis should know now.
    news: bool,
    answered: usize,
    ended: usize,
    limit: Option<usize>,
    throttled: bool,
    paused_until: Option<Instant>,
    seen: Vec<Seen>,
}

/// Redis is away.
#[derive(Clone, Copy, Debug)]
struct Outage {
    /// From when on this process uses its share.
    share_from: Instant,
    ask_at: Instant,
}

/// An answer said that the server counts `used` requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) used: usize,
    pub(super) released_before: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) epoch: Option<String>,
    pub(super) calls: u64,
    pub(super) want: usize,
    pub(super) in_flight: usize,
    pub(super) answered: usize,
    pub(super) ended: usize,
    pub(super) limit: Option<usize>,
    pub(super) throttled: bool,
    pub(super) pause: Duration,
    /// This process used its share, and what it used may count yet.
    pub(super) shared_alone: bool,
    pub(super) seen: Vec<Seen>,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) epoch: String,
    pub(super) calls: u64,
    pub(super) granted: usize,
    pub(super) wait: Duration,
    pub(super) released: u64,
    pub(super) held: usize,
}

impl Link {
    pub(in crate::rate_limit) fn new(config: &RedisQuota) -> Self {
        let quota = config.quota();
        Self {
            settled_after: quota.margin() + quota.hold(),
            requests: quota.requests_usize(),
            known: None,
            generation: 0,
            untold: Untold::default(),
            told: None,
            outage: None,
            ask_at: None,
            free_at: None,
            beat_at: None,
            held: 0,
        }
    }

    /// A slot was given back.
    pub(in crate::rate_limit) fn refunded(&mut self) {
        self.untold.news = true;
    }

    /// An attempt ended without an answer.
    pub(in crate::rate_limit) fn ended(&mut self) {
        self.untold.ended += 1;
        self.untold.news = true;
    }

    /// The head of an answer is here.
    pub(in crate::rate_limit) fn answered(
        &mut self,
        now: Instant,
        ticket: Ticket,
        feedback: Feedback,
    ) {
        let untold = &mut self.untold;
        untold.answered += 1;
        untold.news = true;
        untold.limit = feedback.limit.or(untold.limit);
        untold.throttled |= feedback.throttled;
        let until = feedback.pause.map(|pause| now + pause);
        untold.paused_until = untold.paused_until.max(until);
        if let (Some(used), None) = (feedback.used, self.outage)
            && ticket.generation == self.generation
        {
            untold.seen.push(Seen {
                used,
                released_before: ticket.released_before,
            });
        }
    }

    /// How many slots are held in all processes, as of the last call.
    pub(in crate::rate_limit) fn held(&self) -> Option<usize> {
        self.outage.is_none().then_some(self.held)
    }

    /// Before when nobody here gets a slot. Redis may know of one, if the time has passed or was never told.
    pub(in crate::rate_limit) fn earliest(
        &self,
        now: Instant,
        window: &mut Window,
        ahead: usize,
    ) -> Instant {
        match self.outage {
            None => self.free_at.map_or(now, |free| free.max(now)),
            // It may be back at any time; but what is sure is the share.
            Some(outage) => window.earliest(now, ahead).max(outage.share_from),
        }
    }

    /// Whether this process is on its own, and may use its share.
    pub(super) fn may_share(&self, now: Instant) -> bool {
        self.outage.is_some_and(|outage| outage.share_from <= now)
    }

    pub(super) fn is_away(&self) -> bool {
        self.outage.is_some()
    }

    /// Whether nothing is left to tell that anyone could be told.
    pub(super) fn is_quiet(&self) -> bool {
        !self.untold.news || self.is_away()
    }

    /// When to call Redis next.
    pub(super) fn call_at(&self, now: Instant, waiting: usize, in_flight: usize) -> Instant {
        if let Some(outage) = self.outage {
            return outage.ask_at;
        }
        let beat = self.beat_at.unwrap_or(now);
        match (self.untold.news, waiting, in_flight) {
            (true, ..) => now,
            (false, 0, 0) => now + BEAT,
            (false, 0, _) => beat,
            (false, ..) => self.ask_at.unwrap_or(now).min(beat),
        }
    }

    /// What to tell at `now`.
    pub(super) fn report(&mut self, now: Instant, want: usize, window: &mut Window) -> Report {
        if let Some(lost) = self.told.take() {
            self.tell_again(now, &lost);
        }
        let remembered = |known: &Known| now.saturating_duration_since(known.at) < REMEMBERED;
        let known = self.known.as_ref().filter(|known| remembered(known));
        let untold = std::mem::take(&mut self.untold);
        // Those of an outage are covered by the pause that it asks for, one by one or not.
        let count = |count| if self.may_share(now) { 0 } else { count };
        let pause = untold
            .paused_until
            .map(|until| until.saturating_duration_since(now));
        let report = Report {
            epoch: known.map(|known| known.epoch.clone()),
            calls: known.map_or(0, |known| known.calls),
            want: want.min(self.requests),
            in_flight: window.in_flight(),
            answered: count(untold.answered),
            ended: count(untold.ended),
            limit: untold.limit,
            throttled: untold.throttled,
            pause: pause.unwrap_or_default(),
            shared_alone: self.may_share(now) && window.in_use(now) > 0,
            seen: untold.seen,
        };
        self.told = Some(report.clone());
        report
    }

    /// Redis answered.
    pub(super) fn heard(&mut self, now: Instant, reply: &Reply) {
        let same = self
            .known
            .as_ref()
            .is_some_and(|known| known.epoch == reply.epoch);
        if !same {
            self.generation = self.generation.wrapping_add(1);
        }
        self.known = Some(Known {
            epoch: reply.epoch.clone(),
            calls: reply.calls,
            at: now,
        });
        self.told = None;
        self.held = reply.held;
        self.outage = None;
        self.free_at = Some(now + reply.wait);
        let wait = if reply.wait.is_zero() {
            SOON
        } else {
            reply.wait.min(ASK)
        };
        self.ask_at = Some(now + wait);
        self.beat_at = Some(now + BEAT);
    }

    /// Redis did not answer.
    pub(super) fn failed(&mut self, now: Instant) {
        if let Some(lost) = self.told.take() {
            self.tell_again(now, &lost);
        }
        // Nobody knows what others were granted up to now.
        let share_from = now + self.settled_after;
        let share_from = self.outage.map_or(share_from, |outage| outage.share_from);
        self.outage = Some(Outage {
            share_from,
            ask_at: now + ASK,
        });
    }

    fn tell_again(&mut self, now: Instant, report: &Report) {
        let untold = &mut self.untold;
        untold.news = true;
        untold.answered += report.answered;
        untold.ended += report.ended;
        untold.limit = untold.limit.or(report.limit);
        untold.throttled |= report.throttled;
        let until = (!report.pause.is_zero()).then(|| now + report.pause);
        untold.paused_until = untold.paused_until.max(until);
    }

    /// The ticket of a slot that Redis granted.
    pub(super) fn ticket(&self, reply: &Reply) -> Ticket {
        Ticket {
            released_before: reply.released,
            generation: self.generation,
        }
    }
}
