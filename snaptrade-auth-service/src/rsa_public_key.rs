//! The public key that a user is registered with, so that SnapTrade encrypts what it answers.
//!
//! Written as OpenSSH writes it: `ssh-rsa`, a space, and the key in base64. It is checked when it is made, as
//! SnapTrade would find a mistake only when it encrypts its first answer. Making one needs no cryptography, so it
//! is here whatever features are on; reading the answers is the feature `encrypted`.
//!
//! ```
//! use snaptrade_auth_service::RsaPublicKey;
//!
//! # let line = format!("ssh-rsa {} me@laptop\n", concat!(
//! #     "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDA32yY8dqIrS+55uFEDxPTEMfFbIMJvo4N48TF5+NzrduwGpqEC70T2UhjjBmbpLXx",
//! #     "YYoEXpiZwpZt8n/qCI5Ipbyx6g3HB7G+xfuq6hXXIPDFTM4wL5bA1P5lU1nu8HP+XnpKzIiQN3h7bS7lUqXxT0zJg7J2EsWX",
//! #     "bX9tZwwGKQ==",
//! # ));
//! // The line of an `id_rsa.pub` file.
//! let key: RsaPublicKey = line.parse()?;
//! // The comment at its end, often somebody's name and machine, is not sent.
//! assert!(!key.as_str().contains("me@laptop"));
//!
//! let error = RsaPublicKey::parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA").unwrap_err();
//! assert!(error.to_string().contains("`ssh-rsa "));
//! # Ok::<_, snaptrade_auth_service::rsa_public_key::InvalidRsaPublicKey>(())
//! ```

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

use crate::ssh_wire::{Reader, push_positive, push_string};

/// The name of the kind of key, in the text and again in the binary form.
const NAME: &str = "ssh-rsa";
/// The sizes of a modulus, in bits. Less is broken in practice; more only costs time.
const BITS: std::ops::RangeInclusive<usize> = 1024..=8192;
/// The largest public exponent in use anywhere: 33 bits.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// An RSA public key, as the text `ssh-rsa AAAA…` that SnapTrade takes. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RsaPublicKey(Arc<str>);

/// Why a text is no RSA public key. It never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRsaPublicKey {
    /// The text begins otherwise than `ssh-rsa `, or does not end with the key's line.
    #[error(
        "an RSA public key is one line `ssh-rsa AAAA…`, as in an id_rsa.pub file (`ssh-keygen -y -f <private key>` prints it)"
    )]
    NotSshRsa,

    /// The text is a private key.
    #[error(
        "this is a private key, which must not be sent to anybody: pass the public key (`ssh-keygen -y -f <private key>` prints it)"
    )]
    PrivateKey,

    /// What follows `ssh-rsa` is no base64.
    #[error("what follows `ssh-rsa` in the RSA public key is no base64: copy the whole line")]
    NotBase64,

    /// The bytes are cut off, go on after the key, or are not a key at all.
    #[error("the RSA public key is incomplete, or more than a key: copy the whole line")]
    Malformed,

    /// The modulus is too small or too large.
    #[error("the RSA public key has {bits} bits: it must have from {min} to {max}", min = BITS.start(), max = BITS.end())]
    Size {
        /// The length of the modulus in bits.
        bits: usize,
    },

    /// The numbers cannot be an RSA key's: the modulus is even, or the exponent is even, below 3 or over 33 bits.
    #[error(
        "the numbers in the RSA public key are not those of an RSA key: make a new key pair (`ssh-keygen -t rsa -b 3072`)"
    )]
    NotRsa,
}

/// The numbers of a public key, checked: big-endian bytes without zeros in front.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'a> {
    pub(crate) modulus: &'a [u8],
    pub(crate) exponent: &'a [u8],
}

impl RsaPublicKey {
    /// Checks a text and takes the key from it, leaving out the comment and the white space around it.
    ///
    /// # Errors
    ///
    /// If it is not `ssh-rsa` with a whole RSA key of 1024 to 8192 bits.
    pub fn parse(text: &str) -> Result<Self, InvalidRsaPublicKey> {
        if text.contains("PRIVATE KEY-----") {
            return Err(InvalidRsaPublicKey::PrivateKey);
        }
        let line = text.trim_ascii();
        let mut words = line.split_ascii_whitespace();
        let (Some(NAME), Some(base64), None) =
            (words.next(), words.next(), line.find(['\r', '\n']))
        else {
            return Err(InvalidRsaPublicKey::NotSshRsa);
        };
        let bytes = decode(base64)?;
        Numbers::read(&bytes)?;
        Ok(Self(format!("{NAME} {base64}").into()))
    }

    /// The text to send: `ssh-rsa`, a space and the key, without a comment.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg_attr(
    not(feature = "encrypted"),
    allow(dead_code, reason = "for the feature `encrypted`")
)]
impl RsaPublicKey {
    pub(crate) fn from_numbers(numbers: Numbers<'_>) -> Self {
        let mut bytes = Vec::new();
        push_string(&mut bytes, NAME.as_bytes());
        push_positive(&mut bytes, numbers.exponent);
        push_positive(&mut bytes, numbers.modulus);
        Self(format!("{NAME} {}", STANDARD.encode(bytes)).into())
    }

    /// The key's binary form, to be read with [`Numbers::read`].
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, InvalidRsaPublicKey> {
        decode(&self.0[NAME.len() + 1..])
    }
}

fn decode(base64: &str) -> Result<Vec<u8>, InvalidRsaPublicKey> {
    STANDARD
        .decode(base64)
        .map_err(|_| InvalidRsaPublicKey::NotBase64)
}

impl<'a> Numbers<'a> {
    /// Reads the binary form.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, InvalidRsaPublicKey> {
        let mut reader = Reader::new(bytes);
        match (
            reader.string(),
            reader.positive(),
            reader.positive(),
            reader.rest(),
        ) {
            (Some(name), Some(exponent), Some(modulus), []) if name == NAME.as_bytes() => {
                Self { modulus, exponent }.checked()
            }
            _ => Err(InvalidRsaPublicKey::Malformed),
        }
    }

    /// Refuses numbers that no RSA key has. Neither may begin with a zero byte.
    pub(crate) fn checked(self) -> Result<Self, InvalidRsaPublicKey> {
        let bits = match self.modulus.first() {
            // The length is that of a slice in memory, so that eight times as many bits fit a usize in practice.
            Some(first) => (self.modulus.len().saturating_mul(8))
                .saturating_sub(first.leading_zeros() as usize),
            None => 0,
        };
        if !BITS.contains(&bits) {
            return Err(InvalidRsaPublicKey::Size { bits });
        }
        let odd = |digits: &[u8]| digits.last().is_some_and(|last| last % 2 == 1);
        let exponent = match self.exponent {
            digits if digits.len() <= 8 => digits
                .iter()
                .fold(0, |value: u64, &digit| value << 8 | u64::from(digit)),
            _ => u64::MAX,
        };
        if odd(self.modulus) && odd(self.exponent) && (3..=MAX_EXPONENT).contains(&exponent) {
            Ok(self)
        } else {
            Err(InvalidRsaPublicKey::NotRsa)
        }
    }
}

impl FromStr for RsaPublicKey {
    type Err = InvalidRsaPublicKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RsaPublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
