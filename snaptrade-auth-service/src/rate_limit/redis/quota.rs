//! What is configured, and what it promises.

use std::fmt;
use std::time::Duration;

use crate::rate_limit::quota::Quota;

/// A quota that several processes share through Redis (7 or later) or Valkey.
///
/// ```
/// use snaptrade_auth_service::rate_limit::{Quota, RedisQuota, RollingRateLimitLayer};
///
/// // Four processes share what one client id has.
/// let shared = RedisQuota::new("redis://127.0.0.1/", "snaptrade:ACME", Quota::default(), 4)?;
/// let limit = RollingRateLimitLayer::shared(shared);
/// # Ok::<(), snaptrade_auth_service::rate_limit::InvalidRedisQuota>(())
/// ```
///
/// Each process knows which slots it holds, and Redis adds them up. To take a slot is one round trip; when the answer's
/// head is here and when the slot comes free, Redis is told, and nobody waits for that; what comes together goes
/// together. A process that holds slots calls every 5 seconds, even if nothing happens.
///
/// In a process, it is first come, first served. Among processes that wait, whoever holds the fewest slots comes first.
///
/// # Whose clock counts
///
/// The monotonic clock of the process that holds the slot, and no other. The wall clock of Redis may be set forward or
/// back, or be another one after a failover, and the wall clocks of the processes may be wrong as well. As long as
/// monotonic clocks run right, and each process that holds slots reaches Redis, there are never more requests than the
/// quota in any trailing window, and nobody stands still: whoever waits asks at least once a second.
///
/// What a step of Redis's clock does: for up to 5 seconds, a [wait that is told][`RateLimitError::retry_after`] may be up to
/// 5 seconds too long, or too short by any amount. One of three days forward is a lost log.
///
/// [`RateLimitError::retry_after`]: crate::rate_limit::RateLimitError::retry_after
///
/// # When Redis is away
///
/// Each call to Redis has a [deadline](Self::deadline). When one fails, the process stands still, as others may have
/// taken slots that it cannot see, and asks again every second. If Redis is back within a margin and a window, all goes
/// on. If it is not, nothing that Redis ever granted counts any more, and the process uses its share alone: the quota
/// divided by the number of processes, rounded down.
///
/// When Redis is back after that, or comes back with its log lost, nobody starts for a margin and a window, and then it
/// grants again. Nothing has to be done for it.
///
/// # When a process ends
///
/// What it held comes free when another process has seen for long enough that it is silent: for a window, a margin, 10
/// seconds and a call's deadline, 75.3 seconds by default, counted from when that process first saw its last call. So a
/// process that starts after all others have ended may wait that long, however long ago they ended, if they left too
/// few slots free.
///
/// # What it cannot know
///
/// - A process that has lost Redis while others have not uses its share beside what Redis grants to them.
/// - Attempts that last longer than a window, while Redis is away, may add to what the shares of others allow.
/// - A process that did nothing while Redis was away may ask when it is back up to a second before those that used their
///   shares are heard; and one that starts while Redis is empty takes it for new.
/// - If a replica takes over without the last calls, up to 5 seconds pass until the processes that made them are heard,
///   and until then what they hold may be granted to others.
/// - A process that is stopped under a request, as when its machine is paused, for longer than others wait for a silent
///   one, sends it when it goes on, though its slot is no longer its own.
#[derive(Clone)]
pub struct RedisQuota {
    pub(super) client: redis::Client,
    pub(super) key: String,
    pub(super) processes: u32,
    pub(super) quota: Quota,
    pub(super) deadline: Duration,
}

/// Settings that cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRedisQuota {
    /// The address is none. It is not shown, as it may hold a password.
    #[error("the address of Redis cannot be read: write it as redis://host:port/database")]
    Address,
    /// So many processes cannot share so few requests.
    #[error("{processes} processes cannot share {requests} requests: there are 1 to {requests}")]
    Processes {
        /// How many processes there are.
        processes: u32,
        /// What they would share.
        requests: u32,
    },
}

impl RedisQuota {
    /// Shares `quota` among `processes` processes, under `key` in the Redis at `url` (`redis://host:port/database`; for
    /// `rediss://`, enable a TLS feature of the `redis` crate).
    ///
    /// All processes give the same settings, and each has one layer, which its services share. Nothing is sent yet: a
    /// Redis that is not there is one that [is away](Self#when-redis-is-away).
    ///
    /// # Errors
    ///
    /// [`InvalidRedisQuota`] if `url` is no address of a Redis, or `processes` is 0 or more than the quota's requests.
    pub fn new(
        url: &str,
        key: impl Into<String>,
        quota: Quota,
        processes: u32,
    ) -> Result<Self, InvalidRedisQuota> {
        let client = redis::Client::open(url).map_err(|_| InvalidRedisQuota::Address)?;
        let requests = quota.requests();
        if processes == 0 || processes > requests {
            return Err(InvalidRedisQuota::Processes {
                processes,
                requests,
            });
        }
        Ok(Self {
            client,
            key: key.into(),
            processes,
            quota,
            deadline: Duration::from_millis(250),
        })
    }

    /// How long one call to Redis may take, connecting included: 1 ms to 10 s, and what is beyond is cut to that. The
    /// default is 250 ms.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.clamp(Duration::from_millis(1), Duration::from_secs(10));
        self
    }

    pub(in crate::rate_limit) fn quota(&self) -> &Quota {
        &self.quota
    }

    /// A margin and a window: nothing that was granted before that counts any more.
    pub(super) fn settled_after(&self) -> Duration {
        self.quota.margin() + self.quota.hold()
    }

    /// What this process may use on its own.
    pub(in crate::rate_limit) fn share(&self) -> usize {
        let share = self.quota.requests() / self.processes;
        usize::try_from(share).unwrap_or(usize::MAX)
    }
}

/// Without the address, which may hold a password.
impl fmt::Debug for RedisQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisQuota")
            .field("key", &self.key)
            .field("processes", &self.processes)
            .field("quota", &self.quota)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
