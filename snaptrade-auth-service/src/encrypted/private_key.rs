//! Opening encrypted responses with the user's private key.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use rsa::traits::PublicKeyParts as _;
use serde::de::DeserializeOwned;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::pem::Block;
use super::{InvalidPrivateKey, OpenError, cipher, format};
use crate::EncryptedResponse;
use crate::rsa_public_key::{Numbers, RsaPublicKey};

/// A user's RSA private key. Never printed, and cheap to clone.
///
/// It is erased when its last clone is dropped, as far as `rsa` erases it: the exponent and the primes, not what is
/// left of computing with them.
#[derive(Clone)]
pub struct PrivateKey(Arc<rsa::PrivateKey>);

impl PrivateKey {
    /// Reads a key in PEM: PKCS#1 (`RSA PRIVATE KEY`), PKCS#8 (`PRIVATE KEY`) or OpenSSH (`OPENSSH PRIVATE KEY`),
    /// without a passphrase, of 1024 to 8192 bits.
    ///
    /// Text around the block and white space within it are ignored; of several blocks the first is read.
    ///
    /// # Errors
    ///
    /// If the text is not such a key, or the key's numbers do not belong together.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidPrivateKey> {
        let key = format::read(&Block::read(pem)?)?;
        Ok(Self(Arc::new(key)))
    }

    /// The public half, to register the user with.
    #[must_use]
    pub fn public_key(&self) -> RsaPublicKey {
        RsaPublicKey::from_numbers(Numbers {
            modulus: &self.0.n().to_be_bytes_trimmed_vartime(),
            exponent: &self.0.e().to_be_bytes_trimmed_vartime(),
        })
    }

    /// Decrypts a response and checks that it is whole. The message is erased when it is dropped.
    ///
    /// # Errors
    ///
    /// [`OpenError::Refused`] whatever is wrong with the response or the key; [`OpenError::NoRandomness`] if the
    /// operating system has no random numbers.
    pub fn open(&self, response: &EncryptedResponse) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let data = response.encrypted_message_data();
        let decode = |base64| STANDARD.decode(base64).map_err(|_| OpenError::Refused);
        let sealed_key = decode(response.encrypted_shared_key())?;
        let (nonce, tag) = (decode(data.nonce())?, decode(data.tag())?);
        // Decrypted in place.
        let mut message = Zeroizing::new(decode(data.encrypted_message())?);

        let key = self.shared_key(&sealed_key)?;
        cipher::open(&key, &nonce, &mut message, &tag)?;
        Ok(message)
    }

    /// Decrypts a response, as [`open`](Self::open) does, and reads its message as JSON.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open), and [`OpenError::UnexpectedJson`] if the message is not a `T`.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        response: &EncryptedResponse,
    ) -> Result<T, OpenError> {
        // The error of serde_json may quote the message, so only the place is kept.
        serde_json::from_slice(&self.open(response)?).map_err(|error| OpenError::UnexpectedJson {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The AES key of a message, or, if there is none, one of random bytes that opens nothing.
    ///
    /// To stop here would tell by the time taken, if not by the error, whether the padding was right; and whoever
    /// can ask that often enough decrypts without the key (Manger's attack).
    fn shared_key(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut decoy = Zeroizing::new(vec![0; 32]);
        getrandom::fill(&mut decoy).map_err(|_| OpenError::NoRandomness)?;
        // The generator is named, so that blinding does not hang on a feature of the crate.
        match self.0.oaep_decrypt_with_rng::<Sha1, _>(&mut SysRng, sealed) {
            Ok(key) => {
                let key = Zeroizing::new(key);
                Ok(if cipher::is_key(&key) { key } else { decoy })
            }
            Err(rsa::Error::Rng) => Err(OpenError::NoRandomness),
            Err(_) => Ok(decoy),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey([redacted])")
    }
}
