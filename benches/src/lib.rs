//! What signing costs: the requests that it is measured with, the limit that it is held against, and its peers.
//!
//! One bench a question, in the files beside; the whole answer from `cargo run --release -p benches --bin report`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

use std::time::Duration;

use criterion::Criterion;

pub mod adversary;
pub mod corpus;
pub mod limit;
pub mod peers;
pub mod report;
pub mod rounds;
pub mod service;
pub mod shape;

/// How all benches measure: briefly, as their figures are to be compared within one run alone.
#[must_use]
pub fn settings() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args()
}
