//! A server that verifies reads no body for nothing, and a client that is slow keeps nobody else waiting.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use snaptrade_signing::{Signer, VerifyRequestLayer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};

use super::{NOW, credentials, hyper_client, received, sign, verifier};

const BODY: &str = "[1]";

/// The head of a request with a body that is yet to come. A server says 100 when it starts to read that.
fn head(signature: &str, len: usize) -> String {
    let path_and_query = "/p".parse().unwrap();
    let stamp = Signer::new(credentials())
        .stamp(&path_and_query, BODY.as_bytes(), NOW)
        .unwrap();
    let signature = match signature {
        "right" => stamp.signature().to_str().unwrap(),
        other => other,
    };
    format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\nsignature: {signature}\r\ncontent-length: {len}\r\nexpect: 100-continue\r\n\r\n",
        stamp.path_and_query()
    )
}

/// A server that has one request at a time.
async fn busy_server() -> SocketAddr {
    let answer = service_fn(|request| async {
        let received = examples::Received::read(request).await?;
        Ok::<_, Infallible>(received.to_response())
    });
    let answer = ServiceBuilder::new().concurrency_limit(1).service(answer);
    let guarded = VerifyRequestLayer::new(verifier()).layer(answer);
    examples::serve_with(guarded).await.unwrap()
}

async fn status_line(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    head.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_body_is_not_asked_for_if_its_head_fails() {
    let server = busy_server().await;
    for (signature, len, status) in [
        ("", 3, "401 Unauthorized"),
        ("x", 3, "401 Unauthorized"),
        ("right", (1 << 20) + 1, "413 Payload Too Large"),
    ] {
        let mut stream = TcpStream::connect(server).await.unwrap();
        let head = head(signature, len);
        stream.write_all(head.as_bytes()).await.unwrap();
        let line = status_line(&mut stream).await;
        assert_eq!(line, format!("HTTP/1.1 {status}"), "{signature}");
    }
}

#[tokio::test]
async fn a_slow_body_keeps_nobody_waiting() {
    let server = busy_server().await;
    let mut slow = TcpStream::connect(server).await.unwrap();
    let head = head("right", BODY.len());
    slow.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(status_line(&mut slow).await, "HTTP/1.1 100 Continue");

    // The server waits for that body now, and answers others.
    let quick = async {
        let request = Request::post(format!("http://{server}/p"));
        let request = request.body(Full::<Bytes>::from("[2]")).unwrap();
        let client = sign().layer(hyper_client(false));
        received(client.oneshot(request).await.unwrap()).await
    };
    let received = tokio::time::timeout(Duration::from_secs(60), quick).await;
    assert_eq!(received.expect("it waits for the slow one").body, "[2]");

    slow.write_all(BODY.as_bytes()).await.unwrap();
    assert_eq!(status_line(&mut slow).await, "HTTP/1.1 200 OK");
}
