//! Who may call: client ids, their keys, and what kind of key each is.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use snaptrade_signing::canonical::Escaping;
use snaptrade_signing::{ConsumerKey, Credentials, Signer};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// Manages many users.
    Commercial,
    /// Is its own user: it registers none and sends no user parameters.
    Personal,
}

/// All clients. Shared by the verifier, so that a key changes for all of them at one instant.
#[derive(Debug)]
pub(super) struct Clients {
    known: RwLock<HashMap<String, Client>>,
    escaping: Escaping,
}

#[derive(Debug)]
struct Client {
    signer: Arc<Signer>,
    kind: KeyKind,
}

impl Clients {
    pub(super) fn new(
        clients: impl IntoIterator<Item = (Credentials, KeyKind)>,
        escaping: Escaping,
    ) -> Self {
        let known = clients.into_iter().map(|(credentials, kind)| {
            let id = credentials.client_id().as_str().to_owned();
            let signer = Arc::new(Signer::new(credentials).escaping(escaping));
            (id, Client { signer, kind })
        });
        Self {
            known: RwLock::new(known.collect()),
            escaping,
        }
    }

    pub(super) fn signer(&self, client_id: &str) -> Option<Arc<Signer>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(client_id).map(|client| client.signer.clone())
    }

    pub(super) fn kind(&self, client_id: &str) -> Option<KeyKind> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(client_id).map(|client| client.kind)
    }

    /// Whether there is such a client, whose key is `key` from now on.
    pub(super) fn rotate(&self, client_id: &str, key: ConsumerKey) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let Some(client) = known.get_mut(client_id) else {
            return false;
        };
        let id = client.signer.client_id().clone();
        let signer = Signer::new(Credentials::from_parts(id, key));
        client.signer = Arc::new(signer.escaping(self.escaping));
        true
    }
}
