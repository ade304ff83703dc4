//! HTTP/2 connections that stay open and pass on nothing.

use std::time::Duration;

use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{Fault, Point};
use snaptrade_auth_service::{CallOptions, ClientBuilder, Operation};

use crate::common::{H2, Tls, client, connections, serve};
use crate::relay::Relay;

const ATTEMPT: Duration = Duration::from_millis(900);

/// The second attempt does not meet the connection that the first has found dead.
async fn a_silent_connection_costs_one_attempt(builder: ClientBuilder, relay: &Relay) {
    let snaptrade = builder.attempt_timeout(ATTEMPT).build().unwrap();
    assert_eq!(
        snaptrade.send(ListUsers::new()).await.unwrap().attempts(),
        1
    );
    relay.silence();
    // Within what the four attempts of the default policy may take.
    let list = ListUsers::new().with(CallOptions::new().timeout(ATTEMPT * 6));
    assert_eq!(snaptrade.send(list).await.unwrap().attempts(), 2);
    assert_eq!(relay.accepted(), 2);
}

#[tokio::test]
async fn without_tls() {
    let (_sandbox, server) = serve().await;
    let relay = Relay::serve(server.addr()).await;
    let builder = client(&format!("http://{}", relay.addr)).http2_only();
    a_silent_connection_costs_one_attempt(builder, &relay).await;
}

#[tokio::test]
async fn through_tls() {
    let server = Tls::serve(&[H2]).await;
    let relay = Relay::serve(server.addr).await;
    let builder = client(&format!("https://localhost:{}", relay.addr.port()))
        .add_root_certificate(server.root_pem.as_str());
    a_silent_connection_costs_one_attempt(builder, &relay).await;
}

/// A slow answer is no silence: pings are answered meanwhile.
#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let (sandbox, server) = serve().await;
    let snaptrade = client(&server.base_url())
        .http2_only()
        .attempt_timeout(ATTEMPT * 2)
        .build()
        .unwrap();
    let slow = Fault::Delay(Point::BeforeCommit, ATTEMPT * 3 / 2);
    sandbox.faults().next(slow);
    assert_eq!(
        snaptrade.send(ListUsers::new()).await.unwrap().attempts(),
        1
    );
    assert_eq!(connections(&sandbox), [0]);
}

/// A secret that is shown once is waited for through a silence: no other attempt could fetch it.
#[tokio::test]
async fn a_registration_outlasts_a_silence() {
    let (sandbox, server) = serve().await;
    let relay = Relay::serve(server.addr()).await;
    let snaptrade = client(&format!("http://{}", relay.addr))
        .http2_only()
        .attempt_timeout(ATTEMPT)
        .build()
        .unwrap();
    sandbox
        .faults()
        .next(Fault::Delay(Point::AfterCommit, ATTEMPT / 3));
    let registration = tokio::spawn(async move { snaptrade.send(RegisterUser::new("jane")).await });
    while sandbox.users().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    relay.silence();
    tokio::time::sleep(ATTEMPT * 2).await;
    relay.speak();
    assert_eq!(registration.await.unwrap().unwrap().attempts(), 1);
}
