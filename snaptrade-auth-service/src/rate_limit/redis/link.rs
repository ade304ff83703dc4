//! What this process knows of Redis, and what it has yet to tell. It sends nothing.

use std::time::{Duration, Instant};

use super::epoch::Epoch;
use super::ledger::Ledger;
use super::peers::Peers;
use super::quota::RedisQuota;
use super::report::{News, Reply, Report, Seen};
use super::turn::Turn;
use crate::rate_limit::feedback::Feedback;
use crate::rate_limit::limiter;
use crate::rate_limit::window::{Ticket, Window};

/// How often a process that holds something is heard of, so that what one holds that has died comes free.
pub(super) const BEAT: Duration = Duration::from_secs(5);
/// How often to ask Redis while somebody waits: another process may have given a slot back. And while it is away.
const ASK: Duration = Duration::from_secs(1);
/// When to ask again if Redis expects a slot to be free already.
const SOON: Duration = Duration::from_millis(20);
/// How much later than a slot comes free another process can know it.
const HEARSAY: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(in crate::rate_limit) struct Link {
    /// A margin and a window: what was granted before that is used up.
    settled_after: Duration,
    requests: usize,
    ledger: Ledger,
    peers: Peers,
    epoch: Epoch,
    /// Something happened here that Redis should know now.
    is_news: bool,
    untold: News,
    /// Told in the call under way, or lost with the runtime that made it.
    told: Option<News>,
    turn: Turn,
    /// How many slots Redis believes to be waited for here.
    wanted: usize,
    outage: Option<Outage>,
    /// This process used its share, and what it used may count yet.
    shared_alone: bool,
    /// When to ask next, if somebody waits, and before when Redis expects no slot.
    ask_at: Option<Instant>,
    free_at: Option<Instant>,
    beat_at: Option<Instant>,
    held: usize,
}

/// Redis is away.
#[derive(Clone, Copy, Debug)]
struct Outage {
    /// From when on this process uses its share.
    share_from: Instant,
    ask_at: Instant,
}

impl Link {
    pub(in crate::rate_limit) fn new(config: &RedisQuota) -> Self {
        let quota = config.quota();
        Self {
            settled_after: config.settled_after(),
            requests: quota.requests_usize(),
            ledger: Ledger::new(quota),
            peers: Peers::new(config.settled_after() + 2 * BEAT + config.deadline),
            epoch: Epoch::new(config.settled_after()),
            is_news: false,
            untold: News::default(),
            told: None,
            turn: Turn::new(config.deadline),
            wanted: 0,
            outage: None,
            shared_alone: false,
            ask_at: None,
            free_at: None,
            beat_at: None,
            held: 0,
        }
    }

    /// A slot was given back.
    pub(in crate::rate_limit) fn refunded(&mut self) {
        self.is_news = true;
    }

    /// An attempt ended without an answer.
    pub(in crate::rate_limit) fn ended(&mut self) {
        self.ended_at(limiter::now());
    }

    pub(super) fn ended_at(&mut self, now: Instant) {
        self.ledger.ended(now);
        self.is_news = true;
    }

