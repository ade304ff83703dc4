//! A signer that can be replaced while requests fly.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::credentials::Credentials;
use crate::provide::ProvideSigner;
use crate::signer::Signer;

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
/// # When the server switches at one instant
///
/// Nobody knows the instant beforehand, so [`rotate`](Self::rotate) comes too early or too late for some requests. A key
/// that was [staged](Self::stage) takes over when the server [refuses](Self::refused) the one that signs, and is
/// there for good once the server has [accepted](Self::accepted) it. Until then another refusal brings the old one
/// back, so that a refusal with another reason does no harm.
///
/// ```
/// use snaptrade_signing::{Credentials, Rotating};
///
/// let keys = Rotating::new(Credentials::new("ACME", "old key")?);
/// keys.stage(Credentials::new("ACME", "new key")?);
///
/// // Ten requests were signed with the old key, and come back refused: the first one switches.
/// let signed = keys.generation();
/// assert!((0..10).all(|_| keys.refused(signed)), "each is worth another attempt");
/// assert_eq!(keys.generation(), 1);
///
/// keys.accepted(1);
/// assert!(!keys.refused(1), "there is no other key to try");
/// # Ok::<(), snaptrade_signing::CredentialsError>(())
/// ```
#[derive(Clone)]
pub struct Rotating(Arc<RwLock<Keys>>);

struct Keys {
    current: Key,
    generation: u64,
    /// Those that may take over if the current one is refused, in turn: staged after it, or replaced by it while the
    /// server has not accepted it.
    others: VecDeque<Key>,
    /// How many keys there were.
    count: u64,
}

struct Key {
    signer: Arc<Signer>,
    /// Its number; later keys have larger ones.
    number: u64,
}

impl Rotating {
    /// Signs with `credentials` to begin with.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self(Arc::new(RwLock::new(Keys {
            current: Key {
                signer: Arc::new(Signer::new(credentials)),
                number: 0,
            },
            generation: 0,
            others: VecDeque::new(),
            count: 1,
        })))
    }

    /// Signs with `credentials` from now on, escaping as before. What was staged is forgotten.
    pub fn rotate(&self, credentials: Credentials) {
        let mut keys = self.write();
        keys.current = keys.key_for(credentials);
        keys.generation = keys.generation.wrapping_add(1);
        keys.others.clear();
    }

    /// Signs with `credentials`, escaping as before, once the key that signs now is [refused](Self::refused). What was
    /// staged before and has not taken over is forgotten.
    pub fn stage(&self, next: Credentials) {
        let mut keys = self.write();
        let current = keys.current.number;
        keys.others.retain(|key| key.number < current);
        let next = keys.key_for(next);
        keys.others.push_back(next);
    }

    /// How often another key took over: two equal answers mean that the same key signed all the time between them.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.read().generation
    }

    /// The server refused a signature that was made when [`generation`](Self::generation) was `signed`. Whether another
    /// key signs now, so that the request is worth another attempt.
    pub fn refused(&self, signed: u64) -> bool {
        let mut keys = self.write();
        if keys.generation != signed {
            return true;
        }
        let Some(other) = keys.others.pop_front() else {
            return false;
        };
        let refused = std::mem::replace(&mut keys.current, other);
        keys.others.push_back(refused);
        keys.generation = keys.generation.wrapping_add(1);
        true
    }

    /// The server accepted a signature that was made when [`generation`](Self::generation) was `signed`: if that key took
    /// over from others, they are forgotten.
    pub fn accepted(&self, signed: u64) {
        let settles = |keys: &Keys| {
            let older = |key: &Key| key.number < keys.current.number;
            keys.generation == signed && keys.others.iter().any(older)
        };
        // Nearly every call finds nothing to do, and need not keep others from reading.
        if !settles(&self.read()) {
            return;
        }
        let mut keys = self.write();
        if settles(&keys) {
            let current = keys.current.number;
            keys.others.retain(|key| key.number > current);
        }
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
    fn key_for(&mut self, credentials: Credentials) -> Key {
        let escaping = self.current.signer.current_escaping();
        let number = self.count;
        self.count = self.count.wrapping_add(1);
        Key {
            signer: Arc::new(Signer::new(credentials).escaping(escaping)),
            number,
        }
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
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
