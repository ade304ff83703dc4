//! Where a layer's signer comes from.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::credentials::Credentials;
use crate::signer::Signer;

/// Gives the signer for each request, just before it is signed.
///
/// It must not block: fetch keys elsewhere, and hand them over through [`Rotating`] or a type of your own.
///
/// ```
/// use std::sync::Arc;
/// use snaptrade_signing::{Credentials, ProvideSigner, SignRequestLayer, Signer};
///
/// struct Blue(Arc<Signer>);
///
/// impl ProvideSigner for Blue {
///     fn signer(&self) -> Arc<Signer> {
///         self.0.clone()
///     }
/// }
///
/// let signer = Arc::new(Signer::new(Credentials::new("BLUE", "mykey")?));
/// let layer = SignRequestLayer::with_provider(Blue(signer));
/// # Ok::<(), snaptrade_signing::CredentialsError>(())
/// ```
pub trait ProvideSigner: Send + Sync + 'static {
    /// The signer to use now.
    fn signer(&self) -> Arc<Signer>;
}

impl<F: Fn() -> Arc<Signer> + Send + Sync + 'static> ProvideSigner for F {
    fn signer(&self) -> Arc<Signer> {
        self()
    }
}

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
#[derive(Clone)]
pub struct Rotating(Arc<RwLock<Current>>);

struct Current {
    signer: Arc<Signer>,
    generation: u64,
}

impl Rotating {
    /// Signs with `credentials` to begin with.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self(Arc::new(RwLock::new(Current {
            signer: Arc::new(Signer::new(credentials)),
            generation: 0,
        })))
    }

    /// Signs with `credentials` from now on, escaping as before.
    pub fn rotate(&self, credentials: Credentials) {
        let signer = Signer::new(credentials);
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let escaping = current.signer.current_escaping();
        current.signer = Arc::new(signer.escaping(escaping));
        current.generation += 1;
    }

    /// How often it was rotated: two equal answers mean that the same key signs.
    #[must_use]
    pub fn generation(&self) -> u64 {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.generation
    }
}

impl ProvideSigner for Rotating {
    fn signer(&self) -> Arc<Signer> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.signer.clone()
    }
}

impl fmt::Debug for Rotating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotating")
            .field("signer", &self.signer())
            .finish()
    }
}

/// In the extensions of one request: sign it with this signer instead of the layer's.
///
/// So several client ids share one client.
///
/// ```
/// use snaptrade_signing::{Credentials, SignWith};
///
/// let other = SignWith::new(Credentials::new("OTHER", "other key")?);
/// let request = http::Request::get("https://api.snaptrade.com/snapTrade/listUsers")
///     .extension(other.clone())
///     .body(());
/// # Ok::<(), snaptrade_signing::CredentialsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SignWith(pub Arc<Signer>);

impl SignWith {
    /// A signer for `credentials`; make it once and clone it.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self(Arc::new(Signer::new(credentials)))
    }
}
