//! Several processes, one quota: `cargo run -p examples --example shared_quota`.
//!
//! Four processes send as fast as they may, on a quota of 50 requests in any two seconds that Redis keeps for them. The
//! server counts what arrives, and never sees more. It needs a Redis or a Valkey: `REDIS_URL`, or `redis-server` in the
//! path, of which it starts one for itself.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use http::{Request, Response};
use snaptrade_auth_service::RollingRateLimitLayer;
use snaptrade_auth_service::rate_limit::{Quota, RedisQuota};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tower::{Layer, ServiceExt, service_fn};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

const PROCESSES: u8 = 4;
const REQUESTS: u32 = 50;
const WINDOW: Duration = Duration::from_secs(2);
const RUN: Duration = Duration::from_secs(11);

const NO_REDIS: &str =
    "This example needs a Redis or a Valkey. Install one so that `redis-server` is in the path
(Debian: apt install redis-server; macOS: brew install redis), or set REDIS_URL=redis://host:port/";

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // The processes are this program, started again.
    if let [_, redis, server, number] = &*std::env::args().collect::<Vec<_>>() {
        return send_all(redis, server, number.parse()?).await;
    }
    let Some((_redis, url)) = find_redis().await? else {
        println!("{NO_REDIS}");
        return Ok(());
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let server = listener.local_addr()?.to_string();
    let children: Vec<_> = (0..PROCESSES)
        .map(|number| {
            let program = std::env::current_exe()?;
            let number = number.to_string();
            let child = Command::new(program)
                .args([&url, &server, &number])
                .spawn()?;
            Ok(Killed(child))
        })
        .collect::<Result<_, std::io::Error>>()?;
    println!("{PROCESSES} processes on a quota of {REQUESTS} requests in any {WINDOW:?}:");
    let arrivals = serve(listener).await?;
    drop(children);

    for number in 0..PROCESSES {
        let count = arrivals.iter().filter(|&&(_, from)| from == number).count();
        println!("  process {number} sent {count}");
    }
    println!(
        "{} in all, in {RUN:?}; {} at most in any {WINDOW:?}",
        arrivals.len(),
        most(&arrivals)
    );
    Ok(())
}

/// One of the processes: it always wants more than it may send.
async fn send_all(redis: &str, server: &str, number: u8) -> Result<(), BoxError> {
    let quota = Quota::builder().requests(REQUESTS).window(WINDOW).build()?;
    // All processes give the same key and the same settings.
    let shared = RedisQuota::new(redis, "example:shared_quota", quota, PROCESSES.into())?;
    let server: SocketAddr = server.parse()?;
    // In a service of yours, the layer goes onto what signs and sends.
    let client = service_fn(move |_: Request<()>| send(server, number));
    let client = RollingRateLimitLayer::shared(shared).layer(client);
    let mut callers = JoinSet::new();
    for _ in 0..REQUESTS {
        let client = client.clone();
        callers.spawn(async move {
            loop {
                if let Err(error) = client.clone().oneshot(Request::new(())).await {
                    return error;
                }
            }
        });
    }
    // They go on until the server is gone, or this process is ended.
    match callers.join_next().await {
        Some(failed) => Err(failed?),
        None => Ok(()),
    }
}

async fn send(server: SocketAddr, number: u8) -> Result<Response<()>, BoxError> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_u8(number).await?;
    stream.read_u8().await?;
    Ok(Response::new(()))
}

/// Writes down when a request arrives, and from where.
async fn serve(listener: TcpListener) -> Result<Vec<(Instant, u8)>, BoxError> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let number = stream.read_u8().await?;
                let _ = tell.send((Instant::now(), number));
                stream.write_u8(number).await
            });
        }
    });
    sleep_until(Instant::now() + RUN).await;
    server.abort();
    let mut arrivals = Vec::new();
    while let Ok(arrival) = told.try_recv() {
        arrivals.push(arrival);
    }
    Ok(arrivals)
}

/// The most in any trailing window.
fn most(arrivals: &[(Instant, u8)]) -> usize {
    let counts = arrivals.iter().map(|&(end, _)| {
        let window = |&&(at, _): &&(Instant, u8)| at <= end && end - at <= WINDOW;
        arrivals.iter().filter(window).count()
    });
    counts.max().unwrap_or(0)
}

/// The Redis that is configured, or one that is started here.
async fn find_redis() -> Result<Option<(Option<Killed>, String)>, BoxError> {
    if let Ok(url) = std::env::var("REDIS_URL") {
        return Ok(Some((None, url)));
    }
    let free = StdListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = free.local_addr()?.port();
    drop(free);
    let server = Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ])
        .stdout(Stdio::null())
        .spawn();
    let server = match server {
        Ok(server) => Killed(server),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    for _ in 0..100 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_ok()
        {
            return Ok(Some((Some(server), format!("redis://127.0.0.1:{port}/"))));
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err("redis-server was started, but does not listen".into())
}

/// Ends with this program.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
