//! Reading an answer to its end, up to a limit.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;

use super::error::AnswerError;

pin_project! {
    /// Becomes all bytes of a body; trailers are passed over.
    pub(crate) struct Collect<B> {
        #[pin]
        body: B,
        limit: usize,
        read: BytesMut,
    }
}

impl<B> Collect<B> {
    pub(crate) fn new(body: B, limit: usize) -> Self {
        Self {
            body,
            limit,
            read: BytesMut::new(),
        }
    }
}

impl<B> Future for Collect<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Result<Bytes, AnswerError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let limit = *this.limit;
        if this.body.size_hint().lower() > limit as u64 {
            return Poll::Ready(Err(AnswerError::TooLarge { limit }));
        }
        loop {
            let frame = match ready!(this.body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(Ok(std::mem::take(this.read).freeze())),
                Some(Err(error)) => return Poll::Ready(Err(AnswerError::Broken(error.into()))),
                Some(Ok(frame)) => frame,
            };
            let Ok(mut data) = frame.into_data() else {
                continue;
            };
            if data.remaining() > limit - this.read.len() {
                return Poll::Ready(Err(AnswerError::TooLarge { limit }));
            }
            while data.has_remaining() {
                let chunk = data.chunk();
                this.read.extend_from_slice(chunk);
                let len = chunk.len();
                data.advance(len);
            }
        }
    }
}