    /// The head of an answer is here.
    pub(in crate::rate_limit) fn answered(
        &mut self,
        now: Instant,
        ticket: Ticket,
        feedback: Feedback,
    ) {
        self.ledger.answered(now);
        if let Some(pause) = feedback.pause {
            self.ledger.pause_until(now + pause);
        }
        self.is_news = true;
        let untold = &mut self.untold;
        untold.limit = feedback.limit.or(untold.limit);
        untold.throttled |= feedback.throttled;
        if let (Some(used), None) = (feedback.used, self.outage)
            && ticket.generation == self.epoch.generation()
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

    /// Sees what has come free by now.
    pub(super) fn advance(&mut self, now: Instant) {
        let change = self.ledger.advance(now);
        self.untold.released += change.released;
        self.is_news |= change.released > 0 || change.eased;
    }

    /// Whether nothing is held here, and nothing left to tell that anyone could be told.
    pub(super) fn is_idle(&self, in_flight: usize) -> bool {
        let is_told = !self.is_news && self.wanted == 0;
        in_flight == 0 && self.ledger.next_change().is_none() && (is_told || self.is_away())
    }

    /// When to call Redis next. Call `advance` first.
    pub(super) fn call_at(&self, now: Instant, waiting: usize) -> Instant {
        if let Some(outage) = self.outage {
            return outage.ask_at;
        }
        // Others leave slots to whoever is waited for.
        if self.is_news || (self.wanted > 0 && waiting == 0) {
            return now;
        }
        let ask_at = (waiting > 0).then(|| self.ask_at.unwrap_or(now));
        let times = [ask_at, self.ledger.next_change()];
        let beat_at = self.beat_at.unwrap_or(now);
        times.into_iter().flatten().fold(beat_at, Instant::min)
    }

    /// What to tell at `now`.
    pub(super) fn report(&mut self, now: Instant, want: usize, in_flight: usize) -> Report {
        self.take_back();
        self.advance(now);
        self.shared_alone = self.may_share(now) && in_flight + self.ledger.held() > 0;
        self.settle_shares(now);
        let silent = self.peers.silent(now);
        for silent in &silent {
            self.ledger.pause_until(silent.paused_until);
        }
        let news = std::mem::take(&mut self.untold);
        self.told = Some(news.clone());
        self.is_news = false;
        let due = self.ledger.next_free();
        let want = want.min(self.requests);
        self.wanted = want;
        Report {
            number: self.turn.begin(now),
            known: self.epoch.known(now),
            want,
            in_flight,
            held: in_flight + self.ledger.held(),
            others: self.ledger.others(),
            pause: self.ledger.pause(now),
            due: due.map(|due| due.saturating_duration_since(now)),
            news,
            silent,
        }
    }

    /// Until when somebody else may be calling.
    pub(super) fn called_until(&self, now: Instant) -> Option<Instant> {
        self.turn.taken_until(now)
    }

    /// The call that told the report of this number has ended. False if another one has begun meanwhile: what this one brought
    /// does not count.
    pub(super) fn ends(&mut self, number: u64) -> bool {
        self.turn.end(number)
    }

    /// Redis answered.
    pub(super) fn heard(&mut self, now: Instant, reply: &Reply) {
        self.epoch.heard(now, reply);
        self.told = None;
        self.wanted = self.wanted.saturating_sub(reply.granted);
        self.held = reply.held;
        self.outage = None;
        self.settle_shares(now);
        self.shared_alone = false;
        self.ledger.observe(now, reply.observed);
        if !reply.stand_still.is_zero() {
            self.ledger.pause_until(now + reply.stand_still);
        }
        self.peers.sighted(now, &reply.peers);
        self.free_at = reply.wait.map(|wait| now + wait);
        let wait = match reply.wait {
            None => ASK,
            Some(Duration::ZERO) => SOON,
            Some(wait) => (wait + HEARSAY).min(ASK),
        };
        self.ask_at = Some(now + wait);
        self.beat_at = Some(now + BEAT);
    }

    /// Redis did not answer.
    pub(super) fn failed(&mut self, now: Instant) {
        self.take_back();
        self.is_news = true;
        // Nobody knows what others were granted up to now.
        let share_from = now + self.settled_after;
        let share_from = self.outage.map_or(share_from, |outage| outage.share_from);
        self.outage = Some(Outage {
            share_from,
            ask_at: now + ASK,
        });
    }

    /// The ticket of a slot that Redis granted.
    pub(super) fn ticket(&self, reply: &Reply) -> Ticket {
        Ticket {
            released_before: reply.released,
            generation: self.epoch.generation(),
        }
    }

    /// Others may have used their shares as well, up to now.
    fn settle_shares(&mut self, now: Instant) {
        if self.shared_alone {
            self.ledger.pause_until(now + self.settled_after);
        }
    }

    fn take_back(&mut self) {
        if let Some(told) = self.told.take() {
            self.untold.tell_again(&told);
        }
    }
}
