//! One call at a time, whichever runtime makes it.

use std::time::{Duration, Instant};

/// How much longer than its deadline a call is waited for. Its runtime may be idle, and never end it.
const GRACE: Duration = Duration::from_millis(500);
/// Numbers that a call has for its attempts.
const ATTEMPTS: u64 = 2;

/// Whose turn it is to call. What two calls at once would tell, none of them could know of the other.
#[derive(Debug)]
pub(super) struct Turn {
    longest: Duration,
    last: u64,
    /// Until when the last one may be under way.
    until: Option<Instant>,
}

impl Turn {
    pub(super) fn new(deadline: Duration) -> Self {
        Self {
            longest: deadline + GRACE,
            last: 0,
            until: None,
        }
    }

    /// Until when the call under way is waited for; none if there is none.
    pub(super) fn taken_until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|&until| until > now)
    }

    /// The number of a call that begins now.
    pub(super) fn begin(&mut self, now: Instant) -> u64 {
        self.last += ATTEMPTS;
        self.until = Some(now + self.longest);
        self.last
    }

    /// Ends the call of this number. False if it has lost its turn.
    pub(super) fn end(&mut self, number: u64) -> bool {
        let is_last = self.until.is_some() && self.last == number;
        if is_last {
            self.until = None;
        }
        is_last
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Turn;

    #[test]
    fn a_call_whose_runtime_is_idle_loses_its_turn() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut turn = Turn::new(Duration::from_secs(1));
        let first = turn.begin(start);
        assert_eq!(turn.taken_until(after(1_499)), Some(after(1_500)));
        assert_eq!(turn.taken_until(after(1_500)), None);
        let second = turn.begin(after(1_500));
        assert!(
            second > first + 1,
            "the first one may have had two attempts"
        );
        assert!(!turn.end(first));
        assert!(turn.end(second));
        assert!(!turn.end(second));
    }
}
