//! Reading keys.

use std::error::Error as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use snaptrade_auth_service::RsaPublicKey;
use snaptrade_auth_service::encrypted::{InvalidPrivateKey, PrivateKey, PublicKey};
use snaptrade_auth_service::rsa_public_key::InvalidRsaPublicKey;

use super::{SMALL, VECTORS, vector};

#[test]
fn keys_that_are_refused() {
    use InvalidPrivateKey as E;
    let pkcs1 = &vector("enc-04").private_key;
    let malformed = |form| E::Malformed { form };
    let block = |label: &str, bytes: &[u8]| {
        let base64 = STANDARD.encode(bytes);
        format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
    };
    let cases = [
        (String::new(), E::NotPem),
        ("hunter2".to_owned(), E::NotPem),
        ("-----BEGIN RSA PRIVATE KEY".to_owned(), E::NotPem),
        (pkcs1[..300].to_owned(), E::Unfinished),
        (pkcs1.replace("END RSA", "END"), E::Unfinished),
        (
            pkcs1.replace("-----END RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY"),
            E::Unfinished,
        ),
        (pkcs1.replace('\n', "\\n"), E::NotBase64),
        (pkcs1.replacen("MII", "MI!", 1), E::NotBase64),
        (
            include_str!("../fixtures/passphrase_pkcs1.pem").to_owned(),
            E::Passphrase,
        ),
        (
            include_str!("../fixtures/passphrase_pkcs8.pem").to_owned(),
            E::Passphrase,
        ),
        (
            include_str!("../fixtures/passphrase_openssh.pem").to_owned(),
            E::Passphrase,
        ),
        (
            include_str!("../fixtures/ed25519_openssh.pem").to_owned(),
            E::NotRsa,
        ),
        (
            include_str!("../fixtures/ed25519_pkcs8.pem").to_owned(),
            E::NotRsa,
        ),
        (
            include_str!("../fixtures/spki_public.pem").to_owned(),
            E::OtherKind,
        ),
        (block("CERTIFICATE", b"abc"), E::OtherKind),
        (block("RSA PRIVATE KEY", b""), malformed("PKCS#1")),
        (block("PRIVATE KEY", b"abc"), malformed("PKCS#8")),
        (
            block("OPENSSH PRIVATE KEY", b"openssh-key-v1\0"),
            malformed("OpenSSH"),
        ),
    ];
    for (pem, expected) in cases {
        assert_eq!(PrivateKey::from_pem(&pem).unwrap_err(), expected, "{pem}");
    }
}

#[test]
fn a_key_survives_lost_line_breaks_and_text_around_it() {
    for id in ["enc-03", "enc-04", "enc-08"] {
        let pem = &vector(id).private_key;
        let expected = PrivateKey::from_pem(pem).unwrap().public_key();
        for changed in [
            pem.replace('\n', " "),
            pem.replace('\n', "\r\n    "),
            format!(
                "Bag Attributes: 1\n{pem}\n{}",
                include_str!("../fixtures/spki_public.pem")
            ),
        ] {
            let key = PrivateKey::from_pem(&changed).unwrap();
            assert_eq!(key.public_key(), expected, "{id}");
        }
    }
}

/// No damage makes the reader panic, or gives another key than the true one.
#[test]
fn damaged_keys_are_refused() {
    for id in ["enc-04", "enc-06"] {
        let pem = &vector(id).private_key;
        let label = pem.lines().next().unwrap();
        let end = pem.trim_end().lines().last().unwrap();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let bytes = STANDARD.decode(base64).unwrap();
        let read = |bytes: &[u8]| {
            PrivateKey::from_pem(&format!("{label}\n{}\n{end}", STANDARD.encode(bytes)))
        };
        assert!(read(&bytes).is_ok());
        for len in 0..bytes.len() {
            // OpenSSH ends its keys with padding inside a string, so that a shorter one is never whole.
            assert!(read(&bytes[..len]).is_err(), "{id} cut to {len}");
        }
        for place in 0..bytes.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[place] ^= change;
                // Parts that nobody needs are not looked at: a comment, a number that is computed anew.
                if let Ok(key) = read(&damaged) {
                    assert_eq!(key.public_key(), SMALL.public_key(), "{id} at {place}");
                }
            }
        }
    }
}

#[test]
fn a_public_half_of_a_bad_size_is_named() {
    let pem = include_str!("../fixtures/rsa_768.pem");
    let error = PrivateKey::from_pem(pem).unwrap_err();
    assert_eq!(
        error,
        InvalidPrivateKey::PublicHalf(InvalidRsaPublicKey::Size { bits: 768 })
    );
    assert!(error.source().unwrap().to_string().contains("768 bits"));
}

#[test]
fn the_two_checks_of_a_public_key_agree() {
    for vector in VECTORS.iter() {
        let key = RsaPublicKey::parse(&vector.public_key).unwrap();
        assert!(PublicKey::new(&key).is_ok(), "{}", vector.id);
    }
    assert_eq!(
        PublicKey::from_ssh_rsa("ssh-rsa AAAA").unwrap_err(),
        InvalidRsaPublicKey::Malformed,
    );
}
