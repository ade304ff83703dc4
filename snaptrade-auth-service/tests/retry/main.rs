//! What is sent twice and what is not, over scripted servers and over the sandbox, on tokio's paused clock.

#![cfg(all(feature = "sandbox", feature = "client-errors"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
mod deadlines;
mod mock;
mod operations;
mod progress;
mod sandbox;
mod settings;
mod storm;
mod table;
mod throttled;
