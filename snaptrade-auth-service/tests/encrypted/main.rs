//! Encrypted responses: the vectors made with Python's pycryptodome, round trips, and everything that must be
//! refused.

#![cfg(feature = "encrypted")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod keys;
mod responses;

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::json;
use snaptrade_auth_service::EncryptedResponse;
use snaptrade_auth_service::encrypted::{OpenError, PrivateKey};

#[derive(Deserialize)]
struct Vector {
    id: String,
    private_key: String,
    public_key: String,
    response: EncryptedResponse,
    message: Option<String>,
    valid: bool,
    tampered_from: Option<String>,
}

static VECTORS: LazyLock<Vec<Vector>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../vectors/encrypted.json")).unwrap());

fn vector(id: &str) -> &'static Vector {
    VECTORS.iter().find(|vector| vector.id == id).unwrap()
}

/// The smallest key there is, as the large ones are slow without optimisation.
static SMALL: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::from_pem(&vector("enc-04").private_key).unwrap());

#[test]
fn every_vector() {
    let (mut opened, mut refused) = (0, 0);
    for vector in VECTORS.iter() {
        let key = PrivateKey::from_pem(&vector.private_key)
            .unwrap_or_else(|error| panic!("{}: {error}", vector.id));
        match (key.open(&vector.response), &vector.message) {
            (Ok(message), Some(expected)) if vector.valid => {
                assert_eq!(*message, expected.as_bytes(), "{}", vector.id);
                opened += 1;
            }
            (Err(error), None) if !vector.valid => {
                assert_eq!(error, OpenError::Refused, "{}", vector.id);
                refused += 1;
            }
            (result, _) => panic!("{}: {result:?}", vector.id),
        }
        // The public key in a tampered vector may be that of the true private key.
        if vector.valid {
            let text = vector.public_key.split_whitespace().collect::<Vec<_>>();
            assert_eq!(
                key.public_key().as_str(),
                text[..2].join(" "),
                "{}",
                vector.id
            );
        }
    }
    assert_eq!((opened, refused), (6, 4));
}

#[test]
fn what_was_tampered_with_opens_untampered() {
    for bad in VECTORS.iter().filter(|vector| !vector.valid) {
        let original = vector(bad.tampered_from.as_deref().unwrap());
        let key = PrivateKey::from_pem(&original.private_key).unwrap();
        assert!(key.open(&original.response).is_ok(), "{}", bad.id);
    }
}

#[test]
fn nothing_secret_is_printed() {
    let response: EncryptedResponse = serde_json::from_value(json!({
        "encryptedSharedKey": "MARKER",
        "encryptedMessageData": {"encryptedMessage": "MARKER", "tag": "MARKER", "nonce": "MARKER"},
    }))
    .unwrap();
    let data = response.encrypted_message_data();
    let refused = SMALL.open(&response).unwrap_err();
    let mut printed = format!("{response:?} {response:#?} {data:?} {refused} {refused:?} ");
    for label in [
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "MARKER",
    ] {
        for body in ["MARKER", "MARKER!", "TUFSS0VS"] {
            for end in [label, "MARKER", ""] {
                let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {end}-----");
                let error = PrivateKey::from_pem(&pem).unwrap_err();
                printed += &format!("{error} {error:?} {error:#?} ");
            }
        }
    }
    assert!(!printed.contains("MARKER"), "{printed}");
    assert_eq!(format!("{:?}", *SMALL), "PrivateKey([redacted])");
    assert_eq!(format!("{:#?}", SMALL.clone()), "PrivateKey([redacted])");
}
