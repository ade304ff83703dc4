//! Two threads against one.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;

use crate::corpus::Case;
use crate::service::{call, signed};

const ROUNDS: usize = 41;

const CALLS: u32 = 10_000;

/// How many calls a second two threads make against one, through clones of one layer: the fastest rounds of both.
///
/// Not the median: a machine whose cores are slowed by others, now one and now the other, has a median of that. What two
/// threads do to each other they do in every round.
pub(super) fn two_against_one(case: &Case) -> f64 {
    let fastest = |count| {
        let rounds = (0..ROUNDS).map(|_| together(count, case).as_secs_f64());
        rounds.fold(f64::INFINITY, f64::min)
    };
    2.0 * fastest(1) / fastest(2)
}

/// How long each of `count` threads takes for its calls, on average. They start together.
fn together(count: u32, case: &Case) -> Duration {
    let service = signed();
    let barrier = Barrier::new(count as usize);
    let work = || {
        let mut service = service.clone();
        let requests = case.requests();
        barrier.wait();
        let start = Instant::now();
        for _ in 0..CALLS {
            call(&mut service, requests.make::<Full<Bytes>>());
        }
        start.elapsed()
    };
    let total: Duration = thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        let times = threads.into_iter();
        times
            .map(|thread| thread.join().expect("it does not panic"))
            .sum()
    });
    total / count
}
