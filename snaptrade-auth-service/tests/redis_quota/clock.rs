//! The wall clock of Redis steps, forward and back, as after a correction or a failover.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::arrivals::Arrivals;
use crate::redis::Redis;
use crate::worker::Plan;

const PLAN: Plan = Plan {
    requests: 40,
    window: Duration::from_secs(2),
    processes: 4,
};

/// Sets the clock to one value after the other, each for a while, under more load than the quota has.
fn step(ahead: &[i64], each: Duration) {
    let redis = Redis::start_with_clock();
    let arrivals = Arrivals::listen(Duration::from_millis(20));
    let workers = PLAN.start(&redis, &arrivals);
    sleep(Duration::from_secs(5));
    let mut steps = Vec::new();
    for &ahead in ahead {
        redis.set_clock(ahead);
        let start = Instant::now();
        sleep(each);
        steps.push((ahead, start, Instant::now()));
    }
    workers.finish();
    let most = arrivals.most_in(PLAN.window);
    println!("{} requests, {most} at most in 2 s", arrivals.times().len());
    for (ahead, start, end) in steps {
        let used = arrivals.between(start, end);
        let quota = 40.0 * each.as_secs_f64() / PLAN.window.as_secs_f64();
        println!("{ahead:+} s: {used} requests of {quota}");
        // Nobody stands still, be it for the clock or for caution.
        assert!(
            f64::from(u32::try_from(used).unwrap()) > 0.6 * quota,
            "{used}"
        );
    }
    assert!(most <= 40, "{most}");
}

#[test]
#[ignore = "needs redis-server"]
fn forward_and_back_at_once() {
    step(&[30, 0, 3_600, 0], Duration::from_secs(6));
}

#[test]
#[ignore = "needs redis-server"]
fn a_little_and_again() {
    step(
        &[1, 2, 3, 2, 1, 0, -1, -2, -5, -6, 0, 5],
        Duration::from_millis(2_500),
    );
}

#[test]
#[ignore = "needs redis-server"]
fn back_and_further_back() {
    step(&[-5, -3_600, -86_400], Duration::from_secs(6));
}

/// What a process that ended held comes free by the clocks of the others: not before, whatever Redis takes the time for,
/// and not long after.
#[test]
#[ignore = "needs redis-server"]
fn a_process_ends_and_the_clock_steps() {
    // A window, a margin, two beats and a call's deadline, and what a busy machine may take.
    let silent = PLAN.window + Duration::from_millis(500 + 10_250 + 1_500);
    let redis = Redis::start_with_clock();
    let arrivals = Arrivals::listen(Duration::from_millis(20));
    let mut workers = PLAN.start(&redis, &arrivals);
    sleep(Duration::from_secs(5));
    redis.set_clock(3_600);
    workers.kill_one();
    sleep(silent);
    let freed = Instant::now();
    sleep(3 * PLAN.window);
    let used = arrivals.between(freed, Instant::now());
    workers.finish();
    let most = arrivals.most_in(PLAN.window);
    assert!(most <= 40, "{most}");
    assert!((80..=160).contains(&used), "{used} in three windows of 40");
}
