//! What passes between the limiter and the layers around it, as extensions of requests and answers.

use std::time::Duration;

/// On a request: it was throttled before, and rejoins at the head of the queue.
///
/// For a retry policy to set. Among themselves, retried requests are served first come, first served.
///
/// ```
/// use snaptrade_auth_service::rate_limit::Retried;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Retried);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retried;

/// On an answer, on its way to the limiter: the wait that its body announced.
///
/// For a layer that reads bodies. The headers the limiter reads itself; this goes before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnouncedWait(pub Duration);

/// On an answer that has passed the limiter: everyone on this quota now waits that long, a retry of this request
/// included.
///
/// So whoever retries need not wait: marked as [`Retried`], the request goes back into the queue at once, and so
/// keeps its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paused(pub Duration);
