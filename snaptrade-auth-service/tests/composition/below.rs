//! Below: a request is HTTP, and every attempt is stamped anew.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Route, Sandbox, SandboxBody};
use snaptrade_auth_service::{AuthService, Authentication, Error, ErrorKind, Outcome, Repeat};
use snaptrade_signing::BoxError;
use snaptrade_signing::clock::{Clock, ManualClock};
use tokio::time::Instant;
use tower::ServiceBuilder;
use tower::retry::{Policy, RetryLayer};
use tower::timeout::TimeoutLayer;
use tower::timeout::error::Elapsed;
use tower::util::BoxCloneSyncService;

use crate::{Peak, a_life, is_complete, sign, slow};

/// Repeats what the request says may be repeated, after a second on `clock`.
#[derive(Clone)]
struct RetryMarked {
    clock: ManualClock,
    left: usize,
}

impl<R, E> Policy<Request<Full<Bytes>>, Response<R>, E> for RetryMarked {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        request: &mut Request<Full<Bytes>>,
        result: &mut Result<Response<R>, E>,
    ) -> Option<Self::Future> {
        let failed = result
            .as_ref()
            .map_or(true, |answer| answer.status().is_server_error());
        let safe = request.extensions().get::<Repeat>() == Some(&Repeat::Safe);
        self.left = self.left.checked_sub(1).filter(|_| failed && safe)?;
        self.clock.advance(1);
        Some(std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn retry_stamps_each_attempt_and_knows_what_may_be_repeated() {
    let sandbox = Sandbox::new();
    let clock = ManualClock::new(sandbox.now());
    let http = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryMarked {
            clock: clock.clone(),
            left: 2,
        }))
        .layer(sign().clock(clock.clone()))
        .service(sandbox.clone());
    let snaptrade = is_complete::<Error>(AuthService::new(http));
    let gateway = || Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html);

    sandbox.faults().next_n(2, gateway());
    snaptrade.list_users().await.unwrap();
    let log = sandbox.log();
    assert_eq!(log.len(), 3);
    let now = clock.now().as_secs();
    for (entry, ago) in log.iter().zip([2, 1, 0]) {
        let stamp = format!("clientId=SANDBOX&timestamp={}", now - ago);
        assert_eq!(entry.raw_query(), Some(stamp.as_str()));
    }
    assert_ne!(
        log[0].raw_headers()["signature"],
        log[2].raw_headers()["signature"]
    );

    // A login is a POST that may be repeated, a registration is one that may not.
    let jane = snaptrade.register_user("jane").await.unwrap().into_body();
    sandbox.faults().next_n(2, gateway());
    snaptrade.login_user(&jane).await.unwrap();
    sandbox
        .faults()
        .next(gateway().after_commit())
        .next(gateway());
    let error = snaptrade.register_user("eve").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Server, Outcome::Unknown)
    );
    assert_eq!(sandbox.faults().waiting(), 1, "it was sent once");
    assert_eq!(sandbox.commits(Route::RegisterUser), 2);
}

#[tokio::test(start_paused = true)]
async fn timeout_of_an_attempt_is_an_unknown_outcome() {
    let http = ServiceBuilder::new()
        .timeout(Duration::from_millis(999))
        .layer(sign())
        .service(slow(&Peak::default()));
    let error = AuthService::new(http).list_users().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    let Error::Transport(transport) = error else {
        panic!("{error:?}");
    };
    assert!(transport.downcast_ref::<Elapsed>().is_some());
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_bounds_requests() {
    let peak = Peak::default();
    let http = ServiceBuilder::new()
        .concurrency_limit(2)
        .layer(sign())
        .service(slow(&peak));
    let snaptrade = AuthService::new(http);
    let started = Instant::now();
    let calls = (0..5).map(|_| tokio::spawn(snaptrade.list_users()));
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(peak.most(), 2);
    assert_eq!(started.elapsed(), Duration::from_secs(3));
}

#[tokio::test]
async fn option_layer_with_and_without_a_layer() {
    for timeout in [None, Some(TimeoutLayer::new(Duration::from_secs(5)))] {
        let http = ServiceBuilder::new()
            .option_layer(timeout)
            .layer(sign())
            .service(Sandbox::new());
        a_life(&is_complete::<Error>(AuthService::new(http))).await;
    }
}

#[tokio::test]
async fn a_boxed_client_has_all_operations() {
    let http = ServiceBuilder::new()
        .concurrency_limit(4)
        .timeout(Duration::from_secs(5))
        .layer(sign())
        .service(Sandbox::new());
    // A type that can be written down, whatever is in it.
    let boxed: BoxCloneSyncService<Request<Full<Bytes>>, Response<SandboxBody>, BoxError> =
        BoxCloneSyncService::new(http);
    let snaptrade: AuthService<BoxCloneSyncService<_, _, _>> = AuthService::new(boxed);
    let layered = ServiceBuilder::new()
        .concurrency_limit(2)
        .timeout(Duration::from_secs(5))
        .service(snaptrade);
    a_life::<BoxError>(&is_complete(layered)).await;
}
