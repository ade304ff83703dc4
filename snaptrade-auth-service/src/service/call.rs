//! One call, from its answer's head to what became of it.

use std::future::Future;

use bytes::Bytes;
use http::{Method, Response, response};
use http_body::Body;
use snaptrade_signing::BoxError;
use tokio::time::Instant;

use crate::answer::{Collect, announced};
use crate::deadline::Bound;
use crate::error::{ApiError, DecodeError, Error, TransportError};
use crate::operation::{Operation, Repeat};
use crate::progress::Progress;
use crate::response::RequestId;

/// What is to be known of a call until it ends.
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) repeat: Repeat,
    /// The longest answer that is read, in bytes.
    pub(super) limit: usize,
    pub(super) progress: Progress,
    pub(super) sent: Instant,
}

impl Call {
    /// The head and the unread body of a success; anything else is an error.
    pub(super) async fn success<R, E>(
        &self,
        answer: impl Future<Output = Result<Response<R>, E>>,
    ) -> Result<(response::Parts, R), Error>
    where
        E: Into<BoxError>,
        R: Body,
        R::Error: Into<BoxError>,
    {
        let answer = answer.await.map_err(|error| self.lost(error.into()))?;
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            return Ok((head, body));
        }
        let body = self.collect(&head, body).await?;
        let answer = Response::from_parts(head, body);
        let (method, elapsed) = (self.method.clone(), self.sent.elapsed());
        Err(ApiError::new(self.operation, method, self.repeat, answer, elapsed).into())
    }

    pub(super) async fn collect<R>(&self, head: &response::Parts, body: R) -> Result<Bytes, Error>
    where
        R: Body,
        R::Error: Into<BoxError>,
    {
        let announced = announced(&self.method, head);
        let read = Collect::new(body, self.limit, announced).await;
        read.map_err(|error| self.lost(error.into()))
    }

    pub(super) fn undecodable(
        &self,
        error: DecodeError,
        head: &response::Parts,
        secret_body: Option<&[u8]>,
    ) -> Error {
        let mut error = error.in_operation(self.operation, self.repeat);
        if let Some(body) = secret_body {
            error = error.with_secret_body(body);
        }
        error.request_id = RequestId::from_headers(&head.headers);
        error.round_trip_time = self.sent.elapsed();
        error.into()
    }

    fn lost(&self, error: BoxError) -> Error {
        TransportError::new(self.operation, error)
            .repeat(self.repeat)
            .into()
    }
}

/// The deadline of a call that has one, unless a layer above watches over it.
pub(super) fn bound(operation: &impl Operation, progress: &Progress) -> Option<Bound> {
    let options = operation.options();
    if options.progress.is_some() {
        return None;
    }
    let (name, repeat) = (operation.name(), operation.repeat());
    let timeout = options.timeout?;
    Some(Bound::new(timeout, name, repeat, progress.clone()))
}

pub(super) async fn within<T>(
    bound: Option<Bound>,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(bound) = bound else {
        return call.await;
    };
    tokio::select! {
        biased;
        answer = call => answer,
        exceeded = bound => Err(exceeded),
    }
}
