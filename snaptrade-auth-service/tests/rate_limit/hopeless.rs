//! Whoever cannot get a slot in time hears so at once.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::rate_limit::{Quota, RateLimitError, RollingRateLimitLayer};
use snaptrade_auth_service::sandbox::{Fault, Point, Sandbox, SandboxBody};
use snaptrade_auth_service::secret_sink::{MemorySecretSink, SecretSinkLayer};
use snaptrade_auth_service::{
    AnswerBody, AuthService, CallOptions, CollectAnswerLayer, Error, ErrorKind, Operation, Outcome,
};
use snaptrade_signing::{BoxError, SignRequestLayer};
use tokio::time::{Instant, sleep};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceBuilder, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

fn limit(requests: u32) -> RollingRateLimitLayer {
    RollingRateLimitLayer::new(Quota::builder().requests(requests).build().unwrap())
}

fn is_throttled(error: &Error, at_least: Duration) {
    assert_eq!(error.kind(), ErrorKind::Throttled, "{error}");
    assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
    let retry_after = error.retry_after().unwrap();
    assert!(retry_after >= at_least, "{retry_after:?}");
    assert!(error.to_string().contains("timeout"), "{error}");
}

#[cfg(feature = "client")]
#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_of_the_client_is_refused_at_once() {
    let sink = SecretSinkLayer::new(MemorySecretSink::new());
    for sink in [None, Some(sink)] {
        let sandbox = Sandbox::new();
        let mut builder = snaptrade_auth_service::Client::builder(Sandbox::credentials().unwrap())
            .http_service(sandbox.clone())
            .rate_limit(limit(2))
            .timeout(50 * SECOND);
        if let Some(sink) = sink {
            builder = builder.secret_sink(sink);
        }
        let snaptrade = builder.build().unwrap();
        snaptrade.send(ListUsers::new()).await.unwrap();
        snaptrade.send(ListUsers::new()).await.unwrap();
        let started = Instant::now();
        let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
        is_throttled(&error, 60 * SECOND);
        let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
        is_throttled(&error, 60 * SECOND);
        assert_eq!(started.elapsed(), Duration::ZERO);
        // Who has more patience waits.
        let patient = CallOptions::new().timeout(70 * SECOND);
        let list = ListUsers::new().with(patient);
        snaptrade.send(list).await.unwrap();
        assert_eq!(sandbox.log().len(), 3);
    }
}

type Http = BoxCloneSyncService<Request<Full<Bytes>>, Response<AnswerBody<SandboxBody>>, BoxError>;

fn auth(sandbox: &Sandbox, limit: &RollingRateLimitLayer) -> AuthService<Http> {
    let http = ServiceBuilder::new()
        .layer(limit.clone())
        .layer(CollectAnswerLayer::new())
        .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()))
        .service(sandbox.clone());
    AuthService::new(BoxCloneSyncService::new(http))
}

/// A service with no deadline but that of the call, below a sink or not.
#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_call_is_enough() {
    let sandbox = Sandbox::new();
    let snaptrade = auth(&sandbox, &limit(1));
    snaptrade.clone().oneshot(ListUsers::new()).await.unwrap();
    let options = CallOptions::new().timeout(20 * SECOND);
    let started = Instant::now();
    let list = ListUsers::new().with(options.clone());
    let error = snaptrade.clone().oneshot(list).await.unwrap_err();
    is_throttled(&error, 60 * SECOND);
    let sink = MemorySecretSink::new();
    let stored = SecretSinkLayer::new(sink.clone()).layer(snaptrade);
    let register = RegisterUser::new("jane").with(options);
    let error = stored.oneshot(register).await.unwrap_err();
    is_throttled(&error, 60 * SECOND);
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(sink.unsettled(), []);
}

/// They wait, as there is hope; then a 429 stops everyone for a minute.
#[tokio::test(start_paused = true)]
async fn a_pause_is_told_to_those_who_wait_already_however_far_back() {
    let sandbox = Sandbox::new();
    let snaptrade = auth(&sandbox, &limit(10));
    let mut used = Vec::new();
    // The last of these answers is the 429, five seconds later.
    sandbox.faults().when(|arrival| match arrival.number {
        0..9 => None,
        _ => Some(Fault::throttled(60)),
    });
    for _ in 0..9 {
        used.push(snaptrade.clone().oneshot(ListUsers::new()).await);
    }
    sleep(30 * SECOND).await;
    let mut waiting = tokio::task::JoinSet::new();
    let started = Instant::now();
    // One of them takes the last slot, and is throttled. Others wait for up to 40 seconds.
    for number in 0..15 {
        let patience = if number == 0 { 300 } else { 40 };
        let options = CallOptions::new().timeout(patience * SECOND);
        let call = snaptrade.send(ListUsers::new().with(options));
        waiting.spawn(async move { (call.await, started.elapsed()) });
        tokio::task::yield_now().await;
    }
    for (answer, after) in waiting.join_all().await {
        let error = answer.unwrap_err();
        assert!(after < SECOND, "{error}: {after:?}");
        match error.api() {
            Some(api) => assert_eq!(api.status, StatusCode::TOO_MANY_REQUESTS),
            None => is_throttled(&error, 59 * SECOND),
        }
    }
}

/// Nobody knows when there is a slot, as it is an answer that everyone waits for.
#[tokio::test(start_paused = true)]
async fn a_newcomer_with_less_patience_is_not_kept_waiting() {
    let sandbox = Sandbox::new();
    let slow = Fault::Delay(Point::AfterCommit, 20 * SECOND);
    sandbox.faults().next(slow).next(Fault::throttled(1));
    let limit = limit(10);
    let patient = auth(&sandbox, &limit);
    let impatient = auth(&sandbox, &limit.clone().max_wait(SECOND / 2));
    let slow = tokio::spawn(patient.send(ListUsers::new()));
    sleep(SECOND).await;
    patient.send(ListUsers::new()).await.unwrap_err();
    sleep(2 * SECOND).await;
    // After the pause, requests go one at a time, and the first is still under way.
    let waits = tokio::spawn(patient.send(ListUsers::new()));
    sleep(SECOND).await;
    let started = Instant::now();
    let error = impatient.send(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    let after = started.elapsed();
    assert!(after >= SECOND / 2 && after < SECOND, "{after:?}");
    let Error::Transport(error) = error else {
        panic!("{error}")
    };
    let refused = error.downcast_ref::<RateLimitError>();
    assert!(matches!(refused, Some(RateLimitError::WaitTooLong { .. })));
    slow.await.unwrap().unwrap();
    waits.await.unwrap().unwrap();
}
