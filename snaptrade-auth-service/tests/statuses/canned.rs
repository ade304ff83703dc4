//! Answers that were made ahead, each given to each operation.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use snaptrade_auth_service::sandbox::{ErrorBody, Fault};
use snaptrade_auth_service::{Error, ErrorKind, Outcome};

use crate::told::{Told, undecodable};
use crate::{Sent, for_each_operation, sandbox, snaptrade};

/// Sends an operation, which is answered so.
async fn error_of<Op: Sent>(operation: Op, fault: Fault) -> Error {
    let sandbox = sandbox();
    sandbox.faults().next(fault);
    let answer = snaptrade(&sandbox).send(operation).await;
    assert_eq!(sandbox.faults().waiting(), 0, "it was the canned one");
    answer.unwrap_err()
}

fn answer(status: u16, body: &str) -> Fault {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Fault::response(Response::builder().status(status).body(body).unwrap())
}

async fn is_told<Op: Sent>(operation: Op, body: &str, told: Told) {
    let name = operation.name();
    told.by(&error_of(operation, answer(told.status, body)).await, name);
}

/// In SnapTrade's form.
fn json(status: u16, code: &str, detail: &str) -> String {
    format!(r#"{{"detail":"{detail}","status_code":{status},"code":"{code}"}}"#)
}

async fn every<Op: Sent>(
    operation: Op,
    status: u16,
    rows: &[(&'static str, &str, ErrorKind, &'static str)],
) {
    for (code, detail, kind, remedy) in rows {
        let told = Told::refused(status, code, *kind, remedy);
        is_told(operation.clone(), &json(status, code, detail), told).await;
    }
    // The status alone tells less, yet it tells.
    for body in ["", "<h1>marker</h1>", r#"{"detail":"cut o"#, "[\"marker\"]"] {
        let operation = operation.clone();
        let (name, error) = (
            operation.name(),
            error_of(operation, answer(status, body)).await,
        );
        let told = Told {
            status,
            code: None,
            kind: error.kind(),
            outcome: Outcome::Refused,
            remedy: "",
        };
        told.by(&error, name);
        let bare = match status {
            400 => ErrorKind::BadRequest,
            401 => ErrorKind::NotAuthenticated,
            403 => ErrorKind::Forbidden,
            _ => ErrorKind::NotFound,
        };
        assert_eq!(error.kind(), bare, "{body}");
    }
}

/// 429 in the four forms in which it was seen.
async fn throttled<Op: Sent>(operation: Op) {
    let announced = Told::refused(429, "0000", ErrorKind::Throttled, "come back in 7 s");
    for fault in [
        Fault::throttled(7),
        Fault::throttled_with_retry_after(7),
        Fault::throttled_without_headers(7),
    ] {
        let error = error_of(operation.clone(), fault).await;
        announced.by(&error, operation.name());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
    let told = Told {
        code: None,
        remedy: "come back in a minute",
        ..announced
    };
    is_told(operation, "<h1>marker</h1>", told).await;
}

/// The server's failures, and those of a gateway before it.
async fn failed<Op: Sent>(operation: Op, repeatable: bool, status: u16) {
    let code = match status {
        500 => Some("1000"),
        503 => Some("3002"),
        _ => Some("0000"),
    };
    let told = Told {
        status,
        code,
        kind: ErrorKind::Server,
        outcome: Outcome::Unknown,
        remedy: match repeatable {
            true => "try again later",
            false => "it may have run: find out before you send it again",
        },
    };
    let code_of = |body| match body {
        ErrorBody::Json => code,
        _ => None,
    };
    for body in [ErrorBody::Json, ErrorBody::Html, ErrorBody::Empty] {
        let fault = Fault::status(StatusCode::from_u16(status).unwrap(), body);
        let code = code_of(body);
        let error = error_of(operation.clone(), fault).await;
        Told { code, ..told }.by(&error, operation.name());
    }
    for body in ["<h1>marker</h1>", r#"{"detail":"cut o"#, r#"["marker"]"#] {
        is_told(operation.clone(), body, Told { code: None, ..told }).await;
    }
}

/// 200 with something else than the operation answers.
async fn garbage<Op: Sent>(operation: Op, repeatable: bool, sample: &str) {
    let cut = &sample[..sample.len() - 1];
    let numbers = sample.replace('"', "").replace("marker", "1");
    for (body, truncated) in [
        ("<html><body>marker</body></html>", false),
        ("", true),
        ("  ", true),
        (cut, true),
        ("null", false),
        ("true", false),
        ("\"marker\"", false),
        (r#"{"unexpected":"marker"}"#, false),
        (
            r#"{"userId":["marker"],"userSecret":7,"redirectURI":{}}"#,
            false,
        ),
        (r#"[{"userId":"marker"}]"#, false),
        ("\u{FEFF}{}", false),
        (&numbers, false),
    ] {
        let error = error_of(operation.clone(), answer(200, body)).await;
        undecodable(&error, operation.name(), repeatable);
        let Error::Decode(decode) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(decode.is_truncated(), truncated, "{body}");
    }
}

macro_rules! tests {
    ($operation:expr, $repeatable:expr, $sample:expr) => {
        use super::super::*;
        use ErrorKind::{
            BadRequest, BadUserCredentials, DataRefused, Forbidden, NotAuthenticated, NotFound,
            PersonalKey, SignatureRefused, UnknownClient, UserExists,
        };

        #[tokio::test]
        async fn status_400() {
            let rows = [
                (
                    "1010",
                    "User with the following userId already exist: 'x'",
                    UserExists,
                    "stored secret",
                ),
                (
                    "1012",
                    "Personal SnapTrade keys are provisioned",
                    PersonalKey,
                    "LoginUser::personal",
                ),
                (
                    "1076",
                    "Unable to verify data sent",
                    DataRefused,
                    "send JSON",
                ),
                (
                    "0000",
                    "userId: This field is required.",
                    BadRequest,
                    "see the detail",
                ),
            ];
            every($operation, 400, &rows).await;
        }

        #[tokio::test]
        async fn status_401() {
            let rows = [
                (
                    "1076",
                    "Unable to verify signature sent",
                    SignatureRefused,
                    "consumer key",
                ),
                (
                    "1083",
                    "Invalid clientId provided - [X]",
                    UnknownClient,
                    "check the client id",
                ),
                (
                    "1083",
                    "Invalid userID or userSecret provided",
                    BadUserCredentials,
                    "reset it",
                ),
                (
                    "0000",
                    "Authentication credentials were not provided.",
                    NotAuthenticated,
                    "signing layer",
                ),
            ];
            every($operation, 401, &rows).await;
        }

        #[tokio::test]
        async fn status_403() {
            let rows = [
                (
                    "1066",
                    "User does not have permission to access this resource",
                    Forbidden,
                    "Personal key",
                ),
                (
                    "0000",
                    "Authentication credentials were not provided.",
                    NotAuthenticated,
                    "signing layer",
                ),
            ];
            every($operation, 403, &rows).await;
        }

        #[tokio::test]
        async fn status_404() {
            let rows = [(
                "1011",
                "The requested resource does not exist.",
                NotFound,
                "check the id",
            )];
            every($operation, 404, &rows).await;
        }

        #[tokio::test]
        async fn status_429() {
            throttled($operation).await;
        }

        #[tokio::test]
        async fn status_500() {
            failed($operation, $repeatable, 500).await;
        }

        #[tokio::test]
        async fn status_502_503_and_504() {
            for status in [502, 503, 504] {
                failed($operation, $repeatable, status).await;
            }
        }

        #[tokio::test]
        async fn garbage_with_status_200() {
            garbage($operation, $repeatable, $sample).await;
        }
    };
}
pub(crate) use tests;

mod each {
    super::for_each_operation!();
}
