//! A key that the server switches, and a clock that is wrong, under load over sockets: no call fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Point, Route, Sandbox};
use snaptrade_auth_service::{Client, RetryPolicy};
use snaptrade_signing::{ConsumerKey, Credentials, Rotating};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower::retry::budget::TpsBudget;

use crate::common::serve;

const CALLERS: usize = 16;
const PAUSE: Duration = Duration::from_millis(40);

/// The budget pays for what a connection does to a request, which is nothing here: a stale stamp costs none of it.
fn client(base_url: &str, keys: &Rotating, http2: bool) -> Client {
    let broke = TpsBudget::new(Duration::from_secs(1), 0, 0.0);
    let retry = RetryPolicy::builder().budget(broke.into()).build().unwrap();
    let builder = Client::builder(keys.clone())
        .base_url(base_url.parse().unwrap())
        .rate_limit(None)
        .retry(retry);
    let builder = if http2 {
        builder.http2_only()
    } else {
        builder.http1_only()
    };
    builder.build().unwrap()
}

/// Requests are read some time after they were signed, and not in that order.
fn shuffle(sandbox: &Sandbox) {
    sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
    sandbox.faults().when(|arrival| {
        let delay = Duration::from_micros(arrival.number * 7919 % 5_000);
        Some(Fault::Delay(Point::BeforeReading, delay))
    });
}

/// Callers that call until it is over, and the most attempts that a call of theirs took.
struct Load {
    over: Arc<AtomicBool>,
    callers: JoinSet<(u32, u32)>,
}

impl Load {
    fn start(client: &Client) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (client, over) = (client.clone(), over.clone());
            callers.spawn(async move {
                let (mut calls, mut most) = (0, 0);
                while !over.load(Ordering::Relaxed) {
                    // One call in eight must not be repeated.
                    let attempts = if calls % 8 == 0 {
                        let user = format!("user{caller}-{calls}");
                        let call = client.send(RegisterUser::new(user)).await;
                        call.unwrap().attempts()
                    } else {
                        client.send(ListUsers::new()).await.unwrap().attempts()
                    };
                    calls += 1;
                    most = most.max(attempts);
                }
                (calls, most)
            });
        }
        Self { over, callers }
    }

    /// How many calls there were, and the most attempts that one took.
    async fn end(self) -> (u32, u32) {
        self.over.store(true, Ordering::Relaxed);
        let callers = self.callers.join_all().await;
        let calls = callers.iter().map(|(calls, _)| calls).sum();
        let most = callers.iter().map(|(_, most)| *most).max();
        (calls, most.unwrap())
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
            keys.stage(Credentials::new(CLIENT_ID, key.as_str()).unwrap());
            sleep(PAUSE).await;
            sandbox.rotate_key(CLIENT_ID, ConsumerKey::new(key).unwrap());
            sleep(PAUSE).await;
        }
        let (calls, most) = load.end().await;
        assert!(calls > 200, "{calls} calls");
        // A slow one may meet two switches.
        assert!((2..=3).contains(&most), "{most} attempts, http2: {http2}");
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
        keys.stage(Credentials::new(CLIENT_ID, "the new key").unwrap());
        let load = Load::start(&client(&server.base_url(), &keys, http2));
        for skew in [600, 0, -86_400, 3_600, 0] {
            sandbox.set_skew(skew);
            sleep(PAUSE).await;
        }
        let (calls, most) = load.end().await;
        assert!(calls > 100, "{calls} calls");
        // A slow one may meet two jumps.
        assert!((2..=3).contains(&most), "{most} attempts, http2: {http2}");
        assert_eq!(keys.generation(), 0, "the key is not blamed");
        let registered = sandbox.commits(Route::RegisterUser);
        assert_eq!(sandbox.users().len() as u64, registered);
    }
}
