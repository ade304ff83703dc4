//! Names that came before: the objects of an array are made by one program, so they have the same names in the same
//! order.
//!
//! A name that is guessed right is compared instead of read, and the pass need not wait until it knows where the
//! name ends: 0.3 H of a canonical body of 64 KiB.

use crate::vectors::Pattern;

/// How many names of an array's elements are remembered.
const REMEMBERED: usize = 64;

/// Outside of arrays, where no name comes again.
const NOWHERE: usize = usize::MAX;

/// Names in the order in which the element before had them.
#[derive(Debug)]
pub(super) struct Names {
    known: Vec<Name>,
    /// The one that is expected next.
    next: usize,
}

/// A name's text, from the brace or comma before it to the colon behind it; and the prefix of its key.
#[derive(Clone, Copy, Debug)]
struct Name {
    len: usize,
    prefix: u64,
    text: Pattern,
}

/// One that never comes.
const NONE: Name = Name {
    len: 0,
    prefix: 0,
    text: Pattern::NOWHERE,
};

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

    /// The name that is expected, if its text stands at `at`: how long the text is, and its prefix.
    #[inline(always)]
    pub(super) fn guess(&mut self, body: &[u8], at: usize) -> Option<(usize, u64)> {
        let name = self.known.get(self.next)?;
        if !name.text.stands_at(body, at) {
            return None;
        }
        self.next += 1;
        Some((name.len, name.prefix))
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
        let text = &body[start..end];
        let name = Pattern::new(text).map_or(NONE, |pattern| Name {
            len: text.len(),
            prefix,
            text: pattern,
        });
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
            self.known.fill(NONE);
            zeroize::optimization_barrier(self.known.as_slice());
            self.known.clear();
        }
    }
}
