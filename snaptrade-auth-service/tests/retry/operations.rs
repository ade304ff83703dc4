//! The policy over operations, alone and above another one.

use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::operations::{DeleteUser, ListUsers, RegisterUser};
use snaptrade_auth_service::retry::{RetryPolicy, StaleStamp};
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Point, Route, Sandbox};
use snaptrade_auth_service::{AuthService, DeadlineLayer, Error, ErrorKind, Operation, Outcome};
use tokio::time::Instant;
use tower::retry::RetryLayer;
use tower::{Layer, ServiceBuilder, ServiceExt};

use crate::common::{answer, generous, server, signed, snaptrade};

fn bad_gateway() -> Fault {
    Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html)
}

fn over_operations<S>(policy: RetryPolicy, snaptrade: S) -> tower::retry::Retry<RetryPolicy, S> {
    RetryLayer::new(policy).layer(snaptrade)
}

#[tokio::test(start_paused = true)]
async fn alone_it_does_what_the_other_does() {
    for (fault, safe, never) in [
        (bad_gateway(), 2, 1),
        (Fault::Reset(Point::BeforeCommit), 2, 1),
        (Fault::RefuseStream, 2, 2),
        (Fault::throttled_without_headers(3), 2, 2),
        (
            Fault::status(StatusCode::INTERNAL_SERVER_ERROR, ErrorBody::Json),
            1,
            1,
        ),
        (Fault::TruncatedBody, 1, 1),
    ] {
        for (repeats, attempts) in [(true, safe), (false, never)] {
            let sandbox = Sandbox::builder().user("SANDBOX", "joan", "s").build();
            let snaptrade = over_operations(generous(4), AuthService::new(signed(&sandbox)));
            sandbox.faults().next(fault.clone());
            let (counted, error) = if repeats {
                told(snaptrade.oneshot(ListUsers::new()).await)
            } else {
                told(snaptrade.oneshot(RegisterUser::new("jane")).await)
            };
            assert_eq!(sandbox.log().len(), attempts, "{fault:?} {error:?}");
            assert_eq!(counted.unwrap_or(attempts), attempts, "{fault:?}");
            assert_eq!(error.is_none(), attempts == 2, "{error:?}");
        }
    }
}

/// How many attempts there were, as far as the answer or the error says; and the error.
fn told<T>(
    result: Result<snaptrade_auth_service::ApiResponse<T>, Error>,
) -> (Option<usize>, Option<Error>) {
    match result {
        Ok(answer) => (Some(answer.attempts() as usize), None),
        Err(error) => {
            let counted = match &error {
                Error::Api(error) => Some(error.attempts() as usize),
                Error::Transport(error) => Some(error.attempts() as usize),
                _ => None,
            };
            (counted, Some(error))
        }
    }
}

#[tokio::test(start_paused = true)]
async fn above_another_one_it_adds_nothing() {
    for fault in [
        bad_gateway(),
        Fault::Reset(Point::BeforeCommit),
        Fault::RefuseStream,
        Fault::throttled(1),
        Fault::throttled_without_headers(1),
    ] {
        let sandbox = Sandbox::new();
        sandbox.faults().next_n(99, fault.clone());
        let both = over_operations(generous(7), snaptrade(&sandbox, generous(3)));
        let error = both.clone().oneshot(ListUsers::new()).await.unwrap_err();
        assert_eq!(sandbox.log().len(), 3, "{fault:?}");
        assert!(error.to_string().contains("[3 attempts]"), "{error}");
        // And a third one above them.
        let three = over_operations(generous(9), both);
        three.oneshot(ListUsers::new()).await.unwrap_err();
        assert_eq!(sandbox.log().len(), 6, "{fault:?}");
    }
    // The first attempt was the last one.
    let sandbox = Sandbox::new();
    sandbox.faults().next_n(99, bad_gateway());
    let both = over_operations(generous(7), snaptrade(&sandbox, generous(1)));
    both.oneshot(ListUsers::new()).await.unwrap_err();
    assert_eq!(sandbox.log().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_announced_wait_and_the_deadline_hold_here_too() {
    for (announced, waited) in [(4, 4), (5, 0)] {
        let sandbox = Sandbox::new();
        let snaptrade = ServiceBuilder::new()
            .layer(DeadlineLayer::new(Duration::from_secs(5)))
            .layer(RetryLayer::new(generous(4)))
            .service(AuthService::new(signed(&sandbox)));
        sandbox.faults().next(Fault::throttled(announced));
        let start = Instant::now();
        let answer = snaptrade.oneshot(RegisterUser::new("jane")).await;
        assert_eq!(start.elapsed().as_secs(), waited);
        assert_eq!(answer.is_ok(), waited > 0, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_knows_what_the_policy_knows() {
    // The second attempt hangs, so that the deadline ends the call.
    for (first, outcome) in [
        (Fault::throttled(1), Outcome::Unknown),
        (bad_gateway(), Outcome::Unknown),
    ] {
        let sandbox = Sandbox::new();
        let snaptrade = ServiceBuilder::new()
            .layer(DeadlineLayer::new(Duration::from_secs(5)))
            .layer(RetryLayer::new(generous(4)))
            .service(AuthService::new(signed(&sandbox)));
        sandbox
            .faults()
            .next(first)
            .next(Fault::Stall(Point::BeforeCommit));
        let error = snaptrade.oneshot(ListUsers::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.outcome(), outcome);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_have_run_stays_unknown_here_too() {
    let sandbox = Sandbox::builder().user("SANDBOX", "jane", "s").build();
    let snaptrade = over_operations(generous(2), AuthService::new(signed(&sandbox)));
    sandbox.faults().next(Fault::Close(Point::AfterCommit));
    let error = snaptrade
        .clone()
        .oneshot(DeleteUser::new("jane"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("may have succeeded"), "{error}");
    assert_eq!(sandbox.commits(Route::DeleteUser), 1);

    sandbox
        .faults()
        .next(Fault::Reset(Point::InAnswer))
        .next(Fault::RefuseStream);
    let error = snaptrade.oneshot(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_streamed_answer_is_retried_up_to_its_head() {
    let sandbox = Sandbox::new();
    let snaptrade = over_operations(generous(4), AuthService::new(signed(&sandbox)));
    sandbox.faults().next_n(2, bad_gateway());
    let unread = snaptrade
        .oneshot(ListUsers::new().streaming())
        .await
        .unwrap();
    assert_eq!(unread.attempts(), 3);
    assert_eq!(sandbox.log().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_stale_stamp_is_mended_twice_at_most_here_too() {
    let (http, count) = server(|_, _| {
        let mut refused = answer(401, r#"{"detail":"x","status_code":401,"code":"1076"}"#)?;
        refused.extensions_mut().insert(StaleStamp);
        Ok(refused)
    });
    let snaptrade = over_operations(generous(9), AuthService::new(http));
    let error = snaptrade
        .oneshot(RegisterUser::new("jane"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureRefused);
    assert_eq!(count.get(), 3);
}
