//! Each fault, over a real connection, in both versions of HTTP.

use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt;
use snaptrade_auth_service::sandbox::{
    ErrorBody, Fault, Outcome, Point, Route, Sandbox, SandboxServer,
};

use crate::client::{BOTH, Client, Ending, Protocol, eventually};
use crate::common::{list, register, sandbox};

const SHORT: Duration = Duration::from_millis(150);

async fn served(protocol: Protocol) -> (Sandbox, SandboxServer, Client) {
    let sandbox = sandbox();
    let server = sandbox.serve("127.0.0.1:0").await.unwrap();
    let client = Client::connect(server.addr(), protocol).await.unwrap();
    // The connection works, and is one that was used before.
    assert_eq!(client.send(list()).await.unwrap().status, 200);
    (sandbox, server, client)
}

fn commits(sandbox: &Sandbox) -> u64 {
    sandbox.commits(Route::RegisterUser)
}

#[tokio::test]
async fn cuts_before_the_answer() {
    for protocol in BOTH {
        for (fault, ending, committed) in [
            (Fault::Reset(Point::BeforeReading), Ending::Reset, 0),
            (Fault::Reset(Point::BeforeCommit), Ending::Reset, 0),
            (Fault::Reset(Point::AfterCommit), Ending::Reset, 1),
            (Fault::Close(Point::BeforeReading), Ending::Fin, 0),
            (Fault::Close(Point::BeforeCommit), Ending::Fin, 0),
            (Fault::Close(Point::AfterCommit), Ending::Fin, 1),
            (Fault::IdleClose, Ending::Fin, 0),
        ] {
            let case = format!("{protocol:?} {fault:?}");
            let (sandbox, server, client) = served(protocol).await;
            sandbox.faults().next(fault);
            assert!(client.send(register("jane")).await.is_err(), "{case}");
            assert_eq!(client.ending().await, ending, "{case}");
            assert_eq!(commits(&sandbox), committed, "{case}");
            assert_eq!(sandbox.log()[1].outcome(), Outcome::Cut, "{case}");
            assert_eq!(sandbox.faults().waiting(), 0, "{case}");

            let again = Client::connect(server.addr(), protocol).await.unwrap();
            assert_eq!(again.send(list()).await.unwrap().status, 200, "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cuts_in_the_answer() {
    for protocol in BOTH {
        for (fault, ending) in [
            (Fault::Reset(Point::InAnswer), Ending::Reset),
            (Fault::Close(Point::InAnswer), Ending::Fin),
        ] {
            for _ in 0..10 {
                let case = format!("{protocol:?} {fault:?}");
                let (sandbox, _server, client) = served(protocol).await;
                sandbox.faults().next(fault.clone());
                let answered = client.send(register("jane")).await.expect(&case);
                assert_eq!(answered.status, 200, "{case}");
                assert!(answered.body.is_err(), "{case}");
                assert_eq!(client.ending().await, ending, "{case}");
                assert_eq!(commits(&sandbox), 1, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_cut_takes_the_other_streams_along() {
    let (sandbox, _server, client) = served(Protocol::Http2).await;
    sandbox.faults().next(Fault::Stall(Point::BeforeCommit));
    let stalled = tokio::spawn(client.head(register("jane")));
    eventually(|| (sandbox.log().len() == 2).then_some(())).await;
    sandbox.faults().next(Fault::Reset(Point::AfterCommit));
    assert!(client.send(list()).await.is_err());
    assert!(stalled.await.unwrap().is_err());
    // Nothing of the connection stays behind in the server.
    eventually(|| (sandbox.log()[1].outcome() == Outcome::Abandoned).then_some(())).await;
    assert_eq!(sandbox.log()[2].outcome(), Outcome::Cut);
}

#[tokio::test]
async fn stalls() {
    for protocol in BOTH {
        for (point, committed) in [
            (Point::BeforeReading, 0),
            (Point::BeforeCommit, 0),
            (Point::AfterCommit, 1),
        ] {
            let case = format!("{protocol:?} {point:?}");
            let (sandbox, _server, client) = served(protocol).await;
            sandbox.faults().next(Fault::Stall(point));
            let answer = tokio::time::timeout(SHORT, client.send(register("jane")));
            assert!(answer.await.is_err(), "{case}");
            eventually(|| (sandbox.log().len() == 2).then_some(())).await;
            eventually(|| (commits(&sandbox) == committed).then_some(())).await;
            // The client has left, and the server lets go.
            let gone = || sandbox.log()[1].outcome() == Outcome::Abandoned;
            eventually(|| gone().then_some(())).await;
            assert_eq!(commits(&sandbox), committed, "{case}");
        }
        let (sandbox, _server, client) = served(protocol).await;
        sandbox.faults().next(Fault::Stall(Point::InAnswer));
        let mut answer = client.head(register("jane")).await.unwrap();
        let first = answer.body_mut().frame().await.unwrap().unwrap();
        assert!(first.into_data().unwrap().starts_with(b"{\"userId\""));
        assert!(
            tokio::time::timeout(SHORT, answer.body_mut().frame())
                .await
                .is_err()
        );
        assert_eq!(commits(&sandbox), 1);
    }
}

#[tokio::test]
async fn pauses() {
    for protocol in BOTH {
        for point in [
            Point::BeforeReading,
            Point::BeforeCommit,
            Point::AfterCommit,
            Point::InAnswer,
        ] {
            let (sandbox, _server, client) = served(protocol).await;
            sandbox.faults().next(Fault::Delay(point, SHORT));
            let start = tokio::time::Instant::now();
            let answered = client.send(register("jane")).await.unwrap();
            assert!(answered.body.unwrap().ends_with(b"\"}"));
            assert!(start.elapsed() >= SHORT, "{protocol:?} {point:?}");
            assert_eq!(commits(&sandbox), 1);
        }
    }
}

#[tokio::test]
async fn a_delayed_commit_comes_though_the_client_left() {
    for protocol in BOTH {
        let (sandbox, _server, client) = served(protocol).await;
        sandbox
            .faults()
            .next(Fault::Delay(Point::BeforeCommit, 2 * SHORT));
        let answer = tokio::time::timeout(SHORT / 2, client.send(register("jane")));
        assert!(answer.await.is_err());
        drop(client);
        eventually(|| (commits(&sandbox) == 1).then_some(())).await;
        let log = sandbox.log();
        assert!(log[1].committed());
        assert_eq!(log[1].outcome(), Outcome::Abandoned);
    }
}

#[tokio::test]
async fn spoiled_bodies() {
    for protocol in BOTH {
        let (sandbox, _server, client) = served(protocol).await;
        sandbox.faults().next(Fault::TruncatedBody);
        let body = client.send(register("jane")).await.unwrap().body.unwrap();
        assert!(body.starts_with(b"{\"userId\""));
        assert!(serde_json::from_slice::<serde_json::Value>(&body).is_err());
        assert_eq!(commits(&sandbox), 1);

        sandbox.faults().next(Fault::EndlessBody);
        let mut answer = client.head(list()).await.unwrap();
        let mut read = 0;
        while read < 10 << 20 {
            let frame = answer.body_mut().frame().await.unwrap().unwrap();
            read += frame.into_data().unwrap().len();
        }
        drop(answer);
    }
}

#[tokio::test]
async fn other_answers() {
    for protocol in BOTH {
        let (sandbox, _server, client) = served(protocol).await;
        for (status, body, text) in [
            (
                500,
                ErrorBody::Json,
                r#"{"detail":"Encountered an unexpected exception.","status_code":500,"code":"1000"}"#,
            ),
            (
                502,
                ErrorBody::Html,
                "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
            ),
            (
                503,
                ErrorBody::Json,
                r#"{"detail":"The brokerage is unavailable.","status_code":503,"code":"3002"}"#,
            ),
            (504, ErrorBody::Empty, ""),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            sandbox.faults().next(Fault::status(status, body));
            let answered = client.send(register("jane")).await.unwrap();
            assert_eq!(
                (answered.status, answered.body.unwrap()),
                (status, text.into())
            );
            assert_eq!(answered.headers["x-request-id"].len(), 32);
        }
        assert_eq!(commits(&sandbox), 0);

        let gateway = Fault::status(StatusCode::GATEWAY_TIMEOUT, ErrorBody::Empty);
        sandbox.faults().next(gateway.after_commit());
        let answered = client.send(register("jane")).await.unwrap();
        assert_eq!(answered.status, StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(commits(&sandbox), 1);
    }
}

#[tokio::test]
async fn throttles() {
    let (sandbox, _server, client) = served(Protocol::Http1).await;
    let names = [
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "retry-after",
    ];
    for (fault, headers) in [
        (
            Fault::throttled(7),
            [Some("250"), Some("0"), Some("7"), Some("7")],
        ),
        (
            Fault::throttled_with_retry_after(7),
            [None, None, None, Some("7")],
        ),
        (Fault::throttled_without_headers(7), [None; 4]),
    ] {
        sandbox.faults().next(fault);
        let answered = client.send(register("jane")).await.unwrap();
        assert_eq!(answered.status, StatusCode::TOO_MANY_REQUESTS);
        let detail = "Request was throttled. Expected available in 7 seconds.";
        let body = format!(r#"{{"detail":"{detail}","status_code":429,"code":"0000"}}"#);
        assert_eq!(answered.body.unwrap(), body);
        let found = names.map(|name| {
            answered
                .headers
                .get(name)
                .map(|value| value.to_str().unwrap())
        });
        assert_eq!(found, headers);
    }
    assert_eq!(commits(&sandbox), 0);
}

#[tokio::test]
async fn dates() {
    for protocol in BOTH {
        let (sandbox, _server, client) = served(protocol).await;
        sandbox.faults().next(Fault::DateSkew(-400));
        let answered = client.send(list()).await.unwrap();
        assert_eq!(answered.headers["date"], "Mon, 01 Nov 2021 18:06:29 GMT");
        sandbox.faults().next(Fault::NoDate);
        let answered = client.send(list()).await.unwrap();
        assert!(!answered.headers.contains_key("date"), "{protocol:?}");
    }
}

#[tokio::test]
async fn refuses_a_stream() {
    let (sandbox, _server, client) = served(Protocol::Http2).await;
    sandbox.faults().next(Fault::RefuseStream);
    let error = client.send(register("jane")).await.err().unwrap();
    let reason = std::error::Error::source(&error)
        .and_then(|source| source.downcast_ref::<h2::Error>())
        .and_then(h2::Error::reason);
    assert_eq!(reason, Some(h2::Reason::REFUSED_STREAM));
    assert_eq!(commits(&sandbox), 0);
    // The connection is as good as before.
    assert_eq!(client.send(list()).await.unwrap().status, 200);

    let (sandbox, _server, client) = served(Protocol::Http1).await;
    sandbox.faults().next(Fault::RefuseStream);
    assert!(client.send(register("jane")).await.is_err());
    assert_eq!(client.ending().await, Ending::Fin);
    assert_eq!(commits(&sandbox), 0);
}
