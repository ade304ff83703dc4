//! HTTP signatures of the drafts before RFC 9421.
//!
//! The crate is under the AGPL, so it is compiled only if asked for: `--features agpl-peers`.

use std::collections::BTreeMap;
use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use http_signature_normalization::Config;
use sha2::{Digest, Sha256};

use super::PeerRequest;
use crate::corpus::CONSUMER_KEY;

/// `http-signature-normalization`, over method, path, query and a digest of the body. It leaves the mac to its user: here
/// with a key that is set up once.
#[derive(Debug)]
pub struct Normalization {
    config: Config,
    key: Hmac<Sha256>,
}

impl Default for Normalization {
    fn default() -> Self {
        Self {
            config: Config::default().require_digest(),
            key: Hmac::new_from_slice(CONSUMER_KEY.as_bytes()).expect("any length"),
        }
    }
}

impl Normalization {
    /// Signs a request whose body is `body`.
    #[must_use]
    pub fn sign(&self, mut request: PeerRequest, body: &Bytes) -> PeerRequest {
        let digest = format!("SHA-256={}", STANDARD.encode(Sha256::digest(body)));
        let target = request
            .uri()
            .path_and_query()
            .expect("it has a path")
            .as_str();
        let headers = BTreeMap::from([("digest".to_owned(), digest.clone())]);
        let signature = self
            .config
            .begin_sign(request.method().as_str(), target, headers)
            .expect("the digest is there")
            .sign("key".to_owned(), |text| {
                let mut mac = self.key.clone();
                mac.update(text.as_bytes());
                Ok::<_, Infallible>(STANDARD.encode(mac.finalize().into_bytes()))
            })
            .expect("it signs")
            .signature_header();
        for (name, value) in [("digest", digest), ("signature", signature)] {
            let value = HeaderValue::try_from(value).expect("it is a value");
            request.headers_mut().insert(name, value);
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::Normalization;
    use crate::corpus;

    #[test]
    fn a_signature_covers_the_target_and_the_digest() {
        let case = corpus::small_unsorted();
        let signed = Normalization::default().sign(case.requests().make(), &case.body);
        let signature = signed.headers()["signature"].to_str().unwrap();
        assert!(signature.contains("(request-target)"), "{signature}");
        assert!(signature.contains("digest"), "{signature}");
    }
}
