//! Where requests wait: a 429 stops everyone on the quota, and a full quota lets nobody pass.

use std::time::Duration;

use snaptrade_auth_service::Authentication;
use snaptrade_auth_service::rate_limit::Quota;
use snaptrade_signing::BoxError;

use super::scene::{Scene, Stage, seen};

/// Another process has used up the client id. Two callers here; the first of them hears of it.
pub(crate) async fn throttled() -> Result<Scene, BoxError> {
    let stage = Stage::with_quota(three_a_second()?).await?;
    let elsewhere = stage.elsewhere()?.snaptrade;
    for _ in 0..3 {
        elsewhere.list_users().await?;
    }

    let later = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stage.snaptrade().list_users().await
    };
    let (first, second) = tokio::join!(stage.snaptrade().list_users(), later);

    let scene = Scene::new("The client id is used up by another process")
        .layer(
            "rate limit",
            "the 429 says when to be back: until then, nobody here sends anything",
        )
        .layer(
            "retry",
            "gave the first list back to the queue at once, where it was first in line",
        )
        .caller(seen("first list", &first))
        .caller(seen("second list", &second));
    stage.close(scene).await
}

/// Nine callers at once, where the server allows three in any trailing second.
pub(crate) async fn full() -> Result<Scene, BoxError> {
    let stage = Stage::with_quota(three_a_second()?).await?;

    let calls = (0..9).map(|_| {
        let snaptrade = stage.snaptrade();
        async move { snaptrade.list_users().await }
    });
    let mut calls: tokio::task::JoinSet<_> = calls.collect();
    let (mut answered, mut refused, mut told) = (0, 0, String::new());
    while let Some(call) = calls.join_next().await {
        match call? {
            Ok(_) => answered += 1,
            Err(error) => {
                refused += 1;
                told = format!("{:?}: {error}", error.outcome());
            }
        }
    }

    let scene = Scene::new("The quota is full")
        .layer(
            "rate limit",
            "three at once, three a second later: never four in any second",
        )
        .layer(
            "",
            "the last three would wait longer than `max_wait`: refused at once",
        )
        .caller(format!("{answered} lists: ok, and no 429"))
        .caller(format!("{refused} lists: {told}"));
    stage.close(scene).await
}

fn three_a_second() -> Result<Quota, BoxError> {
    let quota = Quota::builder().requests(3).window(Duration::from_secs(1));
    Ok(quota.build()?)
}
