//! A signer that can be replaced while requests fly.

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
    signer: Arc<Signer>,
    generation: u64,
    other: Option<Other>,
}

/// A key that takes over if the one that signs is refused.
enum Other {
    /// It comes after the one that signs.
    Next(Arc<Signer>),
    /// The one that signs took over from it, and was not accepted yet.
    Previous(Arc<Signer>),
}

impl Rotating {
    /// Signs with `credentials` to begin with.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self(Arc::new(RwLock::new(Keys {
            signer: Arc::new(Signer::new(credentials)),
            generation: 0,
            other: None,
        })))
    }

    /// Signs with `credentials` from now on, escaping as before. What was staged is forgotten.
    pub fn rotate(&self, credentials: Credentials) {
        let mut keys = self.write();
        keys.signer = keys.signer_for(credentials);
        keys.generation = keys.generation.wrapping_add(1);
        keys.other = None;
    }

    /// Signs with `credentials`, escaping as before, once the key that signs now is [refused](Self::refused). What was
    /// staged before is forgotten.
    pub fn stage(&self, next: Credentials) {
        let mut keys = self.write();
        keys.other = Some(Other::Next(keys.signer_for(next)));
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
        let Some(other) = keys.other.take() else {
            return false;
        };
        keys.other = Some(match other {
            Other::Next(next) => Other::Previous(std::mem::replace(&mut keys.signer, next)),
            Other::Previous(previous) => Other::Next(std::mem::replace(&mut keys.signer, previous)),
        });
        keys.generation = keys.generation.wrapping_add(1);
        true
    }

    /// The server accepted a signature that was made when [`generation`](Self::generation) was `signed`: if that key took
    /// over from another, the other is forgotten.
    pub fn accepted(&self, signed: u64) {
        let settles = |keys: &Keys| {
            keys.generation == signed && matches!(keys.other, Some(Other::Previous(_)))
        };
        // Nearly every call finds nothing to do, and need not keep others from reading.
        if !settles(&self.read()) {
            return;
        }
        let mut keys = self.write();
        if settles(&keys) {
            keys.other = None;
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
    /// A signer for other credentials, which escapes as the present one does.
    fn signer_for(&self, credentials: Credentials) -> Arc<Signer> {
        let escaping = self.signer.current_escaping();
        Arc::new(Signer::new(credentials).escaping(escaping))
    }
}

impl ProvideSigner for Rotating {
    fn signer(&self) -> Arc<Signer> {
        self.read().signer.clone()
    }
}

impl fmt::Debug for Rotating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.read();
        f.debug_struct("Rotating")
            .field("signer", &keys.signer)
            .field("generation", &keys.generation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Rotating;
    use crate::credentials::Credentials;
    use crate::provide::ProvideSigner;

    const QUERY: &str = "clientId=ACME&timestamp=1635790389";

    fn key(name: &str) -> Credentials {
        Credentials::new("ACME", name).unwrap()
    }

    fn signs_as(keys: &Rotating, name: &str) -> bool {
        let expected = Rotating::new(key(name))
            .signer()
            .sign("/", QUERY, b"")
            .unwrap();
        keys.signer().sign("/", QUERY, b"").unwrap().expose() == expected.expose()
    }

    #[test]
    fn a_refusal_with_nothing_staged_changes_nothing() {
        let keys = Rotating::new(key("old"));
        assert!(!keys.refused(0));
        assert!(signs_as(&keys, "old"));
        assert_eq!(keys.generation(), 0);
    }

    #[test]
    fn a_refusal_that_had_another_reason_brings_the_old_key_back_and_keeps_the_new_one() {
        let keys = Rotating::new(key("old"));
        keys.stage(key("new"));
        keys.accepted(0);
        assert!(keys.refused(0));
        assert!(signs_as(&keys, "new"));
        assert!(keys.refused(1));
        assert!(signs_as(&keys, "old"));
        keys.accepted(2);
        assert!(keys.refused(2), "the new key is still staged");
        assert!(signs_as(&keys, "new"));
    }

    #[test]
    fn an_accepted_key_stays() {
        let keys = Rotating::new(key("old"));
        keys.stage(key("new"));
        assert!(keys.refused(0));
        // An answer to what the old key had signed settles nothing.
        keys.accepted(0);
        assert!(keys.refused(1));
        assert!(keys.refused(2));
        keys.accepted(3);
        assert!(!keys.refused(3));
        assert!(signs_as(&keys, "new"));
    }

    #[test]
    fn rotating_forgets_what_was_staged() {
        let keys = Rotating::new(key("old"));
        keys.stage(key("other"));
        keys.rotate(key("new"));
        assert!(!keys.refused(1));
        assert!(keys.refused(0), "signed before the rotation");
        assert!(signs_as(&keys, "new"));
    }
}
