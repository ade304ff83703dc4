//! The body of an answer: whole, or as a fault wants it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::error::SandboxError;
use super::wire::{Cut, Wire};

/// In how many pieces a body drips.
const PIECES: usize = 16;

/// The body of a [`Sandbox`](super::Sandbox)'s answer.
pub struct SandboxBody {
    /// What comes next, if it is not empty.
    part: Bytes,
    then: Then,
    /// Cuts the connection behind the answer.
    behind: Option<Behind>,
}

/// Cuts a connection once what was written before this is dropped is on its way.
struct Behind {
    cut: Cut,
    wire: Wire,
}

impl Drop for Behind {
    fn drop(&mut self) {
        self.wire.cut_behind(self.cut, 1);
    }
}

/// What comes behind the first part.
enum Then {
    End,
    /// The same again and again.
    Again(Bytes),
    /// Nothing more, though `missing` bytes were promised.
    Stall {
        missing: usize,
    },
    /// The rest, after a pause.
    Rest {
        rest: Bytes,
        pause: Pin<Box<Sleep>>,
    },
    /// The rest, a piece after each pause.
    Drip {
        rest: Bytes,
        piece: usize,
        every: Duration,
        pause: Pin<Box<Sleep>>,
    },
    /// The end of the connection, though `missing` bytes were promised.
    Cut {
        cut: Cut,
        wire: Option<Wire>,
        missing: usize,
    },
}

impl SandboxBody {
    fn whole(part: Bytes) -> Self {
        Self {
            part,
            then: Then::End,
            behind: None,
        }
    }

    /// The bytes of a body that no fault has touched.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.part
    }

    /// The first half, as if it were all.
    pub(super) fn truncated(mut self) -> Self {
        self.split();
        self
    }

    pub(super) fn endless(self) -> Self {
        let more = Bytes::from("\"and so on\",".repeat(512));
        Self {
            then: Then::Again(more),
            ..Self::whole(Bytes::from_static(b"["))
        }
    }

    pub(super) fn stalling(mut self) -> Self {
        let missing = self.split().len();
        self.then = Then::Stall { missing };
        self
    }

    pub(super) fn pausing(mut self, pause: Duration) -> Self {
        let rest = self.split();
        let pause = Box::pin(tokio::time::sleep(pause));
        self.then = Then::Rest { rest, pause };
        self
    }

    pub(super) fn cut(mut self, cut: Cut, wire: Option<Wire>) -> Self {
        let missing = self.split().len().max(1);
        if self.part.is_empty()
            && let Some(wire) = &wire
        {
            // There is no half to wait for: the head is.
            wire.cut_behind(cut, 1);
        }
        self.then = Then::Cut { cut, wire, missing };
        self
    }

    pub(super) fn dripping(mut self, every: Duration) -> Self {
        let rest = std::mem::take(&mut self.part);
        self.then = Then::Drip {
            piece: rest.len().div_ceil(PIECES).max(1),
            rest,
            every,
            pause: Box::pin(tokio::time::sleep(every)),
        };
        self
    }

    /// Without a connection, there is nothing to be cut.
    pub(super) fn then_cut(mut self, cut: Cut, wire: Option<Wire>) -> Self {
        self.behind = wire.map(|wire| Behind { cut, wire });
        self
    }

    /// Keeps the first half; the second.
    fn split(&mut self) -> Bytes {
        self.part.split_off(self.part.len() / 2)
    }

    /// How many bytes are to come, as far as the head of the answer tells; none if without end.
    fn promised(&self) -> Option<u64> {
        let more = match &self.then {
            Then::End => 0,
            Then::Again(_) => return None,
            Then::Rest { rest, .. } | Then::Drip { rest, .. } => rest.len(),
            Then::Stall { missing } | Then::Cut { missing, .. } => *missing,
        };
        Some(self.part.len() as u64 + more as u64)
    }
}

impl From<Bytes> for SandboxBody {
    fn from(bytes: Bytes) -> Self {
        Self::whole(bytes)
    }
}

impl Body for SandboxBody {
    type Data = Bytes;
    type Error = SandboxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SandboxError>>> {
        let this = &mut *self;
        if !this.part.is_empty() {
            let part = std::mem::take(&mut this.part);
            if let Then::Cut {
                cut,
                wire: Some(wire),
                ..
            } = &this.then
            {
                wire.cut_behind(*cut, part.len());
            }
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        match &mut this.then {
            Then::End => Poll::Ready(None),
            Then::Again(more) => Poll::Ready(Some(Ok(Frame::data(more.clone())))),
            Then::Stall { .. } => Poll::Pending,
            Then::Rest { rest, pause } => {
                ready!(pause.as_mut().poll(cx));
                this.part = std::mem::take(rest);
                this.then = Then::End;
                self.poll_frame(cx)
            }
            Then::Drip {
                rest,
                piece,
                every,
                pause,
            } => {
                ready!(pause.as_mut().poll(cx));
                this.part = rest.split_to(rest.len().min(*piece));
                if rest.is_empty() {
                    this.then = Then::End;
                } else {
                    pause.set(tokio::time::sleep(*every));
                }
                self.poll_frame(cx)
            }
            // The connection goes, and this body with it.
            Then::Cut { wire: Some(_), .. } => Poll::Pending,
            Then::Cut { cut, .. } => {
                let error = cut.error();
                this.then = Then::End;
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.promised() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.promised()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl fmt::Debug for SandboxBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBody")
            .field("promised", &self.promised())
            .finish_non_exhaustive()
    }
}
