//! What a server says is printed so that it forges no line, hides nothing, is short, and shows no secret.

use std::error::Error as _;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;
use snaptrade_auth_service::operations::ListUsers;
use snaptrade_auth_service::{AuthService, Endpoint, Error};
use snaptrade_signing::BoxError;
use tower::service_fn;

use crate::MARKER;

/// A line feed, an escape sequence, C1, a line separator, bidi controls, what is invisible.
const HIDDEN: [char; 16] = [
    '\n',
    '\r',
    '\x1b',
    '\0',
    '\x7f',
    '\u{85}',
    '\u{9b}',
    '\u{2028}',
    '\u{2029}',
    '\u{202e}',
    '\u{2066}',
    '\u{200f}',
    '\u{61c}',
    '\u{200b}',
    '\u{feff}',
    '\u{e0041}',
];
/// 1 KiB each of detail, code and request id, and what is ours.
const LONGEST: usize = 4 * 1024;

fn evil(text: &str) -> String {
    HIDDEN.iter().fold(text.to_owned(), |text, hidden| {
        format!("{text}{hidden}WARN forged")
    })
}

async fn answered(answer: Response<String>) -> Error {
    let http = service_fn(move |_: Request<Full<Bytes>>| {
        let answer = answer.clone().map(Full::<Bytes>::from);
        async move { Ok::<_, BoxError>(answer) }
    });
    let call = AuthService::new(http).send(ListUsers::new()).await;
    call.unwrap_err()
}

fn refusal(body: &serde_json::Value) -> Response<String> {
    let mut answer = Response::new(body.to_string());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}

/// `Display` and `Debug`, of the error and its sources.
fn printed(error: &Error) -> Vec<String> {
    let mut printed = vec![error.to_string(), format!("{error:?}")];
    let mut source = error.source();
    while let Some(error) = source {
        printed.extend([error.to_string(), format!("{error:?}")]);
        source = error.source();
    }
    printed
}

fn expect_harmless(error: &Error) {
    for text in printed(error) {
        assert!(text.chars().all(|c| !HIDDEN.contains(&c)), "{text:?}");
        assert!(text.len() < LONGEST, "{}", text.len());
        assert!(!text.contains(MARKER), "{text}");
    }
}

#[tokio::test]
async fn details_and_codes_are_escaped_and_the_fields_are_as_they_came() {
    let (detail, code) = (evil("no such thing"), evil("1234"));
    let error = answered(refusal(&json!({"detail": detail, "code": code}))).await;
    expect_harmless(&error);
    let text = error.to_string();
    assert!(text.contains(r"no such thing\nWARN forged"), "{text}");
    assert!(text.contains(r"\u{202e}WARN forged"), "{text}");
    assert!(text.contains(r"1234\nWARN"), "{text}");
    let api = error.api().unwrap();
    assert_eq!(api.detail.as_deref(), Some(&*detail));
    assert_eq!(api.code.as_deref(), Some(&*code));
}

#[tokio::test]
async fn what_is_long_is_cut_and_says_so() {
    let long = "ü\n".repeat(1 << 20);
    let mut answer = refusal(&json!({"detail": long, "code": long}));
    let id = "i\t".repeat(1 << 15);
    let headers = answer.headers_mut();
    headers.insert("x-request-id", id.parse().unwrap());
    let error = answered(answer).await;
    expect_harmless(&error);
    let text = error.to_string();
    assert_eq!(text.matches("[cut, ").count(), 3, "{text}");
    assert!(text.contains("[cut, 3145728 bytes]"), "{text}");
    assert_eq!(
        error.api().unwrap().request_id.as_ref().unwrap().as_str(),
        id
    );

    let mut answer = Response::new("no JSON".to_owned());
    answer
        .headers_mut()
        .insert("x-request-id", id.parse().unwrap());
    let error = answered(answer).await;
    assert!(matches!(error, Error::Decode(_)));
    expect_harmless(&error);
}

#[tokio::test]
async fn echoed_secrets_are_masked() {
    let error = |detail| answered(refusal(&json!({"detail": detail})));
    for detail in [
        json!("userSecret: marker"),
        json!("No user with userSecret=marker, sorry"),
        json!(r#"Cannot read {"userId":"jane","userSecret":"marker \" marker"}"#),
        json!(r#"Cannot read {"body": "{\"user_secret\": \"marker\"}"}"#),
        json!("{'userSecret': 'marker', 'userId': 'jane'}"),
        json!("Authorization: Bearer marker"),
        json!("SIGNATURE = marker+/=="),
        json!("consumerKey%3Dmarker, &quot;token&quot;: &quot;marker&quot;"),
        json!("Invalid userSecret provided - [marker]"),
        json!({"userSecret": ["marker"], "token": {"value": "marker"}}),
    ] {
        let error = error(detail).await;
        expect_harmless(&error);
        assert!(error.to_string().contains("[redacted]"), "{error}");
    }
    for detail in [
        "Unable to verify signature sent",
        "Invalid userID or userSecret provided",
        "User with the following userId already exist: '45137738'",
        "Kein Zugriff für Jörg: „Depot“ 日本語 \u{1f44d} \"quoted\" [x] {y} 50 %",
    ] {
        let error = error(json!(detail)).await;
        assert!(
            error.to_string().contains(&format!("\"{detail}\"")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn errors_of_others_go_through_the_same_door() {
    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Theirs {
        text: String,
        source: std::io::Error,
    }

    let http = service_fn(|_: Request<Full<Bytes>>| async {
        let text = evil("refused Authorization: Bearer marker") + &"x".repeat(9_999);
        let source = std::io::Error::other(text.clone());
        Err::<Response<Full<Bytes>>, BoxError>(Box::new(Theirs { text, source }))
    });
    let call = AuthService::new(http).send(ListUsers::new()).await;
    let error = call.unwrap_err();
    expect_harmless(&error);
    assert_eq!(printed(&error).len(), 4);
}

#[tokio::test]
async fn an_answers_headers_are_not_printed() {
    let http = service_fn(|_: Request<Full<Bytes>>| async {
        let answer = Response::builder()
            .header("set-cookie", "session=marker")
            .header("x-request-id", "abc\tdef");
        Ok::<_, BoxError>(answer.body(Full::<Bytes>::from("1")).unwrap())
    });
    let answer = AuthService::new(http).send(Endpoint::<u8>::get("/x")).await;
    let answer = answer.unwrap();
    let text = format!("{answer:?}");
    assert!(!text.contains(MARKER), "{text}");
    assert!(
        text.contains("set-cookie") && text.contains(r"abc\tdef"),
        "{text}"
    );
    assert_eq!(answer.headers["set-cookie"], "session=marker");
}
