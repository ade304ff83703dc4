//! Who waits, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::RateLimitError;
use super::window::Ticket;

/// How long a granted slot waits for its waiter to look. A future that is not polled by then keeps its place, and the slot
/// goes to somebody else.
const CLAIM_WITHIN: Duration = Duration::from_secs(1);

/// What a waiter gets: a slot to claim, or an error. The sender dropped without a word means: ask again.
pub(super) type Verdict = Result<(), RateLimitError>;

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
    pub(super) why: Why,
}

/// Why no longer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// The limiter's setting.
    MaxWait(Duration),
    /// The call is given up then.
    Deadline,
}

impl Patience {
    pub(super) fn refusal(&self, free: Instant, now: Instant) -> RateLimitError {
        let retry_after = free.saturating_duration_since(now);
        match self.why {
            Why::MaxWait(max_wait) => RateLimitError::WaitTooLong {
                retry_after,
                max_wait,
            },
            Why::Deadline => RateLimitError::DeadlineTooSoon { retry_after },
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiters: BTreeMap<Place, Waiter>,
    /// Of those who would not wait for ever, the least patient first.
    patience: BTreeSet<(Instant, Place)>,
    /// Slots that are granted and not claimed yet, and until when they may be.
    granted: BTreeMap<Place, (Ticket, Instant)>,
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

    /// Grants a slot to whoever's turn it is; none if nobody waits.
    pub(super) fn grant(
        &mut self,
        ticket: Ticket,
        now: Instant,
    ) -> Option<oneshot::Sender<Verdict>> {
        let (&place, _) = self.waiters.first_key_value()?;
        let waiter = self.leave(place)?;
        self.granted.insert(place, (ticket, now + CLAIM_WITHIN));
        Some(waiter.verdict)
    }

    /// Takes a slot that was granted; none if it was not, or is somebody else's by now.
    pub(super) fn claim(&mut self, place: Place) -> Option<Ticket> {
        self.granted.remove(&place).map(|(ticket, _)| ticket)
    }

    /// Takes back what nobody has claimed in time: how many slots.
    pub(super) fn reclaim(&mut self, now: Instant) -> usize {
        let granted = self.granted.len();
        self.granted.retain(|_, (_, until)| *until > now);
        granted - self.granted.len()
    }

    /// When the first of the granted slots is taken back.
    pub(super) fn next_reclaim(&self) -> Option<Instant> {
        self.granted.values().map(|&(_, until)| until).min()
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

    /// Takes out everybody who would not wait until their turn, by what is known of it now: `earliest` of how many are before
    /// them.
    pub(super) fn sweep(
        &mut self,
        mut earliest: impl FnMut(usize) -> Instant,
    ) -> Vec<(Waiter, Patience, Instant)> {
        let mut ahead = 0;
        let mut hopeless = Vec::new();
        for (&place, waiter) in &self.waiters {
            match waiter.patience {
                Some(patience) if patience.until < earliest(ahead) => {
                    hopeless.push((place, patience, earliest(ahead)));
                }
                _ => ahead += 1,
            }
        }
        let leave = |(place, patience, free)| Some((self.leave(place)?, patience, free));
        hopeless.into_iter().filter_map(leave).collect()
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
