//! What the app answers.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use axum::{Json, Router};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::Deserialize;
use serde_json::json;
use snaptrade_auth_service::operations::LoginAnswer;
use snaptrade_auth_service::{Authentication, Client, Error, ErrorKind, UserId};

use crate::failure::Failure;
use crate::secrets::Secrets;

/// What every handler has a share in.
pub(crate) struct App {
    pub(crate) snaptrade: Client,
    pub(crate) secrets: Secrets,
}

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/users", post(register))
        .route("/users/{id}/connect", post(connect))
        .route("/users/{id}", delete(leave))
        .with_state(app)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewUser {
    user_id: UserId,
}

/// `POST /users`: the secret goes into the store, and nowhere else. If this caller hangs up, it does so all the same.
async fn register(
    State(app): State<Arc<App>>,
    Json(new): Json<NewUser>,
) -> Result<Response, Failure> {
    match app.snaptrade.register_user(new.user_id).await {
        Ok(user) => {
            let told = Json(json!({"userId": user.user_id}));
            Ok((StatusCode::CREATED, told).into_response())
        }
        Err(Error::NotStored(secret)) => {
            app.secrets.rescue(*secret);
            Err(Failure::TRY_LATER)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /users/{id}/connect`: a link to the connection portal, for this user alone and for five minutes.
async fn connect(
    State(app): State<Arc<App>>,
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
        _ => Err(Failure::TRY_LATER),
    }
}

/// `DELETE /users/{id}`: gone for good, with all connections. What is left in the store opens nothing any more.
async fn leave(
    State(app): State<Arc<App>>,
    Path(user_id): Path<String>,
) -> Result<StatusCode, Failure> {
    let user_id = UserId::new(user_id);
    let known = app.secrets.find(&user_id).await.map_err(Failure::store)?;
    known.ok_or(Failure::UNKNOWN_USER)?;
    match app.snaptrade.delete_user(&user_id).await {
        // Queued: the webhook `USER_DELETED` says when it is done, and the time to `forget` the secret.
        Ok(_) => Ok(StatusCode::ACCEPTED),
        // An earlier attempt did it, and its answer was lost.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(StatusCode::ACCEPTED),
        Err(error) => Err(error.into()),
    }
}
