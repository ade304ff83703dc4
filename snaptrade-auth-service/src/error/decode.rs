//! An answer that cannot be read.

use std::fmt;
use std::time::Duration;

use serde_json::error::Category;
use zeroize::Zeroizing;

use crate::operation::Repeat;
use crate::response::RequestId;

/// A successful answer whose body is not what the operation answers.
///
/// Prints the place, and nothing of the body: that may hold a secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DecodeError {
    operation: &'static str,
    must_not_repeat: bool,
    truncated: bool,
    syntax: bool,
    line: usize,
    column: usize,
    pub(crate) request_id: Option<RequestId>,
    pub(crate) round_trip_time: Duration,
    body: Option<Zeroizing<Vec<u8>>>,
}

impl DecodeError {
    /// From serde's error.
    #[must_use]
    pub fn new(error: &serde_json::Error) -> Self {
        Self {
            truncated: error.classify() == Category::Eof,
            syntax: error.classify() == Category::Syntax,
            line: error.line(),
            column: error.column(),
            ..Self::default()
        }
    }

    /// For a body that is no JSON at all, or another than was asked for.
    #[must_use]
    pub fn unexpected() -> Self {
        Self::default()
    }

    pub(crate) fn in_operation(mut self, operation: &'static str, repeat: Repeat) -> Self {
        self.operation = operation;
        self.must_not_repeat = repeat == Repeat::Never;
        self
    }

    /// With the body of an answer whose secret is shown once.
    pub(crate) fn with_secret_body(mut self, body: &[u8]) -> Self {
        self.body = Some(Zeroizing::new(body.to_vec()));
        self
    }

    /// The body, if the answer holds a secret that is shown once: this is the only copy.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_ref().map(|body| body.as_slice())
    }

    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Whether the body ends too early.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The answer's request id.
    #[must_use]
    pub fn request_id(&self) -> Option<&RequestId> {
        self.request_id.as_ref()
    }

    /// From sending the request to the end of the answer.
    #[must_use]
    pub fn round_trip_time(&self) -> Duration {
        self.round_trip_time
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.truncated {
            "ends too early"
        } else if self.syntax {
            "is not JSON"
        } else {
            "is not what the operation answers"
        };
        write!(f, "{} succeeded, but its answer {what}", self.operation)?;
        if self.line > 0 {
            write!(f, " (line {}, column {})", self.line, self.column)?;
        }
        f.write_str(if self.must_not_repeat {
            ": it ran, so do not send it again; ask the support what it did"
        } else {
            ": ask again, and quote the request id to the support if it stays so"
        })?;
        if let Some(id) = &self.request_id {
            write!(f, " [request id {id}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("operation", &self.operation)
            .field("truncated", &self.truncated)
            .field("syntax", &self.syntax)
            .field("line", &self.line)
            .field("column", &self.column)
            .field("request_id", &self.request_id)
            .field("round_trip_time", &self.round_trip_time)
            .field("holds_body", &self.body.is_some())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for DecodeError {}
