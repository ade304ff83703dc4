//! The ready-made client, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bad_proxies;
mod common;
mod connect;
mod connections;
mod environment;
#[path = "../secret_sink/events.rs"]
mod events;
mod lifecycle;
mod lookup;
mod misuse;
mod permanent;
mod printed;
mod promise;
mod proxy;
mod relay;
mod resets;
mod resources;
mod scripted;
mod silence;
mod stale;
mod storm;
mod tls;
