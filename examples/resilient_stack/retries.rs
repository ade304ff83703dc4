//! What is sent again: a gateway that is down, an answer that hangs, a connection that was closed.

use http::StatusCode;
use snaptrade_auth_service::Authentication;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Point, Route};
use snaptrade_signing::BoxError;

use super::scene::{Scene, Stage, seen};

/// 503, twice. A list may run twice, so it is sent until it is answered.
pub(crate) async fn unavailable() -> Result<Scene, BoxError> {
    let stage = Stage::new().await?;
    let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE, ErrorBody::Json);
    stage.sandbox.faults().next_n(2, unavailable);

    let list = stage.snaptrade().list_users().await;

    let slots = stage.stack.rate_limit.in_use();
    let scene = Scene::new("The server is unavailable")
        .layer(
            "retry",
            format!("a list may run twice: sent again after {}", stage.waits()),
        )
        .layer(
            "rate limit",
            format!("{slots} slots are taken: every attempt counts at the server"),
        )
        .layer("signing", "stamped each attempt anew")
        .caller(seen("list", &list));
    stage.close(scene).await
}

/// The head of the answer comes, and half of its body. tower's `Timeout` is content with a head.
pub(crate) async fn stalled() -> Result<Scene, BoxError> {
    let stage = Stage::new().await?;
    let jane = stage.snaptrade().register_user("jane").await?.into_body();
    let stalled = Fault::Stall(Point::InAnswer);
    stage.sandbox.faults().on(Route::LoginUser, 1, stalled);

    let login = stage.snaptrade().login_user(&jane).await;

    let scene = Scene::new("An answer stops half-way")
        .layer(
            "attempt timeout",
            "gave the first login up after a second, in the middle of its answer",
        )
        .layer(
            "retry",
            "nobody knows whether it ran, and a login may run twice: again",
        )
        .caller(seen("login", &login));
    stage.close(scene).await
}

/// The server's idle timeout runs out under a request. That happens to connections that were used before.
pub(crate) async fn idle_close() -> Result<Scene, BoxError> {
    let stage = Stage::new().await?;
    let faults = stage.sandbox.faults();
    stage.snaptrade().list_users().await?;
    faults.on(Route::ListUsers, 1, Fault::IdleClose);
    faults.on(Route::RegisterUser, 1, Fault::IdleClose);

    let list = stage.snaptrade().list_users().await;
    let register = stage.snaptrade().register_user("jane").await;

    let not_met = faults.waiting();
    let scene = Scene::new("An idle connection is closed under a request")
        .layer(
            "retry",
            "the second list went down with its connection: again",
        )
        .layer(
            "by repeat",
            format!(
                "the registration had a connection of its own, and {not_met} close waits in vain"
            ),
        )
        .caller(seen("list", &list))
        .caller(seen("register", &register));
    stage.close(scene).await
}
