//! An HTTP client for each runtime.

use std::collections::{HashMap, hash_map};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};

use http::Request;
use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;
use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;
use tower::Service;

use crate::connection::NoRuntime;

/// Sends each request through a client that belongs to the runtime which it is called in.
///
/// A connection is driven by a task of the runtime in which it was made. Shared with another, it would stand still whenever
/// that runtime is idle, and be gone with it.
pub(super) struct PerRuntime<S> {
    clients: Arc<Clients<S>>,
}

struct Clients<S> {
    make: Box<dyn Fn() -> S + Send + Sync>,
    made: Mutex<HashMap<Id, Entry<S>>>,
}

struct Entry<S> {
    client: S,
    /// Dropped with the entry, it ends the task that waits for the end of the runtime.
    _unneeded: oneshot::Sender<()>,
}

/// Removes the client of a runtime once that has gone, before another one has its id.
struct Removal<S> {
    clients: Weak<Clients<S>>,
    runtime: Id,
}

impl<S> PerRuntime<S> {
    pub(super) fn new(make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        Self {
            clients: Arc::new(Clients {
                make: Box::new(make),
                made: Mutex::default(),
            }),
        }
    }
}

impl<S: Clone + Send + 'static> Clients<S> {
    fn of(self: &Arc<Self>, runtime: &Handle) -> S {
        let id = runtime.id();
        if let Some(entry) = self.lock().get(&id) {
            return entry.client.clone();
        }
        // Not under the lock, as both are somebody else's code; and of two that come together, the first one counts.
        let client = (self.make)();
        let (sender, unneeded) = oneshot::channel();
        match self.lock().entry(id) {
            hash_map::Entry::Occupied(made) => return made.get().client.clone(),
            hash_map::Entry::Vacant(vacant) => vacant.insert(Entry {
                client: client.clone(),
                _unneeded: sender,
            }),
        };
        let removal = Removal {
            clients: Arc::downgrade(self),
            runtime: id,
        };
        runtime.spawn(async move {
            let _removal = removal;
            // It ends with the entry, and is dropped with the runtime.
            let _ = unneeded.await;
        });
        client
    }
}

impl<S> Clients<S> {
    fn lock(&self) -> MutexGuard<'_, HashMap<Id, Entry<S>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Drop for Removal<S> {
    fn drop(&mut self) {
        if let Some(clients) = self.clients.upgrade() {
            let removed = clients.lock().remove(&self.runtime);
            // Not under the lock.
            drop(removed);
        }
    }
}

impl<S> Clone for PerRuntime<S> {
    fn clone(&self) -> Self {
        Self {
            clients: self.clients.clone(),
        }
    }
}

impl<S> fmt::Debug for PerRuntime<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerRuntime")
            .field("runtimes", &self.clients.lock().len())
            .finish_non_exhaustive()
    }
}

impl<S, B> Service<Request<B>> for PerRuntime<S>
where
    S: Service<Request<B>, Error = BoxError> + Clone + Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ResponseFuture<S, Request<B>>;

    /// Which client it will be is known in the call.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let state = match Handle::try_current() {
            Ok(runtime) => {
                let client = self.clients.of(&runtime);
                let call = Some((client, request));
                State::Readying { call }
            }
            Err(_) => State::NoRuntime,
        };
        ResponseFuture { state }
    }
}

pin_project! {
    /// The answer of the runtime's client.
    pub(super) struct ResponseFuture<S, Q>
    where
        S: Service<Q>,
    {
        #[pin]
        state: State<S, Q, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, Q, F> {
        /// Brings the client to readiness, which hyper-util's always is.
        Readying { call: Option<(S, Q)> },
        Called { #[pin] future: F },
        NoRuntime,
    }
}

impl<S, Q> Future for ResponseFuture<S, Q>
where
    S: Service<Q, Error = BoxError>,
{
    type Output = Result<S::Response, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Readying { call } => {
                    if let Some((client, _)) = call {
                        ready!(client.poll_ready(cx))?;
                    }
                    // None if polled after an error, which is its user's mistake: it never ends again.
                    let Some((mut client, request)) = call.take() else {
                        return Poll::Pending;
                    };
                    let future = client.call(request);
                    state.set(State::Called { future });
                }
                StateProj::Called { future } => return future.poll(cx),
                StateProj::NoRuntime => return Poll::Ready(Err(NoRuntime.into())),
            }
        }
    }
}
