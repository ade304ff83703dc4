//! Answers over HTTP/2 that end where their server ended them.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use snaptrade_signing::BoxError;

/// The body of an answer. It fails if its HTTP/2 stream was reset before its end.
///
/// hyper takes a stream that is reset with `NO_ERROR` for one that has ended (RFC 9113, 8.1, means an answer that is
/// whole by then), and so a body that was cut short for a whole one.
#[derive(Debug)]
pub(super) struct WholeBody {
    body: Incoming,
    http2: bool,
}

/// The server reset the stream in the middle of its answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the server stopped in the middle of its answer")]
struct CutShort;

impl WholeBody {
    pub(super) fn of(answer: Response<Incoming>) -> Response<Self> {
        let http2 = answer.version() == Version::HTTP_2;
        answer.map(|body| Self { body, http2 })
    }
}

impl Body for WholeBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() && self.http2 && !self.body.is_end_stream() {
            return Poll::Ready(Some(Err(CutShort.into())));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
