//! A stamp that has become wrong while its request was under way.

/// On an answer: the clock was corrected since its request was stamped.
///
/// A refused signature is then no reason to give up: stamped anew, the request may pass. A layer that keeps the clock, or
/// credentials of its own, sets it; a retry policy heeds it twice a call at most.
///
/// ```
/// use snaptrade_auth_service::retry::StaleStamp;
///
/// let mut answer = http::Response::new(());
/// answer.extensions_mut().insert(StaleStamp);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleStamp;
