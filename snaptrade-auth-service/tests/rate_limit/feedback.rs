//! What answers change, and what callers are told.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use snaptrade_auth_service::rate_limit::{
    Paused, Quota, RateLimitError, Retried, RollingRateLimitLayer,
};
use snaptrade_signing::BoxError;
use tokio::time::{Instant, advance};
use tokio_test::{assert_pending, assert_ready_err, task};
use tower::{Layer, ServiceExt, service_fn};

fn layer(requests: u32) -> RollingRateLimitLayer {
    RollingRateLimitLayer::new(Quota::builder().requests(requests).build().unwrap())
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Answers as the request's body says.
async fn answer(request: Request<Response<()>>) -> Result<Response<()>, BoxError> {
    Ok(request.into_body())
}

fn throttled(wait: u64) -> Request<Response<()>> {
    let response = Response::builder()
        .status(StatusCode::TOO_MANY_REQUESTS)
        .header("x-ratelimit-reset", wait);
    Request::new(response.body(()).unwrap())
}

fn counted(limit: u64, remaining: u64) -> Request<Response<()>> {
    let response = Response::builder()
        .header("x-ratelimit-limit", limit)
        .header("x-ratelimit-remaining", remaining);
    Request::new(response.body(()).unwrap())
}

fn ok() -> Request<Response<()>> {
    Request::new(Response::new(()))
}

fn refusal(error: &BoxError) -> Duration {
    let error: &RateLimitError = error.downcast_ref().unwrap();
    assert!(matches!(error, RateLimitError::WaitTooLong { .. }));
    error.retry_after().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_429_stops_everyone_and_its_retry_goes_first() {
    let layer = layer(10);
    let client = layer.layer(service_fn(answer));
    let start = Instant::now();
    let response = client.clone().oneshot(throttled(7)).await.unwrap();
    assert_eq!(response.extensions().get(), Some(&Paused(secs(7))));
    assert_eq!(layer.next_free(), secs(7));

    let mut other = task::spawn(client.clone().oneshot(ok()));
    assert_pending!(other.poll());
    let mut retry = counted(10, 3);
    retry.extensions_mut().insert(Retried);
    client.clone().oneshot(retry).await.unwrap();
    // The timer counts in whole milliseconds.
    let on_time = secs(7)..secs(7) + Duration::from_millis(5);
    assert!(on_time.contains(&start.elapsed()), "{:?}", start.elapsed());
    other.await.unwrap();
    assert!(on_time.contains(&start.elapsed()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_others_use_is_left_to_them() {
    let layer = layer(10);
    let client = layer.layer(service_fn(answer));
    // Ours, and seven of theirs.
    client.clone().oneshot(counted(10, 2)).await.unwrap();
    for remaining in [1, 0] {
        assert_eq!(layer.next_free(), Duration::ZERO);
        let counted = counted(10, remaining);
        client.clone().oneshot(counted).await.unwrap();
    }
    assert_eq!(layer.next_free().as_secs(), 60);
    advance(secs(61)).await;
    assert_eq!(layer.next_free(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn our_own_requests_alone_leave_the_whole_quota() {
    let layer = layer(10);
    let client = layer.layer(service_fn(answer));
    for used in 1..=10 {
        assert_eq!(layer.next_free(), Duration::ZERO);
        client
            .clone()
            .oneshot(counted(10, 10 - used))
            .await
            .unwrap();
    }
    assert_eq!(layer.next_free().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_rises_again_lets_waiters_go() {
    let layer = layer(10);
    let client = layer.layer(service_fn(answer));
    let mut slow = task::spawn(client.clone().oneshot(counted(10, 8)));
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let late = layer.layer(service_fn(
        |told: Request<tokio::sync::oneshot::Receiver<()>>| async {
            let _ = told.into_body().await;
            answer(counted(10, 8)).await
        },
    ));
    let mut late = task::spawn(late.oneshot(Request::new(told)));
    assert_pending!(late.poll());
    client.clone().oneshot(counted(2, 0)).await.unwrap();
    let start = Instant::now();
    assert_pending!(slow.poll());
    tell.send(()).unwrap();
    late.await.unwrap();
    slow.await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_be_too_long_is_refused_at_once() {
    let layer = layer(2);
    let client = layer.clone().max_wait(secs(70)).layer(service_fn(answer));
    for _ in 0..2 {
        client.clone().oneshot(ok()).await.unwrap();
    }
    // Two find their slots in a minute, and a third in two.
    let mut waiters: Vec<_> = (0..2)
        .map(|_| task::spawn(client.clone().oneshot(ok())))
        .collect();
    for waiter in &mut waiters {
        assert_pending!(waiter.poll());
    }
    let error = client.clone().oneshot(ok()).await.unwrap_err();
    assert_eq!(refusal(&error).as_secs(), 120);
    // Clones of before, and other layers of the same quota, wait on.
    let mut patient = task::spawn(layer.layer(service_fn(answer)).oneshot(ok()));
    assert_pending!(patient.poll());
    for waiter in waiters {
        waiter.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_refuses_those_who_would_not_wait_for_its_end() {
    let layer = layer(2);
    let client = layer.clone().max_wait(secs(70)).layer(service_fn(answer));
    client.clone().oneshot(ok()).await.unwrap();
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let late = layer.layer(service_fn(
        |told: Request<tokio::sync::oneshot::Receiver<()>>| async {
            let _ = told.into_body().await;
            answer(throttled(600)).await
        },
    ));
    let mut late = task::spawn(late.oneshot(Request::new(told)));
    assert_pending!(late.poll());
    let mut waiter = task::spawn(client.clone().oneshot(ok()));
    assert_pending!(waiter.poll());
    advance(secs(30)).await;
    tell.send(()).unwrap();
    late.await.unwrap();
    tokio::task::yield_now().await;
    assert!(waiter.is_woken());
    let error = assert_ready_err!(waiter.poll());
    assert_eq!(refusal(&error), secs(600));
    assert_eq!(layer.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_is_refused_at_the_end_of_its_patience_if_slots_do_not_come_free() {
    let layer = layer(1);
    let client = layer.clone().max_wait(secs(70)).layer(service_fn(answer));
    let stuck = layer.layer(service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<()>, BoxError>>()
    }));
    let mut stuck = task::spawn(stuck.oneshot(Request::new(())));
    assert_pending!(stuck.poll());
    let start = Instant::now();
    let error = client.oneshot(ok()).await.unwrap_err();
    assert!(start.elapsed() <= secs(70), "{:?}", start.elapsed());
    assert_eq!(refusal(&error).as_secs(), 60);
}
