//! Stamps that the server refuses: the time is wrong, or the key is an old one.

use std::time::Duration;

use snaptrade_auth_service::Authentication;
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Point, Route};
use snaptrade_signing::{BoxError, ConsumerKey, Credentials};
use tokio::task::JoinSet;

use super::scene::{Scene, Stage, seen};

/// This machine's clock is ten minutes behind the server's.
pub(crate) async fn wrong_clock() -> Result<Scene, BoxError> {
    let stage = Stage::new().await?;
    stage.sandbox.set_skew(600);

    // Refused is not run: even a registration is sent again.
    let register = stage.snaptrade().register_user("jane").await;
    let list = stage.snaptrade().list_users().await;

    let offset = stage.stack.clock.offset();
    let scene = Scene::new("The clock is ten minutes slow")
        .layer(
            "learn skew",
            format!("the refusal has a `Date`: the clock is {offset} s off, and put right"),
        )
        .layer(
            "retry",
            "what a stale stamp was refused for did not run: once more, stamped anew",
        )
        .caller(seen("register", &register))
        .caller(seen("list", &list));
    stage.close(scene).await
}

/// A new consumer key. The server goes over to it in one instant, with four requests on their way.
pub(crate) async fn new_key() -> Result<Scene, BoxError> {
    const NEW_KEY: &str = "a new consumer key";
    let stage = Stage::new().await?;
    let faults = stage.sandbox.faults();
    let slow = Fault::Delay(Point::BeforeReading, Duration::from_millis(200));
    faults.on(Route::ListUsers, 4, slow);

    // First the app knows the new key, and then the server takes it, whenever that is.
    let keys = &stage.stack.keys;
    keys.stage(Credentials::new(CLIENT_ID, NEW_KEY)?)?;
    let calls = (0..4).map(|_| {
        let snaptrade = stage.snaptrade();
        async move { snaptrade.list_users().await }
    });
    let mut calls: JoinSet<_> = calls.collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let new_key = ConsumerKey::new(NEW_KEY)?;
    stage.sandbox.rotate_key(CLIENT_ID, new_key);

    let mut scene = Scene::new("The consumer key is replaced under four calls");
    while let Some(list) = calls.join_next().await {
        scene = scene.caller(seen("list", &list?));
    }
    let generation = keys.generation();
    let scene = scene
        .layer(
            "follow rotation",
            "refused: each is signed once more, with the staged key",
        )
        .layer(
            "follow rotation",
            format!("the server accepted it, so it signs from now on: generation {generation}"),
        );
    stage.close(scene).await
}
