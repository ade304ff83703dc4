//! Who waits, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::RateLimitError;
use super::permit::Permit;

/// What a waiter gets. The sender dropped without a word means: ask again.
pub(super) type Verdict = Result<Permit, RateLimitError>;

/// A place in the queue: retried requests come first, then whoever came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    first_attempt: bool,
    number: u64,
}

/// Until when somebody would wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) until: Instant,
    pub(super) max_wait: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiters: BTreeMap<Place, Waiter>,
    /// Of those who would not wait for ever, the least patient first.
    patience: BTreeSet<(Instant, Place)>,
    retried: usize,
    next: u64,
}

#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) patience: Option<Patience>,
    pub(super) verdict: oneshot::Sender<Verdict>,
}

impl Queue {
    /// A place behind everyone else of its kind.
    pub(super) fn place(&mut self, retried: bool) -> Place {
        let number = self.next;
        self.next += 1;
        Place {
            first_attempt: !retried,
            number,
        }
    }

    /// How many are before somebody who joins now.
    pub(super) fn ahead(&self, place: Place) -> usize {
        if place.first_attempt {
            self.waiters.len()
        } else {
            self.retried
        }
    }

    pub(super) fn join(
        &mut self,
        place: Place,
        patience: Option<Patience>,
    ) -> oneshot::Receiver<Verdict> {
        let (verdict, receiver) = oneshot::channel();
        if let Some(patience) = patience {
            self.patience.insert((patience.until, place));
        }
        self.retried += usize::from(!place.first_attempt);
        self.waiters.insert(place, Waiter { patience, verdict });
        receiver
    }

    /// Takes somebody out, who may have gone already.
    pub(super) fn leave(&mut self, place: Place) -> Option<Waiter> {
        let waiter = self.waiters.remove(&place)?;
        if let Some(patience) = waiter.patience {
            self.patience.remove(&(patience.until, place));
        }
        self.retried -= usize::from(!place.first_attempt);
        Some(waiter)
    }

    /// Whose turn it is.
    pub(super) fn pop(&mut self) -> Option<Waiter> {
        let (&place, _) = self.waiters.first_key_value()?;
        self.leave(place)
    }

    /// Takes out somebody who would not wait until `free`, or not after `now`.
    pub(super) fn pop_impatient(
        &mut self,
        free: Instant,
        now: Instant,
    ) -> Option<(Waiter, Patience)> {
        let &(until, place) = self.patience.first()?;
        if until >= free && until > now {
            return None;
        }
        let waiter = self.leave(place)?;
        let patience = waiter.patience?;
        Some((waiter, patience))
    }

    /// When the first of them would wait no longer.
    pub(super) fn next_impatience(&self) -> Option<Instant> {
        self.patience.first().map(|&(until, _)| until)
    }

    /// Everybody, to be told that they must ask again.
    pub(super) fn abandon(&mut self) -> BTreeMap<Place, Waiter> {
        self.patience.clear();
        self.retried = 0;
        std::mem::take(&mut self.waiters)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiters.len()
    }
}
