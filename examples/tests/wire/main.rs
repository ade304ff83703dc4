//! What is on the wire is what was asked for, and what was signed.
//!
//! Real clients, real sockets: the query arrives byte for byte with the stamp behind it, over HTTP/1.1 and HTTP/2;
//! what reqwest rewrites is rewritten before it is signed; and nothing follows a redirect with a signature.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod over_hyper;
mod over_reqwest;
mod slow_bodies;

use std::net::SocketAddr;

use examples::Received;
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use snaptrade_signing::clock::ManualClock;
use snaptrade_signing::{Credentials, SignRequestLayer, UnixTime, Verifier};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);
const STAMP: &str = "clientId=ACME-TEST&timestamp=1790000000";

/// A path and query, and what is to be sent in its place, the stamp left out.
const QUERIES: &[(&str, &str)] = &[
    ("/p", "/p?"),
    ("/p?", "/p?"),
    ("/p?plus=a+b", "/p?plus=a+b&"),
    ("/p?plus=a%2Bb&lower=a%2bb", "/p?plus=a%2Bb&lower=a%2bb&"),
    ("/p?twice=2&once=1&twice=1", "/p?twice=2&once=1&twice=1&"),
    ("/p?empty=&none=", "/p?empty=&none=&"),
    ("/p?bare&bare&b=1", "/p?bare&bare&b=1&"),
    ("/p?=value&==&a==b", "/p?=value&==&a==b&"),
    ("/p?a=1?b=2?&?", "/p?a=1?b=2?&?&"),
    ("/p?&&a=1&&", "/p?&&a=1&&&"),
    (
        "/p?xclientId=1&clientIds=2&client_id=3&timestamps=4",
        "/p?xclientId=1&clientIds=2&client_id=3&timestamps=4&",
    ),
    ("/p?a%20=1&%61=2&a=clientId", "/p?a%20=1&%61=2&a=clientId&"),
    ("/p?a=1&clientId=OLD&timestamp=1&b=2", "/p?a=1&b=2&"),
    ("/p?clientId=OLD&timestamp=1", "/p?"),
    ("/p?timestamp&a=1&clientId", "/p?a=1&"),
    (
        "/p?percent=%25%2525%00%ff%C3%A9&broken=%zz%",
        "/p?percent=%25%2525%00%ff%C3%A9&broken=%zz%&",
    ),
    (
        "/p?name=O'Neill&f=(1)(2)&semi=a;b&path=/a/b/../c",
        "/p?name=O'Neill&f=(1)(2)&semi=a;b&path=/a/b/../c&",
    ),
    ("/p?all=-._~!$*,:@[]{}|\\^`", "/p?all=-._~!$*,:@[]{}|\\^`&"),
    (
        "/café?ciudad=Málaga&emoji=🦀",
        "/café?ciudad=Málaga&emoji=🦀&",
    ),
    ("/a/./b/../c/%2e%2e//d/?a=1", "/a/./b/../c/%2e%2e//d/?a=1&"),
    (
        "/a%2Fb;v=1/O'Neill/(x)/a+b?a=1",
        "/a%2Fb;v=1/O'Neill/(x)/a+b?a=1&",
    ),
];

/// The same, where a reader may see a second stamp: signed as they stand, and refused by a server that verifies.
const SECOND_STAMPS: &[(&str, &str)] = &[
    ("/p?ClientId=3", "/p?ClientId=3&"),
    (
        "/p?clientId%20=1&%63lientId=2",
        "/p?clientId%20=1&%63lientId=2&",
    ),
    ("/p?a=b;timestamp=1", "/p?a=b;timestamp=1&"),
];

fn credentials() -> Credentials {
    Credentials::new("ACME-TEST", "mykey").unwrap()
}

fn sign() -> SignRequestLayer {
    SignRequestLayer::new(credentials()).clock(ManualClock::new(NOW))
}

fn verifier() -> Verifier {
    Verifier::new(credentials()).clock(ManualClock::new(NOW))
}

fn hyper_client<B>(http2: bool) -> Client<HttpConnector, B>
where
    B: http_body::Body + Send,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new())
        .http2_only(http2)
        .retry_canceled_requests(false)
        .build_http()
}

/// What the verifying server says that it received; fails if it says anything but 200.
async fn received<B>(response: Response<B>) -> Received
where
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(parts.status, StatusCode::OK, "{body:?}");
    serde_json::from_slice(&body).unwrap()
}

/// Reads the head of one request off a bare socket and gives it `answer`.
async fn raw(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let head = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        String::from_utf8(head).unwrap()
    });
    (address, head)
}

const EMPTY_ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
