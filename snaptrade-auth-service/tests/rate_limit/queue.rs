//! Who is served, and in what order.

use std::time::Duration;

use http::Request;
use snaptrade_auth_service::rate_limit::{Quota, Retried, RollingRateLimitLayer};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::{Layer, ServiceExt};

use crate::server::{Journey, MINUTE, Server, request};

fn quota(requests: u32) -> Quota {
    Quota::builder().requests(requests).build().unwrap()
}

fn at_once(number: usize) -> Request<()> {
    request(number, Journey::default())
}

#[tokio::test(start_paused = true)]
async fn first_come_first_served() {
    let server = Server::default();
    let client = RollingRateLimitLayer::new(quota(7)).layer(server.clone());
    let mut tasks = JoinSet::new();
    for number in 0..1_000 {
        tasks.spawn(client.clone().oneshot(at_once(number)));
    }
    tasks.join_all().await;
    assert_eq!(server.numbers(), (0..1_000).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_waiter_takes_nobodys_turn() {
    let server = Server::default();
    let layer = RollingRateLimitLayer::new(quota(10));
    let client = layer.layer(server.clone());
    let mut random = fastrand::Rng::with_seed(1);
    let mut tasks = JoinSet::new();
    for number in 0..1_500 {
        let call = client.clone().oneshot(at_once(number));
        // Some of them are cancelled while they wait, and some at the very moment of their turn.
        let patience = match number % 3 {
            0 => MINUTE * random.u32(1..150) / 10,
            _ => Duration::MAX,
        };
        tasks.spawn(async move { timeout(patience, call).await.is_ok() });
    }
    let served = tasks.join_all().await.into_iter().filter(|&served| served);
    let numbers = server.numbers();
    assert_eq!(served.count(), numbers.len());
    assert!(numbers.is_sorted());
    let patient = numbers.iter().filter(|&number| number % 3 != 0);
    assert_eq!(patient.count(), 1_000, "no waiter is lost");
    assert!(numbers.len() < 1_500, "some were cancelled");
    // And their slots were not: ten each minute, to the end.
    assert_eq!(layer.waiting(), 0);
    assert_eq!(server.most_in_a_minute(), 10);
    let arrivals = server.arrivals();
    let minutes = (arrivals[arrivals.len() - 1] - arrivals[0]).as_secs_f64() / 60.0;
    let full = (numbers.len() - 1) as f64 / 10.0;
    assert!(
        minutes < full + 1.0,
        "{minutes} minutes for what fits into {full}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_retried_request_goes_first() {
    let server = Server::default();
    let client = RollingRateLimitLayer::new(quota(1)).layer(server.clone());
    let mut tasks = JoinSet::new();
    for number in 0..4 {
        tasks.spawn(client.clone().oneshot(at_once(number)));
    }
    sleep(Duration::from_secs(1)).await;
    for number in [10, 11] {
        let mut request = at_once(number);
        request.extensions_mut().insert(Retried);
        tasks.spawn(client.clone().oneshot(request));
    }
    tasks.join_all().await;
    assert_eq!(server.numbers(), [0, 10, 11, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_not_polled_keeps_nobody_waiting() {
    let server = Server::default();
    let layer = RollingRateLimitLayer::new(quota(2));
    let client = layer.layer(server.clone());
    for number in 0..2 {
        client.clone().oneshot(at_once(number)).await.unwrap();
    }
    let mut asleep = task::spawn(client.clone().oneshot(at_once(2)));
    let mut awake = task::spawn(client.clone().oneshot(at_once(3)));
    assert_pending!(asleep.poll());
    assert_pending!(awake.poll());
    sleep(MINUTE + Duration::from_secs(1)).await;
    assert!(asleep.is_woken());
    assert_ready_ok!(awake.poll());
    // It holds a slot of its own by now, and gives it back.
    assert_eq!(layer.in_use(), 2);
    drop(asleep);
    assert_eq!(layer.in_use(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_one_whose_turn_it_is_is_woken() {
    let server = Server::default();
    let client = RollingRateLimitLayer::new(quota(1)).layer(server.clone());
    client.clone().oneshot(at_once(0)).await.unwrap();
    let mut waiters: Vec<_> = (1..100)
        .map(|number| task::spawn(client.clone().oneshot(at_once(number))))
        .collect();
    for waiter in &mut waiters {
        assert_pending!(waiter.poll());
    }
    sleep(MINUTE + Duration::from_secs(1)).await;
    let woken = waiters.iter().filter(|waiter| waiter.is_woken());
    assert_eq!(woken.count(), 1);
    assert!(waiters[0].is_woken());
}

/// The first to wait brings the task that serves the queue; here it goes, and its runtime with it. A runtime of one
/// thread that nobody drives has not even begun the task.
#[test]
fn waiters_outlive_the_runtime_that_served_them() {
    for builder in [Builder::new_multi_thread, Builder::new_current_thread] {
        let quota = Quota::builder()
            .requests(1)
            .window(Duration::from_millis(100));
        let server = Server::default();
        let client = RollingRateLimitLayer::new(quota.build().unwrap()).layer(server.clone());
        let runtime = || builder().enable_all().worker_threads(1).build().unwrap();
        let (first, second) = (runtime(), runtime());
        first.block_on(client.clone().oneshot(at_once(0))).unwrap();
        let mut waiters: Vec<_> = (1..4)
            .map(|number| task::spawn(client.clone().oneshot(at_once(number))))
            .collect();
        for (number, waiter) in waiters.iter_mut().enumerate() {
            let _inside = if number == 0 { &first } else { &second }.enter();
            assert_pending!(waiter.poll());
        }
        drop(waiters.remove(0));
        first.shutdown_background();
        for waiter in waiters {
            second.block_on(waiter.into_inner()).unwrap();
        }
        assert_eq!(server.numbers(), [0, 2, 3]);
    }
}
