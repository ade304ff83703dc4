//! AES-OCB3 under a key whose length is known only when it has been decrypted.

use aes::cipher::consts::{U12, U15, U16};
use aes::{Aes128, Aes192, Aes256};
use ocb3::aead::{AeadInOut, KeyInit};
use ocb3::{Ocb3, Tag};

use super::{OpenError, SealError};

/// The length of the nonces that [`seal`] makes; SnapTrade's too.
pub(super) const NONCE: usize = 15;
/// The length of the keys that [`seal`] takes.
pub(super) const KEY: usize = 32;

/// Whether a key has a length that AES knows.
pub(super) fn is_key(key: &[u8]) -> bool {
    matches!(key.len(), 16 | 24 | 32)
}

/// Decrypts in place. On an error the buffer holds bytes that nobody may look at.
pub(super) fn open(
    key: &[u8],
    nonce: &[u8],
    message: &mut [u8],
    tag: &[u8],
) -> Result<(), OpenError> {
    let open = match (key.len(), nonce.len()) {
        (16, 15) => open_with::<Ocb3<Aes128, U15>>,
        (24, 15) => open_with::<Ocb3<Aes192, U15>>,
        (32, 15) => open_with::<Ocb3<Aes256, U15>>,
        (16, 12) => open_with::<Ocb3<Aes128, U12>>,
        (24, 12) => open_with::<Ocb3<Aes192, U12>>,
        (32, 12) => open_with::<Ocb3<Aes256, U12>>,
        _ => return Err(OpenError::Refused),
    };
    open(key, nonce, message, tag).ok_or(OpenError::Refused)
}

fn open_with<C: AeadInOut + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    message: &mut [u8],
    tag: &[u8],
) -> Option<()> {
    let cipher = C::new_from_slice(key).ok()?;
    let (nonce, tag) = (nonce.try_into().ok()?, tag.try_into().ok()?);
    cipher
        .decrypt_inout_detached(nonce, &[], message.into(), tag)
        .ok()
}

/// Encrypts in place and gives the tag.
pub(super) fn seal(
    key: &[u8; KEY],
    nonce: &[u8; NONCE],
    message: &mut [u8],
) -> Result<Tag<U16>, SealError> {
    Ocb3::<Aes256, U15>::new(key.into())
        .encrypt_inout_detached(nonce.into(), &[], message.into())
        .map_err(|_| SealError::TooLong)
}
