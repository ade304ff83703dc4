//! The wait before another attempt.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use crate::progress::Progress;

pin_project! {
    /// The wait before another attempt, over when that may be made. Dropped before, it leaves no trace.
    #[must_use = "futures do nothing unless polled"]
    pub struct Wait {
        #[pin]
        sleep: Option<Sleep>,
        progress: Option<Progress>,
    }
}

impl Wait {
    /// Lets go of `progress` when it is over.
    pub(super) fn new(wait: Duration, progress: Option<Progress>) -> Self {
        let sleep = (!wait.is_zero()).then(|| tokio::time::sleep(wait));
        Self { sleep, progress }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if let Some(sleep) = this.sleep.as_pin_mut() {
            ready!(sleep.poll(cx));
        }
        if let Some(progress) = this.progress.take() {
            // A layer below takes it from here, or nobody does.
            progress.let_go();
        }
        Poll::Ready(())
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").finish_non_exhaustive()
    }
}
