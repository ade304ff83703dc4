//! The operations over the sandbox and its faults.

use std::time::Duration;

use http::StatusCode;
use http::header::DATE;
use snaptrade_auth_service::operations::{DeleteUser, ListUsers, LoginUser, RegisterUser};
use snaptrade_auth_service::retry::{Attempts, StaleStamp};
use snaptrade_auth_service::sandbox::{
    ErrorBody, Fault, LogEntry, Point, Route, Sandbox, SandboxBody,
};
use snaptrade_auth_service::{
    AttemptTimeoutLayer, AuthService, CollectAnswerLayer, ErrorKind, Outcome, UserCredentials,
};
use snaptrade_signing::clock::{Clock, ManualClock, SkewedClock};
use snaptrade_signing::{SignRequestLayer, UnixTime};
use tower::retry::RetryLayer;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};

use crate::common::{Http, generous, retrying, signed, snaptrade};

/// Faults after which nobody knows whether it ran.
fn breakages() -> [Fault; 8] {
    [
        Fault::Reset(Point::BeforeReading),
        Fault::Reset(Point::BeforeCommit),
        Fault::Reset(Point::AfterCommit),
        Fault::Reset(Point::InAnswer),
        Fault::Close(Point::InAnswer),
        Fault::Stall(Point::InAnswer),
        Fault::EndlessBody,
        Fault::status(StatusCode::GATEWAY_TIMEOUT, ErrorBody::Html).after_commit(),
    ]
}

fn timed(sandbox: &Sandbox) -> AuthService<Http<SandboxBody>> {
    let seconds = Duration::from_secs;
    let http = ServiceBuilder::new()
        .layer(RetryLayer::new(generous(4)))
        .layer(AttemptTimeoutLayer::new(seconds(10)).hard_cap(seconds(20)))
        .service(signed(sandbox));
    AuthService::new(BoxCloneSyncService::new(http))
}

