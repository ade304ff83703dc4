//! One call of a user at a time.

use std::time::Duration;

use snaptrade_auth_service::SecretSinkLayer;
use snaptrade_auth_service::UserCredentials;
use snaptrade_auth_service::operations::{RegisterUser, ResetUserSecret};
use snaptrade_auth_service::sandbox::{Fault, Point, Route};
use tokio::time::{Instant, sleep};
use tower::{Layer, ServiceExt};

use crate::common::{World, auth, client, register, reset};

const SECOND: Duration = Duration::from_secs(1);

/// Anna's old secret is good once: of two resets with it, the later one is refused, and the sink has the new one.
#[tokio::test(start_paused = true)]
async fn resets_of_one_user_do_not_overlap() {
    let world = World::new();
    let slow = Fault::Delay(Point::AfterCommit, 5 * SECOND);
    world.sandbox.faults().on(Route::ResetUserSecret, 9, slow);
    let first = tokio::spawn(world.stack.clone().oneshot(reset()));
    tokio::task::yield_now().await;
    let second = tokio::spawn(world.stack.clone().oneshot(reset()));
    tokio::task::yield_now().await;
    let started = Instant::now();
    let cancelled = tokio::spawn(world.stack.clone().oneshot(reset()));
    sleep(SECOND).await;
    cancelled.abort();
    // Others do not wait.
    world.stack.clone().oneshot(register()).await.unwrap();
    assert_eq!(started.elapsed(), SECOND);

    let first = first.await.unwrap().unwrap();
    assert_eq!(started.elapsed(), 5 * SECOND);
    second.await.unwrap().unwrap_err();
    assert_eq!(started.elapsed(), 10 * SECOND);
    assert!(world.is_stored("anna"));
    assert!(world.is_current("anna", first.user_secret.expose()));
    // Two resets and a register: the cancelled one cost nothing.
    assert_eq!(world.sandbox.log().len(), 3);
    world.settle().await;
    assert_eq!(world.sink.unsettled(), []);
}

/// A chain of resets, each with the secret of the one before, made at once by whoever reads the sink.
#[tokio::test(start_paused = true)]
async fn a_reset_waits_for_the_register_before_it() {
    let world = World::new();
    let slow = Fault::Delay(Point::AfterCommit, 5 * SECOND);
    world.sandbox.faults().on(Route::RegisterUser, 1, slow);
    let register = tokio::spawn(world.stack.clone().oneshot(RegisterUser::new("eve")));
    sleep(SECOND).await;
    let stale = ResetUserSecret::new(UserCredentials::new("eve", "wrong"));
    let started = Instant::now();
    let error = world.stack.clone().oneshot(stale).await.unwrap_err();
    assert_eq!(started.elapsed(), 4 * SECOND);
    assert_eq!(error.api().unwrap().status, 401);
    let user = register.await.unwrap().unwrap().into_body();

    let reset = ResetUserSecret::new(user);
    world.stack.clone().oneshot(reset).await.unwrap();
    assert!(world.is_stored("eve"));
}

/// The first caller goes while its call is under way, and its place stays taken until the secret is stored.
#[tokio::test(start_paused = true)]
async fn a_call_without_its_caller_keeps_its_turn() {
    let world = World::new();
    let slow = Fault::Delay(Point::AfterCommit, 5 * SECOND);
    world.sandbox.faults().on(Route::ResetUserSecret, 1, slow);
    let first = tokio::spawn(world.stack.clone().oneshot(reset()));
    sleep(SECOND).await;
    first.abort();
    let started = Instant::now();
    world.stack.clone().oneshot(reset()).await.unwrap_err();
    assert_eq!(started.elapsed(), 4 * SECOND);
    assert!(world.is_stored("anna"));
}

/// Two layers over clones of one sink, as two clients of one process have: the turns are the sink's.
#[tokio::test(start_paused = true)]
async fn resets_on_two_layers_do_not_overlap() {
    let world = World::new();
    let other = SecretSinkLayer::new(world.sink.clone());
    let other = other.layer(auth(client(&world.sandbox)));
    // The first one is answered last.
    let slow = Fault::Delay(Point::AfterCommit, 5 * SECOND);
    world.sandbox.faults().on(Route::ResetUserSecret, 1, slow);
    let first = tokio::spawn(world.stack.clone().oneshot(reset()));
    sleep(SECOND).await;
    // Whoever resets reads the secret in the sink, which is not there yet.
    let started = Instant::now();
    other.oneshot(reset()).await.unwrap_err();
    assert_eq!(started.elapsed(), 4 * SECOND);
    first.await.unwrap().unwrap();
    assert!(world.is_stored("anna"));
}
