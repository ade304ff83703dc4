//! One of the processes: this test binary, started again.

use std::io::Read;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use http::{Request, Response};
use snaptrade_auth_service::rate_limit::{
    Quota, RateLimitError, RedisQuota, RollingRateLimitLayer,
};
use snaptrade_signing::BoxError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep};
use tower::{Layer, ServiceExt, service_fn};

use crate::arrivals::Arrivals;
use crate::redis::Redis;

/// What a caller waits for a slot at most.
const MAX_WAIT: Duration = Duration::from_millis(2_500);
/// A busy machine may be late, but not by this much.
const SLACK: Duration = Duration::from_millis(500);

#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) requests: u32,
    pub(crate) window: Duration,
    pub(crate) processes: u32,
}

impl Plan {
    pub(crate) fn quota(&self) -> Quota {
        let builder = Quota::builder().requests(self.requests).window(self.window);
        builder.margin(Duration::from_millis(500)).build().unwrap()
    }

    /// Starts the processes, which want more than the quota has, all the time.
    pub(crate) fn start(&self, redis: &Redis, arrivals: &Arrivals) -> Workers {
        let workers = (0..self.processes).map(|_| {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "worker::process", "--nocapture"])
                .env("WORKER_REDIS", redis.url())
                .env("WORKER_SERVER", arrivals.port.to_string())
                .env("WORKER_REQUESTS", self.requests.to_string())
                .env("WORKER_WINDOW", self.window.as_millis().to_string())
                .env("WORKER_PROCESSES", self.processes.to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            (child.stdin.take(), child)
        });
        Workers(workers.collect())
    }
}

pub(crate) struct Workers(Vec<(Option<ChildStdin>, Child)>);

impl Workers {
    /// Ends one of them without a word.
    pub(crate) fn kill_one(&mut self) {
        let (_, mut child) = self.0.pop().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends them, and sees whether all went well.
    pub(crate) fn finish(mut self) {
        for (stdin, _) in &mut self.0 {
            drop(stdin.take());
        }
        for (_, child) in &mut self.0 {
            assert!(child.wait().unwrap().success(), "a worker failed");
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for (_, child) in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn setting(name: &str) -> Option<String> {
    std::env::var(format!("WORKER_{name}")).ok()
}

fn number(name: &str) -> u32 {
    setting(name).unwrap().parse().unwrap()
}

#[tokio::test]
#[ignore = "needs redis-server: the other tests start it"]
async fn process() {
    let Some(url) = setting("REDIS") else {
        return;
    };
    let plan = Plan {
        requests: number("REQUESTS"),
        window: Duration::from_millis(number("WINDOW").into()),
        processes: number("PROCESSES"),
    };
    let server = u16::try_from(number("SERVER")).unwrap();
    let shared = RedisQuota::new(&url, "test", plan.quota(), plan.processes).unwrap();
    let layer = RollingRateLimitLayer::shared(shared).max_wait(MAX_WAIT);
    let client = layer.layer(service_fn(move |_: Request<()>| send(server)));
    let mut callers = JoinSet::new();
    for _ in 0..plan.requests {
        let client = client.clone();
        callers.spawn(async move {
            loop {
                let call = client.clone().oneshot(Request::new(()));
                let start = Instant::now();
                let outcome = call.await;
                // The wait alone: what the server takes is its own affair.
                let end = outcome
                    .as_ref()
                    .map_or_else(|_| Instant::now(), |sent| *sent.body());
                let waited = end - start;
                assert!(waited < MAX_WAIT + SLACK, "{waited:?}: {outcome:?}");
                if let Err(error) = outcome {
                    let refusal: &RateLimitError = error.downcast_ref().unwrap();
                    assert!(refusal.retry_after().is_some());
                    sleep(Duration::from_millis(50)).await;
                }
            }
        });
    }
    let stopped = spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        stopped = stopped => drop(stopped.unwrap().unwrap()),
        failed = callers.join_next() => panic!("{failed:?}"),
    }
    // A request that is cut off here may be one that has not been written yet.
    std::process::exit(0);
}

/// Returns when it was sent.
async fn send(port: u16) -> Result<Response<Instant>, BoxError> {
    let start = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(&[0]).await?;
    stream.read_exact(&mut [0]).await?;
    Ok(Response::new(start))
}
