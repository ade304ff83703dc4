//! hyper-util's client, telling when a request has a connection, and what became of that.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{self, ResponseFuture};
use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;
use tower::Service;

use super::error::ConnectError;
use super::mark::{has_answered, note};
use super::whole::WholeBody;
use crate::connection::OldConnectionFailed;
use crate::progress::Progress;

/// Says through [`Progress`] that nothing was sent while there is no connection, so that a deadline which runs out
/// then knows it; through [`ConnectError`] why there is none; and through [`OldConnectionFailed`] that it had served others.
#[derive(Clone, Debug)]
pub(super) struct Track<S> {
    inner: S,
    http2_only: bool,
}

impl<S> Track<S> {
    pub(super) fn new(inner: S, http2_only: bool) -> Self {
        Self { inner, http2_only }
    }
}

impl<S, B> Service<Request<B>> for Track<S>
where
    S: Service<Request<B>, Error = legacy::Error, Future = ResponseFuture>,
{
    type Response = Response<WholeBody>;
    type Error = BoxError;
    type Future = TrackFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> TrackFuture {
        let connection = capture_connection(&mut request);
        let progress = request.extensions().get::<Progress>().cloned();
        if let Some(progress) = &progress {
            progress.connecting();
        }
        TrackFuture {
            future: self.inner.call(request),
            connection,
            waiting: progress,
            http2_only: self.http2_only,
        }
    }
}

pin_project! {
    /// The answer; until then, an eye on the connection.
    pub(super) struct TrackFuture {
        #[pin]
        future: ResponseFuture,
        connection: CaptureConnection,
        // Until there is a connection.
        waiting: Option<Progress>,
        http2_only: bool,
    }
}

impl Future for TrackFuture {
    type Output = Result<Response<WholeBody>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = this.future.poll(cx);
        // A request goes onto its connection within a poll of this future, so after each one it is known.
        if let Some(progress) = this.waiting
            && this.connection.connection_metadata().is_some()
        {
            progress.connected();
            *this.waiting = None;
        }
        polled.map(|answered| match answered {
            Ok(mut answer) => {
                note(&mut answer);
                Ok(WholeBody::of(answer))
            }
            Err(error) if error.is_connect() => Err(ConnectError::explain(error)),
            Err(error) => Err(match &*this.connection.connection_metadata() {
                Some(connected) if has_answered(connected) => {
                    let is_shared = *this.http2_only || connected.is_negotiated_h2();
                    let failed = OldConnectionFailed {
                        wants_a_fresh_one: !is_shared,
                        source: error.into(),
                    };
                    failed.into()
                }
                _ => error.into(),
            }),
        })
    }
}
