//! What the headers of an answer say about the limits.

use std::time::Duration;

use http::HeaderMap;
use http::header::HeaderValue;

/// What an answer says about the limits it was counted against.
///
/// ```
/// use http::HeaderMap;
/// use snaptrade_auth_service::RateLimitStatus;
/// use std::time::Duration;
///
/// let mut headers = HeaderMap::new();
/// assert_eq!(RateLimitStatus::from_headers(&headers), None);
///
/// headers.insert("x-ratelimit-limit", "250".parse()?);
/// headers.insert("x-ratelimit-remaining", "17".parse()?);
/// headers.insert("x-ratelimit-reset", "12".parse()?);
/// let status = RateLimitStatus::from_headers(&headers).unwrap();
/// assert_eq!(status.client.remaining, Some(17));
/// assert_eq!(status.client.reset, Some(Duration::from_secs(12)));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitStatus {
    /// What all requests of this client id share: `X-RateLimit-*`.
    pub client: Allowance,
    /// What requests for this account share: `X-RateLimit-Account-*`.
    pub account: Allowance,
}

/// One limit, and what is left of it. What was absent or unreadable is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowance {
    /// How many requests a window has.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// How long until there are more, in whole seconds.
    pub reset: Option<Duration>,
}

impl RateLimitStatus {
    /// Reads the headers; `None` if not one of them is there and readable.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let number = |name| headers.get(name).and_then(read_number);
        let status = Self {
            client: Allowance {
                limit: number("x-ratelimit-limit"),
                remaining: number("x-ratelimit-remaining"),
                reset: number("x-ratelimit-reset").map(Duration::from_secs),
            },
            account: Allowance {
                limit: number("x-ratelimit-account-limit"),
                remaining: number("x-ratelimit-account-remaining"),
                reset: number("x-ratelimit-account-reset").map(Duration::from_secs),
            },
        };
        (status != Self::default()).then_some(status)
    }

    /// Whether it is the account that has nothing left, and not the client id.
    pub(super) fn is_of_the_account(&self) -> bool {
        self.account.remaining == Some(0) && self.client.remaining != Some(0)
    }
}

impl Allowance {
    /// How many requests of the window the server has counted.
    #[must_use]
    pub fn used(&self) -> Option<u64> {
        Some(self.limit?.saturating_sub(self.remaining?))
    }
}

/// Whole numbers, as the server writes them; a fraction is rounded up, for it may be a wait.
pub(super) fn read_number(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    // What does not fit is as good as the largest that does.
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    let rest = fraction.bytes().any(|digit| digit != b'0');
    Some(whole.saturating_add(u64::from(rest)))
}
