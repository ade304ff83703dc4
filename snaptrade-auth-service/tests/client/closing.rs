//! A server that closes each connection behind its answer, and says nothing of it.

use std::sync::Arc;
use std::time::Duration;

use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{Fault, Point, Route};
use snaptrade_auth_service::{Client, RetryPolicy};
use tokio::task::JoinSet;
use tower::retry::budget::TpsBudget;

use crate::common::{client, serve, speaking};

/// Over HTTP/1.1, its budget pays for nothing. Over HTTP/2, the end of a connection may overtake the answer, and that is paid for.
fn frugal(base_url: &str, http2: bool) -> Client {
    let builder = client(base_url).rate_limit(None);
    if http2 {
        return speaking(true, builder);
    }
    let budget = Arc::new(TpsBudget::new(Duration::from_secs(1), 0, 0.0));
    let retry = RetryPolicy::builder().budget(budget).build().unwrap();
    speaking(false, builder.retry(retry))
}

/// Most requests meet a connection that closes under them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
        let close = Fault::Close(Point::AfterAnswer);
        sandbox.faults().when(move |_| Some(close.clone()));
        let snaptrade = frugal(&server.base_url(), http2);
        // Over HTTP/2 they would share a connection, and each answer would cost the other callers theirs.
        let callers = if http2 { 1 } else { 4 };
        let mut calls = JoinSet::new();
        for _ in 0..callers {
            let snaptrade = snaptrade.clone();
            calls.spawn(async move {
                let mut most = 0;
                for _ in 0..100 {
                    let listed = snaptrade.send(ListUsers::new()).await;
                    most = most.max(listed.unwrap().attempts());
                }
                most
            });
        }
        let most = calls.join_all().await.into_iter().max();
        assert!(most <= Some(if http2 { 4 } else { 2 }), "{most:?}");
    }
}

/// The second attempt does not depend on another connection of the pool, which is as old.
#[tokio::test]
async fn a_request_that_met_a_dead_connection_gets_a_fresh_one() {
    let (sandbox, server) = serve().await;
    let snaptrade = frugal(&server.base_url(), false);
    let slow = Fault::Delay(Point::BeforeCommit, Duration::from_millis(50));
    sandbox.faults().next_n(4, slow);
    let mut calls = JoinSet::new();
    for _ in 0..4 {
        let snaptrade = snaptrade.clone();
        calls.spawn(async move { snaptrade.send(ListUsers::new()).await });
    }
    for call in calls.join_all().await {
        call.unwrap();
    }
    // Four idle connections, each of which closes under its next request.
    sandbox.faults().on(Route::ListUsers, 4, Fault::IdleClose);
    let listed = snaptrade.send(ListUsers::new()).await.unwrap();
    assert_eq!(listed.attempts(), 2);
    assert_eq!(sandbox.faults().waiting(), 3);
}

/// What must not be repeated never meets an old connection.
#[tokio::test]
async fn a_registration_runs_once() {
    let (sandbox, server) = serve().await;
    let close = Fault::Close(Point::AfterAnswer);
    sandbox.faults().when(move |_| Some(close.clone()));
    let snaptrade = frugal(&server.base_url(), false);
    for number in 0..20 {
        let user = format!("user{number}");
        let registered = snaptrade.send(RegisterUser::new(user)).await.unwrap();
        assert_eq!(registered.attempts(), 1);
    }
    assert_eq!(sandbox.commits(Route::RegisterUser), 20);
}
