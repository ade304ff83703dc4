//! A signer that can be replaced while requests fly.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::credentials::Credentials;
use crate::provide::ProvideSigner;
use crate::signer::Signer;

/// How many keys are kept beside the current one, at most.
const MAX_OTHERS: usize = 3;

/// A signer that can be replaced while requests fly. Clones share it.
///
/// A request that is signed before the rotation keeps its signature; the next one has the new one.
///
/// ```
/// use snaptrade_signing::{Credentials, ProvideSigner, Rotating, SignRequestLayer};
///
/// let keys = Rotating::new(Credentials::new("ACME", "old key")?);
/// let layer = SignRequestLayer::with_provider(keys.clone());
///
/// keys.rotate(Credentials::new("ACME", "new key")?);
/// assert_eq!(keys.generation(), 1);
/// # Ok::<(), snaptrade_signing::CredentialsError>(())
/// ```
///
/// # When the server switches at one instant, or machine by machine
///
/// Nobody knows the instant beforehand, so [`rotate`](Self::rotate) comes too early or too late for some requests. A key
/// that was [staged](Self::stage) signs nothing until a request is refused: then that request alone is signed with another of
/// the [keys](Self::keys), and once the server has [accepted](Self::accepted) it, that is the current one for all. The key
/// that it replaces stays until the next [`stage`](Self::stage) or [`rotate`](Self::rotate), for requests that meet a
/// server which has not switched yet, or has switched back.
///
/// ```
/// use snaptrade_signing::{Credentials, Rotating};
///
/// let keys = Rotating::new(Credentials::new("ACME", "old key")?);
/// keys.stage(Credentials::new("ACME", "new key")?)?;
///
/// // A request was signed with the old key, and refused.
/// let old = keys.current().id();
/// let new = keys.keys()[1].id();
/// assert_eq!(keys.current().id(), old, "it still signs what others send");
///
/// // Signed with the other one, it passed.
/// assert!(keys.accepted(new));
/// assert_eq!(keys.current().id(), new);
/// assert_eq!(keys.keys()[1].id(), old, "it is kept");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `FollowRotationLayer` in `snaptrade-auth-service` does all that.
#[derive(Clone)]
pub struct Rotating(Arc<RwLock<Keys>>);

/// One of the keys of a [`Rotating`].
#[derive(Clone, Debug)]
pub struct RotatingKey {
    signer: Arc<Signer>,
    id: RotatingKeyId,
}

/// Tells the keys of a [`Rotating`] apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RotatingKeyId(u64);

/// A key of another client id cannot take over from the one that signs: the server would refuse both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key that is staged is that of another client id: stage a key of the same one, or `rotate` to another client"
)]
pub struct OtherClient;

struct Keys {
    current: RotatingKey,
    generation: u64,
    /// Those that a refused request may be signed with, in turn.
    others: Vec<Other>,
    /// How many keys there were.
    count: u64,
}

struct Other {
    key: RotatingKey,
    /// It was the current one, and another was accepted in its place.
    replaced: bool,
}

impl RotatingKey {
    /// What signs with it.
    #[must_use]
    pub fn signer(&self) -> &Arc<Signer> {
        &self.signer
    }

    /// Which one it is.
    #[must_use]
    pub fn id(&self) -> RotatingKeyId {
        self.id
    }
}

impl Rotating {
    /// Signs with `credentials` to begin with.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self(Arc::new(RwLock::new(Keys {
            current: RotatingKey {
                signer: Arc::new(Signer::new(credentials)),
                id: RotatingKeyId(0),
            },
            generation: 0,
            others: Vec::new(),
            count: 1,
        })))
    }

    /// Signs with `credentials` from now on, escaping as before. All other keys are forgotten but the one that this
    /// replaces, if it is of the same client id.
    pub fn rotate(&self, credentials: Credentials) {
        let mut keys = self.write();
        let next = keys.add(credentials);
        let same_client = keys.is_of_the_client(&next);
        let key = std::mem::replace(&mut keys.current, next);
        keys.generation = keys.generation.wrapping_add(1);
        keys.others.clear();
        if same_client {
            keys.others.push(Other {
                key,
                replaced: true,
            });
        }
    }

    /// Keeps `credentials`, escaping as before, for requests that are refused with the key that signs now. Keys that were
    /// replaced are forgotten; those that were staged before and not accepted yet are not, up to three in all.
    ///
    /// # Errors
    ///
    /// [`OtherClient`] if they are of another client id than the key that signs now; nothing changes.
    pub fn stage(&self, next: Credentials) -> Result<(), OtherClient> {
        let mut keys = self.write();
        let key = keys.add(next);
        if !keys.is_of_the_client(&key) {
            return Err(OtherClient);
        }
        keys.others.retain(|other| !other.replaced);
        let replaced = false;
        keys.others.insert(0, Other { key, replaced });
        keys.others.truncate(MAX_OTHERS);
        Ok(())
    }

    /// The key that signs now.
    #[must_use]
    pub fn current(&self) -> RotatingKey {
        self.read().current.clone()
    }

    /// All keys that a request may be signed with: the current one, and then the others, latest first.
    #[must_use]
    pub fn keys(&self) -> Vec<RotatingKey> {
        let keys = self.read();
        let others = keys.others.iter().map(|other| &other.key);
        std::iter::once(&keys.current)
            .chain(others)
            .cloned()
            .collect()
    }

    /// The server accepted a request that was signed with this key, after it had refused it with another: from now on it
    /// signs. Whether that changes anything.
    ///
    /// An endpoint that verifies nothing (`/`, say) accepts every key, so what was not refused before proves nothing.
    pub fn accepted(&self, id: RotatingKeyId) -> bool {
        let mut keys = self.write();
        let Some(at) = keys.others.iter().position(|other| other.key.id == id) else {
            return false;
        };
        let accepted = keys.others.remove(at);
        let key = std::mem::replace(&mut keys.current, accepted.key);
        let replaced = true;
        keys.others.insert(0, Other { key, replaced });
        keys.generation = keys.generation.wrapping_add(1);
        true
    }

    /// How often another key took over: two equal answers mean that the same key signed all the time between them.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.read().generation
    }

    fn read(&self) -> RwLockReadGuard<'_, Keys> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Keys> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    /// The latest key, which escapes as the current one does.
    fn add(&mut self, credentials: Credentials) -> RotatingKey {
        let escaping = self.current.signer.current_escaping();
        let id = RotatingKeyId(self.count);
        self.count = self.count.wrapping_add(1);
        RotatingKey {
            signer: Arc::new(Signer::new(credentials).escaping(escaping)),
            id,
        }
    }

    fn is_of_the_client(&self, key: &RotatingKey) -> bool {
        key.signer.client_id() == self.current.signer.client_id()
    }
}

impl ProvideSigner for Rotating {
    fn signer(&self) -> Arc<Signer> {
        self.read().current.signer.clone()
    }
}

impl fmt::Debug for Rotating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.read();
        f.debug_struct("Rotating")
            .field("signer", &keys.current.signer)
            .field("generation", &keys.generation)
            .field("others", &keys.others.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
