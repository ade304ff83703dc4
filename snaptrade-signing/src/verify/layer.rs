//! The layer and its settings.

use std::sync::Arc;

use tower_layer::Layer;

use super::service::VerifyRequest;
use super::verifier::Verifier;

/// The longest body that is collected unless set otherwise: 1 MiB.
const DEFAULT_MAX_BODY_BYTES: usize = 1 << 20;

/// Lets only rightly signed requests pass. See the [module](crate::verify).
#[derive(Clone, Debug)]
pub struct VerifyRequestLayer {
    verifier: Arc<Verifier>,
    max_body_bytes: usize,
}

impl VerifyRequestLayer {
    /// Asks `verifier` about each request.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier: Arc::new(verifier),
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
        }
    }

    /// The longest body that is read, in bytes; a longer one is answered 413, unread if its length is announced. The
    /// default is 1 MiB.
    #[must_use]
    pub fn max_body_bytes(mut self, limit: usize) -> Self {
        self.max_body_bytes = limit;
        self
    }
}

impl<S> Layer<S> for VerifyRequestLayer {
    type Service = VerifyRequest<S>;

    fn layer(&self, inner: S) -> VerifyRequest<S> {
        VerifyRequest::new(inner, self.verifier.clone(), self.max_body_bytes)
    }
}
