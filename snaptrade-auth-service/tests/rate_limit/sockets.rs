//! Beside the sandbox's own limit, over sockets and in real time: who is throttled?

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use snaptrade_auth_service::rate_limit::Quota;
use snaptrade_auth_service::sandbox::{Fault, Point, Sandbox, SandboxServer};
use snaptrade_auth_service::{BaseUrl, RollingRateLimitLayer};
use snaptrade_signing::{BoxError, SignRequest, SignRequestLayer};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tower::limit::RateLimit;
use tower::limit::rate::Rate;
use tower::{Layer, Service, ServiceExt};

const REQUESTS: u32 = 40;
const WINDOW: Duration = Duration::from_secs(1);
const WINDOWS: u32 = 4;
/// How late the first burst is counted.
const LATE: Duration = Duration::from_millis(900);

type Http = SignRequest<Client<HttpConnector, Full<Bytes>>>;

/// Where requests go, and what came of them.
#[derive(Clone)]
struct Target {
    http: Http,
    base_url: BaseUrl,
    answers: Arc<[AtomicU32; 2]>,
}

impl Target {
    /// A sandbox of its own, that keeps the first burst waiting if it is to.
    async fn new(late: bool) -> (Self, Sandbox, SandboxServer) {
        let sandbox = Sandbox::new();
        sandbox.set_rate_limit(REQUESTS, WINDOW);
        if late {
            let delay = Fault::Delay(Point::BeforeCommit, LATE);
            let burst = usize::try_from(REQUESTS).unwrap();
            sandbox.faults().next_n(burst, delay);
        }
        let server = sandbox.serve("127.0.0.1:0").await.unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let http = SignRequestLayer::new(Sandbox::credentials().unwrap()).layer(client);
        let target = Self {
            http,
            base_url: BaseUrl::parse(&server.base_url().to_string()).unwrap(),
            answers: Arc::default(),
        };
        (target, sandbox, server)
    }

    fn request(&self) -> Request<Full<Bytes>> {
        let uri = format!("{}/snapTrade/listUsers", self.base_url);
        Request::get(uri).body(Full::default()).unwrap()
    }

    async fn count(&self, answer: Result<Response<Incoming>, BoxError>) {
        let answer = answer.unwrap();
        let status = answer.status();
        answer.into_body().collect().await.unwrap();
        let throttled = match status {
            StatusCode::OK => 0,
            StatusCode::TOO_MANY_REQUESTS => 1,
            other => panic!("the sandbox answered {other}"),
        };
        self.answers[throttled].fetch_add(1, Ordering::Relaxed);
    }

    fn answered(&self) -> (u32, u32) {
        let [fine, throttled] = &*self.answers;
        (
            fine.load(Ordering::Relaxed),
            throttled.load(Ordering::Relaxed),
        )
    }
}

async fn fixed_window(target: Target) {
    let mut client = RateLimit::new(target.http.clone(), Rate::new(REQUESTS.into(), WINDOW));
    let end = Instant::now() + WINDOW * WINDOWS;
    let mut flying = JoinSet::new();
    loop {
        client.ready().await.unwrap();
        if Instant::now() >= end {
            break;
        }
        let (answer, target) = (client.call(target.request()), target.clone());
        flying.spawn(async move {
            target.count(answer.await).await;
        });
    }
    flying.join_all().await;
}

async fn token_bucket(target: Target) {
    let start = Instant::now();
    let mut flying = JoinSet::new();
    for number in 0..REQUESTS * WINDOWS {
        let refills = number.saturating_sub(REQUESTS - 1);
        sleep_until(start + WINDOW / REQUESTS * refills).await;
        let target = target.clone();
        flying.spawn(async move {
            target
                .count(target.http.clone().oneshot(target.request()).await)
                .await;
        });
    }
    flying.join_all().await;
}

async fn rolling_log(target: Target) {
    let quota = Quota::builder().requests(REQUESTS).window(WINDOW);
    let quota = quota.margin(Duration::from_millis(100)).build().unwrap();
    let client = RollingRateLimitLayer::new(quota).layer(target.http.clone());
    let mut flying = JoinSet::new();
    for _ in 0..REQUESTS * WINDOWS {
        let (client, target) = (client.clone(), target.clone());
        flying.spawn(async move {
            target.count(client.oneshot(target.request()).await).await;
        });
    }
    flying.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_throttled_by_the_sandbox_but_others_limiters_are() {
    println!(
        "| | without latency: fine / 429 | first burst 0.9 s late: fine / 429 |\n|---|---|---|"
    );
    let mut throttled = Vec::new();
    for name in ["tower's `RateLimit`", "token bucket", "rolling log"] {
        let mut row = Vec::new();
        for late in [false, true] {
            let (target, sandbox, server) = Target::new(late).await;
            match name {
                "tower's `RateLimit`" => fixed_window(target.clone()).await,
                "token bucket" => token_bucket(target.clone()).await,
                _ => rolling_log(target.clone()).await,
            }
            assert_eq!(sandbox.faults().waiting(), 0, "the burst came late");
            row.push(target.answered());
            server.shutdown().await;
        }
        let [(fine, none), (late_fine, late_none)] = row[..] else {
            panic!("two runs a row");
        };
        println!("| {name} | {fine} / {none} | {late_fine} / {late_none} |");
        throttled.push((name, none, late_none, fine, late_fine));
    }
    let (_, none, late_none, fine, late_fine) = throttled[2];
    assert_eq!((none, late_none), (0, 0), "the log keeps the promise");
    assert_eq!(
        (fine, late_fine),
        (REQUESTS * WINDOWS, REQUESTS * WINDOWS),
        "nothing is lost"
    );
    for (name, _, late_none, ..) in &throttled[..2] {
        assert!(*late_none > REQUESTS / 4, "{name}: {late_none}");
    }
}
