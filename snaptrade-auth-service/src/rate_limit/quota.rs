//! What is configured: how many requests, in what time.

use std::time::Duration;

/// The most requests a quota may have: beyond that, a mistake is likelier than a quota.
const MAX_REQUESTS: u32 = 1_000_000;
/// The longest window and margin. With it, no sum of times can overflow.
const MAX_SPAN: Duration = Duration::from_secs(24 * 60 * 60);

/// So many requests in any trailing window. The default is SnapTrade's: 250 in 60 seconds.
///
/// ```
/// use snaptrade_auth_service::rate_limit::Quota;
/// use std::time::Duration;
///
/// let raised = Quota::builder().requests(1_000).build()?;
/// assert_eq!(raised.window(), Duration::from_secs(60));
///
/// assert!(Quota::builder().requests(0).build().is_err());
/// # Ok::<(), snaptrade_auth_service::rate_limit::InvalidQuota>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    requests: u32,
    window: Duration,
    margin: Duration,
}

/// Sets up a [`Quota`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct QuotaBuilder {
    quota: Quota,
}

/// A quota that nobody can keep, or that nobody has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidQuota {
    /// No requests at all, or too many to be meant.
    #[error("a quota has 1 to {MAX_REQUESTS} requests, not {0}: set `requests`")]
    Requests(u32),
    /// A window under a millisecond, or over a day.
    #[error("a quota's window is 1 ms to 24 h long, not {0:?}: set `window`")]
    Window(Duration),
    /// A margin over a day.
    #[error("a quota's margin is 24 h at most, not {0:?}: set `margin`")]
    Margin(Duration),
}

impl Quota {
    /// Starts from the default.
    pub fn builder() -> QuotaBuilder {
        let quota = Self::default();
        QuotaBuilder { quota }
    }

    /// How many requests the server may see in any trailing window.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// How long the window is.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }

    /// How long after it was given up an attempt may still reach the server.
    #[must_use]
    pub fn margin(&self) -> Duration {
        self.margin
    }

    /// How long a slot is kept after its answer: the window, and one part in 4,096 for two clocks that do not run
    /// at the same speed (a millisecond at least, so that the server may count both ends of its window).
    pub(super) fn hold(&self) -> Duration {
        self.window + (self.window / 4096).max(Duration::from_millis(1))
    }

    pub(super) fn requests_usize(&self) -> usize {
        usize::try_from(self.requests).unwrap_or(usize::MAX)
    }
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            requests: 250,
            window: Duration::from_secs(60),
            margin: Duration::from_secs(5),
        }
    }
}

impl QuotaBuilder {
    /// How many requests the server may see in any trailing window: 1 to 1,000,000. The default is 250.
    pub fn requests(mut self, requests: u32) -> Self {
        self.quota.requests = requests;
        self
    }

    /// How long the window is: 1 ms to 24 h. The default is 60 seconds.
    pub fn window(mut self, window: Duration) -> Self {
        self.quota.window = window;
        self
    }

    /// How long after it was given up an attempt may still reach the server, for it may wait in a socket or a
    /// proxy: 24 h at most. The default is 5 seconds.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.quota.margin = margin;
        self
    }

    /// The quota.
    ///
    /// # Errors
    ///
    /// [`InvalidQuota`] if a setting is out of its range.
    pub fn build(self) -> Result<Quota, InvalidQuota> {
        let Quota {
            requests,
            window,
            margin,
        } = self.quota;
        if requests == 0 || requests > MAX_REQUESTS {
            return Err(InvalidQuota::Requests(requests));
        }
        if window < Duration::from_millis(1) || window > MAX_SPAN {
            return Err(InvalidQuota::Window(window));
        }
        if margin > MAX_SPAN {
            return Err(InvalidQuota::Margin(margin));
        }
        Ok(self.quota)
    }
}
