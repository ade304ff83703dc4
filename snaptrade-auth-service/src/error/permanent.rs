//! Errors that another attempt meets again.

use snaptrade_signing::BoxError;

/// Another attempt would fail like this one, so a retry policy makes none. The reason is its source.
#[derive(Debug, thiserror::Error)]
#[error("another attempt would fail in the same way")]
pub(crate) struct Permanent(#[source] BoxError);

impl Permanent {
    #[cfg(feature = "client")]
    pub(crate) fn new(reason: impl Into<BoxError>) -> Self {
        Self(reason.into())
    }
}
