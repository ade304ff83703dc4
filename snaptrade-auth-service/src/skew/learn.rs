//! What an answer says of the clock: a pure function of a few times.

use snaptrade_signing::UnixTime;

/// Within this many seconds the clock is taken to be right: servers allow for more, and networks take their time.
pub(super) const TOLERATED: i64 = 30;

/// What can be the time at a server, in seconds since 1970: 2020 to 2100. A proxy or a machine that has lost its clock tells
/// others.
const PLAUSIBLE: std::ops::Range<i64> = 1_577_836_800..4_102_444_800;

/// What a request and its answer tell of the offset between the server's clock and the uncorrected one here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Here, before the request was stamped.
    pub(super) sent: UnixTime,
    /// Here, when the head of the answer came.
    pub(super) received: UnixTime,
    /// At the server, at some time in between.
    pub(super) date: UnixTime,
}

impl Reading {
    /// The offset to go on with, if `current` is too far from all that the reading allows.
    pub(super) fn corrected(self, current: i64) -> Option<i64> {
        let secs = |time: UnixTime| i64::try_from(time.as_secs()).ok();
        let (sent, received, date) = (secs(self.sent)?, secs(self.received)?, secs(self.date)?);
        if !PLAUSIBLE.contains(&date) {
            return None;
        }
        // The clock may have been set back in between.
        let (first, last) = (sent.min(received), sent.max(received));
        let least = date - last;
        // A date is cut to the second.
        let most = date - first + 1;
        let allowed = least - TOLERATED..=most + TOLERATED;
        // The date is written with the head, and that has come just now.
        (!allowed.contains(&current)).then_some(least)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use snaptrade_signing::UnixTime;

    use super::{Reading, TOLERATED};

    const NOW: u64 = 1_700_000_000;

    fn reading(sent: u64, received: u64, date: u64) -> Reading {
        Reading {
            sent: UnixTime::from_secs(sent),
            received: UnixTime::from_secs(received),
            date: UnixTime::from_secs(date),
        }
    }

    #[test]
    fn a_clock_that_is_minutes_off_is_corrected() {
        assert_eq!(reading(NOW, NOW, NOW + 600).corrected(0), Some(600));
        assert_eq!(reading(NOW, NOW, NOW - 600).corrected(0), Some(-600));
        assert_eq!(reading(0, 1, NOW).corrected(0), Some(1_699_999_999));
    }

    #[test]
    fn a_clock_that_was_put_right_is_noticed() {
        assert_eq!(reading(NOW, NOW, NOW).corrected(600), Some(0));
    }

    #[test]
    fn what_is_about_right_is_left_alone() {
        for off in 0..=30 {
            assert_eq!(reading(NOW, NOW, NOW + off).corrected(0), None);
            assert_eq!(reading(NOW, NOW, NOW - off).corrected(0), None);
        }
        assert_eq!(reading(NOW, NOW, NOW + 31).corrected(0), Some(31));
        assert_eq!(reading(NOW, NOW, NOW - 32).corrected(0), Some(-32));
    }

    #[test]
    fn a_slow_answer_is_not_taken_for_a_wrong_clock() {
        // Dated when it came in, and when it went out.
        assert_eq!(reading(NOW, NOW + 120, NOW).corrected(0), None);
        assert_eq!(reading(NOW, NOW + 120, NOW + 120).corrected(0), None);
    }

    #[test]
    fn a_date_that_no_server_can_have_teaches_nothing() {
        // 1970, 1971, 2019; 2100, 5138, 9999.
        for date in [
            0,
            31_536_000,
            1_577_836_799,
            4_102_444_800,
            100_000_000_000,
            253_402_300_799,
        ] {
            assert_eq!(reading(NOW, NOW, date).corrected(0), None, "{date}");
            assert_eq!(reading(NOW, NOW, date).corrected(600), None, "{date}");
        }
    }

    proptest! {
        #[test]
        fn a_correction_holds_and_is_needed(
            sent in any::<u64>(), received in any::<u64>(), date in any::<u64>(), current in any::<i32>(),
        ) {
            let reading = reading(sent >> 2, received >> 2, date >> 2);
            if let Some(corrected) = reading.corrected(current.into()) {
                prop_assert!(corrected.abs_diff(current.into()) > TOLERATED.unsigned_abs());
                prop_assert_eq!(reading.corrected(corrected), None);
            }
        }

        #[test]
        fn no_time_is_too_far_away(sent in any::<u64>(), received in any::<u64>(), date in any::<u64>()) {
            reading(sent, received, date).corrected(0);
        }
    }
}
