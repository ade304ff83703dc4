//! The backend of an app: its users connect their brokerages, and it keeps their secrets.
//!
//! ```text
//! cargo run --example axum_app -- --port 3000
//! curl -X POST localhost:3000/users -H 'content-type: application/json' -d '{"userId": "jane"}'
//! curl -X POST localhost:3000/users/jane/connect
//! curl -X DELETE localhost:3000/users/jane
//! ```
//!
//! It serves until Ctrl-C, over a sandbox of its own. With `--demo` it calls itself once, over a socket, and ends.
//! Who may call it is left out: put your own authentication before these routes.

mod failure;
mod store;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use axum::{Json, Router};
use bytes::Bytes;
use failure::Failure;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{Value, json};
use snaptrade_auth_service::operations::LoginAnswer;
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_auth_service::{
    AttemptTimeoutLayer, AuthService, Authentication, BaseUrl, CollectAnswerLayer, DeadlineLayer,
    ErrorKind, UserCredentials, UserId,
};
use snaptrade_signing::{BoxError, Credentials, SignRequestLayer};
use store::{InMemory, SecretStore};
use tower::ServiceBuilder;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let (port, demo) = options()?;
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await?;

    // `Credentials::from_env()`, and no base URL, to reach SnapTrade: over a client with TLS, as in the quickstart.
    let snaptrade = snaptrade(Sandbox::credentials()?, server.base_url().parse()?);
    let app = router(App {
        snaptrade,
        secrets: InMemory::default(),
    });

    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    println!("The app answers at http://{address}");
    let serving = axum::serve(listener, app);
    if demo {
        let serving = tokio::spawn(serving.into_future());
        call_each_route(&format!("http://{address}")).await?;
        serving.abort();
    } else {
        println!("Ctrl-C ends it.");
        let ctrl_c = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
        serving.with_graceful_shutdown(ctrl_c).await?;
    }
    server.shutdown().await;
    Ok(())
}

/// The stack: 20 seconds for a call, 10 for an attempt, signing innermost.
fn snaptrade(
    credentials: Credentials,
    base_url: BaseUrl,
) -> impl Authentication + Send + Sync + 'static {
    let client = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http();
    let http = ServiceBuilder::new()
        .layer(AttemptTimeoutLayer::new(Duration::from_secs(10)))
        .layer(CollectAnswerLayer::new())
        .layer(SignRequestLayer::new(credentials))
        .service(client);
    ServiceBuilder::new()
        .layer(DeadlineLayer::new(Duration::from_secs(20)))
        .service(AuthService::new(http).base_url(base_url))
}

struct App<A, S> {
    snaptrade: A,
    secrets: S,
}

fn router<A, S>(app: App<A, S>) -> Router
where
    A: Authentication + Send + Sync + 'static,
    S: SecretStore,
{
    Router::new()
        .route("/users", post(register::<A, S>))
        .route("/users/{id}/connect", post(connect::<A, S>))
        .route("/users/{id}", delete(leave::<A, S>))
        .with_state(Arc::new(app))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewUser {
    user_id: UserId,
}

/// `POST /users`: the secret goes into the store, and nowhere else.
async fn register<A: Authentication + Send + Sync + 'static, S: SecretStore>(
    State(app): State<Arc<App<A, S>>>,
    Json(new): Json<NewUser>,
) -> Result<Response, Failure> {
    // In a task of its own: a caller who hangs up must not take a secret along that is shown once.
    let registering = tokio::spawn(async move {
        let user = app.snaptrade.register_user(new.user_id).await?;
        keep(&app.secrets, &user).await?;
        Ok::<_, Failure>(user.into_body().user_id)
    });
    let user_id = registering.await.map_err(Failure::store)??;
    Ok((StatusCode::CREATED, Json(json!({"userId": user_id}))).into_response())
}

/// Nobody else has this secret: a store that fails is asked again.
async fn keep<S: SecretStore>(secrets: &S, user: &UserCredentials) -> Result<(), Failure> {
    let mut wait = Duration::from_millis(100);
    loop {
        match secrets.save(user).await {
            Ok(()) => return Ok(()),
            Err(error) if wait > Duration::from_secs(10) => return Err(Failure::store(error)),
            Err(_) => tokio::time::sleep(wait).await,
        }
        wait *= 4;
    }
}

/// `POST /users/{id}/connect`: a link to the connection portal, for this user alone and for five minutes.
async fn connect<A: Authentication + Send + Sync, S: SecretStore>(
    State(app): State<Arc<App<A, S>>>,
    Path(user_id): Path<String>,
) -> Result<Response, Failure> {
    let found = app.secrets.find(&user_id.into()).await;
    let user = found
        .map_err(Failure::store)?
        .ok_or(Failure::UNKNOWN_USER)?;
    match app.snaptrade.login_user(&user).await?.into_body() {
        LoginAnswer::Link(link) => {
            let link = Json(json!({"redirectUri": link.redirect_uri.expose()}));
            Ok(([(CACHE_CONTROL, "no-store")], link).into_response())
        }
        // Nobody here is registered with a public key.
        _ => Err(Failure::new(
            StatusCode::BAD_GATEWAY,
            "SnapTrade answered something else",
        )),
    }
}

/// `DELETE /users/{id}`: gone for good, with all connections.
async fn leave<A: Authentication + Send + Sync, S: SecretStore>(
    State(app): State<Arc<App<A, S>>>,
    Path(user_id): Path<String>,
) -> Result<StatusCode, Failure> {
    let user_id = UserId::new(user_id);
    let known = app.secrets.find(&user_id).await.map_err(Failure::store)?;
    known.ok_or(Failure::UNKNOWN_USER)?;
    match app.snaptrade.delete_user(&user_id).await {
        Ok(_) => {}
        // An earlier attempt did it, and its answer was lost.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    app.secrets.forget(&user_id).await.map_err(Failure::store)?;
    // Queued: the webhook `USER_DELETED` says when it is done.
    Ok(StatusCode::ACCEPTED)
}

/// What `--demo` does: a user comes, connects, and leaves.
async fn call_each_route(app: &str) -> Result<(), BoxError> {
    let jane = json!({"userId": "jane"});
    for (method, path, body, status) in [
        (Method::POST, "/users", Some(&jane), 201),
        (Method::POST, "/users", Some(&jane), 409),
        (Method::POST, "/users/jane/connect", None, 200),
        (Method::POST, "/users/nobody/connect", None, 404),
        (Method::DELETE, "/users/jane", None, 202),
        (Method::POST, "/users/jane/connect", None, 404),
    ] {
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(&method)
            .uri(format!("{app}{path}"))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::<Bytes>::from(text))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await?;
        let answered = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        // The link's token is for the user's eyes.
        let shown = match body.windows(6).any(|part| part == b"token=") {
            true => "{\"redirectUri\":\"https://…\"}".into(),
            false => String::from_utf8_lossy(&body),
        };
        println!("{method:<6} {path:<22} {answered} {shown}");
        if answered.as_u16() != status {
            return Err(format!("{path} was answered {answered} and not {status}").into());
        }
    }
    Ok(())
}

fn options() -> Result<(u16, bool), BoxError> {
    let (mut port, mut demo) = (3000, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--demo" => demo = true,
            "--port" => port = arguments.next().ok_or("--port needs a number")?.parse()?,
            _ => return Err("usage: axum_app [--port PORT] [--demo]".into()),
        }
    }
    Ok((port, demo))
}
