//! A secret that is shown once reaches its store, even if its caller has gone.

mod error;
mod file;
mod future;
mod intent;
mod keeper;
mod layer;
mod memory;
mod panics;
mod service;
mod settings;
mod sink;
mod task;
mod turns;
mod under_way;

pub use error::{NotStored, SecretSinkError};
pub use file::FileSecretSink;
pub use future::ResponseFuture;
pub use intent::{Ending, Intent, IntentId, Unsettled};
pub use layer::{Drained, SecretSinkLayer};
pub use memory::{MemorySecretSink, SinkStep};
pub use service::SecretSinkService;
pub use sink::{SecretSink, SinkFuture};
