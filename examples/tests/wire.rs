//! What reaches the wire: the query byte for byte, apart from the stamp.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_signing::clock::ManualClock;
use snaptrade_signing::{Credentials, SignRequestLayer, UnixTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};

/// A raw query, and what is left of it in front of the stamp.
const QUERIES: [(&str, &str); 14] = [
    ("", ""),
    ("?a=1+2", "a=1+2&"),
    ("?a=%2B&b=%2b", "a=%2B&b=%2b&"),
    ("?a=1&a=2&a=1", "a=1&a=2&a=1&"),
    ("?a=&b=", "a=&b=&"),
    ("?a&b", "a&b&"),
    ("?&&a", "&&a&"),
    ("?a=1?b=2", "a=1?b=2&"),
    ("?myclientId=1&clientIdx=2", "myclientId=1&clientIdx=2&"),
    ("?xtimestamp=1&a=timestamp", "xtimestamp=1&a=timestamp&"),
    ("?clientId=old&a=1&timestamp=1", "a=1&"),
    ("?b=2&a=1", "b=2&a=1&"),
    ("?a='(;/:@!$,)*", "a='(;/:@!$,)*&"),
    ("?a=%zz&%41=1", "a=%zz&%41=1&"),
];

#[tokio::test]
async fn queries_reach_the_wire_byte_for_byte() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    // Answers each connection once, with the request line that it read.
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let line = head.split(|byte| *byte == b'\r').next().unwrap();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                line.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.write_all(line).await.unwrap();
        }
    });
    let clock = ManualClock::new(UnixTime::from_secs(1_635_790_389));
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let client = SignRequestLayer::new(Credentials::new("ACME", "mykey").unwrap())
        .clock(clock)
        .layer(client);
    for (query, kept) in QUERIES {
        let request = Request::get(format!("{base}/accounts{query}"))
            .body(Full::default())
            .unwrap();
        let answer = client.clone().oneshot(request).await.unwrap();
        let line = http_body_util::BodyExt::collect(answer.into_body())
            .await
            .unwrap()
            .to_bytes();
        let expected = format!("GET /accounts?{kept}clientId=ACME&timestamp=1635790389 HTTP/1.1");
        assert_eq!(line, expected, "{query}");
    }
}

#[tokio::test]
async fn what_arrives_verifies_over_both_versions_of_http() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await.unwrap();
    for http2 in [false, true] {
        let client = Client::builder(TokioExecutor::new())
            .http2_only(http2)
            .build_http::<Full<Bytes>>();
        let client = SignRequestLayer::new(Sandbox::credentials().unwrap()).layer(client);
        for (query, _) in QUERIES {
            let url = format!("{}/snapTrade/listUsers{query}", server.base_url());
            let request = Request::get(url).body(Full::default()).unwrap();
            let answer = client.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 200, "{query}, HTTP/2: {http2}");
        }
    }
    server.shutdown().await;
}
