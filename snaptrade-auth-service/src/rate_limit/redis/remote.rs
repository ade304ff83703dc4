//! The call to Redis: one script, one round trip, one deadline.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, RedisError};
use tokio::time::timeout;

use super::call::{self, Answer, Calls};
use super::quota::RedisQuota;
use super::report::{Reply, Report};

pub(in crate::rate_limit) struct Remote {
    client: Client,
    calls: Calls,
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
        Self {
            client: config.client.clone(),
            calls: Calls::new(&config),
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
            match self.invoke(connection, report, report.number).await {
                // It was closed while nobody used it. That Redis is away, only a new one can tell; and if the call went
                // through all the same, the next one corrects what it took.
                Err(error) if error.is_io_error() || error.is_connection_dropped() => {}
                outcome => return outcome,
            }
        }
        let connection = self.client.get_multiplexed_async_connection().await?;
        self.keep(Some(connection.clone()));
        // Two attempts are two calls: the first one may come later.
        self.invoke(connection, report, report.number + 1).await
    }

    async fn invoke(
        &self,
        mut connection: MultiplexedConnection,
        report: &Report,
        number: u64,
    ) -> Result<Reply, RedisError> {
        let call = self.calls.call(report, number);
        let answer: Answer = call.invoke_async(&mut connection).await?;
        Ok(call::read(number, answer))
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
