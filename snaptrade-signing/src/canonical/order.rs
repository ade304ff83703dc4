//! Member order: which objects are out of order, and the spans of their members in order.

use std::cmp::Ordering;

use super::key::{Key, Source};
use super::permutation::Permutations;

/// How much room is kept from one body to the next, in bytes each for members, objects and spans.
const RETAINED_BYTES: usize = 64 << 10;

/// A member of an object that is being read: its name, and its text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Member {
    pub(super) key: Key,
    pub(super) span: Span,
}

/// The text of a member, or of neighbours, from the comma or brace before it; and the objects nested in it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) nested: (u32, u32),
}

/// An object that is out of order, or in order with others nested in it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Object {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Its members in order; none if they stand in order already.
    pub(super) spans: (u32, u32),
    /// The first object behind it that is not nested in it.
    pub(super) next: u32,
}

/// The objects of one body in document order, outer ones first.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The members of all objects that are open.
    stack: Vec<Member>,
    /// The most members that ever stood on the stack since it was erased.
    high_water: usize,
    pub(super) objects: Vec<Object>,
    pub(super) spans: Vec<Span>,
    permutations: Permutations,
    disordered: bool,
}

impl Order {
    /// An object begins; returns its index.
    #[inline]
    pub(super) fn open(&mut self, start: u32) -> usize {
        self.objects.push(Object {
            start,
            ..Object::default()
        });
        self.objects.len() - 1
    }

    #[inline]
    pub(super) fn stack_len(&self) -> usize {
        self.stack.len()
    }

    #[inline]
    fn objects_len(&self) -> u32 {
        index(self.objects.len())
    }

    /// The name that was read last, of those whose objects are open.
    #[inline]
    pub(super) fn last_name(&self) -> Option<Key> {
        self.stack.last().map(|member| member.key)
    }

    /// A member begins, up to its value.
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        let objects = self.objects_len();
        let span = Span {
            // The name's quote, and what separates it from the member before.
            start: key.start().wrapping_sub(2),
            end: 0,
            nested: (objects, objects),
        };
        self.stack.push(Member { key, span });
    }

    /// The last member's value ends.
    #[inline]
    pub(super) fn end_member(&mut self, end: u32) {
        let objects = self.objects_len();
        if let Some(member) = self.stack.last_mut() {
            member.span.end = end;
            member.span.nested.1 = objects;
        }
    }

    /// The object at `index`, whose members are `stack[first..]`, ends.
    #[inline]
    pub(super) fn close(
        &mut self,
        index: usize,
        first: usize,
        end: u32,
        sorted: bool,
        source: &impl Source,
    ) {
        self.high_water = self.high_water.max(self.stack.len());
        if !sorted {
            self.disordered = true;
            self.sort(index, first, end, source);
        } else if index + 1 == self.objects.len() {
            // In order, and so is all that is nested in it: part of the text around it.
            self.objects.pop();
        }
        self.stack.truncate(first);
    }

    fn sort(&mut self, object: usize, first: usize, end: u32, source: &impl Source) {
        let members = &mut self.stack[first..];
        let begin = index(self.spans.len());
        if let Some(order) = self.permutations.find(members, source) {
            let ordered = order.iter().map(|at| members[usize::from(*at)].span);
            self.spans.extend(ordered);
        } else {
            // Names stand where they were read, so of equal ones the later has the larger start.
            members.sort_unstable_by(|a, b| {
                a.key
                    .compare(b.key, source)
                    .then(a.key.start().cmp(&b.key.start()))
            });
            for (at, member) in members.iter().enumerate() {
                let overridden = members
                    .get(at + 1)
                    .is_some_and(|next| member.key.compare(next.key, source) == Ordering::Equal);
                if !overridden {
                    push(&mut self.spans, begin as usize, member.span);
                }
            }
        }
        let next = index(self.objects.len());
        self.objects[object] = Object {
            start: self.objects[object].start,
            end,
            spans: (begin, index(self.spans.len())),
            next,
        };
    }

    /// Whether an object was out of order, so that the text must be written anew.
    #[inline]
    pub(super) fn is_disordered(&self) -> bool {
        self.disordered
    }

    /// Forgets the body, the first bytes of its names included; keeps some room.
    pub(super) fn erase(&mut self) {
        self.high_water = self.high_water.max(self.stack.len());
        self.stack.clear();
        self.stack.resize(self.high_water, Member::default());
        zeroize::optimization_barrier(self.stack.as_slice());
        self.stack.clear();
        self.high_water = 0;
        self.objects.clear();
        self.spans.clear();
        self.disordered = false;
        cap(&mut self.stack);
        cap(&mut self.objects);
        cap(&mut self.spans);
    }
}

/// Appends a span to those of its object, which begin at `begin`. Neighbours that stay neighbours are one: of 100,000
/// members with one out of order, that is 7 % of the time.
#[inline]
fn push(spans: &mut Vec<Span>, begin: usize, span: Span) {
    match spans[begin..].last_mut() {
        Some(last) if last.end == span.start => {
            last.end = span.end;
            last.nested.1 = span.nested.1;
        }
        _ => spans.push(span),
    }
}

/// Gives room of an empty vector back beyond what is kept.
#[inline]
fn cap<T>(vec: &mut Vec<T>) {
    let retained = RETAINED_BYTES / size_of::<T>();
    if vec.capacity() > retained {
        vec.shrink_to(retained);
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "each member and object takes a byte of a body at least, and bodies are capped far below 4 GiB"
)]
fn index(count: usize) -> u32 {
    count as u32
}
