//! Two threads against one.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;

use crate::corpus::Case;
use crate::rounds::median;
use crate::service::{call, signed};

const ROUNDS: usize = 41;

const CALLS: u32 = 10_000;

/// How many calls a second two threads make against one, through clones of one layer: the median of the rounds.
pub(super) fn two_against_one(case: &Case) -> f64 {
    let ratios = (0..ROUNDS).map(|_| {
        let one = together(1, case);
        let two = together(2, case);
        2.0 * one.as_secs_f64() / two.as_secs_f64()
    });
    median(ratios.collect())
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
