//! The server behind, and whether it is ready.

use std::task::{Context, Poll, ready};

use tower_service::Service;

/// A service that is ready until it is released, and has to get ready again then.
pub(super) struct Server<S> {
    service: S,
    is_ready: bool,
}

impl<S> Server<S> {
    pub(super) fn ready(service: S) -> Self {
        let is_ready = true;
        Self { service, is_ready }
    }

    /// Gives back what was reserved for the request, such as a permit.
    pub(super) fn release(&mut self)
    where
        S: Clone,
    {
        if self.is_ready {
            self.service = self.service.clone();
            self.is_ready = false;
        }
    }

    pub(super) fn poll_ready<Request>(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>>
    where
        S: Service<Request>,
    {
        if !self.is_ready {
            ready!(self.service.poll_ready(cx))?;
            self.is_ready = true;
        }
        Poll::Ready(Ok(()))
    }

    /// To be called once it is ready.
    pub(super) fn call<Request>(mut self, request: Request) -> S::Future
    where
        S: Service<Request>,
    {
        self.service.call(request)
    }
}
