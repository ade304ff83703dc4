//! The course of one call, from attempt to attempt.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;
use tower::retry::budget::Budget;

use super::attempt::{Announced, Attempt, OldConnection};
use super::attempts::Attempts;
use super::builder::Settings;
use super::decision::End;
use crate::event;
use crate::operation::Repeat;
use crate::progress::Progress;

/// A clock may be corrected while a request is on its way, and again while that is repeated.
const MAX_RESTAMPS: u32 = 2;

/// What is known of a call so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    /// How many attempts have ended.
    made: u32,
    /// How many more there were, made by a layer below.
    extra: u32,
    /// Whether one before the last may have run.
    may_have_run: bool,
    /// How often it was stamped anew because its stamp had become stale.
    restamped: u32,
    /// Whether it has had an attempt for nothing, as it had met an old connection.
    reconnected: bool,
    start: Option<Instant>,
    /// What is kept up to date, as it may be that no layer below does.
    progress: Option<Progress>,
}

impl Course {
    /// The call begins, if no attempt was made yet.
    pub(super) fn begin(&mut self) {
        if self.made == 0 {
            self.start = Some(Instant::now());
        }
    }

    pub(super) fn start(&self) -> Option<Instant> {
        self.start
    }

    pub(super) fn attempts(&self) -> Attempts {
        Attempts::new(self.made.saturating_add(self.extra), self.may_have_run)
    }

    /// What is to be let go of when the next attempt starts.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.progress.clone()
    }

    /// An attempt has ended: how long to wait before the next; none if it was the last.
    pub(super) fn next(
        &mut self,
        settings: &Settings,
        attempt: &Attempt,
        repeat: Repeat,
        deadline: Option<Instant>,
    ) -> Option<Duration> {
        self.made = self.made.saturating_add(1);
        self.extra = self.extra.saturating_add(attempt.extra);
        let wait = self.decide(settings, attempt, repeat, deadline);
        match (wait, attempt.end) {
            (Some(wait), end) => {
                self.may_have_run |= attempt.outcome.is_unknown();
                self.restamped += u32::from(end == End::StaleStamp);
                self.reconnected |= attempt.old_connection != OldConnection::No;
                let attempt = self.made;
                event::emit(|| tracing::debug!(attempt, ?end, ?wait, "the request is sent again"));
            }
            // The server can keep up.
            (None, End::Answered) => settings.budget.deposit(),
            (None, _) => {}
        }
        wait
    }

    fn decide(
        &self,
        settings: &Settings,
        attempt: &Attempt,
        repeat: Repeat,
        deadline: Option<Instant>,
    ) -> Option<Duration> {
        let again = attempt.end.may_be_repeated(repeat) && self.made < settings.max_attempts;
        let stale = attempt.end == End::StaleStamp;
        if !again || stale && self.restamped >= MAX_RESTAMPS {
            return None;
        }
        // The first one is for nothing: the server is well. A second one is no chance.
        let reconnects = attempt.old_connection != OldConnection::No && !self.reconnected;
        let backoff = || settings.backoff.after(self.made);
        // How long to sleep, and how long until the next attempt.
        let (sleep, until) = match attempt.wait {
            _ if stale || reconnects => (Duration::ZERO, Duration::ZERO),
            Announced::Paused(wait) if !wait.is_zero() => (Duration::ZERO, wait),
            // "In 0 seconds" may mean "in under one", and then the limiter lets everyone through at once.
            Announced::Paused(wait) | Announced::Wait(wait) => (wait.max(backoff()), wait),
            Announced::Nothing => (backoff(), Duration::ZERO),
        };
        let no_timer = !sleep.is_zero() && Handle::try_current().is_err();
        if until > settings.max_wait || no_timer {
            return None;
        }
        if let Some(deadline) = deadline {
            let next = Instant::now().checked_add(sleep.max(until))?;
            if next >= deadline {
                return None;
            }
        }
        // A wait of no time is none: what comes back at once adds load.
        let waited_for = attempt.end == End::Throttled && !until.is_zero();
        let free = stale || reconnects || waited_for;
        (free || settings.budget.withdraw()).then_some(sleep)
    }

    /// An attempt has ended, and another one will follow, of which nobody below may tell.
    pub(super) fn keep(&mut self, progress: Option<&Progress>, attempt: &Attempt) {
        let Some(progress) = progress else {
            return;
        };
        progress.ended(attempt.outcome);
        self.progress = Some(progress.clone());
    }
}
