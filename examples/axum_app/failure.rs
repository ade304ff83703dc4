//! From what went wrong with SnapTrade to what the app answers.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::json;
use snaptrade_auth_service::{Error, ErrorKind};

/// What a caller is told, which is less than what the operator is.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    told: &'static str,
    retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) const UNKNOWN_USER: Self = Self::new(StatusCode::NOT_FOUND, "there is no such user");
    pub(crate) const TRY_LATER: Self = Self::new(StatusCode::BAD_GATEWAY, "try again later");

    const fn new(status: StatusCode, told: &'static str) -> Self {
        Self {
            status,
            told,
            retry_after: None,
        }
    }

    pub(crate) fn store(error: impl std::fmt::Display) -> Self {
        eprintln!("the store of secrets: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "try again later")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // The whole story, with the remedy and the request id, for the operator. It holds no secret.
        eprintln!("snaptrade: {error}");
        let (status, told) = match error.kind() {
            ErrorKind::InvalidRequest | ErrorKind::BadRequest => {
                (StatusCode::BAD_REQUEST, "check what you sent")
            }
            ErrorKind::UserExists => (StatusCode::CONFLICT, "the user is registered already"),
            ErrorKind::NotFound => (StatusCode::NOT_FOUND, "there is no such user"),
            ErrorKind::BadUserCredentials => (
                StatusCode::CONFLICT,
                "the user must be registered anew: ask the operator",
            ),
            // `SecretSink`: the app is ending, or its store is not there.
            ErrorKind::Throttled | ErrorKind::SecretSink => {
                (StatusCode::SERVICE_UNAVAILABLE, "come back later")
            }
            ErrorKind::Timeout => (StatusCode::GATEWAY_TIMEOUT, "try again later"),
            // The fault of this app's settings, never of whoever calls it.
            ErrorKind::SignatureRefused
            | ErrorKind::UnknownClient
            | ErrorKind::NotAuthenticated
            | ErrorKind::NotSigned
            | ErrorKind::PersonalKey
            | ErrorKind::Forbidden => (StatusCode::INTERNAL_SERVER_ERROR, "the operator knows"),
            _ => (StatusCode::BAD_GATEWAY, "try again later"),
        };
        Self {
            retry_after: error.retry_after(),
            ..Self::new(status, told)
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({"error": self.told}))).into_response();
        if let Some(wait) = self.retry_after {
            let secs = wait.as_secs_f64().ceil();
            if let Ok(value) = format!("{secs}").parse() {
                response.headers_mut().insert(RETRY_AFTER, value);
            }
        }
        response
    }
}
