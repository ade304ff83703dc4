//! Reading an answer to its end, up to a limit.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::{Method, StatusCode, response};
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
        announced: Option<u64>,
        read: BytesMut,
    }
}

impl<B> Collect<B> {
    /// Reads up to `limit` bytes, and exactly as many as were [`announced`], if it is known.
    pub(crate) fn new(body: B, limit: usize, announced: Option<u64>) -> Self {
        Self {
            body,
            limit,
            announced,
            read: BytesMut::new(),
        }
    }
}

/// How many bytes the body of an answer is to have, by its head.
///
/// A client that decodes the body removes the header, as it no longer fits.
pub(crate) fn announced(method: &Method, head: &response::Parts) -> Option<u64> {
    let has_no_body = method == Method::HEAD
        || head.status == StatusCode::NO_CONTENT
        || head.status == StatusCode::NOT_MODIFIED;
    if has_no_body {
        return None;
    }
    head.headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
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
                None => return Poll::Ready(whole(std::mem::take(this.read), *this.announced)),
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

fn whole(read: BytesMut, announced: Option<u64>) -> Result<Bytes, AnswerError> {
    let len = read.len() as u64;
    match announced {
        Some(announced) if announced != len => Err(AnswerError::WrongLength {
            announced,
            read: len,
        }),
        _ => Ok(read.freeze()),
    }
}
