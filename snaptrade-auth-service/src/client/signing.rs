//! What signs the requests of a client.

use std::fmt;
use std::sync::Arc;

use snaptrade_signing::clock::{SkewedClock, SystemClock};
use snaptrade_signing::{Credentials, Rotating, SignRequestLayer, Signer};

/// What signs the requests of a [`Client`](super::Client): made from any of these.
///
/// | from | the clock | new keys |
/// |---|---|---|
/// | [`Credentials`] or an `Arc<Signer>` | corrected by the server's date | |
/// | [`Rotating`] | corrected by the server's date | taken over when the server does |
/// | [`SignRequestLayer`] | its own | its provider's |
#[derive(Clone)]
pub struct Signing {
    pub(super) layer: SignRequestLayer,
    /// That the layer has a clone of.
    pub(super) clock: Option<SkewedClock>,
    /// That the layer has a clone of.
    pub(super) keys: Option<Rotating>,
}

impl Signing {
    fn corrected(layer: SignRequestLayer) -> Self {
        let clock = SkewedClock::new(SystemClock);
        Self {
            layer: layer.clock(clock.clone()),
            clock: Some(clock),
            keys: None,
        }
    }
}

impl From<Credentials> for Signing {
    fn from(credentials: Credentials) -> Self {
        Self::corrected(SignRequestLayer::new(credentials))
    }
}

impl From<Arc<Signer>> for Signing {
    fn from(signer: Arc<Signer>) -> Self {
        Self::corrected(SignRequestLayer::from(signer))
    }
}

impl From<Rotating> for Signing {
    fn from(keys: Rotating) -> Self {
        let layer = SignRequestLayer::with_provider(keys.clone());
        Self {
            keys: Some(keys),
            ..Self::corrected(layer)
        }
    }
}

impl From<SignRequestLayer> for Signing {
    fn from(layer: SignRequestLayer) -> Self {
        Self {
            layer,
            clock: None,
            keys: None,
        }
    }
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing")
            .field("layer", &self.layer)
            .field("learns_skew", &self.clock.is_some())
            .field("follows_rotation", &self.keys.is_some())
            .finish()
    }
}
