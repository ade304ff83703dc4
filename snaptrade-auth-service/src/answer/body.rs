//! The body of an answer, read or unread.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;
use snaptrade_signing::BoxError;

pin_project! {
    /// The body of an answer: all its bytes, or, for a streamed one, what is still to be read.
    pub struct AnswerBody<B> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<B> {
        /// Read whole; `body` is what a reader from here on has not read.
        Collected { #[pin] body: Full<Bytes>, bytes: Bytes },
        /// As the client gave it.
        Unread { #[pin] body: B },
    }
}

impl<B> AnswerBody<B> {
    pub(super) fn collected(bytes: Bytes) -> Self {
        let body = Full::new(bytes.clone());
        Self {
            state: State::Collected { body, bytes },
        }
    }

    pub(super) fn unread(body: B) -> Self {
        Self {
            state: State::Unread { body },
        }
    }

    /// All bytes, if it was read.
    #[must_use]
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.state {
            State::Collected { bytes, .. } => Some(bytes),
            State::Unread { .. } => None,
        }
    }
}

impl<B> fmt::Debug for AnswerBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerBody").finish_non_exhaustive()
    }
}

impl<B> Body for AnswerBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().state.project() {
            StateProj::Collected { body, .. } => body.poll_frame(cx).map_err(Into::into),
            StateProj::Unread { body } => body.poll_frame(cx).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Collected { body, .. } => body.is_end_stream(),
            State::Unread { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Collected { body, .. } => body.size_hint(),
            State::Unread { body } => body.size_hint(),
        }
    }
}
