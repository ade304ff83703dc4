//! What goes wrong between here and there, with a caller that goes at each step.

use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::Operation;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Point, Route};
use snaptrade_auth_service::secret_sink::Ending;
use tower::{Service, ServiceExt};

use crate::common::{World, register, reset, step};

/// What must be known once a request was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Stored,
    /// It cannot be read, and who is there gets it as it is.
    HandedOver,
    Unknown,
    NotRun,
}

fn faults() -> Vec<(Fault, Then)> {
    let gateway = || Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html);
    // Of a proxy that gave up on the server behind it.
    let proxy = || Fault::status(StatusCode::from_u16(524).unwrap(), ErrorBody::Html);
    let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
    let mut faults = vec![
        (Fault::TruncatedBody, Then::HandedOver),
        (Fault::EndlessBody, Then::Unknown),
        (gateway(), Then::Unknown),
        (gateway().after_commit(), Then::Unknown),
        (proxy(), Then::Unknown),
        (proxy().after_commit(), Then::Unknown),
        (Fault::throttled(7), Then::NotRun),
        (Fault::RefuseStream, Then::NotRun),
        (Fault::DateSkew(5_000), Then::Stored),
    ];
    for point in [Point::BeforeCommit, Point::AfterCommit, Point::InAnswer] {
        faults.extend([
            (Fault::Delay(point, minute), Then::Stored),
            (Fault::Delay(point, hour), Then::Unknown),
            (Fault::Reset(point), Then::Unknown),
            (Fault::Close(point), Then::Unknown),
            (Fault::Stall(point), Then::Unknown),
        ]);
    }
    faults
}

async fn at_each_step<Op>(operation: Op, route: Route, user_id: &str)
where
    Op: Operation + Send + 'static,
    Op::Output: Send,
{
    for (fault, then) in faults() {
        let mut sent = 0;
        for steps in 0..24 {
            // An endless body is too long at once, and fills no memory at each step.
            if matches!(fault, Fault::EndlessBody) && steps % 8 > 0 {
                continue;
            }
            let mut world = World::new();
            world.sandbox.faults().on(route, 1, fault.clone());
            let mut call = Box::pin(world.stack.call(operation.clone()));
            let answer = step(&mut call, steps).await;
            drop(call);
            let drained = world.layer.drain(Duration::from_secs(7200)).await;
            assert!(drained.unfinished.is_empty() && drained.unclaimed.is_empty());
            let handed_over = then == Then::HandedOver && world.commits() > 0;
            let orphaned = usize::from(handed_over && answer.is_none());
            assert_eq!(drained.orphans.len(), orphaned, "{drained:?}");

            let what = format!("{fault:?} after {steps} steps");
            let unsettled = world.sink.unsettled();
            if world.sandbox.log().is_empty() {
                assert!(answer.is_none() && unsettled.is_empty(), "{what}");
                continue;
            }
            sent += 1;
            assert!(world.commits() <= 1, "{what}");
            assert_eq!(world.is_stored(user_id), then == Then::Stored, "{what}");
            let endings: Vec<_> = unsettled.iter().map(|intent| intent.ending).collect();
            match then {
                Then::Unknown => assert_eq!(endings, [Some(Ending::Unknown)], "{what}"),
                Then::HandedOver => assert_eq!(endings, [Some(Ending::HandedOver)], "{what}"),
                Then::Stored | Then::NotRun => assert_eq!(endings, [], "{what}"),
            }
        }
        assert!(sent > 0, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_register() {
    at_each_step(register(), Route::RegisterUser, "jane").await;
}

#[tokio::test(start_paused = true)]
async fn of_a_reset() {
    at_each_step(reset(), Route::ResetUserSecret, "anna").await;
}

/// The caller of an unlucky call hears what it would have heard without the layer.
#[tokio::test(start_paused = true)]
async fn errors_pass() {
    let world = World::new();
    let exists = world.stack.clone().oneshot(register()).await;
    exists.unwrap();
    let error = world.stack.clone().oneshot(register()).await.unwrap_err();
    assert_eq!(error.kind(), snaptrade_auth_service::ErrorKind::UserExists);
    assert_eq!(world.sink.unsettled(), []);
    assert!(world.is_stored("jane"));
}
