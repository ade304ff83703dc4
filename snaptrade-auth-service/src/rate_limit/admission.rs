//! Waiting for a slot.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::oneshot;

use super::error::RateLimitError;
use super::limiter::{Entry, Limiter, now};
use super::permit::Permit;
use super::queue::{Patience, Place, Verdict};

/// Joins the queue when it is first polled, and leaves it when it is dropped.
pub(super) struct Admission {
    limiter: Arc<Limiter>,
    retried: bool,
    max_wait: Option<Duration>,
    ticket: Option<QueueTicket>,
}

struct QueueTicket {
    place: Place,
    patience: Option<Patience>,
    verdict: Option<oneshot::Receiver<Verdict>>,
}

impl Admission {
    pub(super) fn new(limiter: Arc<Limiter>, retried: bool, max_wait: Option<Duration>) -> Self {
        Self {
            limiter,
            retried,
            max_wait,
            ticket: None,
        }
    }
}

impl Future for Admission {
    type Output = Result<Permit, RateLimitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let ticket = this.ticket.get_or_insert_with(|| QueueTicket {
            place: this.limiter.place(this.retried),
            // A wait that no clock can hold is one for ever.
            patience: this.max_wait.and_then(|max_wait| {
                let until = now().checked_add(max_wait)?;
                Some(Patience { until, max_wait })
            }),
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
            match ready!(Pin::new(verdict).poll(cx)) {
                Ok(verdict) => return Poll::Ready(verdict),
                // The task that served the queue went with its runtime: back to the same place, with a new one.
                Err(_) => {
                    ticket.verdict = None;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
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
