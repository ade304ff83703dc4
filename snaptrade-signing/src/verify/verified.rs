//! What is known of a request once its head passed, and once it passed as a whole.

use std::sync::Arc;

use http::Uri;

use super::rejection::Rejection;
use crate::clock::UnixTime;
use crate::credentials::ClientId;
use crate::signer::Signer;

/// Who signed a request, and when: in the extensions of one that passed.
///
/// This is the only identity to act on: what else a server reads out of the query, it may read differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    client_id: ClientId,
    timestamp: UnixTime,
}

impl Verified {
    /// Whose key signed it.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The request's timestamp.
    #[must_use]
    pub fn timestamp(&self) -> UnixTime {
        self.timestamp
    }
}

/// A head that may be that of a signed request.
pub(super) struct VerifiedHead {
    pub(super) signer: Arc<Signer>,
    pub(super) timestamp: UnixTime,
    pub(super) signature: [u8; 32],
}

impl VerifiedHead {
    /// Checks the signature, over the URI of the same head and the body that came with it.
    pub(super) fn verify_body(self, uri: &Uri, body: &[u8]) -> Result<Verified, Rejection> {
        let Self {
            signer,
            timestamp,
            signature,
        } = self;
        let query = uri.query().unwrap_or_default();
        match signer.verify_mac(uri.path(), query, body, &signature) {
            Ok(true) => Ok(Verified {
                client_id: signer.client_id().clone(),
                timestamp,
            }),
            Ok(false) => Err(Rejection::Unverified),
            Err(_) => Err(Rejection::InvalidBody),
        }
    }
}
