//! Orders that worked before: bodies are made by programs, so alike objects come again and again.

use std::cmp::Ordering;

use super::key::Source;
use super::order::Member;

/// How many orders are remembered, and up to how many members.
const REMEMBERED: usize = 16;
const MAX_MEMBERS: usize = 64;

/// How many of them are tried. With one alone, two of the three shapes in the benches' orders took turns in one
/// place, and sorting each anew was a fifth of all instructions.
const TRIED: usize = 4;

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
    ///
    /// Objects of one shape follow those of another, in turns: each shape's place is tried, then its neighbours'.
    #[inline]
    pub(super) fn find(&mut self, members: &[Member], source: &impl Source) -> Option<&[u8]> {
        let first = members.first()?;
        if members.len() > MAX_MEMBERS {
            return None;
        }
        let place = first.key.hash() ^ members.len();
        let tried = (0..TRIED).map(|at| (place + at) % REMEMBERED);
        let found = tried
            .clone()
            .find(|at| self.slots[*at].sorts(members, source));
        let at = match found {
            Some(at) => at,
            None => {
                // The first that is free, or else the place itself.
                let free = |at: &usize| self.slots[*at].len == 0;
                let at = tried.clone().find(free).unwrap_or(place % REMEMBERED);
                self.slots[at].learn(members, source)?;
                at
            }
        };
        Some(self.slots[at].order())
    }
}

impl Slot {
    #[inline]
    fn order(&self) -> &[u8] {
        &self.order[..usize::from(self.len).min(MAX_MEMBERS)]
    }

    /// Whether this order sorts `members`.
    #[inline]
    fn sorts(&self, members: &[Member], source: &impl Source) -> bool {
        usize::from(self.len) == members.len() && rises(self.order(), members, source)
    }

    /// Sorts `members`; nothing is learned if two have the same name.
    #[inline(never)]
    #[expect(clippy::cast_possible_truncation, reason = "at most 64 members")]
    fn learn(&mut self, members: &[Member], source: &impl Source) -> Option<()> {
        self.len = members.len() as u8;
        let order = &mut self.order[..members.len()];
        for (at, position) in order.iter_mut().enumerate() {
            *position = at as u8;
        }
        order.sort_unstable_by(|a, b| {
            let (a, b) = (&members[usize::from(*a)], &members[usize::from(*b)]);
            a.key.compare(b.key, source)
        });
        if rises(self.order(), members, source) {
            return Some(());
        }
        self.len = 0;
        None
    }
}

/// Whether the names rise strictly along `order`, which holds each position once.
#[inline]
fn rises(order: &[u8], members: &[Member], source: &impl Source) -> bool {
    let mut keys = order.iter().map(|at| members[usize::from(*at)].key);
    let Some(mut last) = keys.next() else {
        return true;
    };
    keys.all(|key| std::mem::replace(&mut last, key).compare(key, source) == Ordering::Less)
}
