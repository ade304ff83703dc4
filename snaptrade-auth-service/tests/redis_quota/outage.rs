//! What happens when Redis goes, hangs, or comes back empty.
//!
//! In all of them, no caller waits longer than it would: the workers fail otherwise.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::arrivals::Arrivals;
use crate::redis::Redis;
use crate::worker::{Plan, Workers};

const PLAN: Plan = Plan {
    requests: 40,
    window: Duration::from_secs(2),
    processes: 4,
};
/// A margin and a window, and a little.
const SETTLED: Duration = Duration::from_millis(2_510);
/// For so long at least nobody starts, counted from when this process sees what happened, which may be late.
const STILL: Duration = Duration::from_millis(2_400);
/// A call's deadline, the time to ask again, and what a busy machine may take.
const NOTICED: Duration = Duration::from_millis(1_750);

fn start() -> (Redis, Arrivals, Workers) {
    let redis = Redis::start();
    let arrivals = Arrivals::listen(Duration::from_millis(20));
    let workers = PLAN.start(&redis, &arrivals);
    sleep(Duration::from_secs(5));
    assert!(arrivals.times().len() >= 80, "{}", arrivals.times().len());
    (redis, arrivals, workers)
}

fn finish(arrivals: &Arrivals, workers: Workers) {
    workers.finish();
    let most = arrivals.most_in(PLAN.window);
    println!("{} requests, {most} at most in 2 s", arrivals.times().len());
    assert!(most <= 40, "{most}");
}

fn wait_until(time: Instant) {
    sleep(time.saturating_duration_since(Instant::now()));
}

/// All stand still, and then each uses its share: ten.
fn expect_shares(arrivals: &Arrivals, lost: Instant) {
    let shares = lost + NOTICED + SETTLED;
    wait_until(shares + 3 * PLAN.window);
    let still = arrivals.between(lost + PLAN.window, lost + STILL);
    assert_eq!(still, 0, "all stand still at first");
    let shared = arrivals.between(shares, shares + 3 * PLAN.window);
    assert!(
        (80..=160).contains(&shared),
        "{shared} in three windows of 40"
    );
}

fn expect_recovery(arrivals: &Arrivals, back: Instant) {
    let again = back + NOTICED + SETTLED;
    wait_until(again + 3 * PLAN.window);
    let used = arrivals.between(again, again + 3 * PLAN.window);
    assert!(used >= 80, "{used} in three windows of 40");
}

#[test]
#[ignore = "needs redis-server"]
fn killed_and_back_empty_later() {
    let (mut redis, arrivals, workers) = start();
    redis.kill();
    expect_shares(&arrivals, Instant::now());
    redis.restart_empty();
    let back = Instant::now();
    expect_recovery(&arrivals, back);
    let still = arrivals.between(back + NOTICED, back + STILL);
    assert_eq!(still, 0, "what the shares used has to pass first");
    finish(&arrivals, workers);
}

#[test]
#[ignore = "needs redis-server"]
fn killed_and_back_empty_at_once() {
    let (mut redis, arrivals, workers) = start();
    redis.kill();
    redis.restart_empty();
    let back = Instant::now();
    expect_recovery(&arrivals, back);
    let still = arrivals.between(back + NOTICED, back + STILL);
    assert_eq!(still, 0, "what was granted before has to pass first");
    finish(&arrivals, workers);
}

#[test]
#[ignore = "needs redis-server"]
fn hung_for_long() {
    let (redis, arrivals, workers) = start();
    redis.stop();
    expect_shares(&arrivals, Instant::now());
    redis.go_on();
    let back = Instant::now();
    expect_recovery(&arrivals, back);
    let still = arrivals.between(back + NOTICED, back + STILL);
    assert_eq!(still, 0, "what the shares used has to pass first");
    finish(&arrivals, workers);
}

#[test]
#[ignore = "needs redis-server"]
fn hung_for_a_moment() {
    let (redis, arrivals, workers) = start();
    redis.stop();
    sleep(Duration::from_millis(1_000));
    redis.go_on();
    let back = Instant::now();
    wait_until(back + NOTICED + 3 * PLAN.window);
    let used = arrivals.between(back, back + NOTICED + 3 * PLAN.window);
    assert!(used >= 100, "it goes on where it was: {used}");
    finish(&arrivals, workers);
}
