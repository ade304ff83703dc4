//! The table: what may be sent again.

use crate::operation::Repeat;

/// How an attempt ended, as far as sending it again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It never left.
    NotSent,
    /// 429: the server did not run it, and will if it comes later.
    Throttled,
    /// 502, 503 or 504: the server is away, or what is before it says so.
    Unavailable,
    /// It was sent, or may have been, and nobody knows whether it ran.
    Unknown,
    /// 401/1076, and the stamp had become stale.
    StaleStamp,
    /// Any other answer.
    Answered,
    /// An error that another attempt meets again, or that is nobody's to retry: it could not be signed, no connection can
    /// be made, the limiter would not have it, the whole call has run out of time.
    GivenUp,
}

impl End {
    /// Whether it may be sent again.
    pub(super) fn may_be_repeated(self, repeat: Repeat) -> bool {
        match self {
            Self::NotSent | Self::Throttled | Self::StaleStamp => true,
            Self::Unavailable | Self::Unknown => repeat == Repeat::Safe,
            Self::Answered | Self::GivenUp => false,
        }
    }
}
