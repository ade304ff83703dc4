//! Layers in another order than they should have: less is known, and no secret is lost.

use std::time::Duration;

use snaptrade_auth_service::operations::RegisterUser;
use snaptrade_auth_service::retry::RetryPolicy;
use snaptrade_auth_service::sandbox::{Fault, Route, Sandbox};
use snaptrade_auth_service::{
    ApiResponse, AttemptTimeoutLayer, AuthService, CollectAnswerLayer, DeadlineLayer, Error,
    RollingRateLimitLayer, UserCredentials,
};
use snaptrade_signing::SignRequestLayer;
use tower::retry::RetryLayer;
use tower::util::BoxCloneService;
use tower::{ServiceBuilder, ServiceExt};

use crate::common::{World, client, register, stroll};

type Stack = BoxCloneService<RegisterUser, ApiResponse<UserCredentials>, Error>;
type Order = fn(&World) -> Stack;

const MINUTE: Duration = Duration::from_secs(60);

fn retry() -> RetryLayer<RetryPolicy> {
    RetryLayer::new(RetryPolicy::default())
}

/// Collected and signed.
macro_rules! http {
    ($world:expr) => {
        ServiceBuilder::new()
            .layer(CollectAnswerLayer::new())
            .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()))
            .service(client(&$world.sandbox))
    };
}

fn limiter_above_retry(world: &World) -> Stack {
    let http = ServiceBuilder::new()
        .layer(RollingRateLimitLayer::default())
        .layer(retry())
        .service(http!(world));
    let stack = ServiceBuilder::new()
        .layer(DeadlineLayer::new(MINUTE))
        .layer(world.layer.clone())
        .service(AuthService::new(http));
    BoxCloneService::new(stack)
}

fn attempt_timeout_above_retry(world: &World) -> Stack {
    let http = ServiceBuilder::new()
        .layer(AttemptTimeoutLayer::new(MINUTE))
        .layer(RollingRateLimitLayer::default())
        .layer(retry())
        .service(http!(world));
    let stack = ServiceBuilder::new()
        .layer(DeadlineLayer::new(MINUTE))
        .layer(world.layer.clone())
        .service(AuthService::new(http));
    BoxCloneService::new(stack)
}

fn no_limiter(world: &World) -> Stack {
    let http = ServiceBuilder::new()
        .layer(AttemptTimeoutLayer::new(MINUTE))
        .layer(retry())
        .service(http!(world));
    let stack = ServiceBuilder::new()
        .layer(world.layer.clone())
        .service(AuthService::new(http));
    BoxCloneService::new(stack)
}

fn sink_above_deadline(world: &World) -> Stack {
    let http = ServiceBuilder::new()
        .layer(retry())
        .layer(AttemptTimeoutLayer::new(MINUTE))
        .service(http!(world));
    let stack = ServiceBuilder::new()
        .layer(world.layer.clone())
        .layer(DeadlineLayer::new(MINUTE))
        .service(AuthService::new(http));
    BoxCloneService::new(stack)
}

fn retry_above_the_sink(world: &World) -> Stack {
    let http = ServiceBuilder::new()
        .layer(AttemptTimeoutLayer::new(MINUTE))
        .service(http!(world));
    let stack = ServiceBuilder::new()
        .layer(DeadlineLayer::new(MINUTE))
        .layer(retry())
        .layer(world.layer.clone())
        .service(AuthService::new(http));
    BoxCloneService::new(stack)
}

fn retry_of_operations_below_the_sink(world: &World) -> Stack {
    let stack = ServiceBuilder::new()
        .layer(DeadlineLayer::new(MINUTE))
        .layer(world.layer.clone())
        .layer(retry())
        .service(AuthService::new(http!(world)));
    BoxCloneService::new(stack)
}

fn retries_above_and_below(world: &World) -> Stack {
    let http = ServiceBuilder::new().layer(retry()).service(http!(world));
    let stack = ServiceBuilder::new()
        .layer(world.layer.clone())
        .layer(retry())
        .service(AuthService::new(http));
    BoxCloneService::new(stack)
}

const ORDERS: [(&str, Order); 7] = [
    ("limiter above retry", limiter_above_retry),
    ("attempt timeout above retry", attempt_timeout_above_retry),
    ("and no limiter", no_limiter),
    ("sink above deadline", sink_above_deadline),
    ("retry above the sink", retry_above_the_sink),
    ("retry of operations", retry_of_operations_below_the_sink),
    ("two retries", retries_above_and_below),
];

#[tokio::test(start_paused = true)]
async fn no_secret_is_lost_and_nothing_runs_twice() {
    for (name, order) in ORDERS {
        for steps in 0.. {
            let world = World::with(|layer| layer.sink_timeout(MINUTE * 2));
            let faults = world.sandbox.faults();
            faults.on(Route::RegisterUser, 1, Fault::throttled(1));
            faults.on(Route::RegisterUser, 1, Fault::RefuseStream);
            let mut call = Box::pin(order(&world).oneshot(register()));
            let answer = stroll(&mut call, steps).await;
            drop(call);
            world.settle().await;

            let commits = world.commits();
            let what = format!("{name}, after {steps} steps");
            assert!(commits <= 1, "{commits} commits: {what}");
            assert_eq!(world.is_stored("jane"), commits == 1, "{what}");
            assert_eq!(world.sink.unsettled(), [], "{what}");
            if let Some(answer) = answer {
                answer.unwrap();
                break;
            }
        }
    }
}
