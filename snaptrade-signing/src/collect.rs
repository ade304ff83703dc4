//! Reading a body to its end, up to a limit.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;

use crate::error::{BoxError, SignError};

/// What has been read of a body.
///
/// One chunk is kept as it came, without a copy.
#[derive(Default)]
pub(crate) struct Collect {
    first: Bytes,
    /// All of it, once there was a second chunk.
    all: BytesMut,
}

impl Collect {
    /// Reads on; ready with all bytes once the body has ended.
    #[inline]
    pub(crate) fn poll<B>(
        &mut self,
        mut body: Pin<&mut B>,
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, SignError>>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let too_large = Err(SignError::BodyTooLarge { limit });
        loop {
            let remaining = limit.saturating_sub(self.len());
            if body.size_hint().lower() > remaining as u64 {
                return Poll::Ready(too_large);
            }
            if body.is_end_stream() {
                return Poll::Ready(Ok(self.take()));
            }
            let frame = match ready!(body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(Ok(self.take())),
                Some(Err(error)) => return Poll::Ready(Err(SignError::Body(error.into()))),
                Some(Ok(frame)) => frame,
            };
            let Ok(data) = frame.into_data() else {
                return Poll::Ready(Err(SignError::Trailers));
            };
            if data.remaining() > remaining {
                return Poll::Ready(too_large);
            }
            self.push(data);
        }
    }

    #[inline]
    fn len(&self) -> usize {
        self.first.len() + self.all.len()
    }

    #[inline]
    fn push(&mut self, mut data: impl Buf) {
        if self.len() == 0 {
            self.first = data.copy_to_bytes(data.remaining());
            return;
        }
        if self.all.is_empty() {
            let first = std::mem::take(&mut self.first);
            self.all.reserve(first.len() + data.remaining());
            self.all.extend_from_slice(&first);
        }
        self.all.put(data);
    }

    #[inline]
    fn take(&mut self) -> Bytes {
        if self.all.is_empty() {
            std::mem::take(&mut self.first)
        } else {
            self.first = Bytes::new();
            std::mem::take(&mut self.all).freeze()
        }
    }
}
