//! Names that came before: the objects of an array are made by one program, so they have the same names in the same
//! order.
//!
//! A name that is guessed right is compared instead of read, and the pass need not wait until it knows where the
//! name ends: 0.3 H of a canonical body of 64 KiB.

use crate::words::word;

/// How many names of an array's elements are remembered, and the longest text of one.
const REMEMBERED: usize = 64;
const MAX_LEN: usize = 24;

/// Outside of arrays, where no name comes again.
const NOWHERE: usize = usize::MAX;

/// Names in the order in which the element before had them.
#[derive(Debug)]
pub(super) struct Names {
    known: Vec<Name>,
    /// The one that is expected next.
    next: usize,
}

/// A name's text, from the brace or comma before it to the colon behind it, as words; and the prefix of its key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Name {
    pub(super) len: usize,
    pub(super) prefix: u64,
    first: u64,
    /// The bits of the first word that are not the text's.
    cut: u32,
    second: u64,
    last: u64,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            known: Vec::new(),
            next: NOWHERE,
        }
    }
}

impl Names {
    /// An array begins. What is returned belongs to [`element`](Self::element) and [`leave`](Self::leave).
    #[inline]
    pub(super) fn enter(&self) -> usize {
        self.next
    }

    /// The next element begins: its names are expected to be those of the one before.
    #[inline]
    pub(super) fn element(&mut self, entered: usize) {
        self.next = if entered == NOWHERE { 0 } else { entered };
    }

    /// An array ends. What follows in an outer array's element is expected behind it.
    #[inline]
    pub(super) fn leave(&mut self, entered: usize) {
        if entered == NOWHERE {
            self.next = NOWHERE;
        }
    }

    /// The name that is expected, if its text stands at `at`.
    #[inline(always)]
    pub(super) fn guess(&mut self, body: &[u8], at: usize) -> Option<Name> {
        let name = self.known.get(self.next)?;
        let differs = word(body, at)? ^ name.first;
        if differs << name.cut != 0 {
            return None;
        }
        if name.len > 8 {
            let behind = at + name.len;
            if word(body, behind - 8)? != name.last
                || (name.len > 16 && word(body, at + 8)? != name.second)
            {
                return None;
            }
        }
        self.next += 1;
        Some(*name)
    }

    /// The name that came instead has its text in `body[start..end]`.
    #[inline]
    pub(super) fn learn(&mut self, body: &[u8], start: usize, end: usize, prefix: u64) {
        if self.next < REMEMBERED {
            self.put(body, start, end, prefix);
        }
    }

    #[inline(never)]
    fn put(&mut self, body: &[u8], start: usize, end: usize, prefix: u64) {
        let len = end - start;
        let name = match (word(body, start), word(body, start + 8)) {
            (Some(first), Some(second)) if len <= MAX_LEN => Name {
                len,
                prefix,
                first,
                cut: 8 * 8u32.saturating_sub(u32::try_from(len).unwrap_or(8)),
                second,
                last: word(body, end.saturating_sub(8)).unwrap_or(0),
            },
            // One that never comes.
            _ => Name::default(),
        };
        match self.known.get_mut(self.next) {
            Some(known) => *known = name,
            None => self.known.push(name),
        }
        self.next += 1;
    }

    /// Forgets the names.
    #[inline]
    pub(super) fn erase(&mut self) {
        self.next = NOWHERE;
        if !self.known.is_empty() {
            self.known.fill(Name::default());
            zeroize::optimization_barrier(self.known.as_slice());
            self.known.clear();
        }
    }
}
