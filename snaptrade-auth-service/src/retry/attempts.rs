//! What a call took.

use std::fmt;

/// On an answer that has passed a [`RetryPolicy`](super::RetryPolicy): how many attempts the call took.
///
/// It also says that the policy has decided: another one, further out, sends nothing again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    count: u32,
    earlier_may_have_run: bool,
}

/// On an answer, on its way to a retry policy: how many attempts a layer below has made beside the one that the policy knows of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtraAttempts(pub(crate) u32);

impl Attempts {
    pub(super) fn new(count: u32, earlier_may_have_run: bool) -> Self {
        Self {
            count,
            earlier_may_have_run,
        }
    }

    /// How many there were, the last one included.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether one before the last may have run at the server. Then a 404 that answers a DELETE may mean that it is done.
    #[must_use]
    pub fn earlier_may_have_run(self) -> bool {
        self.earlier_may_have_run
    }

    /// One, if nobody has counted.
    pub(crate) fn count_of(counted: Option<Self>) -> u32 {
        counted.map_or(1, Self::count)
    }

    /// Ends an error's message with how many there were, if more than one.
    pub(crate) fn fmt_note(counted: Option<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::count_of(counted) {
            0 | 1 => Ok(()),
            count => write!(f, " [{count} attempts]"),
        }
    }
}
