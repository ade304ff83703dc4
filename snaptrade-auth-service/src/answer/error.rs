//! An answer whose body cannot be read.

use snaptrade_signing::BoxError;

/// An answer that began and could not be read to its end, so that nobody knows whether the request ran.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It is longer than what is read.
    #[error(
        "the answer is longer than {limit} bytes: raise `max_answer_bytes` if that is as it should be"
    )]
    TooLarge {
        /// The setting, in bytes.
        limit: usize,
    },
    /// It ended before as many bytes had come as its head announced, or after more.
    #[error("the answer has {read} bytes, and its head announced {announced}")]
    WrongLength {
        /// Its `content-length`.
        announced: u64,
        /// How many bytes came.
        read: u64,
    },
    /// It broke off.
    #[error("the answer broke off")]
    Broken(#[source] BoxError),
}
