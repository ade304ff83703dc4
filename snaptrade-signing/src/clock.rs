//! What time it is: whole seconds since 1970, as the `timestamp` of a request has them.
//!
//! Everything here that needs the time takes a [`Clock`], so that tests and benches can drive it.
//!
//! ```
//! use snaptrade_signing::clock::{Clock, ManualClock, SkewedClock, UnixTime};
//!
//! let clock = ManualClock::new(UnixTime::from_secs(1_635_790_389));
//! clock.advance(11);
//! assert_eq!(clock.now().as_secs(), 1_635_790_400);
//!
//! // The server's clock is five minutes ahead of this machine's.
//! let corrected = SkewedClock::new(clock.clone());
//! corrected.set_offset(300);
//! assert_eq!(corrected.now().as_secs(), 1_635_790_700);
//! ```

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds have eleven digits until the year 5138; milliseconds had thirteen before 2002.
const FIRST_INVALID: u64 = 100_000_000_000;

/// A point in time, in whole seconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// From whole seconds. Anything is accepted here; what cannot be a time in seconds is refused by whoever
    /// stamps it.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs)
    }

    /// As whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// This many seconds later, or earlier if negative; stops at 1970 and at the end of `u64`.
    #[must_use]
    pub const fn plus(self, secs: i64) -> Self {
        Self(self.0.saturating_add_signed(secs))
    }

    /// Whether a request can be stamped with it: from 1970-01-01 00:00:01 to the year 5138, where seconds have up to eleven
    /// digits. Milliseconds are later.
    #[must_use]
    pub const fn can_be_stamped(self) -> bool {
        0 < self.0 && self.0 < FIRST_INVALID
    }

    /// The seconds between two times, whichever comes first.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> UnixTime;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> UnixTime {
        (**self).now()
    }
}

/// The machine's wall clock; 0 while that stands before 1970.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[inline]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime(since.map_or(0, |since| since.as_secs()))
    }
}

/// A clock that moves when told to, for tests and benches. Clones share the time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: UnixTime) -> Self {
        Self(Arc::new(AtomicU64::new(now.0)))
    }

    /// Sets the time, forward or back.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    /// Moves the time forward.
    pub fn advance(&self, secs: u64) {
        let forward = |now: u64| Some(now.saturating_add(secs));
        // The closure never declines.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, forward);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::Relaxed))
    }
}

/// A clock that is known to be wrong, and by how much. Clones share the offset.
///
/// An offset that leads to a time with which nothing can be signed is passed over: the clock then tells the uncorrected
/// time.
#[derive(Clone, Debug, Default)]
pub struct SkewedClock<C = SystemClock> {
    clock: C,
    offset: Arc<AtomicI64>,
}

impl<C> SkewedClock<C> {
    /// Corrects `clock`, by nothing to begin with.
    pub fn new(clock: C) -> Self {
        Self {
            clock,
            offset: Arc::default(),
        }
    }

    /// What is added to the uncorrected clock, in seconds.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Sets what is added to the uncorrected clock, in seconds; returns what was added before.
    pub fn set_offset(&self, secs: i64) -> i64 {
        self.offset.swap(secs, Ordering::Relaxed)
    }

    /// The clock without its correction.
    pub fn uncorrected(&self) -> &C {
        &self.clock
    }
}

impl<C: Clock> Clock for SkewedClock<C> {
    /// The corrected time; the uncorrected one if no request could be stamped with the corrected one.
    fn now(&self) -> UnixTime {
        let uncorrected = self.clock.now();
        let corrected = uncorrected.plus(self.offset());
        if corrected.can_be_stamped() {
            corrected
        } else {
            uncorrected
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, ManualClock, SkewedClock, UnixTime};

    #[test]
    fn an_offset_never_leads_to_a_time_that_cannot_be_stamped() {
        for now in [1, 1_795_564_800, 99_999_999_999] {
            let clock = SkewedClock::new(ManualClock::new(UnixTime::from_secs(now)));
            for offset in [
                i64::MIN,
                -1_795_564_800,
                -1,
                0,
                1,
                100_000_000_000,
                i64::MAX,
            ] {
                clock.set_offset(offset);
                assert!(clock.now().can_be_stamped(), "{now} {offset}");
            }
            clock.set_offset(0);
            assert_eq!(clock.now().as_secs(), now);
        }
    }
}
