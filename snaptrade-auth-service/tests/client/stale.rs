//! A key that the server switches, and a clock that is wrong, under load over sockets: no call fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Point, Route, Sandbox};
use snaptrade_auth_service::{Client, RetryPolicy};
use snaptrade_signing::{ConsumerKey, Credentials, Rotating};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::retry::budget::TpsBudget;

use crate::common::{serve, speaking};

const CALLERS: usize = 16;

/// The budget pays for what a connection does to a request, which is nothing here: a stale stamp costs none of it.
fn client(base_url: &str, keys: &Rotating, http2: bool) -> Client {
    let broke = TpsBudget::new(Duration::from_secs(1), 0, 0.0);
    let retry = RetryPolicy::builder().budget(broke.into()).build().unwrap();
    let builder = Client::builder(keys.clone())
        .base_url(base_url.parse().unwrap())
        .rate_limit(None)
        .retry(retry);
    speaking(http2, builder)
}

/// Requests are read some time after they were signed, and not in that order.
fn shuffle(sandbox: &Sandbox) {
    sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
    sandbox.faults().when(|arrival| {
        let delay = Duration::from_micros(arrival.number * 7919 % 5_000);
        Some(Fault::Delay(Point::BeforeReading, delay))
    });
}

/// Callers that call until it is over.
struct Load {
    over: Arc<AtomicBool>,
    /// How many calls each of them has made.
    calls: Arc<[AtomicU32]>,
    /// The most attempts that a call took.
    callers: JoinSet<u32>,
}

impl Load {
    fn start(client: &Client) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let calls: Arc<[AtomicU32]> = (0..CALLERS).map(|_| AtomicU32::new(0)).collect();
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (client, over, calls) = (client.clone(), over.clone(), calls.clone());
            callers.spawn(async move {
                let mut most = 0;
                while !over.load(Ordering::Relaxed) {
                    let number = calls[caller].load(Ordering::Relaxed);
                    // One call in eight must not be repeated.
                    let attempts = if number % 8 == 0 {
                        let user = format!("user{caller}-{number}");
                        let call = client.send(RegisterUser::new(user)).await;
                        call.unwrap().attempts()
                    } else {
                        client.send(ListUsers::new()).await.unwrap().attempts()
                    };
                    most = most.max(attempts);
                    calls[caller].fetch_add(1, Ordering::Relaxed);
                }
                most
            });
        }
        Self {
            over,
            calls,
            callers,
        }
    }

    fn made(&self) -> Vec<u32> {
        let made = self.calls.iter();
        made.map(|calls| calls.load(Ordering::Relaxed)).collect()
    }

    /// Until each caller has made a call that began after this.
    async fn goes_on(&self) {
        let before = self.made();
        let went_on = || {
            self.made()
                .iter()
                .zip(&before)
                .all(|(now, then)| *now >= then + 3)
        };
        let waited = async {
            while !went_on() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = timeout(Duration::from_secs(60), waited).await;
        waited.expect("no caller has failed");
    }

    /// The most attempts that a call took.
    async fn end(self) -> u32 {
        self.over.store(true, Ordering::Relaxed);
        self.callers.join_all().await.into_iter().max().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_switches_keys() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        shuffle(&sandbox);
        let keys = Rotating::new(Sandbox::credentials().unwrap());
        let load = Load::start(&client(&server.base_url(), &keys, http2));
        for number in 0..10 {
            let key = format!("key number {number}");
            keys.stage(Credentials::new(CLIENT_ID, key.as_str()).unwrap())
                .unwrap();
            load.goes_on().await;
            sandbox.rotate_key(CLIENT_ID, ConsumerKey::new(key).unwrap());
            load.goes_on().await;
        }
        assert_eq!(load.end().await, 2, "http2: {http2}");
        assert_eq!(keys.generation(), 10, "each new key took over once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_jumps() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        shuffle(&sandbox);
        let keys = Rotating::new(Sandbox::credentials().unwrap());
        // Staged for some later day.
        keys.stage(Credentials::new(CLIENT_ID, "the new key").unwrap())
            .unwrap();
        let load = Load::start(&client(&server.base_url(), &keys, http2));
        for skew in [600, 0, -86_400, 3_600, 0] {
            sandbox.set_skew(skew);
            load.goes_on().await;
        }
        assert_eq!(load.end().await, 2, "http2: {http2}");
        assert_eq!(keys.generation(), 0, "the key is not blamed");
        let registered = sandbox.commits(Route::RegisterUser);
        assert_eq!(sandbox.users().len() as u64, registered);
    }
}
