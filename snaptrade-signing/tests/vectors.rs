//! What the published SDKs produce, request by request and number by number.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use base64::Engine as _;
use serde::Deserialize;
use snaptrade_signing::canonical::Reason;
use snaptrade_signing::canonical::{self, Escaping};
use snaptrade_signing::{ClientId, ConsumerKey, Credentials, Signer};

#[derive(Deserialize)]
struct Vector {
    id: String,
    path: String,
    query: Option<String>,
    body_utf8: Option<String>,
    body_base64: Option<String>,
    consumer_key: String,
    canonical: Option<String>,
    expect: Expect,
    expected_signature: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Sign,
    Refuse,
    Either,
}

impl Vector {
    fn body(&self) -> Vec<u8> {
        match (&self.body_utf8, &self.body_base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(base64)) => base64::engine::general_purpose::STANDARD
                .decode(base64)
                .expect("vectors are base64"),
            (None, None) => Vec::new(),
        }
    }

    /// The signature, or why there is none.
    fn sign(&self) -> Result<String, String> {
        let client_id = ClientId::new("ACME").map_err(|error| error.to_string())?;
        // Two of the keys have white space that the checked constructor refuses.
        let key =
            ConsumerKey::verbatim(self.consumer_key.as_str()).map_err(|error| error.to_string())?;
        let credentials = Credentials::from_parts(client_id, key);
        let query = self.query.as_deref().unwrap_or_default();
        Signer::new(credentials)
            .sign(&self.path, query, &self.body())
            .map(|signature| signature.expose().to_owned())
            .map_err(|error| error.to_string())
    }
}

#[test]
fn every_request_signs_or_is_refused() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("vectors/signatures.json")).expect("vectors are JSON");
    assert_eq!(vectors.len(), 261);
    let mut wrong = Vec::new();
    for vector in &vectors {
        let signed = vector.sign();
        let right = match vector.expect {
            Expect::Sign => signed.as_ref().ok() == vector.expected_signature.as_ref(),
            Expect::Refuse => signed.is_err(),
            Expect::Either => {
                signed.is_err() || signed.as_ref().ok() == vector.expected_signature.as_ref()
            }
        };
        if !right {
            wrong.push((&vector.id, signed, &vector.expected_signature));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_canonical_text_is_as_expected_and_a_fixed_point() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("vectors/signatures.json")).expect("vectors are JSON");
    let mut seen = 0;
    for vector in vectors.iter().filter(|v| v.expect == Expect::Sign) {
        let query = vector.query.as_deref().unwrap_or_default();
        let text = canonical::request(&vector.path, query, &vector.body()).expect(&vector.id);
        if let Some(expected) = &vector.canonical {
            assert_eq!(&text, expected, "{}", vector.id);
        }
        if !vector.body().is_empty() {
            let once = canonical::json(Escaping::Ascii, &vector.body()).expect(&vector.id);
            let twice = canonical::json(Escaping::Ascii, once.as_bytes()).expect(&vector.id);
            assert_eq!(once, twice, "{}", vector.id);
        }
        seen += 1;
    }
    assert!(seen > 150, "{seen} vectors are signed");
}

#[test]
fn every_number_is_printed_as_python_prints_it() {
    #[derive(Deserialize)]
    struct Number {
        r#in: String,
        out: String,
    }
    let numbers: Vec<Number> =
        serde_json::from_str(include_str!("vectors/numbers.json")).expect("vectors are JSON");
    assert_eq!(numbers.len(), 1193);
    for number in numbers {
        let text = canonical::json(Escaping::Ascii, number.r#in.as_bytes());
        if number.out.ends_with("Infinity") {
            // Python's reader lets it pass, and what it prints is no JSON: refused.
            let reason = text.map_err(|error| error.reason());
            assert_eq!(reason, Err(Reason::NumberOverflow), "{}", number.r#in);
            continue;
        }
        assert_eq!(text.as_deref(), Ok(&*number.out), "{}", number.r#in);
        let again = canonical::json(Escaping::Ascii, number.out.as_bytes());
        assert_eq!(again.as_deref(), Ok(&*number.out));
    }
}
