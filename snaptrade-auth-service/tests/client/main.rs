//! The ready-made client, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod after_head;
mod bad_proxies;
mod closing;
mod common;
mod connect;
mod connections;
mod environment;
#[path = "../secret_sink/events.rs"]
mod events;
#[allow(dead_code, reason = "shared with the fault matrix")]
mod frames;
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
