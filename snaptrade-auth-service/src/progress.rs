//! How far a call has come, told by the layers that know to those that must decide.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use http::Response;
use snaptrade_signing::BoxError;

use crate::error::Outcome;

/// How far a call has come. Clones share it; it travels in the extensions of the request.
///
/// Whoever gives up on a call (a deadline, a caller who has gone) asks here whether something may have been sent.
/// [`AttemptTimeoutLayer`](crate::AttemptTimeoutLayer) and [`RollingRateLimitLayer`](crate::RollingRateLimitLayer) keep
/// it up to date; without either, a [`RetryPolicy`](crate::RetryPolicy) does once the first attempt has ended.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU8>);

/// No layer keeps it up to date: anything may have happened.
const UNTRACKED: u8 = 0;
/// Waiting for a slot, a retry, a connection: nothing that may have run is under way.
const NOT_SENT: u8 = 1;
/// An attempt was handed to the client.
const SENT: u8 = 2;
/// An attempt was handed to a client that says when it has a connection, and it has none yet.
const CONNECTING: u8 = 3;
/// An earlier attempt may have run; nothing that comes later changes that.
const UNKNOWN: u8 = 4;
/// Given up while nothing was sent, and nothing will be.
const GIVEN_UP: u8 = 5;

impl Progress {
    /// Whether anything may have run, were the call given up now.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.0.load(Ordering::Acquire) {
            NOT_SENT | CONNECTING | GIVEN_UP => Outcome::NotSent,
            _ => Outcome::Unknown,
        }
    }

    /// From here on a layer keeps it up to date; nothing was sent so far.
    pub(crate) fn track(&self) {
        self.step(UNTRACKED, NOT_SENT);
    }

    /// An attempt is handed to the client. False if the call was given up: then it must not be.
    fn sending(&self) -> bool {
        // In one step, for whoever asks meanwhile must not hear that nothing was sent.
        let sending = |state| matches!(state, UNTRACKED | NOT_SENT).then_some(SENT);
        let before = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, sending);
        before != Err(GIVEN_UP)
    }

    /// The client has no connection for it yet, and will tell when it has one.
    #[cfg(feature = "client")]
    pub(crate) fn connecting(&self) {
        self.step(SENT, CONNECTING);
    }

    /// The client has a connection: from here on it may have been sent.
    #[cfg(feature = "client")]
    pub(crate) fn connected(&self) {
        self.step(CONNECTING, SENT);
    }

    /// The attempt has ended.
    pub(crate) fn ended(&self, outcome: Outcome) {
        match outcome {
            Outcome::NotSent | Outcome::Refused => {
                self.step(SENT, NOT_SENT);
                self.step(CONNECTING, NOT_SENT);
                self.step(UNTRACKED, NOT_SENT);
            }
            Outcome::Unknown | Outcome::Succeeded => {
                self.0.store(UNKNOWN, Ordering::Release);
            }
        }
    }

    /// As [`outcome`](Self::outcome), of a call that is given up now: if nothing was sent, nothing will be, even if
    /// the call runs in a task of its own that does not know yet.
    pub(crate) fn give_up(&self) -> Outcome {
        self.step(NOT_SENT, GIVEN_UP);
        self.outcome()
    }

    /// What comes next may send, and is not told here. False if the call was given up: then it must not come.
    pub(crate) fn let_go(&self) -> bool {
        self.step(NOT_SENT, UNTRACKED);
        self.0.load(Ordering::Acquire) != GIVEN_UP
    }

    /// Another state than `from` stays as it is.
    fn step(&self, from: u8, to: u8) -> bool {
        self.0
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }
}

/// The call's deadline said that nothing was sent, and so nothing is: the call goes on in a task that does not know.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the call was given up before this attempt of it")]
pub(crate) struct GivenUp;

/// An attempt under way.
#[derive(Debug)]
pub(crate) struct UnderWay {
    progress: Progress,
    ended: bool,
}

impl UnderWay {
    /// Hands an attempt to the client.
    ///
    /// # Errors
    ///
    /// [`GivenUp`] if nobody is to hear of it any more: then it must not be handed over.
    pub(crate) fn start(progress: Progress) -> Result<Self, GivenUp> {
        if !progress.sending() {
            return Err(GivenUp);
        }
        Ok(Self {
            progress,
            ended: false,
        })
    }

    /// The attempt has ended in this.
    pub(crate) fn ended_in<R>(&mut self, answer: &Result<Response<R>, BoxError>) {
        self.ended(match answer {
            Ok(answer) => Outcome::of_status(answer.status()),
            Err(error) => Outcome::of(&**error),
        });
    }

    /// The attempt is given up; what is known of it.
    pub(crate) fn given_up(&mut self) -> Outcome {
        let outcome = self.progress.outcome();
        self.ended(outcome);
        outcome
    }

    fn ended(&mut self, outcome: Outcome) {
        self.ended = true;
        self.progress.ended(outcome);
    }
}

impl Drop for UnderWay {
    /// Given up by someone else: it counts as what is known of it now.
    fn drop(&mut self) {
        if !self.ended {
            self.given_up();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::{Progress, UnderWay};
    use crate::error::Outcome;

    /// Of an attempt and whoever gives up at the same time, one is first, and both know which.
    #[test]
    fn an_attempt_and_the_end_of_the_call_meet() {
        for waited in [false, true] {
            for _ in 0..2_000 {
                let progress = Progress::default();
                if waited {
                    progress.track();
                }
                let both = Barrier::new(2);
                let (sent, outcome) = thread::scope(|scope| {
                    let attempt = scope.spawn(|| {
                        both.wait();
                        let under_way = UnderWay::start(progress.clone());
                        under_way.map(std::mem::forget).is_ok()
                    });
                    both.wait();
                    let outcome = progress.give_up();
                    (attempt.join().unwrap(), outcome)
                });
                assert!(!sent || outcome == Outcome::Unknown);
                assert!(sent || outcome == Outcome::NotSent);
            }
        }
    }

    #[test]
    fn whoever_asks_while_an_attempt_starts_never_hears_that_nothing_was_sent() {
        for _ in 0..2_000 {
            let progress = Progress::default();
            let both = Barrier::new(2);
            let outcome = thread::scope(|scope| {
                scope.spawn(|| {
                    both.wait();
                    UnderWay::start(progress.clone()).map(std::mem::forget)
                });
                both.wait();
                progress.outcome()
            });
            assert_eq!(outcome, Outcome::Unknown);
        }
    }
}
