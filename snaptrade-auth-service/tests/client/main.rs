//! The ready-made client, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod after_head;
mod closing;
mod common;
mod connect;
mod connections;
#[path = "../secret_sink/events.rs"]
mod events;
mod frames;
mod lifecycle;
mod misuse;
mod printed;
mod promise;
mod proxy;
mod resources;
mod stale;
mod storm;
mod tls;
