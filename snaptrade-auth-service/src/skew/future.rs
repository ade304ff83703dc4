//! The future: looks at the head of the answer, and lets it pass.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::UNIX_EPOCH;

use http::header::{AGE, DATE};
use http::{HeaderMap, Response, StatusCode};
use pin_project_lite::pin_project;
use snaptrade_signing::UnixTime;
use snaptrade_signing::clock::{Clock, SkewedClock};

use super::learn::{Reading, TOLERATED};
use crate::event;
use crate::retry::StaleStamp;

pin_project! {
    /// The answer, once its head is here. Dropping it does what dropping the inner service's future does.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, C> {
        #[pin]
        future: F,
        clock: SkewedClock<C>,
        // What the request was stamped with.
        offset: i64,
        sent: UnixTime,
    }
}

impl<F, C> ResponseFuture<F, C> {
    pub(super) fn new(future: F, clock: SkewedClock<C>, offset: i64, sent: UnixTime) -> Self {
        Self {
            future,
            clock,
            offset,
            sent,
        }
    }
}

impl<F, C, R, E> Future for ResponseFuture<F, C>
where
    F: Future<Output = Result<Response<R>, E>>,
    C: Clock,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut answer = ready!(this.future.poll(cx))?;
        if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status()) {
            if let Some(date) = fresh_date(answer.headers()) {
                let (sent, received) = (*this.sent, this.clock.uncorrected().now());
                learn(
                    this.clock,
                    Reading {
                        sent,
                        received,
                        date,
                    },
                );
            }
            // This answer may have corrected the clock, or another one that came in the meantime.
            if this.clock.offset().abs_diff(*this.offset) > TOLERATED.unsigned_abs() {
                answer.extensions_mut().insert(StaleStamp);
            }
        }
        Poll::Ready(Ok(answer))
    }
}

fn learn<C: Clock>(clock: &SkewedClock<C>, reading: Reading) {
    let current = clock.offset();
    if let Some(offset) = reading.corrected(current) {
        clock.set_offset(offset);
        event::emit(|| {
            tracing::warn!(
                was = current,
                is = offset,
                "this machine's clock is wrong: timestamps are corrected by the server's date, in seconds"
            );
        });
    }
}

/// When the server answered, by its own clock. What a cache held says nothing of now.
fn fresh_date(headers: &HeaderMap) -> Option<UnixTime> {
    if headers.contains_key(AGE) {
        return None;
    }
    let date = headers.get(DATE)?.to_str().ok()?;
    let date = httpdate::parse_http_date(date.trim()).ok()?;
    let since = date.duration_since(UNIX_EPOCH).ok()?;
    Some(UnixTime::from_secs(since.as_secs()))
}

impl<F, C> fmt::Debug for ResponseFuture<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
