//! The layer, which is also the handle to what its clones share.

use std::sync::Arc;
use std::time::Duration;

use tower_layer::Layer;

use super::limiter::Limiter;
use super::quota::Quota;
#[cfg(feature = "redis")]
use super::redis::RedisQuota;
use super::service::RollingRateLimit;

/// Keeps a quota over any trailing window. See the [module](crate::rate_limit).
///
/// Clones, and all services that they are put on, share one quota and one queue. There should be one for each
/// client id: the layer does not look into requests to tell them apart.
#[derive(Clone, Debug)]
pub struct RollingRateLimitLayer {
    limiter: Arc<Limiter>,
    max_wait: Option<Duration>,
}

impl RollingRateLimitLayer {
    /// Keeps `quota` in this process alone.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        let limiter = Arc::new(Limiter::new(&quota));
        Self {
            limiter,
            max_wait: None,
        }
    }

    /// Shares a quota with other processes, through Redis.
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn shared(quota: RedisQuota) -> Self {
        let limiter = Arc::new(Limiter::shared(quota));
        Self {
            limiter,
            max_wait: None,
        }
    }

    /// The longest that a request may wait for its slot; without it, as long as it takes.
    ///
    /// A request that would wait longer is refused as soon as that is known, which is at once unless answers, or
    /// requests that last long, put the queue off later: [`WaitTooLong`](super::RateLimitError::WaitTooLong) says when
    /// to come back. Clones made before keep their setting.
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = Some(max_wait);
        self
    }

    /// How many slots are held: by requests under way, and by those of the last window. Of a shared quota, in all
    /// processes, as of the last call to Redis.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.limiter.in_use()
    }

    /// How many requests wait for a slot.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.limiter.waiting()
    }

    /// How long a request that came now would wait, at the least: longer, if it has to wait for requests that are
    /// under way; zero, if a slot is free.
    #[must_use]
    pub fn next_free(&self) -> Duration {
        self.limiter.next_free()
    }
}

/// SnapTrade's quota, in this process alone.
impl Default for RollingRateLimitLayer {
    fn default() -> Self {
        Self::new(Quota::default())
    }
}

impl<S> Layer<S> for RollingRateLimitLayer {
    type Service = RollingRateLimit<S>;

    fn layer(&self, inner: S) -> RollingRateLimit<S> {
        RollingRateLimit::new(inner, self.limiter.clone(), self.max_wait)
    }
}
