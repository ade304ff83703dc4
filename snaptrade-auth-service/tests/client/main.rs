//! The ready-made client, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
mod connect;
mod connections;
mod lifecycle;
mod proxy;
mod stale;
mod storm;
mod tls;
