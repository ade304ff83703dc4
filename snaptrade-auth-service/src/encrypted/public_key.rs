//! Making encrypted responses, as SnapTrade's server does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::rand_core::TryCryptoRng;
use rsa::BoxedUint;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::{SealError, cipher};
use crate::rsa_public_key::{InvalidRsaPublicKey, Numbers, RsaPublicKey};
use crate::{EncryptedMessageData, EncryptedResponse};

/// The characters of a shared key: one for each value of six bits, so that all are equally likely.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A user's RSA public key, ready to encrypt with.
#[derive(Clone, Debug)]
pub struct PublicKey(rsa::PublicKey);

impl PublicKey {
    /// Prepares a key for encryption.
    ///
    /// # Errors
    ///
    /// None for a key that [`RsaPublicKey`] has checked; they are there because the two checks are not the same code.
    pub fn new(key: &RsaPublicKey) -> Result<Self, InvalidRsaPublicKey> {
        let bytes = key.bytes()?;
        let Numbers { modulus, exponent } = Numbers::read(&bytes)?;
        let [modulus, exponent] = [modulus, exponent].map(BoxedUint::from_be_slice_vartime);
        rsa::PublicKey::new(modulus, exponent)
            .map(Self)
            .map_err(|_| InvalidRsaPublicKey::NotRsa)
    }

    /// Reads a text `ssh-rsa AAAA…` and prepares the key for encryption.
    ///
    /// # Errors
    ///
    /// Those of [`RsaPublicKey::parse`].
    pub fn from_ssh_rsa(text: &str) -> Result<Self, InvalidRsaPublicKey> {
        Self::new(&RsaPublicKey::parse(text)?)
    }

    /// Encrypts a message under a new shared key of 32 characters. [`SysRng`](super::SysRng) is the generator to
    /// use; one with a seed gives a test the same response each time.
    ///
    /// # Errors
    ///
    /// If the generator fails, or the message is 1 GiB or longer.
    pub fn seal<R>(&self, message: &[u8], rng: &mut R) -> Result<EncryptedResponse, SealError>
    where
        R: TryCryptoRng + ?Sized,
    {
        let mut key = Zeroizing::new([0; cipher::KEY]);
        let mut nonce = [0; cipher::NONCE];
        rng.try_fill_bytes(&mut *key)
            .and_then(|()| rng.try_fill_bytes(&mut nonce))
            .map_err(|_| SealError::NoRandomness)?;
        for byte in key.iter_mut() {
            *byte = ALPHABET[usize::from(*byte % 64)];
        }

        let mut message = message.to_vec();
        let tag = cipher::seal(&key, &nonce, &mut message)?;
        let sealed_key = self
            .0
            .oaep_encrypt_with_rng::<Sha1, _>(rng, &*key)
            // The smallest key holds 86 bytes, so nothing but the generator can fail.
            .map_err(|_| SealError::NoRandomness)?;
        Ok(EncryptedResponse::new(
            STANDARD.encode(sealed_key),
            EncryptedMessageData::new(
                STANDARD.encode(message),
                STANDARD.encode(tag),
                STANDARD.encode(nonce),
            ),
        ))
    }
}
