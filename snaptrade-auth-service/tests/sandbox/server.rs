//! The port and its connections.

use http::Method;
use snaptrade_auth_service::sandbox::{ConnectionFault, Fault, LogEntry, Route};

use crate::client::{BOTH, Client, Ending, Protocol};
use crate::common::{list, register, request, sandbox};

#[tokio::test]
async fn serves_both_versions_on_one_port() {
    let sandbox = sandbox();
    let server = sandbox.serve("127.0.0.1:0").await.unwrap();
    assert_eq!(server.base_url(), format!("http://{}", server.addr()));
    for protocol in BOTH {
        let client = Client::connect(server.addr(), protocol).await.unwrap();
        let user = format!("{protocol:?}");
        assert_eq!(client.send(register(&user)).await.unwrap().status, 200);
        let health = client.send(request(Method::GET, "/", "")).await.unwrap();
        assert_eq!(health.status, 200);
    }
    let answered = Client::connect(server.addr(), Protocol::Http1)
        .await
        .unwrap();
    let answered = answered.send(list()).await.unwrap();
    assert_eq!(answered.body.unwrap(), r#"["Http1","Http2"]"#);
    let connections: Vec<_> = sandbox.log().iter().map(LogEntry::connection).collect();
    assert_eq!(connections, [0, 0, 1, 1, 2].map(Some));
}

#[tokio::test]
async fn refuses_and_accepts_again() {
    let sandbox = sandbox();
    let server = sandbox.serve("127.0.0.1:0").await.unwrap();
    let before = Client::connect(server.addr(), Protocol::Http1)
        .await
        .unwrap();
    assert_eq!(before.send(list()).await.unwrap().status, 200);
    for _ in 0..2 {
        server.refuse_connections().await;
        let refused = Client::connect(server.addr(), Protocol::Http1).await;
        assert_eq!(
            refused.err().unwrap().kind(),
            std::io::ErrorKind::ConnectionRefused
        );
        assert_eq!(before.send(list()).await.unwrap().status, 200);
        server.accept_connections().await.unwrap();
        let after = Client::connect(server.addr(), Protocol::Http1)
            .await
            .unwrap();
        assert_eq!(after.send(list()).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn connections_go_wrong_before_a_request() {
    let sandbox = sandbox();
    let server = sandbox.serve("127.0.0.1:0").await.unwrap();
    sandbox.faults().next_connection(ConnectionFault::Reset);
    let client = Client::connect(server.addr(), Protocol::Http1)
        .await
        .unwrap();
    assert!(client.send(list()).await.is_err());
    assert_eq!(client.ending().await, Ending::Reset);

    sandbox.faults().next_connection(ConnectionFault::Stall);
    let client = Client::connect(server.addr(), Protocol::Http1)
        .await
        .unwrap();
    let short = std::time::Duration::from_millis(150);
    assert!(
        tokio::time::timeout(short, client.send(list()))
            .await
            .is_err()
    );
    assert!(sandbox.log().is_empty());
    assert_eq!(sandbox.faults().waiting(), 0);
}

#[tokio::test]
async fn an_idle_close_waits_for_a_used_connection() {
    for protocol in BOTH {
        let sandbox = sandbox();
        let server = sandbox.serve("127.0.0.1:0").await.unwrap();
        sandbox.faults().on(Route::ListUsers, 1, Fault::IdleClose);
        let client = Client::connect(server.addr(), protocol).await.unwrap();
        assert_eq!(client.send(list()).await.unwrap().status, 200);
        assert!(client.send(list()).await.is_err());
        assert_eq!(client.ending().await, Ending::Fin);
        assert_eq!(sandbox.commits(Route::ListUsers), 1);
    }
}

#[tokio::test]
async fn shuts_down() {
    for protocol in BOTH {
        let sandbox = sandbox();
        let server = sandbox.serve("127.0.0.1:0").await.unwrap();
        let addr = server.addr();
        let client = Client::connect(addr, protocol).await.unwrap();
        assert_eq!(client.send(list()).await.unwrap().status, 200);
        server.shutdown().await;
        assert!(client.send(list()).await.is_err());
        assert!(Client::connect(addr, protocol).await.is_err());
        // The sandbox itself goes on, on another port if need be.
        let server = sandbox.serve("127.0.0.1:0").await.unwrap();
        let client = Client::connect(server.addr(), protocol).await.unwrap();
        assert_eq!(client.send(list()).await.unwrap().status, 200);
    }
}
