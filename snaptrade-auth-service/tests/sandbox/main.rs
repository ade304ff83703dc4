//! The sandbox answers as SnapTrade does, and goes wrong as it is told to.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod client;
mod common;
mod encrypted;
mod errors;
mod faults_in_memory;
mod faults_on_socket;
mod limit;
mod operations;
mod secrets;
mod server;
