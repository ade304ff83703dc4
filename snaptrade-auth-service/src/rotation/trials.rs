//! Which keys a request was signed with, and which one is next.

use std::sync::Arc;

use snaptrade_signing::{Rotating, RotatingKey, RotatingKeyId};
use tower::retry::budget::{Budget, TpsBudget};

/// How often a request is signed, at most. While half of a server's machines have the new key, one request in 4,096 needs more.
const MAX_TRIALS: u32 = 12;

/// The keys of one request.
pub(super) struct Trials {
    keys: Rotating,
    budget: Arc<TpsBudget>,
    /// What the last attempt was signed with.
    signed: RotatingKeyId,
    /// What it was refused with, in this round.
    refused: Vec<RotatingKeyId>,
    made: u32,
}

impl Trials {
    pub(super) fn new(keys: Rotating, budget: Arc<TpsBudget>, signed: RotatingKeyId) -> Self {
        Self {
            keys,
            budget,
            signed,
            refused: Vec::new(),
            made: 1,
        }
    }

    /// How many attempts there were beside the first.
    pub(super) fn extra(&self) -> u32 {
        self.made - 1
    }

    /// The server has refused the signature of the last attempt: the key for the next one.
    ///
    /// First each key that is known; then, as the next attempt may meet another machine of the server, those that were refused
    /// before, if other requests have passed of late.
    pub(super) fn next(&mut self) -> Option<RotatingKey> {
        if self.made >= MAX_TRIALS {
            return None;
        }
        self.refused.push(self.signed);
        let next = self.keys.other(&self.refused).or_else(|| self.again())?;
        self.signed = next.id();
        self.made += 1;
        Some(next)
    }

    fn again(&mut self) -> Option<RotatingKey> {
        self.refused = vec![self.signed];
        let next = self.keys.other(&self.refused)?;
        self.budget.withdraw().then_some(next)
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
