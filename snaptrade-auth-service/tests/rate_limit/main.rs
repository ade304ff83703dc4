//! The rolling limit, over simulated time and a simulated server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod asleep;
mod contract;
mod feedback;
#[cfg(feature = "sandbox")]
mod hopeless;
mod load;
mod peers;
mod queue;
mod server;
#[cfg(feature = "sandbox")]
mod sockets;
