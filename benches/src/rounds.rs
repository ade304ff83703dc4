//! Measuring on a shared machine: cases take turns, and only ratios within one round count.
//!
//! What others do to a machine lasts for seconds or minutes, and slows one case more than another. So a ratio is also
//! taken of the quiet rounds alone: those in which a control, the hash, took no longer than it can.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a case runs each time it has its turn: short, so that a round falls between two disturbances.
const TURN: Duration = Duration::from_micros(200);

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
        Measured::new(cases.map(|case| (case.name, case.nanos)).collect())
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

/// How much longer than in its fastest turn the control takes at most in a quiet round.
const QUIET: f64 = 1.05;

/// What was measured, by name: round by round, nanoseconds a call.
#[derive(Clone, Debug, Default)]
pub struct Measured(Vec<(String, Vec<f64>)>);

impl Measured {
    /// Cases that took turns elsewhere; each has a time for each round.
    #[must_use]
    pub fn new(cases: Vec<(String, Vec<f64>)>) -> Self {
        Self(cases)
    }

    /// Adds the rounds of a further pass over the same cases.
    pub fn append(&mut self, pass: Self) {
        if self.0.is_empty() {
            *self = pass;
            return;
        }
        for ((name, nanos), (other, more)) in self.0.iter_mut().zip(pass.0) {
            assert_eq!(*name, other, "another case");
            nanos.extend(more);
        }
    }

    /// How many rounds there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.first().map_or(0, |(_, nanos)| nanos.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rounds in which others left the machine alone, told by cases that take the same time whenever they are:
    /// in these rounds and the next, each of the `controls` is within a twentieth of its fastest turn.
    ///
    /// No other case has a say, so nothing that one does slowly by itself is left out.
    #[must_use]
    pub fn quiet(&self, controls: &[&str]) -> Self {
        let mut quiet = vec![true; self.len()];
        for control in controls {
            let nanos = self.rounds(control);
            let fastest = nanos.iter().copied().fold(f64::INFINITY, f64::min);
            let disturbed = |at: usize| nanos.get(at).is_some_and(|nanos| *nanos > QUIET * fastest);
            for (at, quiet) in quiet.iter_mut().enumerate() {
                *quiet &= !disturbed(at) && !disturbed(at + 1);
            }
        }
        let cases = self.0.iter().map(|(name, nanos)| {
            let kept = nanos.iter().zip(&quiet).filter(|(_, quiet)| **quiet);
            (name.clone(), kept.map(|(nanos, _)| *nanos).collect())
        });
        Self(cases.collect())
    }

    /// Nanoseconds a call, the median of the rounds.
    #[must_use]
    pub fn nanos(&self, name: &str) -> f64 {
        median(self.rounds(name).to_vec())
    }

    /// How much longer one takes than the other, the median of the rounds' ratios.
    #[must_use]
    pub fn ratio(&self, name: &str, base: &str) -> f64 {
        self.median_of([name, base], |[nanos, base]| nanos / base)
    }

    /// The same of what both take beyond a third.
    #[must_use]
    pub fn ratio_above(&self, name: &str, base: &str, floor: &str) -> f64 {
        self.median_of([name, base, floor], |[nanos, base, floor]| {
            (nanos - floor) / (base - floor)
        })
    }

    /// How much longer one takes than the other, in units of a third, the median of the rounds.
    #[must_use]
    pub fn added(&self, name: &str, base: &str, unit: &str) -> f64 {
        self.median_of([name, base, unit], |[nanos, base, unit]| {
            (nanos - base) / unit
        })
    }

    fn median_of<const N: usize>(&self, names: [&str; N], of: impl Fn([f64; N]) -> f64) -> f64 {
        let rounds = names.map(|name| self.rounds(name));
        let rounds = (0..self.len()).map(|at| of(rounds.map(|nanos| nanos[at])));
        median(rounds.collect())
    }

    fn rounds(&self, name: &str) -> &[f64] {
        let found = self.0.iter().find(|(case, _)| case == name);
        &found.unwrap_or_else(|| panic!("{name} was not measured")).1
    }
}

/// The middle of some figures; not a number if there are none.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::Measured;

    fn measured(cases: &[(&str, &[f64])]) -> Measured {
        let cases = cases.iter();
        Measured::new(
            cases
                .map(|(name, nanos)| ((*name).into(), nanos.to_vec()))
                .collect(),
        )
    }

    #[test]
    fn quiet_rounds_are_those_of_an_undisturbed_control() {
        let mut rounds = measured(&[
            ("H", &[10.0, 10.4, 14.0, 10.2]),
            ("sign", &[15.0, 30.0, 40.0, 16.0]),
        ]);
        // Neither the round that was disturbed, nor the one that it followed.
        let quiet = rounds.quiet(&["H"]);
        assert_eq!((quiet.len(), quiet.ratio("sign", "H")), (2, 16.0 / 10.2));
        // A slow case is no disturbance, and a faster pass makes the others disturbed ones.
        rounds.append(measured(&[("H", &[5.0, 5.0]), ("sign", &[90.0, 90.0])]));
        let quiet = rounds.quiet(&["H"]);
        assert_eq!((quiet.len(), quiet.nanos("sign")), (2, 90.0));
    }
}
