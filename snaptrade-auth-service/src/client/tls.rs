//! Which servers are trusted, and with whose cryptography.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::error::ClientError;

/// Mozilla's roots as they were compiled in, and those that were added.
///
/// Not the platform's: SnapTrade is a public site, and a client that needs no certificates on its machine runs in an
/// empty container, and everywhere alike. Who is behind a proxy that breaks TLS open adds its root.
pub(super) fn roots(added: &[Vec<u8>]) -> Result<RootCertStore, ClientError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for bytes in added {
        for root in certificates(bytes)? {
            let added = roots.add(root);
            added.map_err(|error| ClientError::InvalidRoot(Some(error.into())))?;
        }
    }
    Ok(roots)
}

/// Without ALPN, which is the connector's to set.
pub(super) fn config(roots: RootCertStore) -> Result<ClientConfig, ClientError> {
    // Named here, as the process may have another provider, or two, and then rustls panics when left to choose.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Tls(error.into()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// All certificates of a PEM file, or the one of a DER file.
fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    /// An ASN.1 sequence, which no text begins with.
    const SEQUENCE: u8 = 0x30;

    if bytes.first() == Some(&SEQUENCE) && !bytes.is_ascii() {
        return Ok(vec![CertificateDer::from(bytes.to_vec())]);
    }
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    match read {
        Ok(certificates) if certificates.is_empty() => Err(ClientError::InvalidRoot(None)),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(ClientError::InvalidRoot(Some(error.into()))),
    }
}
