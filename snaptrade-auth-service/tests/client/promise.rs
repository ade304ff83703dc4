//! The promise of the secret sink, and the truth of what deadlines say, with callers that go at any time, over sockets.

use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::operations::RegisterUser;
use snaptrade_auth_service::sandbox::{CLIENT_ID, ErrorBody, Fault, Point, Sandbox};
use snaptrade_auth_service::secret_sink::{Ending, MemorySecretSink, NotStored, SecretSinkLayer};
use snaptrade_auth_service::{
    AttemptTimeoutLayer, CallOptions, Client, Operation, Outcome, RollingRateLimitLayer,
};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::common::{client, serve, speaking};

const CALLS: u64 = 400;
const AT_ONCE: usize = 40;

/// Something different for each.
fn fault(number: u64) -> Option<Fault> {
    let point = match number / 8 % 4 {
        0 => Point::BeforeReading,
        1 => Point::BeforeCommit,
        2 => Point::AfterCommit,
        _ => Point::InAnswer,
    };
    let gateway = Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Empty);
    match number % 8 {
        0 => Some(Fault::Reset(point)),
        1 => Some(Fault::Close(point)),
        2 => Some(Fault::RefuseStream),
        3 => Some(gateway.after_commit()),
        4 => Some(Fault::throttled_with_retry_after(0)),
        5 => Some(Fault::TruncatedBody),
        _ => Some(Fault::Delay(point, Duration::from_millis(number % 5))),
    }
}

fn snaptrade(base_url: &str, http2: bool, sink: &SecretSinkLayer) -> Client {
    let builder = client(base_url)
        .attempt_timeout(
            AttemptTimeoutLayer::new(Duration::from_secs(5)).hard_cap(Duration::from_secs(5)),
        )
        .rate_limit(None::<RollingRateLimitLayer>)
        .secret_sink(sink.clone());
    speaking(http2, builder)
}

/// What the caller of a call knows of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Heard {
    /// They went before the answer.
    Nothing,
    Success,
    Error(Outcome),
}

async fn call(snaptrade: Client, number: u64) -> Heard {
    let wait = match number % 5 {
        0 => Duration::from_secs(30),
        _ => Duration::from_micros(number * 7_919 % 30_000),
    };
    let register = RegisterUser::new(format!("user{number}"));
    let told = if number.is_multiple_of(2) {
        match timeout(wait, snaptrade.send(register)).await {
            Ok(told) => told,
            Err(_) => return Heard::Nothing,
        }
    } else {
        let options = CallOptions::new().timeout(wait);
        snaptrade.send(register.with(options)).await
    };
    match told {
        Ok(_) => Heard::Success,
        Err(error) => Heard::Error(error.outcome()),
    }
}

fn judge(
    sandbox: &Sandbox,
    sink: &MemorySecretSink,
    orphans: &[NotStored],
    number: u64,
    heard: Heard,
) {
    let id = format!("user{number}");
    let registered = sandbox.users().contains(&id);
    let stored = sink.load(&id.as_str().into());
    let current = |secret: &str| sandbox.is_current_secret(CLIENT_ID, &id, secret);
    let is_stored = stored.is_some_and(|secret| current(secret.expose()));
    let open = sink.unsettled().into_iter();
    let mut open = open.filter(|open| {
        open.intent
            .user_id()
            .is_some_and(|user| user.as_str() == id)
    });
    let unknown = open.next().map(|open| open.ending);
    let orphaned = orphans.iter().any(|orphan| {
        let intent = orphan.intent();
        intent.user_id().is_some_and(|user| user.as_str() == id)
    });
    match (registered, is_stored, unknown) {
        // In the sink, or nothing ran, or nobody knows and it is written down.
        (true, true, None) | (false, false, None) | (_, false, Some(Some(Ending::Unknown))) => {
            assert!(!orphaned, "{id}");
        }
        // An answer that was cut, which the caller has, or else the layer.
        (true, false, Some(Some(Ending::HandedOver))) => {
            let told = matches!(heard, Heard::Error(Outcome::Succeeded));
            assert_ne!(told, orphaned, "{id}: {heard:?}");
        }
        other => panic!("{id}: {other:?}, {heard:?}"),
    }
    match heard {
        Heard::Nothing | Heard::Error(Outcome::Unknown) => {}
        Heard::Success | Heard::Error(Outcome::Succeeded) => assert!(registered, "{id}: {heard:?}"),
        Heard::Error(_) => assert!(!registered, "{id}: {heard:?}"),
    }
}

async fn is_kept(http2: bool) {
    let (sandbox, server) = serve().await;
    sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
    sandbox.faults().when(|arrival| fault(arrival.number));
    let sink = MemorySecretSink::new();
    let layer = SecretSinkLayer::new(sink.clone());
    let snaptrade = snaptrade(&server.base_url(), http2, &layer);
    let (mut calls, mut heard) = (JoinSet::new(), Vec::new());
    for number in 0..CALLS {
        let snaptrade = snaptrade.clone();
        calls.spawn(async move { (number, call(snaptrade, number).await) });
        if calls.len() >= AT_ONCE {
            heard.push(calls.join_next().await.unwrap().unwrap());
        }
    }
    heard.extend(calls.join_all().await);
    let drained = layer.drain(Duration::from_secs(60)).await;
    assert!(drained.unfinished.is_empty() && drained.unclaimed.is_empty());
    // What the server still does behind a connection that has gone.
    tokio::time::sleep(Duration::from_millis(100)).await;
    for &(number, heard) in &heard {
        judge(&sandbox, &sink, &drained.orphans, number, heard);
    }
    let count = |of: fn(&Heard) -> bool| heard.iter().filter(|(_, it)| of(it)).count();
    assert!(count(|it| *it == Heard::Nothing) > 0);
    assert!(count(|it| *it == Heard::Success) > 0);
    assert!(count(|it| *it == Heard::Error(Outcome::Unknown)) > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_kept_over_http1() {
    is_kept(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_kept_over_http2() {
    is_kept(true).await;
}
