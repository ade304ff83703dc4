//! Which keys a request was signed with, and which one is next.

use std::sync::Arc;

use snaptrade_signing::{Rotating, RotatingKey, RotatingKeyId};
use tower::retry::budget::{Budget, TpsBudget};

/// How often a request is signed, at most. While half of a server's machines have the new key, one request in 256 needs more.
const MAX_TRIALS: u32 = 8;

/// The keys of one request.
pub(super) struct Trials {
    keys: Rotating,
    budget: Arc<TpsBudget>,
    /// What the last attempt was signed with.
    signed: RotatingKeyId,
    /// What it was refused with.
    refused: Vec<RotatingKeyId>,
    made: u32,
    /// Whether it is signed with keys again that were refused.
    goes_on: bool,
}

impl Trials {
    pub(super) fn new(keys: Rotating, budget: Arc<TpsBudget>, signed: RotatingKeyId) -> Self {
        Self {
            keys,
            budget,
            signed,
            refused: Vec::new(),
            made: 1,
            goes_on: false,
        }
    }

    /// How many attempts there were beside the first.
    pub(super) fn extra(&self) -> u32 {
        self.made - 1
    }

    /// The server has refused the signature of the last attempt: the key for the next one.
    ///
    /// First each key that is known; then any of them, as the next attempt may meet another machine of the server: once, and
    /// more often if other requests have passed of late. By chance, as machines that take turns would keep step with keys that
    /// do.
    pub(super) fn next(&mut self) -> Option<RotatingKey> {
        if self.made >= MAX_TRIALS {
            return None;
        }
        self.refused.push(self.signed);
        let mut keys = self.keys.keys();
        let untried = keys.iter().find(|key| !self.refused.contains(&key.id()));
        let next = match untried {
            Some(key) => key.clone(),
            None if keys.len() > 1 && self.goes_on(keys.len()) => {
                keys.swap_remove(fastrand::usize(..keys.len()))
            }
            None => return None,
        };
        self.signed = next.id();
        self.made += 1;
        Some(next)
    }

    /// Whether there is another attempt after one with each of so many keys. One is for nothing, and the others are paid for at
    /// once.
    fn goes_on(&mut self, keys: usize) -> bool {
        let is_first = self.refused.len() == keys;
        self.goes_on = self.goes_on || !is_first && self.budget.withdraw();
        is_first || self.goes_on
    }

    /// The last attempt has passed.
    pub(super) fn passed(&self) {
        self.budget.deposit();
        // The first attempt's endpoint may be one that verifies nothing; this one has refused a key.
        if self.made > 1 {
            self.keys.accepted(self.signed);
        }
    }
}
