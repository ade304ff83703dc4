//! What answers say about the quota, and how long they ask to wait.

mod announced;
mod status;

pub use announced::announced_wait;
pub use status::{Allowance, RateLimitStatus};
