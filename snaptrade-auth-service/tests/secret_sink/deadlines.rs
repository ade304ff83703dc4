//! A caller's deadline that runs out, at each step of the way.

use std::time::Duration;

use snaptrade_auth_service::sandbox::{Fault, Point, Route};
use snaptrade_auth_service::secret_sink::{Ending, SinkStep};
use snaptrade_auth_service::{CallOptions, ErrorKind, Operation, Outcome, UserCredentials};
use tokio::time::{Instant, advance};
use tower::{Layer, Service, ServiceExt};

use crate::common::{DEADLINE, World, auth, client, poll_once, register, reset, step};

/// Lets the deadline run out after 0, 1, 2, … steps; how often it said that nothing was sent, and how often it did
/// not know.
async fn expire_at_each_step<Op>(operation: Op, user_id: &str) -> (usize, usize)
where
    Op: Operation<Output = UserCredentials> + Send + 'static,
{
    let (mut unsent, mut unknown) = (0, 0);
    for steps in 0.. {
        // The sink is not to be out of time as well.
        let mut world = World::with(|layer| layer.sink_timeout(DEADLINE * 2));
        let mut call = Box::pin(world.stack.call(operation.clone()));
        if step(&mut call, steps).await.is_some() {
            return (unsent, unknown);
        }
        advance(DEADLINE).await;
        // Time has passed, and the task may have taken its last step by now.
        let Some(Err(error)) = poll_once(&mut call).await else {
            return (unsent, unknown);
        };
        assert_eq!(error.kind(), ErrorKind::Timeout);
        // The caller holds on to the call for a while: what was said stays true.
        step(&mut std::future::pending::<()>(), 40).await;
        drop(call);
        world.settle().await;

        let commits = world.commits();
        assert_eq!(
            world.is_stored(user_id),
            commits == 1,
            "after {steps} steps"
        );
        assert_eq!(world.sink.unsettled(), [], "after {steps} steps");
        match error.outcome() {
            Outcome::NotSent => {
                assert_eq!(world.sandbox.log().len(), 0, "after {steps} steps");
                unsent += 1;
            }
            Outcome::Unknown => unknown += 1,
            known => panic!("{known:?}"),
        }
    }
    unreachable!()
}

#[tokio::test(start_paused = true)]
async fn of_a_register() {
    let (unsent, unknown) = expire_at_each_step(register(), "jane").await;
    assert!(unsent >= 1 && unknown >= 10, "{unsent} {unknown}");
}

#[tokio::test(start_paused = true)]
async fn of_a_reset() {
    let (unsent, unknown) = expire_at_each_step(reset(), "anna").await;
    assert!(unsent >= 1 && unknown >= 10, "{unsent} {unknown}");
}

/// The attempt's timeout is 10 s and the caller's 30 s; the answer takes 100 s and is read to its end.
#[tokio::test(start_paused = true)]
async fn the_call_outlives_them() {
    for point in [Point::BeforeCommit, Point::AfterCommit, Point::InAnswer] {
        let world = World::new();
        let delay = Fault::Delay(point, Duration::from_secs(100));
        world.sandbox.faults().on(Route::RegisterUser, 1, delay);
        let started = Instant::now();
        let error = world.stack.clone().oneshot(register()).await.unwrap_err();
        assert_eq!(started.elapsed(), DEADLINE);
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(world.sink.load(&"jane".into()).is_none());
        assert_eq!(world.layer.under_way().len(), 1);
        world.settle().await;
        assert!(world.is_stored("jane"), "{point:?}");
        assert_eq!(world.sink.unsettled(), []);
        assert_eq!(started.elapsed(), Duration::from_secs(100));
    }
}

#[tokio::test(start_paused = true)]
async fn the_hard_cap_ends_it() {
    let world = World::new();
    let stall = Fault::Stall(Point::AfterCommit);
    world.sandbox.faults().on(Route::RegisterUser, 1, stall);
    let started = Instant::now();
    world.stack.clone().oneshot(register()).await.unwrap_err();
    world.settle().await;
    assert_eq!(started.elapsed(), Duration::from_secs(300));
    let unsettled = world.sink.unsettled();
    assert_eq!(unsettled[0].ending, Some(Ending::Unknown));
    assert_eq!(unsettled[0].intent.user_id(), Some(&"jane".into()));
    assert_eq!(unsettled[0].intent.operation(), "registerUser");
}

/// Without a layer for it, a call's own timeout is the caller's all the same, and does not end the call.
#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_call_alone() {
    let world = World::new();
    let delay = Fault::Delay(Point::AfterCommit, Duration::from_secs(100));
    world.sandbox.faults().on(Route::RegisterUser, 1, delay);
    let stack = world.layer.layer(auth(client(&world.sandbox)));
    let options = CallOptions::new().timeout(Duration::from_secs(5));
    let started = Instant::now();
    let error = stack.oneshot(register().with(options)).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    world.settle().await;
    assert!(world.is_stored("jane"));
}

/// The intent is not even written down yet: the caller hears that nothing was sent, and nothing will be.
#[tokio::test(start_paused = true)]
async fn while_the_intent_is_recorded() {
    let world = World::with(|layer| layer.sink_timeout(DEADLINE * 2));
    world.sink.hang(SinkStep::Record, 1);
    let error = world.stack.clone().oneshot(register()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.outcome(), Outcome::NotSent);
    world.settle().await;
    assert!(world.sandbox.log().is_empty());
    assert_eq!(world.sink.unsettled(), []);
}
