//! How long it may take to connect.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;
use tokio::time::Sleep;
use tower::{Layer, Service};

use super::{DeadlineExceeded, DeadlineScope};
use crate::error::Outcome;

/// Bounds a *connector*: a service that makes connections. Put it around all of it, TLS included.
///
/// What runs out of time here was not sent, and that is all the point: around a whole request the same timeout could
/// not tell "not connected" from "sent, and no answer". hyper-util's client hands the error on among its sources,
/// where [`Outcome::of`] finds it.
///
/// ```
/// use std::time::Duration;
/// use snaptrade_auth_service::deadline::{ConnectTimeoutLayer, DeadlineExceeded, DeadlineScope};
/// use snaptrade_auth_service::Outcome;
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let blackhole = service_fn(|_: http::Uri| std::future::pending::<std::io::Result<()>>());
/// let connector = ConnectTimeoutLayer::new(Duration::from_secs(10)).layer(blackhole);
///
/// let error = connector.oneshot(http::Uri::from_static("https://192.0.2.1")).await.unwrap_err();
/// assert_eq!(Outcome::of(&*error), Outcome::NotSent);
/// let exceeded = error.downcast_ref::<DeadlineExceeded>().unwrap();
/// assert_eq!(exceeded.scope(), DeadlineScope::Connect);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ConnectTimeoutLayer {
    timeout: Duration,
}

impl ConnectTimeoutLayer {
    /// Bounds the making of each connection by `timeout`.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

impl<C> Layer<C> for ConnectTimeoutLayer {
    type Service = ConnectTimeout<C>;

    fn layer(&self, inner: C) -> ConnectTimeout<C> {
        ConnectTimeout {
            inner,
            timeout: self.timeout,
        }
    }
}

/// A connector that is bounded. Made by [`ConnectTimeoutLayer`].
#[derive(Clone, Debug)]
pub struct ConnectTimeout<C> {
    inner: C,
    timeout: Duration,
}

impl<C> ConnectTimeout<C> {
    /// The connector below.
    pub fn get_ref(&self) -> &C {
        &self.inner
    }
}

impl<C, T> Service<T> for ConnectTimeout<C>
where
    C: Service<T>,
    C::Error: Into<BoxError>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = ConnectTimeoutFuture<C::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, target: T) -> Self::Future {
        // First the sleep, then the call: what the connector times by itself does not run out before it.
        let sleep = Box::pin(tokio::time::sleep(self.timeout));
        ConnectTimeoutFuture {
            future: self.inner.call(target),
            sleep,
            timeout: self.timeout,
        }
    }
}

pin_project! {
    /// The connection, if it is made in time.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct ConnectTimeoutFuture<F> {
        #[pin]
        future: F,
        // In a box, as hyper-util asks for connectors whose futures can be moved.
        sleep: Pin<Box<Sleep>>,
        timeout: Duration,
    }
}

impl<F, T, E> Future for ConnectTimeoutFuture<F>
where
    F: Future<Output = Result<T, E>>,
    E: Into<BoxError>,
{
    type Output = Result<T, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = this.future.poll(cx);
        if let Poll::Ready(Ok(connection)) = polled {
            return Poll::Ready(Ok(connection));
        }
        // An error that comes with the deadline is the connector's own timeout, and says less.
        if this.sleep.as_mut().poll(cx).is_ready() {
            let scope = DeadlineScope::Connect;
            let exceeded = DeadlineExceeded::new(scope, *this.timeout, Outcome::NotSent);
            return Poll::Ready(Err(exceeded.into()));
        }
        polled.map_err(Into::into)
    }
}
