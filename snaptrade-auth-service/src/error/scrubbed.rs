//! Errors of others, without what they should not print.

use std::error::Error as StdError;
use std::fmt;

use crate::quote::{Quoted, quote};

/// An error's text and that of its sources, quoted: escaped, cut and masked.
///
/// reqwest's errors hold the whole URL, `userSecret` included, in their `Display` and their `Debug` alike. The text
/// is what people need; the error itself stays out of reach.
pub(crate) struct Scrubbed {
    text: Quoted,
    source: Option<Box<Scrubbed>>,
}

impl Scrubbed {
    pub(crate) fn new(error: &(dyn StdError + 'static)) -> Self {
        Self {
            text: quote(&error.to_string()),
            source: error.source().map(|source| Box::new(Self::new(source))),
        }
    }
}

impl fmt::Display for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl fmt::Debug for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)?;
        match &self.source {
            Some(source) => write!(f, ": {source:?}"),
            None => Ok(()),
        }
    }
}

impl StdError for Scrubbed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}
