//! The first pass: is the body canonical already?
//!
//! A body that a careful client sends is, and then it goes into the signature as one slice.

use std::cmp::Ordering;
use std::ops::Range;

use super::error::InvalidJson;
use super::key::Key;
use super::scan::{Sink, Stop};

/// Looks at a body and writes nothing; the pass stops where it first deviates, or is not JSON: the second pass
/// tells which.
pub(super) struct Check<'a> {
    pub(super) body: &'a [u8],
}

impl Check<'_> {
    /// Names must rise. A larger prefix tells, most often.
    #[inline]
    fn rises(&self, last: &mut Key, key: Key) -> Result<(), Stop> {
        if key.prefix() <= last.prefix() && !self.rises_behind_prefix(*last, key) {
            return Err(Stop);
        }
        *last = key;
        Ok(())
    }

    #[inline(never)]
    fn rises_behind_prefix(&self, last: Key, key: Key) -> bool {
        last.is_none() || last.compare(key, self.body) == Ordering::Less
    }
}

impl Sink for Check<'_> {
    /// Its last name.
    type Object = Key;

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
    fn open(&mut self, _: usize) -> Key {
        Key::default()
    }

    #[inline]
    fn plain_name(&mut self, last: &mut Key, prefix: u64, name: Range<usize>) -> Result<(), Stop> {
        let (start, end) = (self.offset(name.start), self.offset(name.end));
        self.rises(last, Key::plain(prefix, start, end))
    }

    #[inline]
    fn name(&mut self, last: &mut Key, start: u32, end: usize) -> Result<(), Stop> {
        let key = Key::new(self.body, start, self.offset(end));
        self.rises(last, key)
    }

    #[inline]
    fn member_end(&mut self, _: &mut Key, _: usize) {}

    #[inline]
    fn close(&mut self, _: Key, _: usize) {}
}
