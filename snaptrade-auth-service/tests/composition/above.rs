//! Above: a request is an operation, an error says what happened.

use std::future::{Ready, ready};
use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::operations::{ListUsers, LoginUser, RegisterUser};
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Route, Sandbox};
use snaptrade_auth_service::{
    ApiResponse, AuthService, Authentication, Error, ErrorKind, Operation, Repeat, UserCredentials,
    UserId,
};
use snaptrade_signing::BoxError;
use tokio::time::Instant;
use tower::limit::ConcurrencyLimitLayer;
use tower::retry::{Policy, RetryLayer};
use tower::timeout::TimeoutLayer;
use tower::timeout::error::Elapsed;
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt};

use crate::{Peak, a_life, is_complete, slow, snaptrade};

/// Repeats what may be repeated. The crate's own policy stands below, where it knows more.
#[derive(Clone)]
struct RetrySafe {
    left: usize,
}

impl<Op: Operation, T> Policy<Op, ApiResponse<T>, Error> for RetrySafe {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        operation: &mut Op,
        result: &mut Result<ApiResponse<T>, Error>,
    ) -> Option<Ready<()>> {
        let error = result.as_ref().err()?;
        let again = operation.repeat() == Repeat::Safe && error.outcome().is_unknown();
        self.left = self.left.checked_sub(1).filter(|_| again)?;
        Some(ready(()))
    }

    fn clone_request(&mut self, operation: &Op) -> Option<Op> {
        Some(operation.clone())
    }
}

#[tokio::test]
async fn retry_repeats_an_operation_that_may_be_repeated() {
    let sandbox = Sandbox::new();
    let layered = ServiceBuilder::new()
        .layer(RetryLayer::new(RetrySafe { left: 2 }))
        .service(snaptrade(&sandbox));
    let layered = is_complete::<Error>(layered);
    a_life(&layered).await;

    let gateway = || Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html);
    sandbox.faults().next_n(2, gateway());
    layered.list_users().await.unwrap();
    assert_eq!(sandbox.faults().waiting(), 0);

    sandbox.faults().next_n(2, gateway());
    let error = layered.register_user("eve").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(sandbox.faults().waiting(), 1, "it was sent once");
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);
}

#[tokio::test(start_paused = true)]
async fn timeout_bounds_an_operation() {
    let layered = ServiceBuilder::new()
        .timeout(Duration::from_millis(999))
        .service(AuthService::new(slow(&Peak::default())));
    let error = layered.oneshot(ListUsers::new()).await.unwrap_err();
    assert!(error.is::<Elapsed>(), "{error}");

    let layered = ServiceBuilder::new()
        .timeout(Duration::from_millis(1001))
        .service(AuthService::new(slow(&Peak::default())));
    is_complete::<BoxError>(layered).list_users().await.unwrap();
}

#[tokio::test]
async fn an_error_of_ours_is_found_in_a_box() {
    let layered = ServiceBuilder::new()
        .timeout(Duration::from_secs(5))
        .service(snaptrade(&Sandbox::new()));
    a_life::<BoxError>(&layered).await;
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_bounds_all_operations_together() {
    let peak = Peak::default();
    let layered = ServiceBuilder::new()
        .concurrency_limit(2)
        .service(AuthService::new(slow(&peak)));
    let started = Instant::now();
    let calls = (0..5).map(|_| tokio::spawn(layered.clone().oneshot(ListUsers::new())));
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(peak.most(), 2);
    assert_eq!(started.elapsed(), Duration::from_secs(3));
}

#[tokio::test]
async fn option_layer_with_and_without_a_layer() {
    for limit in [None, Some(ConcurrencyLimitLayer::new(1))] {
        let layered = ServiceBuilder::new()
            .option_layer(limit)
            .service(snaptrade(&Sandbox::new()));
        a_life(&is_complete::<Error>(layered)).await;
    }
    // A layer that changes the error wants the same error where it is left out.
    for timeout in [None, Some(TimeoutLayer::new(Duration::from_secs(5)))] {
        let layered = ServiceBuilder::new()
            .option_layer(timeout)
            .map_err(BoxError::from)
            .service(snaptrade(&Sandbox::new()));
        a_life::<BoxError>(&is_complete(layered)).await;
    }
}

#[tokio::test]
async fn boxed_by_operation() {
    type Boxed<Op, T> = BoxCloneSyncService<Op, ApiResponse<T>, Error>;
    let sandbox = Sandbox::new();
    let register: Boxed<RegisterUser, UserCredentials> = Boxed::new(snaptrade(&sandbox));
    let list: Boxed<ListUsers, Vec<UserId>> = Boxed::new(snaptrade(&sandbox));
    let jane = register.oneshot(RegisterUser::new("jane")).await.unwrap();
    assert_eq!(
        list.oneshot(ListUsers::new()).await.unwrap().body,
        [jane.body.user_id]
    );
}

#[tokio::test]
async fn tower_s_own_adapters() {
    let sandbox = Sandbox::new();
    let jane = snaptrade(&sandbox).register_user("jane").await.unwrap();
    // From a login to the length of its link, and nothing else.
    let links = snaptrade(&sandbox)
        .map_request(LoginUser::new)
        .map_response(|answer| answer.status)
        .map_err(|error: Error| error.kind());
    let status = links.oneshot(jane.into_body()).await;
    assert_eq!(status, Ok(StatusCode::OK));
}
