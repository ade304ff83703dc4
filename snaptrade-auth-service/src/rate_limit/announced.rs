//! How long an answer asks to wait.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use snaptrade_signing::UnixTime;
use snaptrade_signing::clock::{Clock, SystemClock};

use super::extension::AnnouncedWait;
use super::status::{RateLimitStatus, read_number};

/// How long an answer asks to wait before the next attempt; `None` if it does not say.
///
/// A 429 says so by `X-RateLimit-Reset` (or `X-RateLimit-Account-Reset`, if it is the account that has nothing
/// left), else by `Retry-After`, else by the `detail` of its body: "Expected available in 7 seconds." A 503 says so
/// by `Retry-After` alone, and other answers not at all.
///
/// A `Retry-After` that is a date is counted from the answer's own `Date`, so that a clock that is off does no harm,
/// and from `now` if it has none.
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use snaptrade_auth_service::rate_limit::announced_wait;
/// use snaptrade_signing::UnixTime;
/// use std::time::Duration;
///
/// let detail = "Request was throttled. Expected available in 7 seconds.";
/// let now = UnixTime::from_secs(1_635_790_389);
/// let wait = announced_wait(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), Some(detail), now);
/// assert_eq!(wait, Some(Duration::from_secs(7)));
/// ```
#[must_use]
pub fn announced_wait(
    status: StatusCode,
    headers: &HeaderMap,
    detail: Option<&str>,
    now: UnixTime,
) -> Option<Duration> {
    let retry_after = || read_retry_after(headers, now);
    match status {
        StatusCode::TOO_MANY_REQUESTS => read_reset(headers)
            .or_else(retry_after)
            .or_else(|| read_detail(detail?)),
        StatusCode::SERVICE_UNAVAILABLE => retry_after(),
        _ => None,
    }
}

/// What an answer announces: what a layer below has read in its body, else its headers.
pub(crate) fn announced_in<R>(response: &Response<R>) -> Option<Duration> {
    let told = response.extensions().get().map(|&AnnouncedWait(wait)| wait);
    let read = || {
        announced_wait(
            response.status(),
            response.headers(),
            None,
            SystemClock.now(),
        )
    };
    told.or_else(read)
}

fn read_reset(headers: &HeaderMap) -> Option<Duration> {
    let status = RateLimitStatus::from_headers(headers)?;
    if status.is_of_the_account() {
        status.account.reset
    } else {
        status.client.reset
    }
}

fn read_retry_after(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?;
    if let Some(secs) = read_number(value) {
        return Some(Duration::from_secs(secs));
    }
    let now = Duration::from_secs(now.as_secs());
    let now = headers
        .get(DATE)
        .and_then(read_date)
        .or_else(|| UNIX_EPOCH.checked_add(now))?;
    // A date that has passed means: now.
    Some(read_date(value)?.duration_since(now).unwrap_or_default())
}

fn read_date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?.trim()).ok()
}

/// `… available in 7 seconds.`
fn read_detail(detail: &str) -> Option<Duration> {
    let (_, rest) = detail.split_once("available in ")?;
    let (number, unit) = rest.split_once(' ')?;
    if !unit.starts_with("second") {
        return None;
    }
    read_number(&HeaderValue::from_str(number).ok()?).map(Duration::from_secs)
}
