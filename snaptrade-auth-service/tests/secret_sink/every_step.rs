//! A caller that goes, at each step of the way.

use std::pin::Pin;
use std::time::Duration;

use http::Request;
use snaptrade_auth_service::sandbox::{Fault, Route};
use snaptrade_auth_service::{AuthService, Error, Operation, UserCredentials};
use tokio::time::timeout;
use tower::{Layer, Service, ServiceExt};

use crate::common::{Http, World, attempt, auth, client, register, reset, step};

/// Drops the call after 0, 1, 2, … steps until it is through; how often nothing was sent, and how often it ran.
async fn drop_at_each_step<Op>(operation: Op, user_id: &str) -> (usize, usize)
where
    Op: Operation<Output = UserCredentials> + Send + 'static,
{
    let (mut unsent, mut ran) = (0, 0);
    for steps in 0.. {
        let mut world = World::new();
        let mut call = Box::pin(world.stack.call(operation.clone()));
        let answer = step(&mut call, steps).await;
        drop(call);
        world.settle().await;

        let commits = world.commits();
        assert!(commits <= 1, "{commits} commits after {steps} steps");
        assert_eq!(
            world.is_stored(user_id),
            commits == 1,
            "after {steps} steps"
        );
        assert_eq!(world.sink.unsettled(), [], "after {steps} steps");
        // What was not committed was not even sent.
        assert_eq!(world.sandbox.log().len() as u64, commits);
        match answer {
            None if commits == 0 => unsent += 1,
            None => ran += 1,
            Some(answer) => {
                let user = answer.unwrap().into_body();
                assert!(world.is_current(user_id, user.user_secret.expose()));
                return (unsent, ran);
            }
        }
    }
    unreachable!()
}

#[tokio::test(start_paused = true)]
async fn register_reaches_the_sink_or_is_not_sent() {
    let (unsent, ran) = drop_at_each_step(register(), "jane").await;
    assert!(unsent >= 2, "{unsent}");
    assert!(ran >= 10, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn reset_reaches_the_sink_or_is_not_sent() {
    let (unsent, ran) = drop_at_each_step(reset(), "anna").await;
    assert!(unsent >= 2, "{unsent}");
    assert!(ran >= 10, "{ran}");
}

/// The control: what the layer is there for.
#[tokio::test(start_paused = true)]
async fn without_the_layer_secrets_are_lost() {
    let mut lost = 0;
    for steps in 0.. {
        let world = World::new();
        let mut stack = auth(client(&world.sandbox));
        let call: Pin<Box<dyn Future<Output = Result<_, Error>> + Send>> = stack.call(register());
        let mut call = call;
        let answer = step(&mut call, steps).await;
        drop(call);
        if answer.is_some() {
            break;
        }
        lost += world.commits();
    }
    assert!(lost >= 3, "{lost}");
}

/// Between two attempts nothing is under way, so a caller who goes takes the call along.
#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_next_attempt_is_cancelled() {
    let world = World::new();
    let throttled = Fault::throttled(60);
    world.sandbox.faults().on(Route::RegisterUser, 1, throttled);
    let attempt = attempt(client(&world.sandbox));
    let twice = tower::service_fn(move |request: Request<_>| {
        let attempt = attempt.clone();
        async move {
            let answer = attempt.clone().oneshot(request.clone()).await;
            if answer.as_ref().is_ok_and(|answer| answer.status() != 429) {
                return answer;
            }
            tokio::time::sleep(Duration::from_secs(60)).await;
            attempt.oneshot(request).await
        }
    });
    let auth = AuthService::new(Http::new(twice));
    let call = world.layer.layer(auth).oneshot(register());
    assert!(timeout(Duration::from_secs(30), call).await.is_err());
    world.settle().await;
    assert_eq!(world.sandbox.log().len(), 1);
    assert_eq!(world.commits(), 0);
    assert_eq!(world.sink.unsettled(), []);
}
