//! Secrets in files.

mod atomic;
mod directory;
mod name;
mod sink;
mod trust;
mod unsettled;

pub use sink::FileSecretSink;
pub use unsettled::{UnreadableIntent, UnsettledIntents};
