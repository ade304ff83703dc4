//! A sandbox with a clock of its own, and a client that signs.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use snaptrade_auth_service::sandbox::{KeyKind, Sandbox, SandboxBuilder, SandboxError};
use snaptrade_signing::clock::ManualClock;
use snaptrade_signing::{Credentials, Signer, UnixTime};
use tower::ServiceExt;

/// Mon, 01 Nov 2021 18:13:09 GMT.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_635_790_389);

pub(crate) const PERSONAL: &str = "PERSONAL";

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status.as_u16(), self.text()), (status, body));
    }

    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, code: &str, detail: &str) {
        let body = format!(r#"{{"detail":"{detail}","status_code":{status},"code":"{code}"}}"#);
        self.is(status, &body);
    }
}

pub(crate) fn credentials() -> Credentials {
    Sandbox::credentials().unwrap()
}

pub(crate) fn personal() -> Credentials {
    Credentials::new(PERSONAL, "personal-consumer-key").unwrap()
}

/// One Commercial client, one Personal one, and a clock that stands at [`NOW`].
pub(crate) fn builder() -> SandboxBuilder {
    Sandbox::builder()
        .client(credentials(), KeyKind::Commercial)
        .client(personal(), KeyKind::Personal)
        .clock(ManualClock::new(NOW))
        .seed(7)
}

pub(crate) fn sandbox() -> Sandbox {
    builder().build()
}

pub(crate) fn request(method: Method, path: &str, body: &str) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(path)
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .unwrap()
}

pub(crate) fn signed_by(
    credentials: Credentials,
    method: Method,
    path: &str,
    body: &str,
) -> Request<Full<Bytes>> {
    let mut request = request(method, path, body);
    let stamp = Signer::new(credentials)
        .stamp(
            request.uri().path_and_query().unwrap(),
            body.as_bytes(),
            NOW,
        )
        .unwrap();
    stamp.apply(&mut request).unwrap();
    request
}

pub(crate) fn signed(method: Method, path: &str, body: &str) -> Request<Full<Bytes>> {
    signed_by(credentials(), method, path, body)
}

pub(crate) fn register(user_id: &str) -> Request<Full<Bytes>> {
    let body = format!(r#"{{"userId":"{user_id}"}}"#);
    signed(Method::POST, "/snapTrade/registerUser", &body)
}

pub(crate) fn list() -> Request<Full<Bytes>> {
    signed(Method::GET, "/snapTrade/listUsers", "")
}

pub(crate) async fn try_send(
    sandbox: &Sandbox,
    request: Request<Full<Bytes>>,
) -> Result<Answered, SandboxError> {
    let (parts, body) = sandbox.clone().oneshot(request).await?.into_parts();
    Ok(Answered {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await?.to_bytes(),
    })
}

pub(crate) async fn send(sandbox: &Sandbox, request: Request<Full<Bytes>>) -> Answered {
    try_send(sandbox, request).await.unwrap()
}

/// Registers a user; the query that names it.
pub(crate) async fn registered(sandbox: &Sandbox, user_id: &str) -> (String, String) {
    let answered = send(sandbox, register(user_id)).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.text());
    let secret = answered.json()["userSecret"].as_str().unwrap().to_owned();
    let query = format!("userId={user_id}&userSecret={secret}");
    (query, secret)
}
