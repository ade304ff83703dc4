//! Settings at the ends of their ranges, and clients where they are not meant to be.

use std::time::Duration;

use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{Fault, Route, Sandbox};
use snaptrade_auth_service::{AttemptTimeoutLayer, ClientBuilder, ErrorKind, Outcome, RetryPolicy};
use tokio::time::Instant;

use crate::common::{client, serve};

const NEVER: Duration = Duration::MAX;

#[tokio::test]
async fn times_without_end() {
    let (_sandbox, server) = serve().await;
    let snaptrade = client(&server.base_url())
        .connect_timeout(NEVER)
        .attempt_timeout(NEVER)
        .timeout(NEVER)
        .build()
        .unwrap();
    snaptrade.send(RegisterUser::new("jane")).await.unwrap();
    snaptrade.send(ListUsers::new()).await.unwrap();
}

/// Nothing hangs, and what is said is true; a connection may well be made in no time.
#[tokio::test]
async fn no_time_at_all() {
    let settings: [fn(ClientBuilder) -> ClientBuilder; 4] = [
        |builder| builder.connect_timeout(Duration::ZERO),
        |builder| builder.timeout(Duration::ZERO),
        |builder| builder.attempt_timeout(Duration::ZERO),
        |builder| {
            builder
                .attempt_timeout(AttemptTimeoutLayer::new(Duration::ZERO).hard_cap(Duration::ZERO))
        },
    ];
    for set in settings.into_iter().cycle().take(80) {
        let (sandbox, server) = serve().await;
        let builder = set(client(&server.base_url()).retry(None));
        let snaptrade = builder.build().unwrap();
        let told = snaptrade.send(RegisterUser::new("jane")).await;
        tokio::time::sleep(Duration::from_millis(2)).await;
        let ran = sandbox.commits(Route::RegisterUser) == 1;
        match told.map_err(|error| error.outcome()) {
            Ok(_) => assert!(ran),
            Err(Outcome::Unknown) => {}
            Err(Outcome::NotSent) => assert!(!ran),
            Err(outcome) => panic!("{outcome:?}"),
        }
    }
}

#[tokio::test]
async fn no_answer_at_all() {
    let (sandbox, server) = serve().await;
    let snaptrade = client(&server.base_url()).max_answer_bytes(0).retry(None);
    let register = RegisterUser::new("jane");
    let error = snaptrade.build().unwrap().send(register).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);
}

#[tokio::test]
async fn a_base_url_with_a_path_and_a_port() {
    let (sandbox, server) = serve().await;
    for path in ["/api/v1", "/api/v1/"] {
        let base_url = format!("{}{path}", server.base_url().trim_end_matches('/'));
        let snaptrade = client(&base_url).build().unwrap();
        snaptrade.send(ListUsers::new()).await.unwrap();
        let log = sandbox.log();
        assert_eq!(log.last().unwrap().path(), "/api/v1/snapTrade/listUsers");
    }
}

#[tokio::test(start_paused = true)]
async fn throttled_without_a_limiter() {
    let sandbox = Sandbox::new();
    let snaptrade = client("https://api.snaptrade.com")
        .http_service(sandbox.clone())
        .rate_limit(None)
        .http2_only()
        .build()
        .unwrap();
    sandbox.faults().next(Fault::throttled(7));
    let start = Instant::now();
    let jane = snaptrade.send(RegisterUser::new("jane")).await.unwrap();
    assert_eq!((jane.attempts(), start.elapsed().as_secs()), (2, 7));
}

#[tokio::test]
async fn one_attempt_is_one() {
    let (sandbox, server) = serve().await;
    let once = RetryPolicy::builder().max_attempts(1).build().unwrap();
    let snaptrade = client(&server.base_url()).retry(once).build().unwrap();
    sandbox.set_skew(600);
    let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureRefused);
    assert_eq!(sandbox.log().len(), 1);
    // The next one has learned.
    snaptrade.send(ListUsers::new()).await.unwrap();
}
