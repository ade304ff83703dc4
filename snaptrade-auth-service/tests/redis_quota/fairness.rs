//! Nobody who waits is starved by those who have slots already.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use snaptrade_auth_service::rate_limit::{Quota, RedisQuota, RollingRateLimitLayer};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower::{Layer, ServiceExt, service_fn};

use crate::redis::Redis;

/// A process that wants more than there is, all the time.
struct Greedy {
    sent: Arc<AtomicUsize>,
    _callers: JoinSet<()>,
}

impl Greedy {
    fn start(redis: &Redis, requests: u32, window: Duration, limit: Option<u64>) -> Self {
        let quota = Quota::builder().requests(requests).window(window);
        let quota = quota.margin(Duration::ZERO).build().unwrap();
        let shared = RedisQuota::new(&redis.url(), "test", quota, 2).unwrap();
        let sent = Arc::<AtomicUsize>::default();
        let count = sent.clone();
        let client =
            RollingRateLimitLayer::shared(shared).layer(service_fn(move |_: Request<()>| {
                count.fetch_add(1, Ordering::Relaxed);
                let mut answer = Response::builder();
                if let Some(limit) = limit {
                    answer = answer.header("x-ratelimit-limit", limit);
                }
                async move { Ok::<_, std::io::Error>(answer.body(()).unwrap()) }
            }));
        let mut callers = JoinSet::new();
        for _ in 0..requests {
            let client = client.clone();
            callers.spawn(async move {
                loop {
                    client.clone().oneshot(Request::new(())).await.unwrap();
                }
            });
        }
        Self {
            sent,
            _callers: callers,
        }
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn who_comes_later_gets_a_share() {
    let redis = Redis::start();
    let first = Greedy::start(&redis, 40, Duration::from_secs(1), None);
    sleep(Duration::from_millis(2_500)).await;
    let (before, later) = (
        first.sent(),
        Greedy::start(&redis, 40, Duration::from_secs(1), None),
    );
    sleep(Duration::from_secs(6)).await;
    let (first, later) = (first.sent() - before, later.sent());
    println!("{first} and {later}");
    assert!(later >= 70 && first >= 70, "{first} and {later} of 240");
}

/// The server allows one request a window, and there are two who want it.
#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_single_slot_goes_around() {
    let redis = Redis::start();
    let window = Duration::from_millis(200);
    let [one, two] = [(); 2].map(|()| Greedy::start(&redis, 2, window, Some(1)));
    sleep(Duration::from_secs(8)).await;
    let (one, two) = (one.sent(), two.sent());
    println!("{one} and {two}");
    assert!(one >= 8 && two >= 8, "{one} and {two} of 40");
}
