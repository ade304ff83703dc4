//! The second pass: rewrites what is not canonical, and notes which objects are out of order.

use std::cmp::Ordering;
use std::ops::Range;

use super::error::{InvalidJson, Reason};
use super::key::{Key, Source};
use super::order::Order;
use super::scan::{Sink, Stop};
use crate::buffer::{Output, SecretBuffer, WINDOW};

/// Writes the text of a body in document order.
///
/// Nothing is copied while nothing needs rewriting: `text` stays empty and offsets are the body's own.
pub(super) struct Build<'a> {
    body: &'a [u8],
    /// What has been written so far; `body[copied..]` follows unchanged, up to where the pass stands.
    text: &'a mut SecretBuffer,
    copied: usize,
    /// How much further a byte of the body stands in the text than in the body; it wraps around.
    shift: u32,
    order: &'a mut Order,
    /// Why the pass stopped; not looked at before.
    error: InvalidJson,
}

/// An object whose members are being read.
pub(super) struct Object {
    /// Its place among the objects that may be out of order.
    index: usize,
    /// Its first member on the stack.
    first: usize,
    /// The prefix of the last name.
    prefix: u64,
    sorted: bool,
}

impl<'a> Build<'a> {
    pub(super) fn new(body: &'a [u8], text: &'a mut SecretBuffer, order: &'a mut Order) -> Self {
        Self {
            body,
            text,
            copied: 0,
            shift: 0,
            order,
            error: InvalidJson::new(0, Reason::UnexpectedEnd),
        }
    }

    /// Why the pass stopped.
    pub(super) fn error(&self) -> InvalidJson {
        self.error
    }

    /// Writes what is still to be copied; true if the whole text is the body itself.
    pub(super) fn finish(self) -> bool {
        let unchanged = self.copied == 0;
        if !unchanged {
            self.text.extend(&self.body[self.copied..]);
        }
        unchanged
    }

    #[inline]
    fn member(&mut self, object: &mut Object, key: Key) {
        // Two prefixes tell, most often.
        let (last, prefix) = (object.prefix, key.prefix());
        object.sorted = object.sorted
            && (prefix > last || (prefix == last && self.rises_behind_prefix(object, key)));
        object.prefix = prefix;
        self.order.push(key);
    }

    #[inline(never)]
    fn rises_behind_prefix(&self, object: &Object, key: Key) -> bool {
        match self.order.last_name() {
            Some(last) if self.order.stack_len() > object.first => {
                last.compare(key, &self.written()) == Ordering::Less
            }
            _ => true,
        }
    }

    /// The text goes on with `body[at..]`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bodies are capped far below 4 GiB, and so is their text"
    )]
    fn copy_from(&mut self, at: usize) {
        self.copied = at;
        self.shift = (self.text.len() as u32).wrapping_sub(at as u32);
    }

    fn written(&self) -> Written<'_> {
        Written {
            text: self.text.as_slice(),
            rest: &self.body[self.copied..],
        }
    }
}

/// The text so far: what was written, and the part of the body that follows unchanged.
struct Written<'a> {
    text: &'a [u8],
    rest: &'a [u8],
}

impl Source for Written<'_> {
    /// A name never straddles the two: `key` sees to it.
    #[inline]
    fn slice(&self, start: u32, end: u32) -> &[u8] {
        let (start, end) = (start as usize, end as usize);
        match start.checked_sub(self.text.len()) {
            Some(start) => &self.rest[start..end - self.text.len()],
            None => &self.text[start..end],
        }
    }
}

impl Sink for Build<'_> {
    type Object = Object;

    #[cold]
    fn refuse(&mut self, error: InvalidJson) -> Stop {
        self.error = error;
        Stop
    }

    fn rewrite(&mut self, from: usize, to: usize, canonical: &[u8]) -> Result<(), Stop> {
        if self.text.len() == 0 {
            self.text.reserve(self.body.len() + WINDOW);
        }
        let first = self.body[self.copied];
        self.text.extend_piece(self.body, self.copied..from, first);
        if !canonical.is_empty() {
            self.text.extend(canonical);
        }
        self.copy_from(to);
        Ok(())
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bodies are capped far below 4 GiB"
    )]
    fn offset(&self, at: usize) -> u32 {
        (at as u32).wrapping_add(self.shift)
    }

    fn open(&mut self, at: usize) -> Object {
        let start = self.offset(at);
        Object {
            index: self.order.open(start),
            first: self.order.stack_len(),
            prefix: 0,
            sorted: true,
        }
    }

    #[inline]
    fn plain_name(
        &mut self,
        object: &mut Object,
        prefix: u64,
        name: Range<usize>,
    ) -> Result<(), Stop> {
        let (start, end) = (self.offset(name.start), self.offset(name.end));
        self.member(object, Key::plain(prefix, start, end));
        Ok(())
    }

    fn name(&mut self, object: &mut Object, start: u32, end: usize) -> Result<(), Stop> {
        // Written in part already: the rest of the name follows, so that it stands in one place.
        if (start as usize) < self.text.len() {
            self.text.extend(&self.body[self.copied..end]);
            self.copy_from(end);
        }
        let key = Key::new(&self.written(), start, self.offset(end));
        self.member(object, key);
        Ok(())
    }

    #[inline]
    fn member_end(&mut self, _: &mut Object, end: usize) {
        let end = self.offset(end);
        self.order.end_member(end);
    }

    fn close(&mut self, object: Object, end: usize) {
        let end = self.offset(end);
        let written = Written {
            text: self.text.as_slice(),
            rest: &self.body[self.copied..],
        };
        let sorted = object.sorted;
        self.order
            .close(object.index, object.first, end, sorted, &written);
    }
}
