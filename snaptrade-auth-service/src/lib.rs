//! The SnapTrade authentication operations as tower services.

pub mod rate_limit;

#[doc(no_inline)]
pub use rate_limit::{Quota, RateLimitStatus, RollingRateLimitLayer};
