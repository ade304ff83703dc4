//! No connection.

use std::time::Duration;

use http::Uri;
use snaptrade_auth_service::deadline::{ConnectTimeoutLayer, DeadlineExceeded, DeadlineScope};
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::{CallOptions, Error, ErrorKind, Operation, Outcome};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};

use crate::common::{client, serve};

/// Accepts, and says nothing.
async fn silent() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let task = tokio::spawn(async move {
        let mut accepted = Vec::new();
        while let Ok(connection) = listener.accept().await {
            accepted.push(connection);
        }
    });
    (url, task)
}

fn scope(error: &Error) -> Option<DeadlineScope> {
    let Error::Transport(error) = error else {
        panic!("{error}");
    };
    error.deadline().map(DeadlineExceeded::scope)
}

#[tokio::test]
async fn tls_that_never_comes_is_not_sent() {
    let (url, _task) = silent().await;
    let timeout = Duration::from_millis(200);
    let snaptrade = client(&url).connect_timeout(timeout).build().unwrap();
    for error in [
        snaptrade.send(ListUsers::new()).await.unwrap_err(),
        snaptrade.send(RegisterUser::new("jane")).await.unwrap_err(),
    ] {
        assert_eq!(scope(&error), Some(DeadlineScope::Connect));
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(
            error.to_string().contains("no connection within 200ms"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn other_deadlines_know_that_there_was_no_connection() {
    let (url, _task) = silent().await;
    let snaptrade = client(&url).build().unwrap();
    let short = Duration::from_millis(200);
    let attempt = ListUsers::new().with(CallOptions::new().attempt_timeout(short));
    let error = snaptrade.send(attempt).await.unwrap_err();
    assert_eq!(scope(&error), Some(DeadlineScope::Attempt));
    assert_eq!(error.outcome(), Outcome::NotSent);
    let overall = RegisterUser::new("jane").with(CallOptions::new().timeout(short));
    let error = snaptrade.send(overall).await.unwrap_err();
    assert_eq!(scope(&error), Some(DeadlineScope::Overall));
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn nor_do_they_claim_it_once_there_was_one() {
    use snaptrade_auth_service::sandbox::{Fault, Point};
    let (sandbox, server) = serve().await;
    for http2 in [false, true] {
        let mut builder = client(&server.base_url());
        if http2 {
            builder = builder.http2_only();
        }
        let snaptrade = builder.build().unwrap();
        sandbox.faults().next(Fault::Stall(Point::AfterCommit));
        let options = CallOptions::new().timeout(Duration::from_millis(300));
        let user = format!("user {http2}");
        let error = snaptrade
            .send(RegisterUser::new(user).with(options))
            .await
            .unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connector_without_end_is_ended() {
    let blackhole = service_fn(|_: Uri| std::future::pending::<std::io::Result<()>>());
    let timeout = Duration::from_secs(10);
    let connector = ConnectTimeoutLayer::new(timeout).layer(blackhole);
    let before = tokio::time::Instant::now();
    let error = connector
        .oneshot(Uri::from_static("http://a"))
        .await
        .unwrap_err();
    assert_eq!(before.elapsed(), timeout);
    let exceeded = error.downcast_ref::<DeadlineExceeded>().unwrap();
    assert_eq!(exceeded.scope(), DeadlineScope::Connect);
    assert_eq!(
        (exceeded.after(), exceeded.outcome()),
        (timeout, Outcome::NotSent)
    );
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_is_quick_goes_its_way() {
    let layer = ConnectTimeoutLayer::new(Duration::from_secs(10));
    let slow = layer.layer(service_fn(|_: ()| async {
        tokio::time::sleep(Duration::from_secs(9)).await;
        Ok::<_, std::io::Error>(7)
    }));
    assert_eq!(slow.oneshot(()).await.unwrap(), 7);
    let broken = layer.layer(service_fn(|_: ()| async {
        Err::<(), _>(std::io::Error::from(std::io::ErrorKind::AddrInUse))
    }));
    let error = broken.oneshot(()).await.unwrap_err();
    assert!(error.is::<std::io::Error>());
}

#[tokio::test]
async fn refused_connections_are_explained() {
    let (_sandbox, server) = serve().await;
    server.refuse_connections().await;
    let snaptrade = client(&server.base_url()).build().unwrap();
    let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.to_string().contains("refused"), "{error}");
}
