//! A server that is down, and one that throttles everybody.

use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Route, Sandbox};
use snaptrade_auth_service::{
    CallOptions, Client, ErrorKind, Operation, Outcome, Quota, RetryPolicy, RollingRateLimitLayer,
};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::retry::budget::TpsBudget;

use crate::common::{client, serve, speaking};

const CALLS: usize = 200;
/// What the default budget has on top of the calls while none is answered.
const RESERVE: usize = 10;

/// On one thread: tower's budget looks and withdraws in two steps, and two threads may overdraw it by one.
#[tokio::test]
async fn of_a_server_that_is_down() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        sandbox.faults().when(|_| {
            Some(Fault::status(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorBody::Html,
            ))
        });
        let snaptrade = speaking(http2, client(&server.base_url()));
        let mut calls = JoinSet::new();
        for _ in 0..CALLS {
            let snaptrade = snaptrade.clone();
            calls.spawn(async move { snaptrade.send(ListUsers::new()).await.unwrap_err() });
        }
        let errors = calls.join_all().await;
        let attempts: u32 = errors
            .iter()
            .map(|error| error.api().unwrap().attempts())
            .sum();
        assert_eq!(attempts as usize, sandbox.log().len(), "http2: {http2}");
        assert_eq!(attempts as usize, CALLS + RESERVE, "http2: {http2}");
    }
}

fn in_memory(sandbox: &Sandbox, limit: RollingRateLimitLayer) -> Client {
    client("https://api.snaptrade.com")
        .http_service(sandbox.clone())
        .rate_limit(limit)
        .build()
        .unwrap()
}

/// The server allows less than is configured, and says so by 429s alone.
#[tokio::test(start_paused = true)]
async fn of_429s() {
    let sandbox = Sandbox::builder()
        .rate_limit(20, Duration::from_secs(60))
        .build();
    let limit = RollingRateLimitLayer::new(Quota::default());
    let snaptrade = in_memory(&sandbox, limit.clone());
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let snaptrade = snaptrade.clone();
        let options = CallOptions::new().timeout(Duration::from_secs(3_600));
        let register = RegisterUser::new(format!("user{number:03}")).with(options);
        calls.spawn(async move {
            let answer = snaptrade.send(register).await.unwrap();
            (number, answer.attempts(), start.elapsed().as_secs())
        });
        tokio::task::yield_now().await;
    }
    let mut done = calls.join_all().await;
    done.sort_unstable();
    assert_eq!(sandbox.commits(Route::RegisterUser), 100);
    let most = done.iter().map(|(_, attempts, _)| attempts).max();
    assert!(most <= Some(&2), "{done:?}");
    // First come, first served: nobody is overtaken.
    let ends: Vec<_> = done.iter().map(|(_, _, end)| end).collect();
    assert!(ends.is_sorted(), "{ends:?}");
    assert!(
        start.elapsed() <= Duration::from_secs(60 * 5),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn of_429s_that_announce_no_time_at_all() {
    let sandbox = Sandbox::new();
    sandbox.faults().when(|_| Some(Fault::throttled(0)));
    let snaptrade = in_memory(&sandbox, RollingRateLimitLayer::new(Quota::default()));
    let start = Instant::now();
    let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert!(
        start.elapsed() > Duration::ZERO,
        "{} attempts",
        sandbox.log().len()
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_wait_is_told_at_once() {
    let sandbox = Sandbox::new();
    let limit = RollingRateLimitLayer::new(Quota::default()).max_wait(Duration::from_secs(10));
    let snaptrade = in_memory(&sandbox, limit);
    sandbox.faults().next(Fault::throttled(30));
    let start = Instant::now();
    let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
    // The throttled one goes back to the queue, which refuses it.
    assert_eq!(error.kind(), ErrorKind::Throttled, "{error}");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
    let snaptrade_auth_service::Error::Transport(error) = error else {
        panic!("{error}")
    };
    assert!(
        error
            .downcast_ref::<snaptrade_auth_service::rate_limit::RateLimitError>()
            .is_some()
    );
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(sandbox.log().len(), 1);
}

/// A deadline before the announced time: the 429 is the answer, at once.
#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_the_deadline() {
    let sandbox = Sandbox::new();
    let snaptrade = in_memory(&sandbox, RollingRateLimitLayer::new(Quota::default()));
    sandbox.faults().next(Fault::throttled(30));
    let start = Instant::now();
    let options = CallOptions::new().timeout(Duration::from_secs(20));
    let list = ListUsers::new().with(options.clone());
    let error = snaptrade.send(list).await.unwrap_err();
    assert_eq!(
        (error.kind(), start.elapsed()),
        (ErrorKind::Throttled, Duration::ZERO)
    );

    // One that comes later would wait in the queue beyond its deadline, and is not even sent.
    let error = snaptrade
        .send(ListUsers::new().with(options))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Throttled, Outcome::NotSent)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(sandbox.log().len(), 1);
}

/// Throttled, back in the queue, and gone: the others do not notice.
#[tokio::test(start_paused = true)]
async fn a_throttled_call_that_is_dropped_in_the_queue_leaves_no_trace() {
    let sandbox = Sandbox::new();
    let limit = RollingRateLimitLayer::new(Quota::default());
    let snaptrade = in_memory(&sandbox, limit.clone());
    sandbox.faults().next_n(50, Fault::throttled(30));
    let start = Instant::now();
    let mut throttled = JoinSet::new();
    for _ in 0..50 {
        let snaptrade = snaptrade.clone();
        throttled.spawn(async move { snaptrade.send(ListUsers::new()).await });
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(limit.waiting() > 0);
    let others: Vec<_> = (0..50)
        .map(|_| {
            let snaptrade = snaptrade.clone();
            tokio::spawn(async move { snaptrade.send(ListUsers::new()).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(5)).await;
    throttled.shutdown().await;
    sandbox.faults().clear();
    assert_eq!(limit.waiting(), 50);
    for other in others {
        assert_eq!(other.await.unwrap().unwrap().attempts(), 1);
    }
    assert!(
        start.elapsed() < Duration::from_secs(95),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(limit.waiting(), 0);
}

/// "Come back in 0 seconds" is no wait: what it brings back is load, and the budget bounds it.
#[tokio::test(start_paused = true)]
async fn of_429s_that_announce_0_seconds() {
    for limit in [None, Some(RollingRateLimitLayer::default())] {
        for fault in [
            Fault::throttled(0),
            Fault::throttled_with_retry_after(0),
            Fault::throttled_without_headers(0),
        ] {
            let sandbox = Sandbox::new();
            sandbox.faults().when(move |_| Some(fault.clone()));
            let retry = RetryPolicy::builder().max_attempts(100);
            // Two in each of ten seconds.
            let budget = TpsBudget::new(Duration::from_secs(10), 2, 0.0);
            let snaptrade = client("https://api.snaptrade.com")
                .http_service(sandbox.clone())
                .rate_limit(limit.clone())
                .retry(retry.budget(budget.into()).build().unwrap())
                .build()
                .unwrap();
            for _ in 0..3 {
                snaptrade.send(ListUsers::new()).await.unwrap_err();
            }
            let sent = sandbox.log().len();
            assert!((3..150).contains(&sent), "{sent}");
        }
    }
}
