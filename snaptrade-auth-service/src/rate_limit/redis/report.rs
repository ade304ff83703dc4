//! What a process tells Redis, and what it is told.

use std::time::Duration;

use super::peers::{Row, Silent};

/// The state of a process, and what happened since it was told last.
#[derive(Clone, Debug)]
pub(super) struct Report {
    /// Grows from call to call, so that one that was given up and comes late undoes nothing.
    pub(super) number: u64,
    pub(super) known: Option<Known>,
    pub(super) want: usize,
    pub(super) in_flight: usize,
    /// Those in flight included.
    pub(super) held: usize,
    /// What strangers use.
    pub(super) others: usize,
    pub(super) pause: Duration,
    /// When something comes free, if that is known.
    pub(super) due: Option<Duration>,
    pub(super) news: News,
    pub(super) silent: Vec<Silent>,
}

/// What this process knows of the log.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) epoch: String,
    /// How many calls of all processes the log has seen.
    pub(super) calls: u64,
    /// Of the last call of this process that was answered.
    pub(super) number: u64,
    /// Whether it is known for so long that nothing of an older one counts any more.
    pub(super) is_settled: bool,
}

/// What is told once.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    /// How many slots came free with time.
    pub(super) released: u64,
    pub(super) limit: Option<usize>,
    pub(super) throttled: bool,
    pub(super) seen: Vec<Seen>,
}

/// An answer said that the server counts `used` requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) used: usize,
    pub(super) released_before: u64,
}

impl News {
    /// Takes back what was told, for nobody knows whether it was heard. What an answer said is too old by then.
    pub(super) fn tell_again(&mut self, told: &Self) {
        self.released += told.released;
        self.limit = self.limit.or(told.limit);
        self.throttled |= told.throttled;
    }
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) epoch: String,
    pub(super) calls: u64,
    /// Of the call that is answered.
    pub(super) number: u64,
    pub(super) granted: usize,
    /// When to ask again, if Redis can tell.
    pub(super) wait: Option<Duration>,
    pub(super) released: u64,
    pub(super) held: usize,
    /// For how long nobody may start, as the log was lost.
    pub(super) stand_still: Duration,
    /// What strangers use, by what the answers of this report said.
    pub(super) observed: usize,
    pub(super) peers: Vec<Row>,
}
