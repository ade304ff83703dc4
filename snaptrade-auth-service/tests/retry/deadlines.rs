//! No wait goes past the end of the call.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::Full;
use snaptrade_auth_service::operations::ListUsers;
use snaptrade_auth_service::sandbox::{Fault, Sandbox};
use snaptrade_auth_service::{
    AttemptTimeoutLayer, AuthService, CallOptions, DeadlineLayer, ErrorKind, Operation, Quota,
    RollingRateLimitLayer,
};
use snaptrade_signing::BoxError;
use tokio::time::Instant;
use tower::retry::RetryLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use crate::common::{Req, generous, request, retrying, signed, snaptrade};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[tokio::test(start_paused = true)]
async fn the_answer_in_hand_is_better_than_a_deadline() {
    for (announced, attempts) in [(7, 2), (9, 2), (10, 1), (30, 1)] {
        let sandbox = Sandbox::new();
        let snaptrade = DeadlineLayer::new(secs(10)).layer(snaptrade(&sandbox, generous(4)));
        sandbox.faults().next(Fault::throttled(announced));
        let start = Instant::now();
        let answer = snaptrade.oneshot(ListUsers::new()).await;
        if attempts == 2 {
            assert_eq!(answer.unwrap().attempts(), 2, "{announced}");
            assert_eq!(start.elapsed().as_secs(), announced);
        } else {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Throttled, "{announced}");
            assert_eq!(start.elapsed(), Duration::ZERO, "{announced}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_calls_own_timeout_counts() {
    let sandbox = Sandbox::new();
    let timed = || CallOptions::new().timeout(secs(5));
    // Alone, below a longer deadline, and below a shorter one that it replaces.
    let alone = snaptrade(&sandbox, generous(4));
    let longer = DeadlineLayer::new(secs(60)).layer(alone.clone());
    let shorter = DeadlineLayer::new(secs(1)).layer(alone.clone());
    for announced in [4, 6] {
        let start = Instant::now();
        let list = || ListUsers::new().with(timed());
        sandbox.faults().next(Fault::throttled(announced));
        let first = alone.send(list()).await;
        sandbox.faults().next(Fault::throttled(announced));
        let second = longer.clone().oneshot(list()).await;
        sandbox.faults().next(Fault::throttled(announced));
        let third = shorter.clone().oneshot(list()).await;
        for answer in [first, second, third] {
            assert_eq!(answer.is_ok(), announced == 4, "{answer:?}");
        }
        assert_eq!(
            start.elapsed().as_secs(),
            if announced == 4 { 12 } else { 0 }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_deadlines_the_sooner_counts() {
    for (outer, inner) in [(5, 60), (60, 5)] {
        let sandbox = Sandbox::new();
        let snaptrade = ServiceBuilder::new()
            .layer(DeadlineLayer::new(secs(outer)))
            .layer(DeadlineLayer::new(secs(inner)))
            .service(snaptrade(&sandbox, generous(4)));
        sandbox.faults().next(Fault::throttled(6));
        let start = Instant::now();
        let error = snaptrade.oneshot(ListUsers::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_operation_has_its_options() {
    let sandbox = Sandbox::new();
    let http = retrying(generous(4), signed(&sandbox));
    let mut list = request(Method::GET);
    *list.uri_mut() = "/snapTrade/listUsers".parse().unwrap();
    list.extensions_mut()
        .insert(CallOptions::new().timeout(secs(5)));
    for (announced, status) in [(4, 200), (5, 429)] {
        sandbox.faults().next(Fault::throttled(announced));
        let answer = http.clone().oneshot(list.clone()).await.unwrap();
        assert_eq!(answer.status(), status);
    }
    // The time runs from the first attempt, not from the last.
    sandbox.faults().next_n(2, Fault::throttled(3));
    let start = Instant::now();
    let answer = http.oneshot(list).await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_too_long_is_not_waited_for_in_the_queue() {
    let sandbox = Sandbox::new();
    let http = ServiceBuilder::new()
        .layer(RetryLayer::new(generous(4)))
        .layer(RollingRateLimitLayer::new(Quota::default()))
        .service(signed(&sandbox));
    let snaptrade = DeadlineLayer::new(secs(5)).layer(AuthService::new(http));
    sandbox.faults().next(Fault::throttled(6));
    let start = Instant::now();
    let error = snaptrade.oneshot(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(secs(6)));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// A future that has ended may lie about for long, as in a list of calls; what it held must not.
#[tokio::test(start_paused = true)]
async fn what_ran_out_of_time_holds_nothing_more() {
    let held = Arc::new(());
    let stuck = || {
        let held = held.clone();
        service_fn(move |_: Req| {
            let held = held.clone();
            async move {
                std::future::pending::<()>().await;
                drop(held);
                Ok::<_, BoxError>(Response::new(Full::<Bytes>::default()))
            }
        })
    };
    let limit = RollingRateLimitLayer::new(Quota::default());
    let http = limit.layer(stuck());
    let mut whole = DeadlineLayer::new(secs(10)).layer(AuthService::new(http));
    let mut whole = Box::pin(whole.call(ListUsers::new()));
    let before = Arc::strong_count(&held);
    (&mut whole).await.unwrap_err();
    assert_eq!(Arc::strong_count(&held), before - 1);
    // The slot was used, and comes free in its time.
    tokio::time::sleep(secs(120)).await;
    assert_eq!(limit.in_use(), 0);
    assert!(tokio_test::task::spawn(whole).poll().is_pending());

    let mut attempt = AttemptTimeoutLayer::new(secs(10)).layer(stuck());
    let mut attempt = Box::pin(attempt.call(request(Method::GET)));
    let before = Arc::strong_count(&held);
    (&mut attempt).await.unwrap_err();
    assert_eq!(Arc::strong_count(&held), before - 1);
    (&mut attempt).await.unwrap_err();
}
