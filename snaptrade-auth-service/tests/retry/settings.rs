//! Policies that cannot be meant.

use std::time::Duration;

use http::Method;
use snaptrade_auth_service::retry::{InvalidRetryPolicy, RetryPolicy};
use tokio::time::Instant;
use tokio_test::{assert_ready_ok, task};
use tower::ServiceExt;

use crate::common::{answer, request, retrying, server};

#[test]
fn each_setting_has_its_range() {
    let build = RetryPolicy::builder;
    let (none, ms, hour) = (
        Duration::ZERO,
        Duration::from_millis(1),
        Duration::from_secs(3_600),
    );
    assert!(build().build().is_ok());
    assert!(
        build()
            .max_attempts(1)
            .max_wait(none)
            .backoff(ms, ms)
            .build()
            .is_ok()
    );
    assert!(
        build()
            .max_attempts(100)
            .max_wait(hour)
            .backoff(ms, hour)
            .build()
            .is_ok()
    );
    for attempts in [0, 101, u32::MAX] {
        let error = build().max_attempts(attempts).build().unwrap_err();
        assert_eq!(error, InvalidRetryPolicy::MaxAttempts(attempts));
    }
    for (base, cap) in [
        (none, ms),
        (none, none),
        (2 * ms, ms),
        (ms, hour + ms),
        (ms, Duration::MAX),
    ] {
        let error = build().backoff(base, cap).build().unwrap_err();
        assert_eq!(error, InvalidRetryPolicy::Backoff { base, cap });
    }
    let error = build().max_wait(hour + ms).build().unwrap_err();
    assert_eq!(error, InvalidRetryPolicy::MaxWait(hour + ms));
}

#[tokio::test(start_paused = true)]
async fn a_seed_makes_the_same_waits() {
    let mut waits = Vec::new();
    for seed in [1, 1, 2] {
        let policy = RetryPolicy::builder()
            .max_attempts(8)
            .seed(seed)
            .build()
            .unwrap();
        let (http, count) = server(|_, _| answer(502, ""));
        let start = Instant::now();
        let answer = retrying(policy, http).oneshot(request(Method::GET)).await;
        assert_eq!(answer.unwrap().status(), 502);
        assert_eq!(count.get(), 8);
        waits.push(start.elapsed());
    }
    assert_eq!(waits[0], waits[1]);
    assert_ne!(waits[0], waits[2]);
    // 0.2 + 0.4 + 0.8 + 1.6 + 3.2 + 6.4 + 10 s at most, and tokio's clock counts whole milliseconds.
    assert!(
        waits
            .iter()
            .all(|wait| *wait < Duration::from_millis(22_610))
    );
}

#[tokio::test(start_paused = true)]
async fn one_attempt_is_no_retry() {
    let policy = RetryPolicy::builder().max_attempts(1).build().unwrap();
    for status in [429, 502] {
        let (http, count) = server(move |_, _| answer(status, ""));
        let http = retrying(policy.clone(), http);
        http.oneshot(request(Method::GET)).await.unwrap();
        assert_eq!(count.get(), 1);
    }
}

#[test]
fn without_a_runtime_there_is_one_attempt() {
    let policy = RetryPolicy::builder().build().unwrap();
    let (http, count) = server(|_, _| answer(502, ""));
    let mut call = task::spawn(retrying(policy, http).oneshot(request(Method::GET)));
    assert_eq!(assert_ready_ok!(call.poll()).status(), 502);
    assert_eq!(count.get(), 1);
}
