//! One quota for many processes: the log is in Redis, and the queue is here.

mod driver;
mod link;
mod quota;
mod remote;

pub(super) use driver::drive;
pub(super) use link::Link;
pub use quota::{InvalidRedisQuota, RedisQuota};
pub(super) use remote::Remote;
