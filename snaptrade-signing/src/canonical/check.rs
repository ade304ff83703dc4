//! The first pass: is the body canonical already?
//!
//! A body that a careful client sends is, and then it goes into the signature as one slice.

use std::cmp::Ordering;

use super::error::InvalidJson;
use super::key::Key;
use super::scan::Sink;

/// Looks at a body and writes nothing; the pass stops where it first deviates.
pub(super) struct Check<'a> {
    pub(super) body: &'a [u8],
}

/// Why the first pass stopped.
pub(super) enum Stop {
    /// The body is not canonical, or not JSON: the second pass tells.
    Deviates,
}

impl From<InvalidJson> for Stop {
    fn from(_: InvalidJson) -> Self {
        Self::Deviates
    }
}

impl Sink for Check<'_> {
    type Stop = Stop;
    type Object = Option<Key>;

    #[inline]
    fn rewrite(&mut self, _: usize, _: usize, _: &[u8]) -> Result<(), Stop> {
        Err(Stop::Deviates)
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bodies are capped far below 4 GiB"
    )]
    fn offset(&self, at: usize) -> u32 {
        at as u32
    }

    #[inline]
    fn key(&mut self, start: u32, end: usize, plain: bool) -> Key {
        Key::new(self.body, start, self.offset(end), plain)
    }

    #[inline]
    fn open(&mut self, _: usize) -> Option<Key> {
        None
    }

    #[inline]
    fn member(&mut self, last: &mut Option<Key>, key: Key) -> Result<(), Stop> {
        if let Some(last) = last.replace(key)
            && last.compare(key, self.body as &[u8]) != Ordering::Less
        {
            return Err(Stop::Deviates);
        }
        Ok(())
    }

    #[inline]
    fn member_end(&mut self, _: &mut Option<Key>, _: usize) {}

    #[inline]
    fn close(&mut self, _: Option<Key>, _: usize) {}
}
