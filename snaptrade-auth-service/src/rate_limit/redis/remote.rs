//! The call to Redis: one script, one round trip, one deadline.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, RedisError, Script};
use tokio::time::timeout;

use super::link::{Reply, Report};
use super::quota::RedisQuota;

/// How long the log outlives the last call: far longer than anything in it matters.
const KEPT: Duration = Duration::from_secs(3 * 24 * 60 * 60);

pub(in crate::rate_limit) struct Remote {
    client: Client,
    script: Script,
    /// With one hash tag, so that a cluster keeps them in one place.
    keys: [String; 4],
    /// Tells this layer from those of other processes.
    process: String,
    config: RedisQuota,
    connection: Mutex<Option<MultiplexedConnection>>,
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum SyncError {
    #[error("no answer within {0:?}")]
    Deadline(Duration),
    #[error(transparent)]
    Redis(#[from] RedisError),
}

impl Remote {
    pub(in crate::rate_limit) fn new(config: RedisQuota) -> Self {
        let key = &config.key;
        Self {
            client: config.client.clone(),
            script: Script::new(include_str!("sync.lua")),
            keys: ["meta", "slots", "flight", "others"].map(|part| format!("{{{key}}}:{part}")),
            process: format!("{:032x}", fastrand::u128(..)),
            config,
            connection: Mutex::default(),
        }
    }

    /// Tells Redis what happened here, and takes slots.
    pub(super) async fn sync(&self, report: &Report) -> Result<Reply, SyncError> {
        let deadline = self.config.deadline;
        let outcome = match timeout(deadline, self.call(report)).await {
            Ok(outcome) => outcome.map_err(SyncError::from),
            Err(_) => Err(SyncError::Deadline(deadline)),
        };
        if outcome.is_err() {
            // Whatever is wrong with it, the next call begins anew.
            self.keep(None);
        }
        outcome
    }

    async fn call(&self, report: &Report) -> Result<Reply, RedisError> {
        let kept = self.lock().clone();
        if let Some(connection) = kept {
            match self.invoke(connection, report).await {
                // It was closed while nobody used it. That Redis is away, only a new one can tell; and if the call went
                // through all the same, the next one corrects what it took.
                Err(error) if error.is_io_error() || error.is_connection_dropped() => {}
                outcome => return outcome,
            }
        }
        let connection = self.client.get_multiplexed_async_connection().await?;
        self.keep(Some(connection.clone()));
        self.invoke(connection, report).await
    }

    async fn invoke(
        &self,
        mut connection: MultiplexedConnection,
        report: &Report,
    ) -> Result<Reply, RedisError> {
        let quota = &self.config.quota;
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        // A fraction of a millisecond more does no harm, and less would.
        let hold = millis(quota.hold()) + 1;
        let margin = millis(quota.margin());
        let mut call = self.script.prepare_invoke();
        for key in &self.keys {
            call.key(key);
        }
        call.arg(&self.process)
            .arg(report.epoch.as_deref().unwrap_or(""))
            .arg(report.calls)
            .arg(hold)
            .arg(margin)
            .arg(hold + margin + millis(2 * super::link::BEAT + self.config.deadline))
            .arg(2 * (hold + margin) + millis(KEPT))
            .arg(quota.requests())
            .arg(report.want)
            .arg(report.in_flight)
            .arg(report.answered)
            .arg(report.ended)
            .arg(
                report
                    .limit
                    .map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX)),
            )
            .arg(u8::from(report.throttled))
            .arg(millis(report.pause))
            .arg(u8::from(report.shared_alone));
        for seen in &report.seen {
            // No count is that large, and Lua could not hold a larger one.
            call.arg(seen.used.min(1 << 50)).arg(seen.released_before);
        }
        let (epoch, calls, granted, wait, released, held) =
            call.invoke_async(&mut connection).await?;
        Ok(Reply {
            epoch,
            calls,
            granted,
            wait: Duration::from_millis(wait),
            released,
            held,
        })
    }

    fn keep(&self, connection: Option<MultiplexedConnection>) {
        *self.lock() = connection;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}
