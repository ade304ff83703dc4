//! The rolling limit, as the server sees it.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How many requests a client id may make.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) requests: u32,
    pub(super) period: Duration,
}

/// The requests that were let in during the trailing period. A refused one leaves no trace.
#[derive(Debug, Default)]
pub(super) struct Window {
    admitted: VecDeque<Instant>,
}

/// Where a client stands after a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) admitted: bool,
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Until the oldest request leaves the window, in whole seconds, rounded up.
    pub(super) reset_secs: u64,
}

impl Window {
    pub(super) fn admit(&mut self, limit: Limit, now: Instant) -> Standing {
        let Limit { requests, period } = limit;
        while let Some(oldest) = self.admitted.front()
            && now.saturating_duration_since(*oldest) >= period
        {
            self.admitted.pop_front();
        }
        let used = u32::try_from(self.admitted.len()).unwrap_or(u32::MAX);
        let admitted = used < requests;
        if admitted {
            self.admitted.push_back(now);
        }
        // A limit that was lowered meanwhile lets nobody in before enough of the surplus has left.
        let surplus = used.saturating_sub(requests) as usize;
        let leaves = self.admitted.get(surplus).copied().unwrap_or(now);
        let reset = period.saturating_sub(now.saturating_duration_since(leaves));
        Standing {
            admitted,
            limit: requests,
            remaining: requests.saturating_sub(used.saturating_add(1)),
            reset_secs: ceil_secs(reset),
        }
    }
}

fn ceil_secs(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Limit, Window};

    #[test]
    fn rolls() {
        let limit = Limit {
            requests: 3,
            period: Duration::from_secs(60),
        };
        let start = Instant::now();
        let at = |secs: f64| start + Duration::from_secs_f64(secs);
        let mut window = Window::default();
        for (secs, admitted, remaining, reset) in [
            (0.0, true, 2, 60),
            (10.0, true, 1, 50),
            (20.0, true, 0, 40),
            (20.5, false, 0, 40),
            (59.9, false, 0, 1),
            (60.0, true, 0, 10),
            (60.1, false, 0, 10),
            (130.0, true, 2, 60),
        ] {
            let standing = window.admit(limit, at(secs));
            assert_eq!(
                (standing.admitted, standing.remaining, standing.reset_secs),
                (admitted, remaining, reset),
                "at {secs}"
            );
        }
    }

    #[test]
    fn a_lowered_limit_waits_for_the_surplus() {
        let period = Duration::from_secs(60);
        let start = Instant::now();
        let mut window = Window::default();
        for second in 0..5 {
            let now = start + Duration::from_secs(second);
            assert!(
                window
                    .admit(
                        Limit {
                            requests: 5,
                            period
                        },
                        now
                    )
                    .admitted
            );
        }
        let standing = window.admit(
            Limit {
                requests: 2,
                period,
            },
            start + Duration::from_secs(5),
        );
        assert!(!standing.admitted);
        assert_eq!(standing.reset_secs, 58, "the fourth of the five must leave");
    }
}
