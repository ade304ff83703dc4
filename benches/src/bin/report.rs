//! Measures everything that the README claims, in one process, and writes `RESULTS.md` and `throughput.svg`.
//!
//! `cargo run --release -p benches --bin report [-- PASSES]`. A pass takes about six seconds.

#![allow(clippy::expect_used, reason = "a report fails by panicking")]

use std::fs;
use std::path::Path;

use benches::report::{Figures, machine, table, throughput};

const PASSES: usize = 5;

fn main() {
    let passes = std::env::args().nth(1);
    let passes = passes.map_or(PASSES, |n| n.parse().expect("the number of passes"));
    let figures: Vec<Figures> = (1..=passes)
        .map(|pass| {
            eprintln!("pass {pass} of {passes}");
            Figures::measure()
        })
        .collect();
    let curves = throughput::measure();
    let text = format!(
        "{}\n{}\n{}",
        machine::describe(passes),
        table::render(&figures),
        throughput::render(&curves)
    );
    print!("{text}");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(here.join("RESULTS.md"), text).expect("RESULTS.md can be written");
    fs::write(here.join("throughput.svg"), throughput::plot(&curves))
        .expect("the plot can be written");
}
