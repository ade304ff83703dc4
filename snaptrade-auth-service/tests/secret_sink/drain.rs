//! Shutting down.

use std::time::Duration;

use snaptrade_auth_service::operations::ListUsers;
use snaptrade_auth_service::sandbox::{Fault, Point, Route};
use snaptrade_auth_service::secret_sink::SinkStep;
use snaptrade_auth_service::{ErrorKind, Outcome};
use tokio::time::Instant;
use tower::{Service, ServiceExt};

use crate::common::{World, register, reset, step};

#[tokio::test(start_paused = true)]
async fn waits_for_what_is_under_way_and_takes_nothing_new() {
    let world = World::new();
    let delay = Fault::Delay(Point::AfterCommit, Duration::from_secs(20));
    world.sandbox.faults().on(Route::RegisterUser, 1, delay);
    let call = tokio::spawn(world.stack.clone().oneshot(register()));
    tokio::time::sleep(Duration::from_secs(1)).await;

    let drain = world.layer.drain(Duration::from_secs(60));
    let refused = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let error = world.stack.clone().oneshot(reset()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SecretSink);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.to_string().contains("shutting down"), "{error}");
        // What has no secret is none of its business.
        world.stack.clone().oneshot(ListUsers::new()).await.unwrap();
    };
    let started = Instant::now();
    let (drained, ()) = tokio::join!(drain, refused);
    assert!(drained.is_clean());
    assert_eq!(started.elapsed(), Duration::from_secs(19));
    call.await.unwrap().unwrap();
    assert!(world.is_stored("jane"));
    assert_eq!(world.commits(), 1);
}

#[tokio::test(start_paused = true)]
async fn says_what_is_left() {
    let world = World::new();
    let stall = Fault::Stall(Point::AfterCommit);
    world.sandbox.faults().on(Route::RegisterUser, 1, stall);
    let call = tokio::spawn(world.stack.clone().oneshot(register()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    call.abort();
    let started = Instant::now();
    let drained = world.layer.drain(Duration::from_secs(5)).await;
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    assert_eq!(drained.unfinished.len(), 1);
    assert_eq!(drained.unfinished[0].user_id(), Some(&"jane".into()));
    assert_eq!(drained.unfinished, world.layer.under_way());
}

#[tokio::test(start_paused = true)]
async fn with_nothing_under_way_there_is_nothing_to_wait_for() {
    let world = World::new();
    let started = Instant::now();
    assert!(world.layer.drain(Duration::MAX).await.is_clean());
    assert_eq!(started.elapsed(), Duration::ZERO);
}

/// A future that holds the only copy of a secret, and is not polled.
#[tokio::test(start_paused = true)]
async fn tells_of_whoever_does_not_look() {
    let world = World::with(|layer| layer.attempts(1));
    world.sink.fail(SinkStep::Store, usize::MAX);
    let mut stack = world.stack.clone();
    let mut call = Box::pin(stack.call(register()));
    while world.commits() == 0 {
        assert!(step(&mut call, 1).await.is_none());
    }
    let drained = world.layer.drain(Duration::from_secs(5)).await;
    assert!(!drained.is_clean());
    assert_eq!(drained.unfinished, []);
    assert_eq!(drained.unclaimed.len(), 1);
    assert_eq!(drained.unclaimed[0].user_id(), Some(&"jane".into()));
    assert!(drained.orphans.is_empty());
    // It looks, and nobody else has to.
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStored);
    assert!(world.layer.drain(Duration::ZERO).await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn and_of_one_that_is_forgotten() {
    let world = World::with(|layer| layer.attempts(1));
    world.sink.fail(SinkStep::Store, usize::MAX);
    let mut stack = world.stack.clone();
    let mut call = Box::pin(stack.call(register()));
    while world.commits() == 0 {
        assert!(step(&mut call, 1).await.is_none());
    }
    std::mem::forget(call);
    let drained = world.layer.drain(Duration::from_secs(5)).await;
    assert_eq!(drained.unclaimed.len(), 1);
}
