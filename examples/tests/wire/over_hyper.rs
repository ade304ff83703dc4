//! hyper changes nothing: each query arrives byte for byte, the stamp behind it.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use http_body_util::channel::Channel;
use tower::{Layer, Service, ServiceExt};

use super::{
    EMPTY_ANSWER, NOW, QUERIES, SECOND_STAMPS, STAMP, hyper_client, raw, received, sign, verifier,
};

#[tokio::test]
async fn hyper_sends_the_query_byte_for_byte() {
    for (asked, sent) in QUERIES.iter().chain(SECOND_STAMPS) {
        let (server, head) = raw(EMPTY_ANSWER).await;
        let request = Request::get(format!("http://{server}{asked}"));
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let client = sign().layer(hyper_client(false));
        client.oneshot(request).await.unwrap();

        let head = head.await.unwrap();
        let line = head.lines().next().unwrap();
        assert_eq!(line, format!("GET {sent}{STAMP} HTTP/1.1"), "{asked}");
        let signatures = head.lines().filter(|line| line.starts_with("signature: "));
        assert_eq!(signatures.count(), 1, "{asked}");
    }
}

#[tokio::test]
async fn hyper_requests_verify_over_http1() {
    requests_verify(false, "HTTP/1.1").await;
}

#[tokio::test]
async fn hyper_requests_verify_over_http2() {
    requests_verify(true, "HTTP/2.0").await;
}

async fn requests_verify(http2: bool, version: &str) {
    let server = examples::serve(verifier()).await.unwrap();
    let mut client = sign().layer(hyper_client(http2));
    for (asked, sent) in QUERIES {
        let request = Request::post(format!("http://{server}{asked}"));
        let body = Full::<Bytes>::from("{\"b\": 1.50, \"a\": \"é\"}");
        let request = request.body(body).unwrap();
        let response = client.ready().await.unwrap().call(request).await.unwrap();
        let received = received(response).await;
        assert_eq!(received.path_and_query, format!("{sent}{STAMP}"), "{asked}");
        assert_eq!(received.body, "{\"b\": 1.50, \"a\": \"é\"}", "{asked}");
        assert_eq!(received.version, version);
        assert_eq!(received.timestamp, Some(NOW.as_secs()));
    }
}

#[tokio::test]
async fn a_second_stamp_is_refused() {
    let server = examples::serve(verifier()).await.unwrap();
    for (asked, _) in SECOND_STAMPS {
        let request = Request::get(format!("http://{server}{asked}"));
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let client = sign().layer(hyper_client(false));
        let response = client.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{asked}");
    }
}

#[tokio::test]
async fn a_streaming_axum_body_verifies() {
    let server = examples::serve(verifier()).await.unwrap();
    for http2 in [false, true] {
        let (mut sender, body) = Channel::<Bytes>::new(1);
        let text = r#"{"broker":"ALPACA","darkMode":true}"#;
        let send = async move {
            for piece in text.as_bytes().chunks(7) {
                sender.send_data(Bytes::from_static(piece)).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        let request = Request::post(format!("http://{server}/snapTrade/login?userId=a+b"));
        let request = request.body(axum::body::Body::new(body)).unwrap();
        let client = sign().layer(hyper_client(http2));
        let (response, ()) = tokio::join!(client.oneshot(request), send);
        assert_eq!(received(response.unwrap()).await.body, text);
    }
}
