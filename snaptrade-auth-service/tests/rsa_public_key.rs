//! The text `ssh-rsa …` of a user's public key.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use snaptrade_auth_service::RsaPublicKey;
use snaptrade_auth_service::rsa_public_key::InvalidRsaPublicKey as E;

/// A key as OpenSSH writes it, from its fields.
fn text(fields: &[&[u8]]) -> String {
    let mut bytes = Vec::new();
    for field in fields {
        bytes.extend_from_slice(&u32::try_from(field.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(field);
    }
    format!("ssh-rsa {}", STANDARD.encode(bytes))
}

const E65537: &[u8] = &[1, 0, 1];

/// An odd number of so many bits, with the zero byte in front if it needs one.
fn modulus(bits: usize) -> Vec<u8> {
    let mut digits = vec![0xab; bits.div_ceil(8)];
    digits[0] = 1 << ((bits - 1) % 8);
    if digits[0] == 0x80 {
        digits.insert(0, 0);
    }
    digits
}

fn key(exponent: &[u8], modulus: &[u8]) -> String {
    text(&[b"ssh-rsa", exponent, modulus])
}

#[test]
fn good_keys_keep_their_text() {
    for bits in [1024, 1025, 1031, 2048, 3072, 4096, 8192] {
        for exponent in [&[3][..], E65537, &[1, 255, 255, 255, 255]] {
            let text = key(exponent, &modulus(bits));
            assert_eq!(RsaPublicKey::parse(&text).unwrap().as_str(), text);
        }
    }
}

#[test]
fn white_space_and_comment_are_left_out() {
    let plain = key(E65537, &modulus(2048));
    for written in [
        format!("  {plain}\n"),
        format!("{plain} me@laptop\r\n"),
        format!("{plain}\tmy old key "),
        plain.replacen(' ', "   ", 1),
    ] {
        let key: RsaPublicKey = written.parse().unwrap();
        assert_eq!(key.to_string(), plain);
        assert_eq!(serde_json::to_value(&key).unwrap(), plain);
    }
}

#[test]
fn bad_keys_are_refused() {
    let good = modulus(2048);
    let plain = key(E65537, &good);
    let even = |mut digits: Vec<u8>| {
        *digits.last_mut().unwrap() ^= 1;
        digits
    };
    let base64 = &plain["ssh-rsa ".len()..];
    let cases = [
        (String::new(), E::NotSshRsa),
        ("ssh-rsa".to_owned(), E::NotSshRsa),
        (base64.to_owned(), E::NotSshRsa),
        (format!("ssh-ed25519 {base64}"), E::NotSshRsa),
        (format!("SSH-RSA {base64}"), E::NotSshRsa),
        (format!("from=\"10.0.0.1\" {plain}"), E::NotSshRsa),
        (format!("{plain}\n{plain}"), E::NotSshRsa),
        (plain.replacen("AAAA", "AAAA\n", 1), E::NotSshRsa),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE".to_owned(),
            E::PrivateKey,
        ),
        ("-----BEGIN PUBLIC KEY-----\nMIIB".to_owned(), E::NotSshRsa),
        (plain.replacen("AAAA", "AAA!", 1), E::NotBase64),
        (plain[..plain.len() - 1].to_owned(), E::NotBase64),
        (plain[..plain.len() - 8].to_owned(), E::Malformed),
        ("ssh-rsa AAAA".to_owned(), E::Malformed),
        ("ssh-rsa /////wAA".to_owned(), E::Malformed),
        (text(&[b"ssh-dss", E65537, &good]), E::Malformed),
        (text(&[b"ssh-rsa", E65537]), E::Malformed),
        (text(&[b"ssh-rsa", E65537, &good, b""]), E::Malformed),
        (text(&[b"ssh-rsa", b"", &good]), E::Malformed),
        // Negative, and with more zeros in front than needed.
        (key(E65537, &good[1..]), E::Malformed),
        (key(&[0, 1, 0, 1], &good), E::Malformed),
        (key(&[0], &good), E::Malformed),
        (key(&[0, 0], &good), E::Malformed),
        (key(E65537, &modulus(1023)), E::Size { bits: 1023 }),
        (key(E65537, &modulus(8193)), E::Size { bits: 8193 }),
        (key(E65537, &[3]), E::Size { bits: 2 }),
        (key(E65537, &even(good.clone())), E::NotRsa),
        (key(&[1], &good), E::NotRsa),
        (key(&[1, 0, 0], &good), E::NotRsa),
        (key(&[2, 0, 0, 0, 1], &good), E::NotRsa),
        (key(&[1; 9], &good), E::NotRsa),
    ];
    for (text, expected) in cases {
        assert_eq!(RsaPublicKey::parse(&text), Err(expected), "{text}");
    }
}

#[test]
fn errors_do_not_quote_the_text() {
    for text in [
        "MARKER",
        "ssh-rsa MARKER!",
        "ssh-rsa TUFSS0VS",
        "PRIVATE KEY-----MARKER",
    ] {
        let error = RsaPublicKey::parse(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("MARKER"), "{error}");
    }
}
