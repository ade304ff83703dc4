//! A call that waits for its turn holds nothing of the service below.

use std::time::Duration;

use snaptrade_auth_service::operations::ListUsers;
use snaptrade_auth_service::retry::RetryPolicy;
use snaptrade_auth_service::sandbox::{Fault, Point, Route};
use snaptrade_auth_service::{AuthService, DeadlineLayer, ErrorKind};
use tokio::time::{Instant, sleep};
use tower::limit::ConcurrencyLimitLayer;
use tower::retry::RetryLayer;
use tower::{Layer, ServiceBuilder, ServiceExt};

use crate::common::{DEADLINE, World, attempt, client, register, reset};

const SECOND: Duration = Duration::from_secs(1);

/// The first call gives its permit back after an attempt, and its retry needs one again.
#[tokio::test(start_paused = true)]
async fn a_retry_of_the_call_ahead_has_its_permit() {
    for permits in [1, 2] {
        let world = World::new();
        let faults = world.sandbox.faults();
        faults.on(Route::RegisterUser, 3, Fault::throttled_with_retry_after(1));
        let http = ServiceBuilder::new()
            .layer(RetryLayer::new(RetryPolicy::default()))
            .layer(ConcurrencyLimitLayer::new(permits))
            .service(attempt(client(&world.sandbox)));
        let stack = ServiceBuilder::new()
            .layer(DeadlineLayer::new(DEADLINE))
            .layer(world.layer.clone())
            .service(AuthService::new(http));
        let started = Instant::now();
        let mut calls = Vec::new();
        for _ in 0..3 {
            calls.push(tokio::spawn(stack.clone().oneshot(register())));
            tokio::task::yield_now().await;
        }
        let mut calls = calls.into_iter();
        calls.next().unwrap().await.unwrap().unwrap();
        for call in calls {
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UserExists);
        }
        assert!(started.elapsed() < 4 * SECOND, "{:?}", started.elapsed());
        assert!(world.is_stored("jane"));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_keep_nobody_from_the_service() {
    let world = World::new();
    let slow = Fault::Delay(Point::AfterCommit, 5 * SECOND);
    world.sandbox.faults().on(Route::ResetUserSecret, 1, slow);
    let http = ConcurrencyLimitLayer::new(4).layer(attempt(client(&world.sandbox)));
    let stack = world.layer.layer(AuthService::new(http));
    let mut calls = Vec::new();
    for _ in 0..5 {
        calls.push(tokio::spawn(stack.clone().oneshot(reset())));
        sleep(Duration::from_millis(1)).await;
    }
    let started = Instant::now();
    for _ in 0..3 {
        stack.clone().oneshot(ListUsers::new()).await.unwrap();
    }
    assert!(started.elapsed() < SECOND, "{:?}", started.elapsed());
    for call in calls {
        call.await.unwrap().ok();
    }
    assert!(world.is_stored("anna"));
}

/// Nor does one whose sink takes its time.
#[tokio::test(start_paused = true)]
async fn nor_do_those_whose_sink_hangs() {
    let world = World::new();
    world
        .sink
        .hang(snaptrade_auth_service::secret_sink::SinkStep::Record, 1);
    let http = ConcurrencyLimitLayer::new(1).layer(attempt(client(&world.sandbox)));
    let stack = world.layer.layer(AuthService::new(http));
    let call = tokio::spawn(stack.clone().oneshot(register()));
    sleep(SECOND).await;
    let started = Instant::now();
    stack.clone().oneshot(ListUsers::new()).await.unwrap();
    assert!(started.elapsed() < SECOND, "{:?}", started.elapsed());
    call.await.unwrap().unwrap_err();
}
