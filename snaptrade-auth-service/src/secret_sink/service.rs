//! The service: a task for each call that reveals a secret, and nothing for the others.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tower_service::Service;

use super::calls::OpenCalls;
use super::error::SecretSinkError;
use super::future::{Answer, ResponseFuture};
use super::intent::Intent;
use super::recorder::CallRecorder;
use super::settings::Settings;
use super::task::Task;
use crate::call_options::{CallOptions, WithOptions};
use crate::deadline::Bound;
use crate::error::{Error, TransportError};
use crate::operation::Operation;
use crate::raw::{Raw, Streaming};
use crate::response::ApiResponse;

/// A service of operations whose secrets reach a sink. Made by [`SecretSinkLayer`](super::SecretSinkLayer).
#[derive(Clone, Debug)]
pub struct SecretSinkService<S> {
    inner: S,
    settings: Arc<Settings>,
    calls: Arc<OpenCalls>,
}

impl<S> SecretSinkService<S> {
    pub(super) fn new(inner: S, settings: Arc<Settings>, calls: Arc<OpenCalls>) -> Self {
        Self {
            inner,
            settings,
            calls,
        }
    }

    /// The service below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S: Clone> SecretSinkService<S> {
    /// What the ready service holds is given back.
    fn refuse<F, T>(&mut self, name: &'static str, error: SecretSinkError) -> ResponseFuture<F, T> {
        self.inner = self.inner.clone();
        ResponseFuture::refused(TransportError::new(name, error.into()).into())
    }

    /// Starts the task, in which a clone of the service is called.
    fn detach<F, Op>(
        &mut self,
        operation: Op,
    ) -> Result<ResponseFuture<F, Op::Output>, SecretSinkError>
    where
        Op: Operation + Send + 'static,
        Op::Output: Send + 'static,
        S: Service<Raw<WithOptions<Op>>, Response = ApiResponse<Bytes>, Error = Error>,
        S: Send + 'static,
        S::Future: Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| SecretSinkError::NoRuntime)?;
        let user_id = operation.secret_of().cloned();
        let now = self.settings.clock.now();
        let intent = Intent::new(operation.name(), user_id.clone(), now);
        let open = self.calls.open(&intent);
        let open = open.ok_or(SecretSinkError::Draining)?;
        let recorder = CallRecorder {
            settings: self.settings.clone(),
            calls: self.calls.clone(),
            intent,
        };

        let CallOptions {
            timeout,
            progress,
            deadline,
            ..
        } = operation.options().with_deadline(Instant::now());
        let bounded_above = progress.is_some();
        let progress = progress.unwrap_or_default();
        progress.track();
        let (name, repeat) = (operation.name(), operation.repeat());
        // The timeout of a call stands outside of the task, or it would kill what the task protects.
        let bound = timeout
            .filter(|_| !bounded_above)
            .map(|timeout| Bound::new(timeout, name, repeat, progress.clone()));

        let (caller, receiver) = oneshot::channel();
        // What the ready service holds is given back, as the call may have to wait: for the call ahead, which may need it.
        self.inner = self.inner.clone();
        let task = Task {
            service: self.inner.clone(),
            sent: operation.clone(),
            operation,
            recorder: recorder.clone(),
            place: user_id.map(|user_id| self.settings.queues.join(user_id)),
            progress: progress.clone(),
            deadline,
            caller,
            open,
        };
        runtime.spawn(task.run());
        let answer = Answer {
            receiver,
            recorder,
            operation: name,
            progress,
        };
        Ok(ResponseFuture::detached(answer, bound))
    }
}

/// The service below is called with the [`Raw`] operation if its answer holds a secret, so that its bytes are at hand whatever
/// the operation makes of them.
impl<S, Op> Service<Op> for SecretSinkService<S>
where
    Op: Operation + Send + 'static,
    Op::Output: Send + 'static,
    S: Service<WithOptions<Op>, Response = ApiResponse<Op::Output>, Error = Error>,
    S: Service<
            Raw<WithOptions<Op>>,
            Response = ApiResponse<Bytes>,
            Error = Error,
            Future: Send + 'static,
        >,
    S: Clone + Send + 'static,
{
    type Response = ApiResponse<Op::Output>;
    type Error = Error;
    type Future = ResponseFuture<<S as Service<WithOptions<Op>>>::Future, Op::Output>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Service::<WithOptions<Op>>::poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, operation: Op) -> Self::Future {
        if !operation.reveals_secret() {
            let operation = operation.with(CallOptions::new());
            return ResponseFuture::passing(self.inner.call(operation));
        }
        let name = operation.name();
        self.detach(operation)
            .unwrap_or_else(|error| self.refuse(name, error))
    }
}

/// Streamed answers pass, but for those that hold a secret: nobody would read it before the caller does.
impl<S, Op, R> Service<Streaming<Op>> for SecretSinkService<S>
where
    Op: Operation,
    S: Service<Streaming<Op>, Response = ApiResponse<R>, Error = Error> + Clone,
{
    type Response = ApiResponse<R>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, operation: Streaming<Op>) -> Self::Future {
        if operation.0.reveals_secret() {
            return self.refuse(operation.0.name(), SecretSinkError::Streamed);
        }
        ResponseFuture::passing(self.inner.call(operation))
    }
}
