//! Answers that are not as long as they were to be.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};

use super::{AnswerError, CollectAnswerLayer};

/// What is read of `body`, whose head announces `length`.
async fn collected(
    method: Method,
    status: StatusCode,
    length: Option<&'static str>,
    body: &'static str,
) -> Result<Bytes, AnswerError> {
    let client = service_fn(move |_: Request<()>| async move {
        let mut answer = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
        *answer.status_mut() = status;
        if let Some(length) = length {
            let headers = answer.headers_mut();
            headers.insert("content-length", length.parse().unwrap());
        }
        Ok::<_, std::io::Error>(answer)
    });
    let mut request = Request::new(());
    *request.method_mut() = method;
    match CollectAnswerLayer::new()
        .layer(client)
        .oneshot(request)
        .await
    {
        Ok(answer) => Ok(answer.body().bytes().unwrap().clone()),
        Err(error) => Err(*error.downcast().unwrap()),
    }
}

#[tokio::test]
async fn the_length_is_what_was_announced() {
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR] {
        for length in [None, Some("4"), Some("none")] {
            let read = collected(Method::POST, status, length, "null").await;
            assert_eq!(read.unwrap(), "null", "{length:?}");
        }
        for (length, announced) in [
            ("5", 5),
            ("3", 3),
            ("0", 0),
            ("18446744073709551615", u64::MAX),
        ] {
            let error = collected(Method::GET, status, Some(length), "null").await;
            let Err(AnswerError::WrongLength { announced: a, read }) = error else {
                panic!("{error:?}")
            };
            assert_eq!((a, read), (announced, 4));
        }
    }
}

#[tokio::test]
async fn an_answer_without_a_body_may_announce_one() {
    for (method, status) in [
        (Method::HEAD, StatusCode::OK),
        (Method::GET, StatusCode::NOT_MODIFIED),
        (Method::DELETE, StatusCode::NO_CONTENT),
    ] {
        let read = collected(method, status, Some("120"), "").await;
        assert_eq!(read.unwrap(), "");
    }
}
