//! Several runtimes in one process, some of them idle for a while: they call Redis one at a time.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use http::{Request, Response};
use snaptrade_auth_service::rate_limit::{Quota, RedisQuota, RollingRateLimitLayer};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::{Layer, ServiceExt, service_fn};

use crate::redis::Redis;

const REQUESTS: usize = 10;
const WINDOW: Duration = Duration::from_millis(500);
const RUNTIMES: usize = 6;
const SPAN: Duration = Duration::from_secs(12);

#[test]
#[ignore = "needs redis-server"]
fn runtimes_that_come_and_go_keep_one_quota() {
    let redis = Redis::start();
    let quota = Quota::builder().requests(10).window(WINDOW);
    let quota = quota.margin(Duration::ZERO).build().unwrap();
    let shared = RedisQuota::new(&redis.url(), "test", quota, 1).unwrap();
    let layer = RollingRateLimitLayer::shared(shared);
    let arrivals = Arc::<Mutex<Vec<Instant>>>::default();
    let start = Instant::now();
    thread::scope(|scope| {
        for seed in 0..RUNTIMES {
            let (layer, arrivals) = (layer.clone(), arrivals.clone());
            scope.spawn(move || work(seed as u64, &layer, &arrivals, start + SPAN));
        }
    });

    let arrivals = arrivals.lock().unwrap();
    let most = arrivals
        .iter()
        .map(|&first| {
            let within = |at: &&Instant| **at >= first && **at < first + WINDOW;
            arrivals.iter().filter(within).count()
        })
        .max();
    assert!(most.unwrap() <= REQUESTS, "{most:?} in a window");
    let quota = SPAN.as_millis() / WINDOW.as_millis() * REQUESTS as u128;
    assert!(
        arrivals.len() as u128 > quota / 4,
        "{} of {quota}",
        arrivals.len()
    );
}

/// A runtime that works for a while, and is idle for a while, with calls to Redis under way.
fn work(
    seed: u64,
    layer: &RollingRateLimitLayer,
    arrivals: &Arc<Mutex<Vec<Instant>>>,
    end: Instant,
) {
    let mut random = fastrand::Rng::with_seed(seed);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let arrivals = arrivals.clone();
    let client = layer.layer(service_fn(move |_: Request<()>| {
        arrivals.lock().unwrap().push(Instant::now());
        async { Ok::<_, std::io::Error>(Response::new(())) }
    }));
    let mut callers = JoinSet::new();
    for _ in 0..REQUESTS {
        let client = client.clone();
        callers.spawn_on(
            async move {
                loop {
                    client.clone().oneshot(Request::new(())).await.unwrap();
                }
            },
            runtime.handle(),
        );
    }
    while Instant::now() < end {
        let busy = Duration::from_micros(random.u64(100..50_000));
        let _ = runtime.block_on(async { timeout(busy, std::future::pending::<()>()).await });
        thread::sleep(Duration::from_millis(random.u64(0..400)));
    }
}
