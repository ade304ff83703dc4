//! What others on the same client id use, as far as answers told.

use std::collections::VecDeque;
use std::time::Instant;

/// The largest count of the last window.
///
/// An answer gives a lower bound: while many requests of our own are under way, it says little. So an old and
/// large count is believed, over a new and small one, until it has expired.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Until when, and how many. Expiries rise, and counts fall: a count below a newer one can never matter again.
    counts: VecDeque<(Instant, usize)>,
}

impl Others {
    pub(super) fn observe(&mut self, count: usize, expires: Instant) {
        while self.counts.back().is_some_and(|&(_, old)| old <= count) {
            self.counts.pop_back();
        }
        if count > 0 {
            self.counts.push_back((expires, count));
        }
    }

    pub(super) fn expire(&mut self, now: Instant) {
        while self.counts.front().is_some_and(|&(until, _)| until <= now) {
            self.counts.pop_front();
        }
    }

    /// How many they use now. Call `expire` first.
    pub(super) fn count(&self) -> usize {
        self.counts.front().map_or(0, |&(_, count)| count)
    }

    /// The counts to come, each with its end; the last has none.
    pub(super) fn steps(&self) -> impl Iterator<Item = (Option<Instant>, usize)> {
        let known = self
            .counts
            .iter()
            .map(|&(until, count)| (Some(until), count));
        known.chain([(None, 0)])
    }
}
