//! Waiting for a slot.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::RateLimitError;
use super::limiter::{Entry, Limiter, now};
use super::permit::Permit;
use super::queue::{Patience, Place, Verdict, Why};

/// Joins the queue when it is first polled, and leaves it when it is dropped.
pub(super) struct Admission {
    limiter: Arc<Limiter>,
    retried: bool,
    max_wait: Option<Duration>,
    /// When the call is given up, if that is known.
    deadline: Option<Instant>,
    ticket: Option<QueueTicket>,
}

struct QueueTicket {
    place: Place,
    patience: Option<Patience>,
    verdict: Option<oneshot::Receiver<Verdict>>,
}

impl Admission {
    pub(super) fn new(
        limiter: Arc<Limiter>,
        retried: bool,
        max_wait: Option<Duration>,
        deadline: Option<Instant>,
    ) -> Self {
        Self {
            limiter,
            retried,
            max_wait,
            deadline,
            ticket: None,
        }
    }
}

/// The sooner of both. A wait that no clock can hold is one for ever.
fn patience(max_wait: Option<Duration>, deadline: Option<Instant>) -> Option<Patience> {
    let max_wait = max_wait.and_then(|max_wait| {
        let until = now().checked_add(max_wait)?;
        let why = Why::MaxWait(max_wait);
        Some(Patience { until, why })
    });
    let deadline = deadline.map(|until| Patience {
        until,
        why: Why::Deadline,
    });
    let both = max_wait.into_iter().chain(deadline);
    both.min_by_key(|patience| patience.until)
}

impl Future for Admission {
    type Output = Result<Permit, RateLimitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let ticket = this.ticket.get_or_insert_with(|| QueueTicket {
            place: this.limiter.place(this.retried),
            patience: patience(this.max_wait, this.deadline),
            verdict: None,
        });
        loop {
            let Some(verdict) = &mut ticket.verdict else {
                match this.limiter.enter(ticket.place, ticket.patience)? {
                    Entry::Granted(permit) => return Poll::Ready(Ok(permit)),
                    Entry::Queued(verdict) => ticket.verdict = Some(verdict),
                }
                continue;
            };
            let Poll::Ready(told) = Pin::new(verdict).poll(cx) else {
                // It may be polled in another runtime than before.
                this.limiter.serve_here();
                return Poll::Pending;
            };
            match told {
                Ok(Err(refusal)) => return Poll::Ready(Err(refusal)),
                Ok(Ok(())) => {
                    if let Some(permit) = this.limiter.claim(ticket.place) {
                        return Poll::Ready(Ok(permit));
                    }
                }
                // The task that served the queue went with its runtime.
                Err(_) => {}
            }
            // Back to the same place.
            ticket.verdict = None;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(QueueTicket {
            place,
            verdict: Some(_),
            ..
        }) = self.ticket
        {
            self.limiter.leave(place);
        }
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").finish_non_exhaustive()
    }
}
