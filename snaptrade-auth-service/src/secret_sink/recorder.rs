//! What a call asks of the sink: within a time, over and over, and without losing what it asks about.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::calls::OpenCalls;
use super::error::SecretSinkError;
use super::intent::{Ending, Intent};
use super::not_stored::{NotStored, NotStoredCause, Unstored};
use super::panics::caught;
use super::settings::Settings;
use super::sink::SinkFuture;
use crate::event;
use crate::user::UserCredentials;

/// The sink as one call sees it.
#[derive(Clone)]
pub(super) struct CallRecorder {
    pub(super) settings: Arc<Settings>,
    pub(super) calls: Arc<OpenCalls>,
    pub(super) intent: Intent,
}

/// Watches over a secret that is in no sink yet. Dropped, as when the runtime is shut down, it makes it an orphan.
struct Guard<'a> {
    recorder: &'a CallRecorder,
    secret: Option<&'a NotStored>,
}

impl CallRecorder {
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
    pub(super) async fn store(&self, user: UserCredentials) -> Result<(), NotStored> {
        let sink = &self.settings.sink;
        let secret = Unstored::Credentials(user.clone());
        let secret = self.not_stored(NotStoredCause::SinkFailed, secret, "");
        let guard = self.guard(&secret);
        let stored = self.insist(|| sink.store(&self.intent, &user)).await;
        match stored {
            Ok(()) => {
                guard.disarm();
                self.settle(Ending::Stored).await;
                Ok(())
            }
            Err(reason) => {
                self.settle_once(Ending::HandedOver).await;
                guard.disarm();
                Err(secret.because(&reason))
            }
        }
    }

    /// Writes down an ending of a call whose secret is in no sink, and gives that back.
    pub(super) async fn hand_over(&self, secret: NotStored, ending: Ending) -> NotStored {
        let guard = self.guard(&secret);
        self.settle_once(ending).await;
        guard.disarm();
        secret
    }

    pub(super) fn not_stored(
        &self,
        cause: NotStoredCause,
        secret: Unstored,
        reason: &str,
    ) -> NotStored {
        NotStored::new(self.intent.clone(), cause, secret).because(reason)
    }

    /// Writes down an ending. If that cannot be done, the intent stays open, to be looked into by somebody.
    pub(super) async fn settle(&self, ending: Ending) {
        let sink = &self.settings.sink;
        let settled = self.insist(|| sink.settle(&self.intent, ending)).await;
        self.report(settled.is_ok(), ending);
    }

    async fn settle_once(&self, ending: Ending) {
        let sink = &self.settings.sink;
        let settled = self.ask(|| sink.settle(&self.intent, ending)).await;
        self.report(settled.is_ok(), ending);
    }

    fn report(&self, written: bool, ending: Ending) {
        let intent = &self.intent;
        if !written {
            event::emit(
                || tracing::warn!(%intent, ?ending, "the sink did not write down how it ended"),
            );
        } else if !ending.is_settled() {
            event::emit(
                || tracing::error!(%intent, ?ending, "a secret that is shown once is not in the sink"),
            );
        }
    }

    /// Gives a secret that neither the sink nor the caller took to the hook; keeps it if there is none.
    pub(super) fn orphan(&self, orphan: NotStored) {
        let hook = self.settings.on_orphan.as_ref();
        let taken = hook.map(|hook| catch_unwind(AssertUnwindSafe(|| hook(&orphan))));
        if matches!(taken, Some(Ok(()))) {
            return;
        }
        self.calls.keep(orphan);
        let (intent, hook_panicked) = (&self.intent, taken.is_some());
        event::emit(
            || tracing::error!(%intent, hook_panicked, "an orphaned secret is kept in memory"),
        );
    }

    fn guard<'a>(&'a self, secret: &'a NotStored) -> Guard<'a> {
        Guard {
            recorder: self,
            secret: Some(secret),
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
            let intent = &self.intent;
            event::emit(
                || tracing::warn!(%intent, failures, "the secret sink failed, and is asked again"),
            );
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

impl Guard<'_> {
    fn disarm(mut self) {
        self.secret = None;
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(secret) = self.secret {
            let orphan = secret.clone().because("the task that had it has gone");
            self.recorder.orphan(orphan);
        }
    }
}
