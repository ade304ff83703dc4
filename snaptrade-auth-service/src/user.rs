//! Users: their ids, their secrets, and the two together.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

/// The id of a user, as your app chose it: `userId`. Any text; it is percent-encoded where it must be.
///
/// SnapTrade advises against e-mail addresses, as ids cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Takes an id as it is.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for UserId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for UserId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&Self> for UserId {
    fn from(id: &Self) -> Self {
        id.clone()
    }
}

/// The secret of a user: `userSecret`. It is erased when dropped, and printed by nothing; [requests and answers](crate#secrets)
/// that it travels in are not erased.
///
/// The server shows it once, when the user is registered or their secret is reset. It does not serialize by
/// itself: to store it, [`expose`](Self::expose) it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserSecret(Zeroizing<String>);

impl UserSecret {
    /// Takes a secret as it was stored.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The secret itself, to store it or send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserSecret([redacted])")
    }
}

impl<'de> Deserialize<'de> for UserSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// A user and their secret: what registration answers, and what calls on behalf of that user take.
///
/// ```
/// use snaptrade_auth_service::UserCredentials;
///
/// let jane = UserCredentials::new("jane", "her-secret");
/// assert_eq!(jane.user_id.as_str(), "jane");
/// assert!(!format!("{jane:?}").contains("her-secret"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserCredentials {
    /// Who.
    pub user_id: UserId,
    /// Their secret.
    pub user_secret: UserSecret,
}

impl UserCredentials {
    /// A user whose secret was stored.
    pub fn new(user_id: impl Into<UserId>, user_secret: impl Into<String>) -> Self {
        Self {
            user_id: user_id.into(),
            user_secret: UserSecret::new(user_secret),
        }
    }
}
