//! How far a call has come, as a deadline or a caller who leaves would be told.

use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::Full;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::{
    AttemptTimeoutLayer, AuthService, CallOptions, DeadlineLayer, Operation, Outcome, Progress,
    Quota, RollingRateLimitLayer,
};
use snaptrade_signing::BoxError;
use tokio::time::sleep;
use tower::retry::RetryLayer;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_test::mock::{self, Handle, SendResponse};

use crate::common::{Req, generous, request};

type Server = Handle<Req, Response<Full<Bytes>>>;

async fn received(server: &mut Server) -> SendResponse<Response<Full<Bytes>>> {
    server.next_request().await.unwrap().1
}

fn respond(with: SendResponse<Response<Full<Bytes>>>, status: u16) {
    let answer = Response::builder()
        .status(status)
        .header("Retry-After", "5");
    with.send_response(answer.body(Full::default()).unwrap());
}

fn watched(method: Method) -> (Req, Progress) {
    let (mut request, progress) = (request(method), Progress::default());
    request.extensions_mut().insert(progress.clone());
    (request, progress)
}

#[tokio::test(start_paused = true)]
async fn the_policy_keeps_it_if_nobody_else_does() {
    let (server, mut handle) = mock::pair();
    handle.allow(9);
    let http = RetryLayer::new(generous(9)).layer(server);
    let (request, progress) = watched(Method::GET);
    let call = tokio::spawn(http.oneshot(request));

    // Nobody has said anything yet.
    let first = received(&mut handle).await;
    assert_eq!(progress.outcome(), Outcome::Unknown);
    respond(first, 429);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(progress.outcome(), Outcome::NotSent);

    let second = received(&mut handle).await;
    assert_eq!(progress.outcome(), Outcome::Unknown);
    second.send_error(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
    tokio::task::yield_now().await;
    assert_eq!(progress.outcome(), Outcome::NotSent);

    // From here on it may have run.
    let third = received(&mut handle).await;
    respond(third, 503);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(progress.outcome(), Outcome::Unknown);
    let fourth = received(&mut handle).await;
    respond(fourth, 429);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(progress.outcome(), Outcome::Unknown);
    let fifth = received(&mut handle).await;
    respond(fifth, 200);
    assert_eq!(call.await.unwrap().unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn the_attempts_timeout_keeps_it_in_the_limiters_queue_too() {
    let (server, mut handle) = mock::pair();
    handle.allow(9);
    let http = ServiceBuilder::new()
        .layer(RetryLayer::new(generous(9)))
        .layer(RollingRateLimitLayer::new(Quota::default()))
        .layer(AttemptTimeoutLayer::new(Duration::from_secs(60)))
        .service(server);
    let (request, progress) = watched(Method::POST);
    let call = tokio::spawn(http.oneshot(request));
    for _ in 0..2 {
        let attempt = received(&mut handle).await;
        assert_eq!(progress.outcome(), Outcome::Unknown);
        respond(attempt, 429);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(progress.outcome(), Outcome::NotSent);
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(progress.outcome(), Outcome::NotSent);
}

#[tokio::test(start_paused = true)]
async fn the_limiter_keeps_it_as_well() {
    let (server, mut handle) = mock::pair();
    handle.allow(9);
    let http = ServiceBuilder::new()
        .layer(RetryLayer::new(generous(9)))
        .layer(RollingRateLimitLayer::new(Quota::default()))
        .service(server);
    let (request, progress) = watched(Method::GET);
    let call = tokio::spawn(http.oneshot(request));
    for _ in 0..2 {
        let attempt = received(&mut handle).await;
        assert_eq!(progress.outcome(), Outcome::Unknown);
        respond(attempt, 429);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(progress.outcome(), Outcome::NotSent);
    }
    let attempt = received(&mut handle).await;
    respond(attempt, 502);
    let attempt = received(&mut handle).await;
    respond(attempt, 429);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(progress.outcome(), Outcome::Unknown);
    drop(call);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_the_limiters_queue_says_that_nothing_was_sent() {
    let stuck =
        service_fn(|_: Req| std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>());
    let quota = Quota::builder().requests(1).build().unwrap();
    let http = RollingRateLimitLayer::new(quota).layer(stuck);
    let snaptrade = DeadlineLayer::new(Duration::from_secs(5)).layer(AuthService::new(http));
    let first = snaptrade.clone().oneshot(RegisterUser::new("jane"));
    let second = snaptrade.oneshot(RegisterUser::new("joan"));
    let (first, second) = tokio::join!(biased; first, second);
    assert_eq!(first.unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(second.unwrap_err().outcome(), Outcome::NotSent);
}

/// The same without a layer for it: the timeout is the call's own.
#[tokio::test(start_paused = true)]
async fn so_does_the_timeout_of_the_call_alone() {
    let stuck =
        service_fn(|_: Req| std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>());
    let quota = Quota::builder().requests(1).build().unwrap();
    let snaptrade = AuthService::new(RollingRateLimitLayer::new(quota).layer(stuck));
    let options = CallOptions::new().timeout(Duration::from_secs(5));
    let first = snaptrade.send(RegisterUser::new("jane").with(options.clone()));
    let second = snaptrade.send(RegisterUser::new("joan").with(options.clone()));
    let streamed = snaptrade.send(ListUsers::new().with(options).streaming());
    let (first, second, streamed) = tokio::join!(biased; first, second, streamed);
    assert_eq!(first.unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(second.unwrap_err().outcome(), Outcome::NotSent);
    assert_eq!(streamed.unwrap_err().outcome(), Outcome::NotSent);
}

/// A layer above the limiter runs each call in a task of its own, which goes on when the caller has gone.
#[tokio::test(start_paused = true)]
async fn what_a_deadline_has_said_binds_a_call_that_goes_on_without_it() {
    let (server, mut handle) = mock::pair();
    handle.allow(9);
    let quota = Quota::builder().requests(1).build().unwrap();
    let http = RollingRateLimitLayer::new(quota).layer(server);
    let detached = service_fn(move |request: Req| {
        let call = tokio::spawn(http.clone().oneshot(request));
        async move { call.await.unwrap() }
    });
    let snaptrade = DeadlineLayer::new(Duration::from_secs(5)).layer(AuthService::new(detached));
    let first = tokio::spawn(snaptrade.clone().oneshot(RegisterUser::new("jane")));
    respond(received(&mut handle).await, 400);
    first.await.unwrap().unwrap_err();

    let second = snaptrade.oneshot(RegisterUser::new("joan"));
    assert_eq!(second.await.unwrap_err().outcome(), Outcome::NotSent);
    sleep(Duration::from_secs(120)).await;
    let sent = matches!(handle.poll_request(), Poll::Ready(Some(_)));
    assert!(!sent);
}
