//! RFC 9421, HTTP message signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use httpsig::prelude::message_component::{HttpMessageComponent, HttpMessageComponentId};
use httpsig::prelude::{AlgorithmName, HttpSignatureBase, HttpSignatureParams, SharedKey};
use sha2::{Digest, Sha256};

use super::PeerRequest;
use crate::corpus::{CONSUMER_KEY, TIMESTAMP};

const COVERED: [&str; 4] = ["@method", "@path", "@query", "content-digest"];

/// `httpsig`, over method, path, query and a digest of the body.
#[derive(Debug)]
pub struct HttpSig {
    key: SharedKey,
    covered: Vec<HttpMessageComponentId>,
}

impl Default for HttpSig {
    fn default() -> Self {
        let key = STANDARD.encode(CONSUMER_KEY);
        Self {
            key: SharedKey::from_base64(&AlgorithmName::HmacSha256, &key).expect("it is base64"),
            covered: COVERED
                .iter()
                .map(|name| HttpMessageComponentId::try_from(*name).expect("they are components"))
                .collect(),
        }
    }
}

impl HttpSig {
    /// Signs a request whose body is `body`.
    #[must_use]
    pub fn sign(&self, mut request: PeerRequest, body: &Bytes) -> PeerRequest {
        let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
        let uri = request.uri();
        let values = [
            request.method().as_str().to_owned(),
            uri.path().to_owned(),
            format!("?{}", uri.query().unwrap_or_default()),
            digest.clone(),
        ];
        let components: Vec<HttpMessageComponent> = self
            .covered
            .iter()
            .zip(values)
            .map(|(id, value)| HttpMessageComponent::try_from((id, &[value][..])).expect("it fits"))
            .collect();
        let mut params = HttpSignatureParams::try_new(&self.covered).expect("they are unique");
        params.set_created(TIMESTAMP).set_key_info(&self.key);
        let base = HttpSignatureBase::try_new(&components, &params).expect("they fit");
        let signed = base
            .build_signature_headers(&self.key, Some("sig1"))
            .expect("it signs");
        let headers = request.headers_mut();
        for (name, value) in [
            ("content-digest", digest),
            ("signature-input", signed.signature_input_header_value()),
            ("signature", signed.signature_header_value()),
        ] {
            headers.insert(name, HeaderValue::try_from(value).expect("it is a value"));
        }
        request
    }
}
