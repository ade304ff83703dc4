//! One quota, several processes, a real Redis.
//!
//! They need `redis-server` in the path, and take their time; so they run when asked for:
//! `cargo test -p snaptrade-auth-service --features redis --test redis_quota -- --ignored`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod arrivals;
mod clock;
mod fairness;
mod outage;
mod processes;
mod redis;
mod runtimes;
mod shared;
mod worker;
