//! The faults without a socket, and which request meets which.

use std::io::ErrorKind;
use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Outcome, Point, Route};
use tower::ServiceExt;

use crate::common::{list, register, registered, request, sandbox, send, try_send};

fn bad_gateway() -> Fault {
    Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Empty)
}

#[tokio::test]
async fn cuts_are_errors() {
    for (fault, kind, committed) in [
        (
            Fault::Reset(Point::BeforeReading),
            ErrorKind::ConnectionReset,
            0,
        ),
        (
            Fault::Reset(Point::BeforeCommit),
            ErrorKind::ConnectionReset,
            0,
        ),
        (
            Fault::Reset(Point::AfterCommit),
            ErrorKind::ConnectionReset,
            1,
        ),
        (Fault::Reset(Point::InAnswer), ErrorKind::ConnectionReset, 1),
        (
            Fault::Close(Point::AfterCommit),
            ErrorKind::UnexpectedEof,
            1,
        ),
        (Fault::Close(Point::InAnswer), ErrorKind::UnexpectedEof, 1),
        (Fault::IdleClose, ErrorKind::UnexpectedEof, 0),
        (Fault::RefuseStream, ErrorKind::ConnectionRefused, 0),
    ] {
        let sandbox = sandbox();
        sandbox.faults().next(fault.clone());
        let error = try_send(&sandbox, register("jane")).await.err().unwrap();
        assert_eq!(error.io_kind(), kind, "{fault:?}");
        assert_eq!(sandbox.commits(Route::RegisterUser), committed, "{fault:?}");
    }
}

#[tokio::test]
async fn the_half_of_an_answer_comes_before_the_cut() {
    let sandbox = sandbox();
    sandbox.faults().next(Fault::Reset(Point::InAnswer));
    let mut body = sandbox
        .clone()
        .oneshot(register("jane"))
        .await
        .unwrap()
        .into_body();
    let half = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(half.starts_with(br#"{"userId":"jane""#));
    assert!(body.frame().await.unwrap().is_err());
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn stalls_and_pauses_run_on_tokios_clock() {
    let hour = Duration::from_secs(3_600);
    for point in [
        Point::BeforeReading,
        Point::BeforeCommit,
        Point::AfterCommit,
        Point::InAnswer,
    ] {
        let sandbox = sandbox();
        sandbox.faults().next(Fault::Stall(point));
        let answer = tokio::time::timeout(hour, try_send(&sandbox, register("jane")));
        assert!(answer.await.is_err());
        let committed = matches!(point, Point::AfterCommit | Point::InAnswer);
        assert_eq!(sandbox.log()[0].committed(), committed, "{point:?}");

        let start = tokio::time::Instant::now();
        sandbox.faults().next(Fault::Delay(point, hour));
        send(&sandbox, register("joan")).await;
        assert_eq!(start.elapsed(), hour, "{point:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delayed_commit_comes_though_its_future_is_dropped() {
    let sandbox = sandbox();
    let pause = Duration::from_secs(10);
    sandbox
        .faults()
        .next(Fault::Delay(Point::BeforeCommit, pause));
    let answer = tokio::time::timeout(pause / 2, try_send(&sandbox, register("jane")));
    assert!(answer.await.is_err());
    assert_eq!(sandbox.log()[0].outcome(), Outcome::Abandoned);
    assert_eq!(sandbox.commits(Route::RegisterUser), 0);
    tokio::time::sleep(pause).await;
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);
}

#[tokio::test]
async fn queues_in_order() {
    let sandbox = sandbox();
    sandbox
        .faults()
        .next(bad_gateway())
        .pass()
        .next_n(2, Fault::throttled(1));
    assert_eq!(sandbox.faults().waiting(), 3);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        // The health check meets none of them.
        assert_eq!(
            send(&sandbox, request(http::Method::GET, "/", ""))
                .await
                .status,
            200
        );
        statuses.push(send(&sandbox, list()).await.status.as_u16());
    }
    assert_eq!(statuses, [502, 200, 429, 429, 200]);
    assert_eq!(sandbox.faults().waiting(), 0);
}

#[tokio::test]
async fn routes_have_queues_of_their_own() {
    let sandbox = sandbox();
    sandbox
        .faults()
        .pass_on(Route::ListUsers)
        .on(Route::ListUsers, 1, Fault::throttled(1))
        .next(bad_gateway());
    assert_eq!(send(&sandbox, list()).await.status, 200);
    assert_eq!(send(&sandbox, list()).await.status, 429);
    assert_eq!(send(&sandbox, list()).await.status, 502);
    sandbox
        .faults()
        .on(Route::ListUsers, 9, Fault::throttled(1));
    registered(&sandbox, "jane").await;
    sandbox.faults().clear();
    assert_eq!(send(&sandbox, list()).await.status, 200);
}

#[tokio::test]
async fn a_function_decides() {
    let sandbox = sandbox();
    sandbox.faults().when(|arrival| {
        assert!(arrival.reused_connection);
        let hit = arrival.path.ends_with("listUsers") && arrival.number % 2 == 1;
        hit.then(bad_gateway)
    });
    assert_eq!(send(&sandbox, list()).await.status, 200);
    assert_eq!(send(&sandbox, list()).await.status, 502);
    registered(&sandbox, "jane").await;
    let log = sandbox.log();
    assert!(log[0].fault().is_none());
    assert!(matches!(log[1].fault(), Some(Fault::Answer(_))));
}

#[tokio::test]
async fn a_body_of_nothing_is_cut_too() {
    let sandbox = sandbox();
    let (_, _) = registered(&sandbox, "jane").await;
    sandbox.faults().next(Fault::EndlessBody);
    let mut body = sandbox.clone().oneshot(list()).await.unwrap().into_body();
    let mut read = 0;
    while read < 1 << 20 {
        read += body
            .frame()
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .len();
    }
}

#[tokio::test]
async fn a_function_may_look_at_the_sandbox_and_change_its_plans() {
    let sandbox = sandbox();
    let seen = sandbox.clone();
    sandbox.faults().when(move |_| {
        seen.faults().next(Fault::throttled(1));
        (seen.commits(Route::ListUsers) == 1 && seen.log().len() == 2).then(bad_gateway)
    });
    assert_eq!(send(&sandbox, list()).await.status, 429);
    sandbox.faults().pass_on(Route::ListUsers);
    assert_eq!(send(&sandbox, list()).await.status, 200);
    assert_eq!(sandbox.faults().waiting(), 1);
}
