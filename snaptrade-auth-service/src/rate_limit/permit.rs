//! A slot that is held, whatever becomes of its holder.

use std::sync::Arc;

use http::Response;

use super::feedback::Feedback;
use super::limiter::Limiter;
use super::window::Ticket;

/// Dropped before the start, it gives its slot back at once; dropped later, it keeps it for a margin and a window.
#[derive(Debug)]
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    ticket: Ticket,
    stage: Stage,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Granted,
    Started,
    Answered,
}

impl Permit {
    pub(super) fn new(limiter: Arc<Limiter>, ticket: Ticket) -> Self {
        let stage = Stage::Granted;
        Self {
            limiter,
            ticket,
            stage,
        }
    }

    /// From now on the request may reach the server.
    pub(super) fn start(&mut self) {
        self.stage = Stage::Started;
    }

    /// The head of the answer is here.
    pub(super) fn answered<R>(mut self, response: &mut Response<R>) {
        self.stage = Stage::Answered;
        let feedback = Feedback::read(response);
        self.limiter.answered(self.ticket, feedback);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        match self.stage {
            Stage::Granted => self.limiter.refund(),
            Stage::Started => self.limiter.ended(),
            Stage::Answered => {}
        }
    }
}
