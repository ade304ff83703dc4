//! What an answer teaches the limiter.

use std::time::Duration;

use http::{Response, StatusCode};

use super::announced::announced_in;
use super::extension::Paused;
use super::status::RateLimitStatus;

/// The longest that one answer can stop everyone, whatever it announces.
const MAX_PAUSE: Duration = Duration::from_secs(60 * 60);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Feedback {
    /// What the server counts up to.
    pub(super) limit: Option<usize>,
    /// How many requests it has counted.
    pub(super) used: Option<usize>,
    /// Whether the request was refused, for all of the client id's requests.
    pub(super) throttled: bool,
    /// How long everyone has to wait then.
    pub(super) pause: Option<Duration>,
}

impl Feedback {
    /// Reads an answer, and marks it if everyone has to wait.
    pub(super) fn read<R>(response: &mut Response<R>) -> Self {
        let status = RateLimitStatus::from_headers(response.headers()).unwrap_or_default();
        let client = status.client;
        // What one account has used up is nobody else's concern.
        let throttled =
            response.status() == StatusCode::TOO_MANY_REQUESTS && !status.is_of_the_account();
        let wait = throttled.then(|| announced_in(response)).flatten();
        let pause = wait.map(|wait| wait.min(MAX_PAUSE));
        if let Some(wait) = pause {
            response.extensions_mut().insert(Paused(wait));
        }
        let count = |count| usize::try_from(count).unwrap_or(usize::MAX);
        // A throttled request says that the count is full, even if it does not say what it is.
        let full = throttled.then_some(usize::MAX);
        Self {
            limit: client.limit.map(count),
            used: client.used().map(count).or(full),
            throttled,
            pause,
        }
    }
}
