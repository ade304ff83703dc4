//! Two threads against one.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::Full;

use crate::corpus::{self, Case};
use crate::limit::Midstates;
use crate::rounds::Measured;
use crate::service::{call, signed};

/// How many rounds a pass has, and how many calls a turn.
const ROUNDS: usize = 101;
const CALLS: u32 = 5_000;

/// What tells whether others were at work: the hash, from a key and a text of each thread's own, is slowed by nothing
/// that a program does to itself.
pub(super) const CONTROLS: [&str; 2] = ["hash, one thread", "hash, slower thread"];

/// Nanoseconds a call of one thread, and of two at once, through clones of one layer; and of the hash alone, which is
/// what the machine gives to a program that shares nothing at all.
pub(super) fn measure(case: &Case) -> Measured {
    let (service, barrier) = (signed(), Barrier::new(2));
    let work = |first: bool| {
        let (mut service, requests) = (service.clone(), case.requests());
        let (h, text) = (Midstates::new(corpus::CONSUMER_KEY), case.canonical());
        let mut hash = || {
            black_box(h.mac(black_box(text.as_bytes())));
        };
        let mut layer = || {
            call(&mut service, requests.make::<Full<Bytes>>());
        };
        // The threads stay from round to round, as those of a program do: a new one first takes its pages from the
        // system, all of them at one lock.
        let round = |_| {
            [
                turn(&barrier, first, &mut hash),
                turn(&barrier, true, &mut hash),
                turn(&barrier, first, &mut layer),
                turn(&barrier, true, &mut layer),
            ]
        };
        (0..ROUNDS).map(round).collect::<Vec<_>>()
    };
    let [first, second] = thread::scope(|scope| {
        let threads = [true, false].map(|first| scope.spawn(move || work(first)));
        threads.map(|thread| thread.join().expect("it does not panic"))
    });
    let rounds = || first.iter().zip(&second);
    let one = |at: usize| rounds().map(|(first, _)| first[at]).collect();
    // Of two threads a call takes as long as their calls a second together say.
    let two = |at: usize| {
        let calls = rounds().map(|(first, second)| 1.0 / first[at] + 1.0 / second[at]);
        calls.map(f64::recip).collect()
    };
    let slower = rounds().map(|(first, second)| first[1].max(second[1]));
    Measured::new(vec![
        ("hash, one thread".into(), one(0)),
        ("hash, two threads".into(), two(1)),
        ("hash, slower thread".into(), slower.collect()),
        ("layer, one thread".into(), one(2)),
        ("layer, two threads".into(), two(3)),
    ])
}

/// Waits for the other thread, and takes its turn or leaves it to the other; nanoseconds a call.
fn turn(barrier: &Barrier, mine: bool, call: &mut impl FnMut()) -> f64 {
    barrier.wait();
    if !mine {
        return f64::NAN;
    }
    let start = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}
