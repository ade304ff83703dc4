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

/// How many rounds a pass has.
const ROUNDS: usize = 101;

/// How many calls a turn has: so few that it mostly ends before the system gives the core to another program.
const CALLS: u32 = 1_000;

/// How many calls come before a turn.
const WARMING: u32 = 200;

/// Nanoseconds a call of one thread, and of two at once, through clones of one layer; and of the hash alone, which is
/// what the machine gives to a program that shares nothing at all.
///
/// Each of the two threads also works alone, and what one thread does is the mean of both: a core that others slow is slow
/// in both, and their ratio is the same. So no round is left out.
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
                turn(&barrier, !first, &mut hash),
                turn(&barrier, true, &mut hash),
                turn(&barrier, first, &mut layer),
                turn(&barrier, !first, &mut layer),
                turn(&barrier, true, &mut layer),
            ]
        };
        (0..ROUNDS).map(round).collect::<Vec<_>>()
    };
    let [first, second] = thread::scope(|scope| {
        let threads = [true, false].map(|first| scope.spawn(move || work(first)));
        threads.map(|thread| thread.join().expect("it does not panic"))
    });
    // Of two threads a call takes as long as their calls a second together say.
    let together = |first: f64, second: f64| (first.recip() + second.recip()).recip();
    let rounds = || first.iter().zip(&second);
    let one = |at: usize| {
        let rounds = rounds().map(|(first, second)| 2.0 * together(first[at], second[at + 1]));
        rounds.collect()
    };
    let two = |at: usize| {
        let rounds = rounds().map(|(first, second)| together(first[at], second[at]));
        rounds.collect()
    };
    Measured::new(vec![
        ("hash, one thread".into(), one(0)),
        ("hash, two threads".into(), two(2)),
        ("layer, one thread".into(), one(3)),
        ("layer, two threads".into(), two(5)),
    ])
}

/// Waits for the other thread, and takes its turn or leaves it to the other; nanoseconds a call.
///
/// A few calls come before: a turn would else begin with what the one before it left in the caches, and only half of the
/// turns of two threads follow one of the same kind.
fn turn(barrier: &Barrier, mine: bool, call: &mut impl FnMut()) -> f64 {
    let mut calls = |count| {
        for _ in 0..count {
            call();
        }
    };
    if mine {
        calls(WARMING);
    }
    barrier.wait();
    if !mine {
        return f64::NAN;
    }
    let start = Instant::now();
    calls(CALLS);
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}
