//! Ten thousand requests at once, for thirty minutes.

use std::time::Duration;

use snaptrade_auth_service::rate_limit::{Quota, RollingRateLimitLayer};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower::{Layer, ServiceExt};

use crate::server::{Journey, MINUTE, Server, request};

const WAITERS: usize = 10_000;

/// Serves as many as it can in thirty minutes.
pub(crate) async fn run(journey: impl Fn(usize) -> Journey) -> Server {
    let server = Server::default();
    let client = RollingRateLimitLayer::new(Quota::default()).layer(server.clone());
    let mut tasks = JoinSet::new();
    for number in 0..WAITERS {
        tasks.spawn(client.clone().oneshot(request(number, journey(number))));
    }
    sleep(30 * MINUTE).await;
    server
}

/// A different latency for each, from the same seed every time.
pub(crate) fn random(max: Duration) -> impl Fn(usize) -> Journey {
    move |number| {
        let mut random = fastrand::Rng::with_seed(number as u64);
        Journey {
            there: max.mul_f64(random.f64()),
            back: max.mul_f64(random.f64()),
        }
    }
}

/// The first to go take nearly a minute to arrive; the rest, no time.
pub(crate) fn slow_first_burst(number: usize) -> Journey {
    let there = Duration::from_secs(if number < 250 { 55 } else { 0 });
    Journey {
        there,
        ..Journey::default()
    }
}

#[tokio::test(start_paused = true)]
async fn random_latencies_never_put_too_many_in_a_minute() {
    for max in [1, 5, 90] {
        let server = run(random(Duration::from_secs(max))).await;
        assert!(
            server.most_in_a_minute() <= 250,
            "up to {max} s: {}",
            server.most_in_a_minute()
        );
        assert!(server.arrivals().len() > 2_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_first_burst_never_puts_too_many_in_a_minute() {
    let server = run(slow_first_burst).await;
    assert_eq!(server.most_in_a_minute(), 250);
}

#[tokio::test(start_paused = true)]
async fn without_latency_the_quota_is_used() {
    let server = run(|_| Journey::default()).await;
    assert_eq!(server.most_in_a_minute(), 250);
    let used = server.arrivals().len();
    assert!(used >= 250 * 30 * 99 / 100, "{used} of 7500");
}
