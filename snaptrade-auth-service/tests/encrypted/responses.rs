//! Opening and making responses.

use std::collections::HashSet;
use std::error::Error as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use serde::Deserialize;
use snaptrade_auth_service::encrypted::{
    OpenError, PrivateKey, PublicKey, SealError, SysRng, TryCryptoRng,
};
use snaptrade_auth_service::{EncryptedMessageData, EncryptedResponse};

use super::{SMALL, Vector, vector};

#[derive(Debug, Deserialize)]
struct Portal {
    #[serde(rename = "redirectURI")]
    redirect_uri: String,
}

#[test]
fn json() {
    let Vector {
        private_key,
        response,
        ..
    } = vector("enc-03");
    let key = PrivateKey::from_pem(private_key).unwrap();
    let portal: Portal = key.open_json(response).unwrap();
    assert!(
        portal
            .redirect_uri
            .starts_with("https://app.snaptrade.com/")
    );

    let sealed = seal(&SMALL, br#"{"redirectURI": "MARKER"}"#);
    let error = SMALL.open_json::<Vec<u8>>(&sealed).unwrap_err();
    assert!(
        matches!(error, OpenError::UnexpectedJson { line: 1, .. }),
        "{error}"
    );
    let error = SMALL
        .open_json::<[u8; 0]>(&seal(&SMALL, br#""MARKER""#))
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("MARKER"));
    assert!(error.source().is_none());
}

fn seal(key: &PrivateKey, message: &[u8]) -> EncryptedResponse {
    PublicKey::new(&key.public_key())
        .unwrap()
        .seal(message, &mut SysRng)
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_sealed_opens(message in prop::collection::vec(any::<u8>(), 0..600)) {
        let response = seal(&SMALL, &message);
        // Through its JSON, as it comes over the network.
        let text = serde_json::to_string(&response).unwrap();
        let response: EncryptedResponse = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&*SMALL.open(&response).unwrap(), &message);
    }

    #[test]
    fn one_changed_bit_anywhere_is_refused(
        message in prop::collection::vec(any::<u8>(), 1..60),
        part in 0..4,
        place: prop::sample::Index,
        bit in 0..8,
    ) {
        let response = seal(&SMALL, &message);
        let mut parts = parts(&response);
        let changed = &mut parts[usize::try_from(part).unwrap()];
        let index = place.index(changed.len());
        changed[index] ^= 1u8 << bit;
        prop_assert_eq!(SMALL.open(&response_of(&parts)), Err(OpenError::Refused));
    }
}

/// Shared key, message, tag and nonce, decoded.
fn parts(response: &EncryptedResponse) -> [Vec<u8>; 4] {
    let data = response.encrypted_message_data();
    [
        response.encrypted_shared_key(),
        data.encrypted_message(),
        data.tag(),
        data.nonce(),
    ]
    .map(|base64| STANDARD.decode(base64).unwrap())
}

fn response_of(parts: &[Vec<u8>; 4]) -> EncryptedResponse {
    let [key, message, tag, nonce] = parts.each_ref().map(|part| STANDARD.encode(part));
    EncryptedResponse::new(key, EncryptedMessageData::new(message, tag, nonce))
}

#[test]
fn parts_of_any_length_are_refused_alike() {
    let whole = parts(&seal(&SMALL, b"message"));
    for part in 0..4 {
        for len in [0, 1, 11, 12, 13, 14, 15, 16, 17, 127, 128, 129, 300] {
            let mut parts = whole.clone();
            parts[part].resize(len, 0);
            if parts != whole {
                let result = SMALL.open(&response_of(&parts));
                assert_eq!(
                    result,
                    Err(OpenError::Refused),
                    "part {part} of {len} bytes"
                );
            }
        }
    }
    let no_base64 = |field: usize| {
        let mut fields = whole.each_ref().map(|part| STANDARD.encode(part));
        fields[field] = "MARKER!".to_owned();
        let [key, message, tag, nonce] = fields;
        EncryptedResponse::new(key, EncryptedMessageData::new(message, tag, nonce))
    };
    for field in 0..4 {
        assert_eq!(SMALL.open(&no_base64(field)), Err(OpenError::Refused));
    }
}

/// The same key as `SMALL`, to look at what the crate does not show.
fn independent_key() -> rsa::PrivateKey {
    rsa::PrivateKey::from_pkcs1_pem(&vector("enc-04").private_key).unwrap()
}

#[test]
fn shared_keys_are_of_64_characters_equally_likely() {
    let key = PublicKey::new(&SMALL.public_key()).unwrap();
    // 32 bytes make a key, so that eight keys are made of all 256 values.
    let keys = (0..8).map(|n| {
        let mut rng = Counting {
            next: n * 32,
            calls: 3,
        };
        let [sealed, ..] = parts(&key.seal(b"", &mut rng).unwrap());
        independent_key()
            .oaep_decrypt::<sha1::Sha1>(&sealed)
            .unwrap()
    });
    let mut counts = [0; 128];
    for character in keys.flatten() {
        counts[usize::from(character)] += 1;
    }
    let used = |character: u8| character.is_ascii_alphanumeric() || b"-_".contains(&character);
    for character in 0..128 {
        let expected = if used(character) { 4 } else { 0 };
        assert_eq!(counts[usize::from(character)], expected, "{character}");
    }
}

/// A shared key of a length that AES does not know, properly encrypted, is told apart from nothing else.
#[test]
fn a_shared_key_that_is_no_aes_key_is_refused_alike() {
    let key = independent_key().to_public_key();
    let mut parts = parts(&vector("enc-04").response);
    for len in [0, 1, 15, 17, 31, 33, 64] {
        parts[0] = key
            .oaep_encrypt_with_rng::<sha1::Sha1, _>(&mut SysRng, &vec![b'k'; len])
            .unwrap();
        assert_eq!(
            SMALL.open(&response_of(&parts)),
            Err(OpenError::Refused),
            "{len}"
        );
    }
    // The same way with a good length, to show that the refusals were not for another reason.
    parts[0] = key
        .oaep_encrypt_with_rng::<sha1::Sha1, _>(&mut SysRng, b"0123456789abcdef0123456789abcdef")
        .unwrap();
    assert!(SMALL.open(&response_of(&parts)).is_ok());
}

#[test]
fn no_two_responses_share_a_key_or_a_nonce() {
    let responses: Vec<_> = (0..20).map(|_| parts(&seal(&SMALL, b"same"))).collect();
    for part in 0..4 {
        let distinct: HashSet<_> = responses.iter().map(|parts| &parts[part]).collect();
        assert_eq!(distinct.len(), responses.len());
    }
}

/// Gives one byte after the other, from one on, and fails after a number of calls.
struct Counting {
    next: u8,
    calls: u32,
}

impl TryCryptoRng for Counting {}

impl getrandom::rand_core::TryRng for Counting {
    type Error = std::fmt::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.calls = self.calls.checked_sub(1).ok_or(std::fmt::Error)?;
        bytes.fill_with(|| {
            self.next = self.next.wrapping_add(1);
            self.next
        });
        Ok(())
    }
}

#[test]
fn a_failing_generator_seals_nothing() {
    let key = PublicKey::new(&SMALL.public_key()).unwrap();
    for calls in 0..3 {
        let result = key.seal(b"message", &mut Counting { next: 0, calls });
        assert_eq!(result, Err(SealError::NoRandomness), "{calls}");
    }
    assert!(
        key.seal(b"message", &mut Counting { next: 0, calls: 3 })
            .is_ok()
    );
}
