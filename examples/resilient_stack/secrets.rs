//! A secret that is shown once: one that was lost on the wire, and one whose caller has gone.

use std::time::Duration;

use snaptrade_auth_service::operations::RegisterUser;
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Point};
use snaptrade_auth_service::{Authentication, CallOptions, Operation};
use snaptrade_signing::BoxError;
use tower::ServiceExt;

use super::scene::{Scene, Stage, seen};

/// The user is registered, and the connection breaks before the answer.
pub(crate) async fn reset_after_commit() -> Result<Scene, BoxError> {
    let stage = Stage::new().await?;
    let faults = stage.sandbox.faults();
    faults.next(Fault::Reset(Point::AfterCommit));

    let register = stage.snaptrade().register_user("jane").await;

    // For a person to look into: is there such a user, whose secret nobody has?
    let unsettled = stage.stack.sink.unsettled();
    let [open] = &unsettled[..] else {
        return Err(format!("one call is unsettled, and not {unsettled:?}").into());
    };
    let written = match open.ending {
        Some(ending) => format!(
            "wrote down how {} ended: {ending:?}",
            open.intent.operation()
        ),
        None => "wrote nothing down yet".to_owned(),
    };
    let scene = Scene::new("A registration is carried out, and its answer lost")
        .layer(
            "retry",
            "it may have run, and a registration must not run twice: not sent again",
        )
        .layer("secret sink", written)
        .caller(seen("register", &register));
    stage.close(scene).await
}

/// The answers take 600 ms. One caller leaves after 200, and one has a deadline of 200.
pub(crate) async fn caller_leaves() -> Result<Scene, BoxError> {
    let stage = Stage::new().await?;
    let slow = Fault::Delay(Point::AfterCommit, Duration::from_millis(600));
    stage.sandbox.faults().next_n(2, slow);

    let patience = Duration::from_millis(200);
    let jane = stage.snaptrade();
    let jane = tokio::time::timeout(patience, jane.register_user("jane"));
    let joe = RegisterUser::new("joe").with(CallOptions::new().timeout(patience));
    let (jane, joe) = tokio::join!(jane, stage.snaptrade().oneshot(joe));

    let jane = match jane {
        Err(_) => "register jane: gone, and saw nothing".to_owned(),
        Ok(register) => seen("register jane", &register),
    };

    let under_way = stage.stack.secret_sink.under_way().len();
    // What an app does before it ends.
    let drained = stage.stack.secret_sink.drain(Duration::from_secs(5)).await;
    let left_over = drained.unfinished.len() + drained.orphans.len();
    let stored = ["jane", "joe"].iter().filter(|user| {
        let secret = stage.stack.sink.load(&(**user).into());
        secret.is_some_and(|secret| {
            let sandbox = &stage.sandbox;
            sandbox.is_current_secret(CLIENT_ID, user, secret.expose())
        })
    });
    let scene = Scene::new("Callers leave in the middle of a registration")
        .layer(
            "secret sink",
            format!(
                "{under_way} calls went on without their callers; draining left {left_over} over"
            ),
        )
        .layer(
            "",
            format!(
                "{} secrets are in the sink, as the server has them",
                stored.count()
            ),
        )
        .layer("deadline", "ended the wait of one caller, and not the call")
        .caller(jane)
        .caller(seen("register joe", &joe));
    stage.close(scene).await
}
