//! What others do: tower's `RateLimit`, a fixed window, and a token bucket of the same rate.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use tower::limit::RateLimit;
use tower::limit::rate::Rate;
use tower::{Service, ServiceExt};

use crate::load::{self, random, slow_first_burst};
use crate::server::{Journey, MINUTE, Server, request};

const REQUESTS: u32 = 250;

async fn fixed_window(journey: &dyn Fn(usize) -> Journey) -> Server {
    let server = Server::default();
    let mut client = RateLimit::new(server.clone(), Rate::new(REQUESTS.into(), MINUTE));
    let end = Instant::now() + 30 * MINUTE;
    for number in 0..10_000 {
        client.ready().await.unwrap();
        if Instant::now() >= end {
            break;
        }
        tokio::spawn(client.call(request(number, journey(number))));
    }
    settle().await;
    server
}

async fn token_bucket(journey: &dyn Fn(usize) -> Journey) -> Server {
    let mut server = Server::default();
    let start = Instant::now();
    let refill = MINUTE / REQUESTS;
    for number in 0..10_000 {
        // The bucket is full at the start, and then has a new token every 0.24 seconds.
        let further = u32::try_from(number).unwrap().saturating_sub(REQUESTS - 1);
        let turn = start + refill * further;
        if turn >= start + 30 * MINUTE {
            break;
        }
        sleep_until(turn).await;
        tokio::spawn(server.call(request(number, journey(number))));
    }
    settle().await;
    server
}

/// Lets the last ones arrive.
async fn settle() {
    sleep(2 * MINUTE).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_log_keeps_the_promise() {
    type Plan = Box<dyn Fn(usize) -> Journey>;
    let plans: [(&str, Plan); 3] = [
        ("no latency", Box::new(|_| Journey::default())),
        (
            "latencies up to 10 s",
            Box::new(random(Duration::from_secs(5))),
        ),
        ("a first burst of 55 s", Box::new(slow_first_burst)),
    ];
    println!("| | most in a minute | in all |\n|---|---|---|");
    let mut most = Vec::new();
    for (name, plan) in &plans {
        let servers = [
            ("tower's `RateLimit`", fixed_window(plan).await),
            ("token bucket", token_bucket(plan).await),
            ("rolling log", load::run(plan).await),
        ];
        for (limiter, server) in &servers {
            let (peak, all) = (server.most_in_under_a_minute(), server.arrivals().len());
            println!("| {limiter}, {name} | {peak} | {all} |");
        }
        let [fixed, bucket, log] = servers.map(|(_, server)| server.most_in_under_a_minute());
        assert!(log <= 250);
        most.push((fixed, bucket));
    }
    let (fixed, bucket): (Vec<_>, Vec<_>) = most.into_iter().unzip();
    assert!(fixed.iter().max() > Some(&450), "{fixed:?}");
    assert!(bucket.iter().max() > Some(&450), "{bucket:?}");
}
