//! The other processes, as far as Redis tells of them: which of them are silent.
//!
//! One that holds something is heard every few seconds. Whoever has seen for long enough, by the own clock, that one was
//! not, says so. How long it was silent before it was first seen does not count, for that only the clock of Redis knows.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The row of another process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) process: String,
    /// Of its last call.
    pub(super) number: u64,
    /// For how long it lets nobody start.
    pub(super) pause: Duration,
}

#[derive(Debug)]
pub(super) struct Peers {
    keep: Duration,
    seen: HashMap<String, Sighting>,
}

#[derive(Clone, Copy, Debug)]
struct Sighting {
    number: u64,
    /// Since when that is the number of its last call.
    since: Instant,
    paused_until: Instant,
}

/// A process that has ended, or can do nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Silent {
    pub(super) process: String,
    pub(super) number: u64,
    pub(super) paused_until: Instant,
}

impl Peers {
    /// `keep` is how long a process may be silent.
    pub(super) fn new(keep: Duration) -> Self {
        let seen = HashMap::new();
        Self { keep, seen }
    }

    /// What Redis told just now.
    pub(super) fn sighted(&mut self, now: Instant, rows: &[Row]) {
        let mut before = std::mem::take(&mut self.seen);
        for row in rows {
            let known = before.remove(&row.process);
            let same = known.filter(|known| known.number == row.number);
            let sighting = same.unwrap_or(Sighting {
                number: row.number,
                since: now,
                paused_until: now + row.pause,
            });
            self.seen.insert(row.process.clone(), sighting);
        }
    }

    /// Those that were silent for too long, unless they have called meanwhile.
    pub(super) fn silent(&self, now: Instant) -> Vec<Silent> {
        let for_long = |seen: &Sighting| now.saturating_duration_since(seen.since) >= self.keep;
        let silent = self.seen.iter().filter(|(_, seen)| for_long(seen));
        let silent = silent.map(|(process, seen)| Silent {
            process: process.clone(),
            number: seen.number,
            paused_until: seen.paused_until,
        });
        silent.collect()
    }
}
