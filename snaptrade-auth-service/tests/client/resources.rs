//! What is left of calls that their callers have left, and of runtimes that have gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{Fault, LogEntry, Point};
use snaptrade_auth_service::secret_sink::{MemorySecretSink, SecretSinkLayer};
use snaptrade_auth_service::{Quota, RollingRateLimitLayer};
use snaptrade_signing::BoxError;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::service_fn;

use crate::common::{client, connections, serve, speaking};

#[tokio::test(start_paused = true)]
async fn ten_thousand_cancelled_calls_leave_nothing() {
    let held = Arc::new(());
    let witness = held.clone();
    let stuck = service_fn(move |_: Request<Full<Bytes>>| {
        let held = held.clone();
        async move {
            std::future::pending::<()>().await;
            drop(held);
            Ok::<Response<Full<Bytes>>, BoxError>(Response::default())
        }
    });
    let limit = RollingRateLimitLayer::new(Quota::default());
    let sink = SecretSinkLayer::new(MemorySecretSink::new());
    let snaptrade = client("https://api.snaptrade.com")
        .http_service(stuck)
        .rate_limit(limit.clone())
        .secret_sink(sink.clone())
        .build()
        .unwrap();
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = (alive(), Arc::strong_count(&witness));
    let mut calls = JoinSet::new();
    for number in 0..10_000 {
        let snaptrade = snaptrade.clone();
        calls.spawn(async move {
            let wait = Duration::from_millis(number % 100);
            if number % 10 == 0 {
                let user = format!("user{}", number % 500);
                drop(timeout(wait, snaptrade.send(RegisterUser::new(user))).await);
            } else {
                drop(timeout(wait, snaptrade.send(ListUsers::new())).await);
            }
        });
    }
    calls.join_all().await;
    assert_eq!(limit.waiting(), 0);
    // What was sent goes on until the hard cap, as it may have run.
    let left = sink.drain(Duration::from_secs(3_600)).await;
    assert!(left.is_clean(), "{left:?}");
    // The driver of the queue looks once more.
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!((alive(), Arc::strong_count(&witness)), before);
    assert_eq!(limit.in_use(), 0);
}

/// Counts the connections that are open, before a sandbox.
async fn counting(upstream: std::net::SocketAddr) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let open = Arc::new(AtomicUsize::new(0));
    let counted = open.clone();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let open = counted.clone();
            open.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut upstream = TcpStream::connect(upstream).await.unwrap();
                let _ = copy_bidirectional(&mut tcp, &mut upstream).await;
                open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    (url, open)
}

#[tokio::test]
async fn connections_of_cancelled_calls() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        let (url, open) = counting(server.addr()).await;
        let snaptrade = speaking(http2, client(&url));
        snaptrade.send(ListUsers::new()).await.unwrap();
        sandbox
            .faults()
            .when(|_| Some(Fault::Stall(Point::BeforeCommit)));
        let mut calls = JoinSet::new();
        for number in 0..100 {
            let snaptrade = snaptrade.clone();
            calls.spawn(async move {
                let wait = Duration::from_millis(100);
                if number % 10 == 0 {
                    let user = format!("user{number}");
                    drop(timeout(wait, snaptrade.send(RegisterUser::new(user))).await);
                } else {
                    drop(timeout(wait, snaptrade.send(ListUsers::new())).await);
                }
            });
        }
        calls.join_all().await;
        sandbox.faults().clear();
        snaptrade.send(ListUsers::new()).await.unwrap();
        snaptrade.send(RegisterUser::new("jane")).await.unwrap();
        if http2 {
            // A cancelled stream is reset, and its connection goes on.
            let pooled: Vec<_> = sandbox
                .log()
                .iter()
                .filter(|entry| entry.path().ends_with("listUsers"))
                .map(LogEntry::connection)
                .collect();
            assert!(pooled.iter().all(|on| *on == Some(0)), "{pooled:?}");
        }
        // The fresh ones close by themselves; one or none is left in the pool.
        let closed = async {
            while open.load(Ordering::Relaxed) > 1 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let closed = timeout(Duration::from_secs(3), closed).await;
        assert!(closed.is_ok(), "{open:?} are open, http2: {http2}");
        drop(snaptrade);
        let closed = async {
            while open.load(Ordering::Relaxed) > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let closed = timeout(Duration::from_secs(10), closed).await;
        assert!(closed.is_ok(), "{open:?} are open, http2: {http2}");
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Each brings its own connections; those of one that has gone are not used.
#[test]
fn one_client_in_many_runtimes() {
    for http2 in [false, true] {
        let serving = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (sandbox, server) = serving.block_on(serve());
        let snaptrade = speaking(http2, client(&server.base_url()));
        for round in 0..5 {
            let listed = runtime().block_on(snaptrade.send(ListUsers::new()));
            assert!(listed.unwrap().attempts() <= 2, "round {round}");
            let user = RegisterUser::new(format!("user{round}"));
            runtime().block_on(snaptrade.send(user)).unwrap();
        }
        // And at the same time.
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let snaptrade = snaptrade.clone();
                std::thread::spawn(move || {
                    runtime().block_on(async {
                        for _ in 0..20 {
                            snaptrade.send(ListUsers::new()).await.unwrap();
                        }
                    });
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(sandbox.users().len(), 5);
        assert!(connections(&sandbox).len() >= 90);
    }
}

/// A runtime that is idle, and not dropped, keeps its connection to itself: nobody waits for it to be driven.
#[test]
fn a_call_does_not_depend_on_an_idle_runtime() {
    for http2 in [false, true] {
        let serving = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (sandbox, server) = serving.block_on(serve());
        let snaptrade = speaking(http2, client(&server.base_url()));
        let (idle, busy) = (runtime(), runtime());
        idle.block_on(snaptrade.send(ListUsers::new())).unwrap();
        busy.block_on(async {
            for _ in 0..3 {
                let call = snaptrade.send(ListUsers::new());
                let listed = timeout(Duration::from_secs(10), call).await;
                let listed = listed.expect("the runtime is awake").unwrap();
                assert_eq!(listed.attempts(), 1);
            }
        });
        assert_eq!(connections(&sandbox), [0, 1, 1, 1], "http2: {http2}");
        // Back where it came from, with the connection that is there.
        let listed = idle.block_on(snaptrade.send(ListUsers::new())).unwrap();
        assert_eq!(listed.attempts(), 1);
        assert_eq!(connections(&sandbox)[4], 0, "http2: {http2}");
    }
}
