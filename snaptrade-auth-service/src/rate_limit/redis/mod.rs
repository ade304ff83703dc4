//! One quota for many processes: each knows what it holds, Redis adds that up, and the queues are here.
//!
//! No clock but the monotonic ones of the processes decides when a slot is free. A slot is held from its grant until a
//! window after its answer, by the clock of the process that holds it; Redis counts it from the grant until that process
//! tells that it has come free, which is later. So what Redis counts is never less than what is held, and it grants up
//! to the quota.

mod call;
mod driver;
mod epoch;
mod ledger;
mod link;
mod peers;
mod quota;
mod remote;
mod report;
mod turn;

#[cfg(test)]
mod simulation;

pub(super) use driver::drive;
pub(super) use link::Link;
pub use quota::{InvalidRedisQuota, RedisQuota};
pub(super) use remote::Remote;
