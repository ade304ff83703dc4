//! Measures everything that the README claims, in one process, and writes `RESULTS.md` and `throughput.svg`.
//!
//! `cargo run --release -p benches --bin report [-- PASSES]`. A pass takes about six seconds; there are more of them than
//! asked for, up to five times as many, until enough of their rounds were quiet.

#![allow(clippy::expect_used, reason = "a report fails by panicking")]

use std::fs;
use std::path::Path;

use benches::report::{Figures, Report, machine, table, throughput};

const PASSES: usize = 5;

/// How many quiet rounds a median is to be of.
const QUIET: usize = 101;

fn main() {
    let least = std::env::args().nth(1);
    let least = least.map_or(PASSES, |n| n.parse().expect("the number of passes"));
    let (mut report, mut passes, mut quiet) = (Report::default(), 0, Report::default());
    while passes < least || (quiet.fewest_rounds().1 < QUIET && passes < 5 * least) {
        report.pass();
        passes += 1;
        quiet = report.quiet();
        let (question, rounds) = quiet.fewest_rounds();
        eprintln!("pass {passes}: {rounds} quiet rounds of \"{question}\"");
    }
    let (question, rounds) = quiet.fewest_rounds();
    assert!(rounds > 0, "no round of \"{question}\" was quiet");
    let curves = throughput::curves(&quiet);
    let text = format!(
        "{}\n{}\n{}",
        machine::describe(passes, rounds),
        table::render(&Figures::from(&quiet), &Figures::from(&report)),
        throughput::render(&curves)
    );
    print!("{text}");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(here.join("RESULTS.md"), text).expect("RESULTS.md can be written");
    fs::write(here.join("throughput.svg"), throughput::plot(&curves))
        .expect("the plot can be written");
}
