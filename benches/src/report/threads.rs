//! Two threads against one.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;

use crate::corpus::{self, Case};
use crate::limit::Midstates;
use crate::service::{call, signed};

/// How often one and two threads take turns, and how many rounds a turn has.
const TURNS: usize = 8;
const ROUNDS: usize = 21;

const CALLS: u32 = 10_000;

/// How many calls a second two threads make against one, through clones of one layer.
pub(super) fn two_against_one(case: &Case) -> f64 {
    let service = signed();
    measure(|| {
        let mut service = service.clone();
        let requests = case.requests();
        move || {
            call(&mut service, requests.make::<Full<Bytes>>());
        }
    })
}

/// The same of the hash alone, from a key and a text of each thread's own: what the machine's two cores give to a
/// program that shares nothing at all.
pub(super) fn two_against_one_of_the_hash(case: &Case) -> f64 {
    measure(|| {
        let (h, text) = (Midstates::new(corpus::CONSUMER_KEY), case.canonical());
        move || {
            black_box(h.mac(black_box(text.as_bytes())));
        }
    })
}

/// What a tenth of the rounds stays below is compared.
///
/// Not the median: a machine whose cores are slowed by others, now one and now the other, has a median of that. What two
/// threads do to each other they do in every round.
fn measure<F: FnMut()>(work: impl Fn() -> F + Sync) -> f64 {
    let mut rounds = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (rounds, count) in rounds.iter_mut().zip(1..) {
            rounds.extend(together(count, &work));
        }
    }
    let [one, two] = rounds.map(|mut rounds| {
        rounds.sort();
        rounds[rounds.len() / 10].as_secs_f64()
    });
    2.0 * one / two
}

/// How long each of `count` threads takes for each round.
///
/// The threads stay from round to round, as those of a program do: a new one first takes its pages from the system, all
/// of them at one lock.
fn together<F: FnMut()>(count: usize, work: &(impl Fn() -> F + Sync)) -> Vec<Duration> {
    let barrier = Barrier::new(count);
    let thread = || {
        let mut call = work();
        let round = |_| {
            barrier.wait();
            let start = Instant::now();
            for _ in 0..CALLS {
                call();
            }
            start.elapsed()
        };
        (0..ROUNDS).map(round).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(thread)).collect();
        let rounds = threads.into_iter();
        rounds
            .flat_map(|thread| thread.join().expect("it does not panic"))
            .collect()
    })
}
