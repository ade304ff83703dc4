//! What is written down of a call before anything of it is sent, and what became of it.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use serde::{Deserialize, Serialize};
use snaptrade_signing::UnixTime;
use uuid::Uuid;

use crate::user::UserId;

/// That a call is about to be made whose answer holds a secret. It holds none itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    id: IntentId,
    operation: Cow<'static, str>,
    user_id: Option<UserId>,
    /// Whole seconds since 1970.
    recorded_at: u64,
}

/// The id of an [`Intent`], different for each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(Uuid);

impl IntentId {
    /// Two hashes under keys that the system drew: unlike a seed from the clock, they differ between processes that
    /// were started from one image.
    fn new() -> Self {
        let [high, low] = [0_u8, 1].map(|half| RandomState::new().hash_one(half));
        let random = u128::from(high) << 64 | u128::from(low);
        Self(uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid())
    }
}

impl Intent {
    pub(super) fn new(operation: &'static str, user_id: Option<UserId>, now: UnixTime) -> Self {
        Self {
            id: IntentId::new(),
            operation: Cow::Borrowed(operation),
            user_id,
            recorded_at: now.as_secs(),
        }
    }

    /// Which call it is about.
    #[must_use]
    pub fn id(&self) -> IntentId {
        self.id
    }

    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Whose secret it is about, if that was known.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }

    /// When it was made.
    #[must_use]
    pub fn recorded_at(&self) -> UnixTime {
        UnixTime::from_secs(self.recorded_at)
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operation)?;
        if let Some(user_id) = &self.user_id {
            write!(f, " of user {:?}", user_id.as_str())?;
        }
        write!(f, " [intent {}]", self.id)
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What became of an [`Intent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Ending {
    /// The secret is in the sink.
    Stored,
    /// It was not sent, or the server's answer says that it did not run.
    NotRun,
    /// It may have run, or did, and no secret was read from its answer: there may be a user whose secret nobody knows.
    Unknown,
    /// The sink did not take the secret, or the answer was not for it, so it was handed to the caller or to the hook: see
    /// [`NotStored`](super::NotStored).
    HandedOver,
}

impl Ending {
    /// Whether nothing is left to be done about it.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Stored | Self::NotRun)
    }
}

/// An [`Intent`] that somebody has to look into.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsettled {
    /// What was about to be done.
    pub intent: Intent,
    /// How it ended; none if it is under way, or was when its process ended.
    pub ending: Option<Ending>,
}
