//! Secrets in files.

mod atomic;
mod directory;
mod name;
mod sink;

pub use sink::FileSecretSink;
