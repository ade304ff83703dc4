//! The signer that most would write: `serde_json`'s `Value`, a key set up for each call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Uri};
use serde_json::{Value, json};
use sha2::Sha256;

use super::PeerRequest;
use crate::corpus::{CLIENT_ID, CONSUMER_KEY, TIMESTAMP};

/// A signer in thirty lines. Its text is the server's only as long as a body has no floats that print another way,
/// no characters beyond ASCII and no number beyond 64 bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Plain {
    /// The signature alone.
    #[must_use]
    pub fn signature(self, path: &str, query: &str, body: &[u8]) -> String {
        let content = match body {
            b"" | b"{}" => Value::Null,
            body => serde_json::from_slice(body).expect("it is JSON"),
        };
        // A `Map` without `preserve_order` is sorted.
        let text = json!({"content": content, "path": path, "query": query}).to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(CONSUMER_KEY.as_bytes()).expect("any length");
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    /// Stamps and signs a request whose body is `body`.
    #[must_use]
    pub fn sign(self, mut request: PeerRequest, body: &Bytes) -> PeerRequest {
        let path = request.uri().path();
        let query = match request.uri().query() {
            Some(query) => format!("{query}&clientId={CLIENT_ID}&timestamp={TIMESTAMP}"),
            None => format!("clientId={CLIENT_ID}&timestamp={TIMESTAMP}"),
        };
        let signature = self.signature(path, &query, body);
        let mut parts = request.uri().clone().into_parts();
        let stamped = format!("{path}?{query}");
        parts.path_and_query = Some(stamped.parse().expect("it is a path and query"));
        *request.uri_mut() = Uri::from_parts(parts).expect("it has all parts");
        let value = HeaderValue::try_from(signature).expect("base64 is a value");
        request.headers_mut().insert("signature", value);
        request
    }
}

#[cfg(test)]
mod tests {
    use crate::corpus;

    #[test]
    fn signs_as_the_signer_does() {
        for case in corpus::reported() {
            let query = case.stamped_query();
            let ours = corpus::signer()
                .sign(&case.path, &query, &case.body)
                .unwrap();
            let plain = super::Plain.signature(&case.path, &query, &case.body);
            assert_eq!(plain, ours.expose(), "{}", case.name);
        }
    }
}
