//! The three forms of an RSA private key: PKCS#1, PKCS#8 and OpenSSH.

use rsa::pkcs1::{ALGORITHM_OID, RsaPrivateKeyRef};
use rsa::pkcs8::{PrivateKeyInfoRef, der::Decode as _};
use rsa::{BoxedUint, PrivateKey};

use super::InvalidPrivateKey;
use super::pem::Block;
use crate::rsa_public_key::Numbers;
use crate::ssh_wire::Reader;

const PKCS1: InvalidPrivateKey = InvalidPrivateKey::Malformed { form: "PKCS#1" };
const PKCS8: InvalidPrivateKey = InvalidPrivateKey::Malformed { form: "PKCS#8" };
const OPENSSH: InvalidPrivateKey = InvalidPrivateKey::Malformed { form: "OpenSSH" };

/// The numbers that make a private key; the others are computed from them.
struct Components<'a> {
    public: Numbers<'a>,
    private_exponent: &'a [u8],
    primes: [&'a [u8]; 2],
}

/// Reads the key in a PEM block.
pub(super) fn read(block: &Block<'_>) -> Result<PrivateKey, InvalidPrivateKey> {
    match block.label {
        "RSA PRIVATE KEY" => pkcs1(&block.bytes),
        "PRIVATE KEY" => pkcs8(&block.bytes),
        "OPENSSH PRIVATE KEY" => openssh(&block.bytes),
        "ENCRYPTED PRIVATE KEY" => Err(InvalidPrivateKey::Passphrase),
        "EC PRIVATE KEY" | "DSA PRIVATE KEY" => Err(InvalidPrivateKey::NotRsa),
        _ => Err(InvalidPrivateKey::OtherKind),
    }
}

fn pkcs1(der: &[u8]) -> Result<PrivateKey, InvalidPrivateKey> {
    let key = RsaPrivateKeyRef::from_der(der).map_err(|_| PKCS1)?;
    if key.other_prime_infos.is_some() {
        return Err(InvalidPrivateKey::Inconsistent);
    }
    build(&Components {
        public: Numbers {
            modulus: key.modulus.as_bytes(),
            exponent: key.public_exponent.as_bytes(),
        },
        private_exponent: key.private_exponent.as_bytes(),
        primes: [key.prime1.as_bytes(), key.prime2.as_bytes()],
    })
}

/// PKCS#8 says which algorithm the key is for, and holds a PKCS#1 key if it is RSA.
fn pkcs8(der: &[u8]) -> Result<PrivateKey, InvalidPrivateKey> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| PKCS8)?;
    if info.algorithm.oid != ALGORITHM_OID {
        return Err(InvalidPrivateKey::NotRsa);
    }
    pkcs1(info.private_key.as_bytes())
}

/// OpenSSH's own form, which is described in its source as PROTOCOL.key.
fn openssh(bytes: &[u8]) -> Result<PrivateKey, InvalidPrivateKey> {
    let mut outer = Reader::new(bytes.strip_prefix(b"openssh-key-v1\0").ok_or(OPENSSH)?);
    let mut string = || outer.string().ok_or(OPENSSH);
    let [cipher, _derivation, _options] = [string()?, string()?, string()?];
    if cipher != b"none" {
        return Err(InvalidPrivateKey::Passphrase);
    }
    let (Some(1), Some(_public), Some(private)) = (outer.uint32(), outer.string(), outer.string())
    else {
        return Err(OPENSSH);
    };

    let mut inner = Reader::new(private);
    // The same number twice: with a passphrase, it shows whether that was right.
    if inner.uint32().ok_or(OPENSSH)? != inner.uint32().ok_or(OPENSSH)? {
        return Err(OPENSSH);
    }
    if inner.string().ok_or(OPENSSH)? != b"ssh-rsa" {
        return Err(InvalidPrivateKey::NotRsa);
    }
    let mut number = || inner.positive().ok_or(OPENSSH);
    let [modulus, exponent, private_exponent] = [number()?, number()?, number()?];
    let _coefficient = number()?;
    build(&Components {
        public: Numbers { modulus, exponent },
        private_exponent,
        primes: [number()?, number()?],
    })
}

/// Checks that the numbers belong together.
fn build(parts: &Components<'_>) -> Result<PrivateKey, InvalidPrivateKey> {
    let Numbers { modulus, exponent } = parts.public.checked()?;
    // Nothing in a key is larger than its modulus. With one width for all, the time taken tells nothing of the
    // primes.
    let bits = u32::try_from(modulus.len() * 8).map_err(|_| InvalidPrivateKey::Inconsistent)?;
    let number = |digits: &[u8]| {
        BoxedUint::from_be_slice(digits, bits).map_err(|_| InvalidPrivateKey::Inconsistent)
    };
    PrivateKey::from_components(
        number(modulus)?,
        BoxedUint::from_be_slice_vartime(exponent),
        number(parts.private_exponent)?,
        vec![number(parts.primes[0])?, number(parts.primes[1])?],
    )
    .map_err(|_| InvalidPrivateKey::Inconsistent)
}
