//! Where a layer's signer comes from.

use std::sync::Arc;

use crate::credentials::Credentials;
use crate::signer::Signer;

/// Gives the signer for each request, just before it is signed.
///
/// It must not block: fetch keys elsewhere, and hand them over through [`Rotating`](crate::Rotating) or a type of your own.
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
