//! Orders that worked before: bodies are made by programs, so alike objects come again and again.

use std::cmp::Ordering;

use super::key::Source;
use super::order::Member;

/// How many orders are remembered, and up to how many members.
const REMEMBERED: usize = 16;
const MAX_MEMBERS: usize = 64;

/// The orders that worked last, one for each of a few shapes of objects.
///
/// An order is tried before it is trusted: names that rise strictly along it are sorted, whatever object it was
/// learned from. It holds positions, nothing of a body.
#[derive(Debug)]
pub(super) struct Permutations {
    slots: Box<[Slot; REMEMBERED]>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    len: u8,
    order: [u8; MAX_MEMBERS],
}

impl Default for Permutations {
    fn default() -> Self {
        let empty = Slot {
            len: 0,
            order: [0; MAX_MEMBERS],
        };
        Self {
            slots: Box::new([empty; REMEMBERED]),
        }
    }
}

impl Permutations {
    /// The positions of `members` in order; none if there are too many, or if two have the same name.
    #[inline]
    pub(super) fn find(&mut self, members: &[Member], source: &impl Source) -> Option<&[u8]> {
        let first = members.first()?;
        if members.len() > MAX_MEMBERS {
            return None;
        }
        let slot = &mut self.slots[(first.key.hash() ^ members.len()) % REMEMBERED];
        if usize::from(slot.len) != members.len() || !rises(slot.order(), members, source) {
            slot.learn(members, source);
            if !rises(slot.order(), members, source) {
                slot.len = 0;
                return None;
            }
        }
        Some(slot.order())
    }
}

impl Slot {
    #[inline]
    fn order(&self) -> &[u8] {
        &self.order[..usize::from(self.len).min(MAX_MEMBERS)]
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 64 members")]
    fn learn(&mut self, members: &[Member], source: &impl Source) {
        self.len = members.len() as u8;
        let order = &mut self.order[..members.len()];
        for (at, position) in order.iter_mut().enumerate() {
            *position = at as u8;
        }
        order.sort_unstable_by(|a, b| {
            let (a, b) = (&members[usize::from(*a)], &members[usize::from(*b)]);
            a.key.compare(b.key, source)
        });
    }
}

/// Whether the names rise strictly along `order`, which holds each position once.
#[inline]
fn rises(order: &[u8], members: &[Member], source: &impl Source) -> bool {
    order.windows(2).all(|pair| {
        let (a, b) = (
            &members[usize::from(pair[0])],
            &members[usize::from(pair[1])],
        );
        a.key.compare(b.key, source) == Ordering::Less
    })
}
