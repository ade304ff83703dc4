//! A 429, in all its forms, with and without a limiter below.

use std::time::Duration;

use http::{Method, Response};
use http_body_util::Full;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::rate_limit::{Paused, Quota, Retried};
use snaptrade_auth_service::retry::RetryPolicy;
use snaptrade_auth_service::sandbox::{Fault, Route, Sandbox};
use snaptrade_auth_service::{AuthService, ErrorKind, RollingRateLimitLayer};
use tokio::time::Instant;
use tower::retry::RetryLayer;
use tower::{ServiceBuilder, ServiceExt};

use crate::common::{answer, generous, request, retrying, server, signed, snaptrade};

fn forms(secs: u64) -> [Fault; 3] {
    [
        Fault::throttled(secs),
        Fault::throttled_with_retry_after(secs),
        Fault::throttled_without_headers(secs),
    ]
}

#[tokio::test(start_paused = true)]
async fn the_announced_wait_is_waited_for() {
    for fault in forms(7) {
        let sandbox = Sandbox::new();
        let snaptrade = snaptrade(&sandbox, generous(4));
        sandbox.faults().next(fault.clone());
        let start = Instant::now();
        let listed = snaptrade.send(ListUsers::new()).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 7, "{fault:?}");
        assert_eq!(listed.attempts(), 2);

        // What must not run twice did not run.
        sandbox.faults().next(fault.clone());
        let start = Instant::now();
        snaptrade.send(RegisterUser::new("jane")).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 7, "{fault:?}");
        assert_eq!(sandbox.commits(Route::RegisterUser), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn everyone_waits_if_there_is_a_limiter() {
    for fault in forms(7) {
        let sandbox = Sandbox::new();
        let limit = RollingRateLimitLayer::new(Quota::default());
        let http = ServiceBuilder::new()
            .layer(RetryLayer::new(generous(4)))
            .layer(limit.clone())
            .service(signed(&sandbox));
        let snaptrade = AuthService::new(http);
        sandbox.faults().next(fault.clone());
        let start = Instant::now();
        let first = tokio::spawn(snaptrade.clone().oneshot(RegisterUser::new("jane")));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(sandbox.log().len(), 1, "{fault:?}");
        // One that comes later waits too, and behind it.
        let listed = snaptrade.send(ListUsers::new()).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 7, "{fault:?}");
        assert_eq!(listed.body.len(), 1, "{fault:?}");
        assert_eq!(first.await.unwrap().unwrap().attempts(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_paused_request_goes_back_at_once_and_marked() {
    for paused in [false, true] {
        let (http, count) = server(move |number, request| {
            let marked = request.extensions().get::<Retried>().is_some();
            assert_eq!(marked, number > 1);
            if number > 1 {
                return answer(200, "");
            }
            let mut answer = Response::builder()
                .status(429)
                .header("Retry-After", "30")
                .body(Full::default())?;
            if paused {
                answer
                    .extensions_mut()
                    .insert(Paused(Duration::from_secs(30)));
            }
            Ok(answer)
        });
        let start = Instant::now();
        let http = retrying(generous(4), http);
        http.oneshot(request(Method::POST)).await.unwrap();
        assert_eq!(count.get(), 2);
        assert_eq!(start.elapsed().as_secs(), if paused { 0 } else { 30 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_wait_than_set_is_left_to_the_caller() {
    for fault in forms(7) {
        let sandbox = Sandbox::new();
        let policy = RetryPolicy::builder().max_wait(Duration::from_secs(6));
        let snaptrade = snaptrade(&sandbox, policy.build().unwrap());
        sandbox.faults().next(fault);
        let start = Instant::now();
        let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_503_is_waited_for_if_it_says_how_long() {
    let (http, count) = server(|number, _| {
        let answer = Response::builder();
        let answer = match number {
            1 => answer.status(503).header("Retry-After", "9"),
            _ => answer,
        };
        Ok(answer.body(Full::default())?)
    });
    let start = Instant::now();
    let http = retrying(generous(4), http);
    http.oneshot(request(Method::GET)).await.unwrap();
    assert_eq!((count.get(), start.elapsed().as_secs()), (2, 9));
}
