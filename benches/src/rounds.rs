//! Measuring on a shared machine: cases take turns, and only ratios within one round count.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a case runs each time it has its turn.
const TURN: Duration = Duration::from_micros(400);

/// Cases that are measured in turns.
#[derive(Default)]
pub struct Rounds<'a> {
    cases: Vec<Case<'a>>,
}

impl fmt::Debug for Rounds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.cases.iter().map(|case| &case.name);
        f.debug_list().entries(names).finish()
    }
}

struct Case<'a> {
    name: String,
    run: Box<dyn FnMut(u32) + 'a>,
    /// Nanoseconds a call, round by round.
    nanos: Vec<f64>,
}

impl<'a> Rounds<'a> {
    /// Adds a case.
    pub fn add<T>(&mut self, name: impl Into<String>, mut call: impl FnMut() -> T + 'a) {
        self.cases.push(Case {
            name: name.into(),
            run: Box::new(move |calls| {
                for _ in 0..calls {
                    black_box(call());
                }
            }),
            nanos: Vec::new(),
        });
    }

    /// Gives each case so many turns, one after the other.
    #[must_use]
    pub fn run(mut self, rounds: usize) -> Measured {
        let calls: Vec<u32> = self.cases.iter_mut().map(calls_a_turn).collect();
        for _ in 0..rounds {
            for (case, &calls) in self.cases.iter_mut().zip(&calls) {
                case.nanos.push(nanos_a_call(case.run.as_mut(), calls));
            }
        }
        let cases = self.cases.into_iter();
        Measured(cases.map(|case| (case.name, case.nanos)).collect())
    }
}

fn calls_a_turn(case: &mut Case<'_>) -> u32 {
    let mut calls = 1;
    loop {
        let nanos = nanos_a_call(case.run.as_mut(), calls);
        let wanted = TURN.as_nanos() as f64 / nanos;
        if wanted <= 2.0 * f64::from(calls) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most twice `calls`"
            )]
            return (wanted as u32).max(1);
        }
        calls *= 2;
    }
}

fn nanos_a_call(run: &mut (dyn FnMut(u32) + '_), calls: u32) -> f64 {
    let start = Instant::now();
    run(calls);
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

/// What was measured, by name.
#[derive(Debug)]
pub struct Measured(Vec<(String, Vec<f64>)>);

impl Measured {
    /// Nanoseconds a call, the median of the rounds.
    #[must_use]
    pub fn nanos(&self, name: &str) -> f64 {
        median(self.rounds(name).to_vec())
    }

    /// How much longer one takes than the other, the median of the rounds' ratios.
    #[must_use]
    pub fn ratio(&self, name: &str, base: &str) -> f64 {
        let pairs = self.rounds(name).iter().zip(self.rounds(base));
        median(pairs.map(|(nanos, base)| nanos / base).collect())
    }

    /// The same of what both take beyond a third.
    #[must_use]
    pub fn ratio_above(&self, name: &str, base: &str, floor: &str) -> f64 {
        let rounds = self
            .rounds(name)
            .iter()
            .zip(self.rounds(base))
            .zip(self.rounds(floor));
        let ratios = rounds.map(|((nanos, base), floor)| (nanos - floor) / (base - floor));
        median(ratios.collect())
    }

    /// How much longer one takes than the other, in units of a third, the median of the rounds.
    #[must_use]
    pub fn added(&self, name: &str, base: &str, unit: &str) -> f64 {
        let rounds = self
            .rounds(name)
            .iter()
            .zip(self.rounds(base))
            .zip(self.rounds(unit));
        median(
            rounds
                .map(|((nanos, base), unit)| (nanos - base) / unit)
                .collect(),
        )
    }

    fn rounds(&self, name: &str) -> &[f64] {
        let found = self.0.iter().find(|(case, _)| case == name);
        &found.unwrap_or_else(|| panic!("{name} was not measured")).1
    }
}

/// The middle of some figures.
#[must_use]
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