#[tokio::test(start_paused = true)]
async fn what_is_safe_outlives_every_fault() {
    for fault in breakages() {
        let sandbox = Sandbox::builder().user("SANDBOX", "jane", "s3cret").build();
        let snaptrade = timed(&sandbox);
        let jane = UserCredentials::new("jane", "s3cret");
        sandbox.faults().on(Route::ListUsers, 3, fault.clone());
        sandbox.faults().on(Route::LoginUser, 2, fault.clone());
        let listed = snaptrade.send(ListUsers::new()).await.unwrap();
        assert_eq!((listed.body.len(), listed.attempts()), (1, 4), "{fault:?}");
        let login = snaptrade.send(LoginUser::new(jane)).await.unwrap();
        assert_eq!(login.attempts(), 3, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_must_not_run_twice_is_sent_once() {
    for fault in breakages() {
        let sandbox = Sandbox::new();
        let snaptrade = timed(&sandbox);
        sandbox.faults().next(fault.clone());
        let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{fault:?}");
        assert!(error.to_string().contains("must not run twice"), "{error}");
        assert_eq!(sandbox.log().len(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_stream_was_not_sent() {
    let sandbox = Sandbox::new();
    let snaptrade = timed(&sandbox);
    sandbox.faults().next_n(2, Fault::RefuseStream);
    let jane = snaptrade.send(RegisterUser::new("jane")).await.unwrap();
    assert_eq!(jane.attempts(), 3);
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);
}

#[tokio::test(start_paused = true)]
async fn a_404_after_a_repeated_delete_says_that_it_may_be_done() {
    let sandbox = Sandbox::builder().user("SANDBOX", "jane", "s3cret").build();
    let snaptrade = snaptrade(&sandbox, generous(4));
    sandbox.faults().next(Fault::Reset(Point::AfterCommit));
    let error = snaptrade.send(DeleteUser::new("jane")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(error.api().unwrap().attempts(), 2);
    let said = error.to_string();
    assert!(
        said.contains("an earlier attempt of this call may have succeeded"),
        "{said}"
    );
    assert!(said.contains("[2 attempts]"), "{said}");

    // One that nothing came before says nothing of the kind, nor does one after a refusal.
    for refused in [false, true] {
        if refused {
            sandbox.faults().next(Fault::throttled(1));
        }
        let error = snaptrade.send(DeleteUser::new("jane")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.outcome(), Outcome::Refused);
        assert_eq!(error.api().unwrap().attempts(), 1 + u32::from(refused));
        assert!(!error.to_string().contains("earlier"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_stamped_anew() {
    let clock = ManualClock::new(UnixTime::from_secs(1_635_790_389));
    let tolerance = Duration::from_secs(5);
    let sandbox = Sandbox::builder()
        .clock(clock.clone())
        .tolerance(tolerance)
        .build();
    let passing = clock.clone();
    sandbox.faults().when(move |arrival| {
        // Ten seconds pass with each attempt, so a stamp that is sent again would be too old.
        passing.advance(10);
        let fault = || Fault::status(StatusCode::SERVICE_UNAVAILABLE, ErrorBody::Json);
        (arrival.number < 3).then(fault)
    });
    let signed = ServiceBuilder::new()
        .layer(RetryLayer::new(generous(4)))
        .layer(CollectAnswerLayer::new())
        .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()).clock(clock))
        .service(sandbox.clone());
    // The sandbox looks at its clock after the fault.
    sandbox.set_skew(-10);
    AuthService::new(signed)
        .send(ListUsers::new())
        .await
        .unwrap();
    let stamps: Vec<_> = sandbox.log().iter().map(LogEntry::query).collect();
    let expected = [389, 399, 409, 419];
    let expected = expected.map(|at| format!("clientId=SANDBOX&timestamp=1635790{at}"));
    assert_eq!(stamps, expected);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_off_is_corrected_and_the_call_goes_through() {
    let (server, ours) = (
        UnixTime::from_secs(1_635_790_389),
        UnixTime::from_secs(1_635_780_000),
    );
    let sandbox = Sandbox::builder().clock(ManualClock::new(server)).build();
    let clock = SkewedClock::new(ManualClock::new(ours));
    let learning = clock.clone();
    let http = ServiceBuilder::new()
        .layer(RetryLayer::new(generous(2)))
        .layer(CollectAnswerLayer::new())
        .map_response(move |mut answer: http::Response<_>| {
            assert!(answer.headers().contains_key(DATE));
            let off = i64::try_from(server.as_secs() - ours.as_secs()).unwrap();
            if learning.now().abs_diff(server) > 30 {
                learning.set_offset(off);
                answer.extensions_mut().insert(StaleStamp);
            }
            answer
        })
        .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()).clock(clock))
        .service(sandbox.clone());
    let jane = AuthService::new(http)
        .send(RegisterUser::new("jane"))
        .await
        .unwrap();
    assert_eq!(jane.attempts(), 2);
    assert_eq!(sandbox.log().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn two_policies_make_no_more_attempts_than_one() {
    for (fault, attempts) in [
        (Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Empty), 3),
        (Fault::Reset(Point::BeforeCommit), 3),
        (Fault::throttled(1), 3),
        (
            Fault::status(StatusCode::INTERNAL_SERVER_ERROR, ErrorBody::Json),
            1,
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.faults().next_n(99, fault);
        let mut http = retrying(generous(7), retrying(generous(3), signed(&sandbox)));
        let mut list = crate::common::request(http::Method::GET);
        *list.uri_mut() = "/snapTrade/listUsers".parse().unwrap();
        let result = http.ready().await.unwrap().call(list).await;
        assert_eq!(sandbox.log().len(), attempts);
        if let Ok(answer) = result {
            let counted = answer.extensions().get::<Attempts>().unwrap().count();
            assert_eq!(counted as usize, attempts);
        }
    }
}
