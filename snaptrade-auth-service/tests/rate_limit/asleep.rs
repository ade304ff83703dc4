//! Futures that are not polled, and runtimes that nobody drives: they stall nobody else.

use std::time::Duration;

use snaptrade_auth_service::rate_limit::{Quota, RollingRateLimit, RollingRateLimitLayer};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, task};
use tower::{Layer, ServiceExt};

use crate::server::{Journey, MINUTE, Server, request};

const SECOND: Duration = Duration::from_secs(1);

fn one_in(window: Duration) -> (RollingRateLimitLayer, RollingRateLimit<Server>) {
    let quota = Quota::builder().requests(1).window(window).build().unwrap();
    let layer = RollingRateLimitLayer::new(quota);
    let client = layer.layer(Server::default());
    (layer, client)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// It keeps its place, and its slot goes to the next one.
#[tokio::test(start_paused = true)]
async fn a_slot_that_nobody_claims_is_granted_again() {
    let (layer, client) = one_in(MINUTE);
    let call = |number| client.clone().oneshot(request(number, Journey::default()));
    call(0).await.unwrap();
    let started = Instant::now();
    let mut asleep = task::spawn(call(1));
    assert_pending!(asleep.poll());
    call(2).await.unwrap();
    let waited = started.elapsed();
    assert!(
        waited >= MINUTE + SECOND && waited < MINUTE + 2 * SECOND,
        "{waited:?}"
    );
    // It looks now, and is before those that came later.
    let late = tokio::spawn(call(3));
    sleep(SECOND).await;
    assert_pending!(asleep.poll());
    asleep.await.unwrap();
    assert_eq!(client.get_ref().numbers(), [0, 2, 1]);
    late.await.unwrap().unwrap();
    assert_eq!(client.get_ref().most_in_a_minute(), 1);
    assert_eq!(layer.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn nor_does_a_forgotten_one_keep_it() {
    let (layer, client) = one_in(MINUTE);
    let call = |number| client.clone().oneshot(request(number, Journey::default()));
    call(0).await.unwrap();
    for number in 1..4 {
        let mut forgotten = task::spawn(Box::pin(call(number)));
        assert_pending!(forgotten.poll());
        std::mem::forget(forgotten);
    }
    // Each of them gets a slot once.
    let served = timeout(MINUTE + 4 * SECOND, call(4)).await;
    served.expect("a second for each").unwrap();
    assert_eq!(layer.waiting(), 0);
}

/// Whoever waited first did so in a runtime that does nothing more, and is not dropped either.
#[test]
fn an_idle_runtime_serves_nobody_and_stops_nobody() {
    let (_, client) = one_in(Duration::from_millis(300));
    let call = |number| client.clone().oneshot(request(number, Journey::default()));
    let (idle, busy) = (runtime(), runtime());
    idle.block_on(call(0)).unwrap();
    let mut asleep = task::spawn(call(1));
    {
        let _inside = idle.enter();
        assert_pending!(asleep.poll());
    }
    busy.block_on(async {
        for number in 2..5 {
            let served = timeout(10 * SECOND, call(number)).await;
            served.expect("somebody is awake").unwrap();
        }
    });
    assert_eq!(client.get_ref().numbers(), [0, 2, 3, 4]);
    idle.block_on(asleep).unwrap();
}

/// A future that was first polled in one runtime, and then in another.
#[test]
fn a_future_that_moves_is_served_where_it_is() {
    let (_, client) = one_in(Duration::from_millis(300));
    let call = |number| client.clone().oneshot(request(number, Journey::default()));
    let (idle, busy) = (runtime(), runtime());
    busy.block_on(call(0)).unwrap();
    let mut moves = task::spawn(call(1));
    {
        let _inside = idle.enter();
        assert_pending!(moves.poll());
    }
    busy.block_on(async {
        let served = timeout(10 * SECOND, moves).await;
        served.expect("somebody is awake").unwrap();
    });
}

#[test]
fn many_runtimes_share_one_queue() {
    let quota = Quota::builder().requests(20).window(SECOND / 2).build();
    let server = Server::default();
    let client = RollingRateLimitLayer::new(quota.unwrap()).layer(server.clone());
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let client = client.clone();
            std::thread::spawn(move || {
                runtime().block_on(async {
                    let calls = (0..20).map(|number| {
                        let number = thread * 100 + number;
                        tokio::spawn(client.clone().oneshot(request(number, Journey::default())))
                    });
                    for call in calls.collect::<Vec<_>>() {
                        call.await.unwrap().unwrap();
                    }
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(server.arrivals().len(), 80);
}
