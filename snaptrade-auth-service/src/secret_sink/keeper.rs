//! What a task asks of the sink: within a time, over and over, and without losing what it asks about.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::error::{NotStored, SecretSinkError};
use super::intent::{Ending, Intent};
use super::panics::caught;
use super::settings::Settings;
use super::sink::SinkFuture;
use super::under_way::UnderWay;
use crate::user::UserCredentials;

/// The sink as one call sees it.
#[derive(Clone)]
pub(super) struct Keeper {
    pub(super) settings: Arc<Settings>,
    pub(super) under_way: Arc<UnderWay>,
    pub(super) intent: Intent,
}

/// A secret that is in no sink yet. Dropped, as when the runtime is shut down, it is an orphan.
struct Held<'a> {
    keeper: &'a Keeper,
    credentials: Option<UserCredentials>,
}

impl Keeper {
    pub(super) async fn record(&self) -> Result<(), SecretSinkError> {
        let sink = &self.settings.sink;
        match self.ask(|| sink.record(&self.intent)).await {
            Ok(()) => Ok(()),
            Err(reason) => {
                // It may be there for all that.
                self.settle_once(Ending::NotRun).await;
                Err(SecretSinkError::NotRecorded(reason.into()))
            }
        }
    }

    /// Stores a secret, and writes down that it did.
    pub(super) async fn store(&self, credentials: UserCredentials) -> Result<(), NotStored> {
        let sink = &self.settings.sink;
        let mut held = Held {
            keeper: self,
            credentials: Some(credentials),
        };
        let stored = match &held.credentials {
            Some(user) => self.insist(|| sink.store(&self.intent, user)).await,
            None => Ok(()),
        };
        let Err(reason) = stored else {
            held.credentials = None;
            self.settle(Ending::Stored).await;
            return Ok(());
        };
        self.settle_once(Ending::HandedOver).await;
        match held.credentials.take() {
            Some(user) => Err(NotStored::new(self.intent.clone(), user, &reason)),
            None => Ok(()),
        }
    }

    /// Writes down an ending. If that cannot be done, the intent stays open, to be looked into by somebody.
    pub(super) async fn settle(&self, ending: Ending) {
        let sink = &self.settings.sink;
        let settled = self.insist(|| sink.settle(&self.intent, ending)).await;
        self.told(settled.is_ok(), ending);
    }

    async fn settle_once(&self, ending: Ending) {
        let sink = &self.settings.sink;
        let settled = self.ask(|| sink.settle(&self.intent, ending)).await;
        self.told(settled.is_ok(), ending);
    }

    fn told(&self, written: bool, ending: Ending) {
        if !written {
            tracing::warn!(intent = %self.intent, ?ending, "the sink did not write down how it ended");
        } else if !ending.is_settled() {
            tracing::error!(intent = %self.intent, ?ending, "a secret that is shown once is not in the sink");
        }
    }

    /// Gives a secret that neither the sink nor the caller took to the hook; keeps it if there is none.
    pub(super) fn orphan(&self, orphan: NotStored) {
        let hook = self.settings.on_orphan.as_ref();
        let taken = hook.map(|hook| catch_unwind(AssertUnwindSafe(|| hook(&orphan))));
        if !matches!(taken, Some(Ok(()))) {
            let hook_panicked = taken.is_some();
            tracing::error!(intent = %self.intent, hook_panicked, "an orphaned secret is kept in memory");
            self.under_way.keep(orphan);
        }
    }

    /// Asks until it is done, as often as the settings say.
    async fn insist<'a>(&self, ask: impl Fn() -> SinkFuture<'a>) -> Result<(), String> {
        let mut failures = 0;
        loop {
            let Err(reason) = self.ask(&ask).await else {
                return Ok(());
            };
            failures += 1;
            if failures >= self.settings.attempts {
                return Err(reason);
            }
            tracing::warn!(intent = %self.intent, failures, "the secret sink failed, and is asked again");
            tokio::time::sleep(Settings::pause(failures)).await;
        }
    }

    /// Asks once.
    async fn ask<'a>(&self, ask: impl Fn() -> SinkFuture<'a>) -> Result<(), String> {
        let timeout = self.settings.timeout;
        match tokio::time::timeout(timeout, caught(ask)).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(panicked)) => Err(panicked.to_string()),
            Err(_) => Err(format!("it did not answer within {timeout:?}")),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(user) = self.credentials.take() {
            let reason = "the task that was storing it has gone";
            let intent = self.keeper.intent.clone();
            self.keeper.orphan(NotStored::new(intent, user, reason));
        }
    }
}
