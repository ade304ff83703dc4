//! Answers in SnapTrade's form.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{
    ALLOW, CONTENT_TYPE, DATE, REFERRER_POLICY, RETRY_AFTER, SERVER, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::body::SandboxBody;
use super::limit::Standing;

/// A status and a JSON body.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Answer {
    pub(super) fn ok(body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self {
                status: StatusCode::OK,
                body: body.into(),
            },
            Err(_) => Self::unexpected(),
        }
    }

    pub(super) fn unexpected() -> Self {
        Self::refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "1000",
            "Encountered an unexpected exception.",
        )
    }

    pub(super) fn refusal<'a>(
        status: StatusCode,
        code: &str,
        detail: impl Into<Cow<'a, str>>,
    ) -> Self {
        let detail = Value::from(detail.into());
        let body = format!(
            r#"{{"detail":{detail},"status_code":{},"code":"{code}"}}"#,
            status.as_u16()
        );
        Self {
            status,
            body: body.into(),
        }
    }

    /// The form that a 501 has.
    #[cfg(not(feature = "encrypted"))]
    pub(super) fn not_implemented(error: &str) -> Self {
        let body = format!(r#"{{"error":{}}}"#, Value::from(error));
        Self {
            status: StatusCode::NOT_IMPLEMENTED,
            body: body.into(),
        }
    }

    pub(super) fn not_found() -> Self {
        Self::refusal(
            StatusCode::NOT_FOUND,
            "1011",
            "The requested resource does not exist.",
        )
    }

    pub(super) fn forbidden() -> Self {
        Self::refusal(
            StatusCode::FORBIDDEN,
            "1066",
            "User does not have permission to access this resource",
        )
    }

    pub(super) fn wrong_user() -> Self {
        Self::refusal(
            StatusCode::UNAUTHORIZED,
            "1083",
            "Invalid userID or userSecret provided",
        )
    }

    /// No source states the code of a bad parameter; this is the one of answers that have none of their own.
    pub(super) fn invalid(name: &str, problem: &str) -> Self {
        let detail = format!("{name}: {problem}");
        Self::refusal(StatusCode::BAD_REQUEST, "0000", detail)
    }

    pub(super) fn method_not_allowed(method: &Method) -> Self {
        let detail = format!("Method \"{method}\" not allowed.");
        Self::refusal(StatusCode::METHOD_NOT_ALLOWED, "0000", detail)
    }

    pub(super) fn throttled(secs: u64) -> Self {
        let detail = format!("Request was throttled. Expected available in {secs} seconds.");
        Self::refusal(StatusCode::TOO_MANY_REQUESTS, "0000", detail)
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn into_response<B: From<Bytes>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body));
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// Names of the headers that tell where a client stands.
pub(super) struct LimitHeaders([HeaderName; 3]);

/// Of the client id.
pub(super) const CLIENT_LIMIT: LimitHeaders = LimitHeaders([
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
]);

/// Of one account of a Personal key.
pub(super) const ACCOUNT_LIMIT: LimitHeaders = LimitHeaders([
    HeaderName::from_static("x-ratelimit-account-limit"),
    HeaderName::from_static("x-ratelimit-account-remaining"),
    HeaderName::from_static("x-ratelimit-account-reset"),
]);

impl LimitHeaders {
    pub(super) fn insert(&self, headers: &mut HeaderMap, standing: Standing) {
        let [limit, remaining, reset] = self.0.clone();
        headers.insert(limit, standing.limit.into());
        headers.insert(remaining, standing.remaining.into());
        headers.insert(reset, standing.reset_secs.into());
        if !standing.admitted {
            headers.insert(RETRY_AFTER, standing.reset_secs.into());
        }
    }
}

pub(super) fn insert_allow(headers: &mut HeaderMap, method: &Method) {
    if let Ok(method) = HeaderValue::from_str(method.as_str()) {
        headers.insert(ALLOW, method);
    }
}

/// What every answer has, whoever made it.
pub(super) fn finish(
    response: &mut Response<SandboxBody>,
    request_id: uuid::Uuid,
    date: std::time::SystemTime,
) {
    const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id.simple().to_string()) {
        headers.insert(X_REQUEST_ID, id);
    }
    if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(date)) {
        // One that was made ahead may have its own.
        headers.entry(DATE).or_insert(date);
    }
    headers.insert(SERVER, HeaderValue::from_static("gunicorn"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}
