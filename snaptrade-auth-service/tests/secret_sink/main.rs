//! Every secret that is shown once is in the sink, or in the hands of somebody who was told.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod answers;
mod common;
mod contract;
mod deadlines;
mod drain;
mod events;
mod every_step;
mod failing_sink;
mod faults;
mod files;
mod files_crash;
mod files_trust;
mod orders;
mod races;
#[cfg(feature = "client")]
mod ready_made;
mod secrets;
#[cfg(feature = "client")]
mod subscriber;
mod turns;
mod waiting;
