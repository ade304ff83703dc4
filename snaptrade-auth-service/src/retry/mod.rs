//! What may be sent twice, and when.

mod stale;

pub use stale::StaleStamp;
