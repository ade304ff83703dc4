//! The first pass: is the body canonical already?
//!
//! A body that a careful client sends is, and then it goes into the signature as one slice.

use std::cmp::Ordering;

use super::error::InvalidJson;
use super::key::Key;
use super::scan::{Sink, Stop};

/// Looks at a body and writes nothing; the pass stops where it first deviates, or is not JSON: the second pass
/// tells which.
pub(super) struct Check<'a> {
    pub(super) body: &'a [u8],
}

impl Check<'_> {
    #[inline]
    fn rises(&self, last: &mut Option<Key>, key: Key) -> Result<(), Stop> {
        match last.replace(key) {
            Some(last) if last.compare(key, self.body) != Ordering::Less => Err(Stop),
            _ => Ok(()),
        }
    }
}

impl Sink for Check<'_> {
    type Object = Option<Key>;

    #[inline]
    fn refuse(&mut self, _: InvalidJson) -> Stop {
        Stop
    }

    #[inline]
    fn rewrite(&mut self, _: usize, _: usize, _: &[u8]) -> Result<(), Stop> {
        Err(Stop)
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
    fn open(&mut self, _: usize) -> Option<Key> {
        None
    }

    #[inline]
    fn plain_name(&mut self, last: &mut Option<Key>, start: usize, end: usize) -> Result<(), Stop> {
        let (from, to) = (self.offset(start), self.offset(end));
        self.rises(last, Key::plain(self.body, start..end, from, to))
    }

    #[inline]
    fn name(&mut self, last: &mut Option<Key>, start: u32, end: usize) -> Result<(), Stop> {
        let key = Key::new(self.body, start, self.offset(end));
        self.rises(last, key)
    }

    #[inline]
    fn member_end(&mut self, _: &mut Option<Key>, _: usize) {}

    #[inline]
    fn close(&mut self, _: Option<Key>, _: usize) {}
}
