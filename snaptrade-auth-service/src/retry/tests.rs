//! The table, whole; and no course of events that leaves it.

use std::io;
use std::time::Duration;

use http::{Response, StatusCode};
use proptest::prelude::*;
use snaptrade_signing::{BoxError, SignError};
use tokio::time::Instant;
use tower::retry::budget::TpsBudget;

use super::StaleStamp;
use super::attempt::{Announced, Attempt, OldConnection};
use super::backoff::{Backoff, Jitter};
use super::builder::Settings;
use super::course::Course;
use super::decision::End;
use crate::answer::{AnswerError, SignatureRefused};
use crate::deadline::{DeadlineExceeded, DeadlineScope};
use crate::error::Outcome;
use crate::operation::Repeat;
use crate::rate_limit::RateLimitError;

const ENDS: [End; 7] = [
    End::NotSent,
    End::Throttled,
    End::Unavailable,
    End::Unknown,
    End::StaleStamp,
    End::Answered,
    End::GivenUp,
];

#[test]
fn the_table() {
    for end in ENDS {
        let (safe, never) = match end {
            End::NotSent | End::Throttled | End::StaleStamp => (true, true),
            End::Unavailable | End::Unknown => (true, false),
            End::Answered | End::GivenUp => (false, false),
        };
        assert_eq!(end.may_be_repeated(Repeat::Safe), safe, "{end:?}");
        assert_eq!(end.may_be_repeated(Repeat::Never), never, "{end:?}");
    }
}

