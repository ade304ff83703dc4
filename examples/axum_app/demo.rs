//! What `--demo` does: a user comes, connects, and leaves; and one hangs up too early.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use snaptrade_auth_service::sandbox::{Fault, Point, Route, Sandbox};
use snaptrade_signing::BoxError;

/// Calls each route of the app over a socket.
pub(crate) async fn call_each_route(app: &str) -> Result<(), BoxError> {
    let jane = json!({"userId": "jane"});
    for (method, path, body, expected) in [
        (Method::POST, "/users", Some(&jane), 201),
        (Method::POST, "/users", Some(&jane), 409),
        (Method::POST, "/users/jane/connect", None, 200),
        (Method::POST, "/users/nobody/connect", None, 404),
        (Method::DELETE, "/users/jane", None, 202),
        (Method::POST, "/users/jane/connect", None, 409),
    ] {
        let (status, body) = call(app, &method, path, body).await?;
        // The link's token is for the user's eyes.
        let shown = match body.contains("token=") {
            true => r#"{"redirectUri":"https://…"}"#,
            false => &body,
        };
        println!("{:<6} {path:<22} {status} {shown}", method.as_str());
        if status != expected {
            return Err(format!("{path} was answered {status} and not {expected}").into());
        }
    }
    Ok(())
}

/// Registers a user and hangs up while SnapTrade is still at it.
pub(crate) async fn hang_up(app: &str, sandbox: &Sandbox) -> Result<(), BoxError> {
    let slow = Fault::Delay(Point::AfterCommit, Duration::from_millis(500));
    sandbox.faults().on(Route::RegisterUser, 1, slow);
    let joe = json!({"userId": "joe"});
    let calling = call(app, &Method::POST, "/users", Some(&joe));
    match tokio::time::timeout(Duration::from_millis(200), calling).await {
        Ok(_) => Err("the slow registration was quick".into()),
        Err(_) => {
            println!(
                "POST   /users                 … the caller hangs up, and the app is told to end"
            );
            Ok(())
        }
    }
}

async fn call(
    app: &str,
    method: &Method,
    path: &str,
    body: Option<&Value>,
) -> Result<(u16, String), BoxError> {
    let text = body.map(Value::to_string).unwrap_or_default();
    let request = Request::builder()
        .method(method)
        .uri(format!("{app}{path}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Full::<Bytes>::from(text))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
