//! A wrong clock and another key at once, through the ready-made client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Point, Route, Sandbox};
use snaptrade_auth_service::{Client, ErrorKind, RetryPolicy};
use snaptrade_signing::clock::{Clock, SystemClock};
use snaptrade_signing::{ConsumerKey, Credentials, Rotating};
use tokio::task::JoinSet;
use tower::retry::budget::TpsBudget;
use tower::service_fn;

const MINUTE: Duration = Duration::from_secs(60);

fn new_key() -> Credentials {
    Credentials::new(CLIENT_ID, "the new key").unwrap()
}

fn switch(sandbox: &Sandbox) {
    let key = ConsumerKey::new("the new key").unwrap();
    assert!(sandbox.rotate_key(CLIENT_ID, key));
}

fn unlimited() -> Sandbox {
    Sandbox::builder().rate_limit(u32::MAX, MINUTE).build()
}

/// Its budget pays for nothing: a stale stamp costs none of it.
fn client(sandbox: &Sandbox, keys: &Rotating) -> Client {
    let broke = TpsBudget::new(Duration::from_secs(1), 0, 0.0);
    let retry = RetryPolicy::builder().budget(broke.into()).build().unwrap();
    Client::builder(keys.clone())
        .http_service(sandbox.clone())
        .rate_limit(None)
        .retry(retry)
        .build()
        .unwrap()
}

/// The clock is to blame, not the key: the staged one is not even tried.
#[tokio::test]
async fn a_wrong_clock_leaves_a_staged_key_alone() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(new_key()).unwrap();
    sandbox.set_skew(600);
    let listed = client(&sandbox, &keys)
        .send(ListUsers::new())
        .await
        .unwrap();
    assert_eq!((listed.attempts(), keys.generation()), (2, 0));
}

#[tokio::test]
async fn a_wrong_clock_and_a_new_key() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(new_key()).unwrap();
    switch(&sandbox);
    sandbox.set_skew(-600);
    let client = client(&sandbox, &keys);
    let jane = client.send(RegisterUser::new("jane")).await.unwrap();
    assert_eq!(jane.attempts(), 3);
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);
    assert_eq!(client.send(ListUsers::new()).await.unwrap().attempts(), 1);
}

#[tokio::test]
async fn a_wrong_clock_and_a_wrong_key_end() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Credentials::new(CLIENT_ID, "a wrong key").unwrap());
    sandbox.set_skew(600);
    let error = client(&sandbox, &keys)
        .send(ListUsers::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureRefused);
    assert_eq!(
        (error.api().unwrap().attempts(), sandbox.log().len()),
        (2, 2)
    );

    // And with another wrong one staged: each is tried, and one of them once more, and then it ends.
    let sandbox = Sandbox::new();
    sandbox.set_skew(600);
    keys.stage(new_key()).unwrap();
    let error = client(&sandbox, &keys)
        .send(ListUsers::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignatureRefused);
    assert!(error.to_string().contains("clock"), "{error}");
    assert_eq!(
        (error.api().unwrap().attempts(), sandbox.log().len()),
        (4, 4)
    );
}

/// A server of many machines whose clocks disagree: no call goes round and round.
#[tokio::test]
async fn clocks_that_contradict_each_other_end_as_well() {
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(new_key()).unwrap();
    let refuse = r#"{"detail":"Unable to verify signature sent","status_code":401,"code":"1076"}"#;
    let number = Arc::new(AtomicU64::new(0));
    let there = service_fn(move |_: Request<Full<Bytes>>| {
        let number = number.fetch_add(1, Ordering::Relaxed) + 1;
        let off = Duration::from_secs(number * 1_000);
        let now = UNIX_EPOCH + Duration::from_secs(SystemClock.now().as_secs());
        let date = if number.is_multiple_of(2) {
            now + off
        } else {
            now - off
        };
        let answer = Response::builder()
            .status(401)
            .header("date", httpdate::fmt_http_date(date))
            .body(Full::from(refuse));
        async move { answer }
    });
    let client = Client::builder(keys).http_service(there).build().unwrap();
    for _ in 0..5 {
        let error = client.send(ListUsers::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignatureRefused);
        assert!(error.api().unwrap().attempts() <= 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_with_a_wrong_clock() {
    let sandbox = unlimited();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(new_key()).unwrap();
    let client = client(&sandbox, &keys);
    let storm = async || {
        let before = sandbox.log().len();
        let mut calls = JoinSet::new();
        for _ in 0..100 {
            let client = client.clone();
            calls.spawn(async move { client.send(ListUsers::new()).await.unwrap().attempts() });
        }
        let most = calls.join_all().await.into_iter().max();
        (most.unwrap(), sandbox.log().len() - before)
    };
    sandbox.faults().when(|arrival| {
        Some(Fault::Delay(
            Point::BeforeReading,
            Duration::from_millis(1 + arrival.number % 7),
        ))
    });
    for skew in [600, 0, -3_600, 0] {
        sandbox.set_skew(skew);
        // All of them were stamped before the first one was answered.
        assert_eq!(storm().await, (2, 200), "{skew}");
        assert_eq!(storm().await, (1, 100), "{skew}");
    }
    assert_eq!(keys.generation(), 0);
}