#[test]
fn every_answer_has_its_row() {
    for status in 100..=999 {
        for refused in [false, true] {
            for stale in [false, true] {
                let mut answer = Response::new(());
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                if refused {
                    answer.extensions_mut().insert(SignatureRefused);
                }
                if stale {
                    answer.extensions_mut().insert(StaleStamp);
                }
                let expected = match status {
                    401 if refused && stale => End::StaleStamp,
                    429 => End::Throttled,
                    502..=504 => End::Unavailable,
                    _ => End::Answered,
                };
                let attempt = Attempt::answered(&answer);
                assert_eq!(attempt.end, expected, "{status} {refused} {stale}");
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("outside")]
struct Outside(#[source] BoxError);

#[test]
fn every_error_has_its_row() {
    let second = Duration::from_secs(1);
    let deadline =
        |scope, outcome| -> BoxError { DeadlineExceeded::new(scope, second, outcome).into() };
    let (retry_after, max_wait) = (second, second);
    let too_long = || RateLimitError::WaitTooLong {
        retry_after,
        max_wait,
    };
    let io = |kind| -> BoxError { io::Error::from(kind).into() };
    let errors: [(BoxError, End); 15] = [
        (io(io::ErrorKind::ConnectionRefused), End::NotSent),
        (io(io::ErrorKind::ConnectionReset), End::Unknown),
        (io(io::ErrorKind::UnexpectedEof), End::Unknown),
        ("anything".into(), End::Unknown),
        (tower::timeout::error::Elapsed::new().into(), End::Unknown),
        (AnswerError::TooLarge { limit: 1 }.into(), End::Unknown),
        (AnswerError::Broken("off".into()).into(), End::Unknown),
        // Whatever its source says.
        (
            AnswerError::Broken(io(io::ErrorKind::ConnectionRefused)).into(),
            End::Unknown,
        ),
        (
            deadline(DeadlineScope::Attempt, Outcome::Unknown),
            End::Unknown,
        ),
        (
            deadline(DeadlineScope::Attempt, Outcome::NotSent),
            End::NotSent,
        ),
        (
            deadline(DeadlineScope::Overall, Outcome::Unknown),
            End::GivenUp,
        ),
        (
            deadline(DeadlineScope::Overall, Outcome::NotSent),
            End::GivenUp,
        ),
        (too_long().into(), End::GivenUp),
        (RateLimitError::NoRuntime.into(), End::GivenUp),
        (SignError::EmptyQuery.into(), End::GivenUp),
    ];
    for (error, end) in errors {
        assert_eq!(Attempt::failed(&*error).unwrap().end, end, "{error:?}");
        let told = Outcome::of(&*error);
        let wrapped: BoxError = Outside(error).into();
        assert_eq!(Attempt::failed(&*wrapped).unwrap().end, end, "{wrapped:?}");
        let inside: BoxError = io::Error::other(wrapped).into();
        assert_eq!(Attempt::failed(&*inside).unwrap().end, end, "{inside:?}");
        assert_eq!(Outcome::of(&*inside), told);
    }
}

fn attempt(end: End, wait: Announced) -> Attempt {
    let outcome = match end {
        End::NotSent | End::GivenUp => Outcome::NotSent,
        End::Throttled | End::StaleStamp => Outcome::Refused,
        End::Unavailable | End::Unknown => Outcome::Unknown,
        End::Answered => Outcome::Succeeded,
    };
    Attempt {
        end,
        outcome,
        wait,
        extra: 0,
        old_connection: OldConnection::No,
    }
}

fn settings(max_attempts: u32, repetitions: u32) -> Settings {
    Settings {
        max_attempts,
        budget: TpsBudget::new(Duration::from_secs(1), repetitions, 0.0).into(),
        ..Settings::default()
    }
}

/// Sleeping needs one.
fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap()
}

fn announced() -> impl Strategy<Value = Announced> {
    let wait = prop_oneof![
        (0..120_u64).prop_map(Duration::from_secs),
        Just(Duration::MAX)
    ];
    prop_oneof![
        Just(Announced::Nothing),
        wait.clone().prop_map(Announced::Wait),
        wait.prop_map(Announced::Paused),
    ]
}

proptest! {
    /// Whatever comes before it, what must not run twice is never sent after it may have run.
    #[test]
    fn what_may_have_run_is_not_sent_again(
        events in prop::collection::vec((0..ENDS.len(), announced()), 1..30),
        max_attempts in 1..100_u32,
        repeat in prop::sample::select(vec![Repeat::Safe, Repeat::Never]),
        within in prop::option::of(0..200_u64),
    ) {
        let runtime = runtime();
        let _entered = runtime.enter();
        let settings = settings(max_attempts, 1000);
        let mut course = Course::default();
        course.begin();
        let deadline = within.map(|secs| Instant::now() + Duration::from_secs(secs));
        let (mut made, mut restamped) = (0, 0);
        for (end, wait) in events {
            let attempt = attempt(ENDS[end], wait);
            made += 1;
            let before = Instant::now();
            let again = course.next(&settings, &attempt, repeat, deadline);
            prop_assert_eq!(course.attempts().count(), made);
            let Some(wait) = again else { break };
            prop_assert!(made < max_attempts);
            prop_assert!(!matches!(attempt.end, End::Answered | End::GivenUp));
            if repeat == Repeat::Never {
                prop_assert!(!attempt.outcome.is_unknown());
                prop_assert!(!course.attempts().earlier_may_have_run());
            }
            prop_assert!(wait <= settings.max_wait.max(settings.backoff.cap));
            if let Some(deadline) = deadline {
                prop_assert!(before + wait < deadline);
            }
            restamped += u32::from(attempt.end == End::StaleStamp);
            prop_assert!(restamped <= 2);
        }
    }

    #[test]
    fn a_back_off_keeps_its_bounds(
        base in 1..u64::MAX, cap in 1..u64::MAX, attempts: u32, seed: u64,
    ) {
        let backoff = Backoff {
            base: Duration::from_nanos(base.min(cap)),
            cap: Duration::from_nanos(cap),
            jitter: Jitter::seeded(seed),
        };
        prop_assert!(backoff.longest(attempts) >= backoff.base.min(backoff.cap));
        prop_assert!(backoff.after(attempts) <= backoff.longest(attempts));
        prop_assert!(backoff.longest(attempts) <= backoff.cap);
        prop_assert!(backoff.longest(attempts) <= backoff.longest(attempts.saturating_add(1)));
    }
}

#[test]
fn back_offs_double() {
    let backoff = Settings::default().backoff;
    let longest = [1, 2, 3, 4, 5, 6, 7, 8].map(|made| backoff.longest(made).as_millis());
    assert_eq!(
        longest,
        [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]
    );
    let drawn: Vec<_> = (0..100).map(|_| backoff.after(1)).collect();
    // Full jitter: the lower half is as likely as the upper.
    assert!(drawn.iter().any(|wait| wait.as_millis() < 100));
    assert!(drawn.iter().any(|wait| wait.as_millis() >= 100));
}

#[test]
fn the_budget_pays_for_what_adds_load() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let announced = Announced::Wait(Duration::from_secs(1));
    for (end, wait, free) in [
        (End::NotSent, Announced::Nothing, false),
        (End::Unknown, Announced::Nothing, false),
        (End::Unavailable, announced, false),
        (End::Throttled, Announced::Nothing, false),
        (End::Throttled, announced, true),
        (End::Throttled, Announced::Paused(Duration::ZERO), false),
        (End::Throttled, Announced::Wait(Duration::ZERO), false),
        (End::StaleStamp, Announced::Nothing, true),
    ] {
        let broke = settings(9, 0);
        let again = Course::default().next(&broke, &attempt(end, wait), Repeat::Safe, None);
        assert_eq!(again.is_some(), free, "{end:?} {wait:?}");
    }
}

/// Nothing was sent, and yet it is not sent again.
#[cfg(feature = "client")]
#[test]
fn a_reason_that_lasts() {
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    let attempt = |error: BoxError| Attempt::failed(&*error).unwrap();
    let may_pass = attempt(refused.into());
    assert_eq!(may_pass.end, End::NotSent);
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    let lasts = attempt(crate::error::Permanent::new(refused).into());
    assert_eq!((lasts.end, lasts.outcome), (End::GivenUp, Outcome::NotSent));
}
