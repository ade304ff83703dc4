//! Answers for the eyes of a private key's owner alone.

use super::super::answer::Answer;
use super::Answered;

/// Encrypts a message to the key that a user was registered with.
#[cfg(feature = "encrypted")]
pub(super) fn seal(ssh_rsa: &str, message: &[u8]) -> Answered {
    use crate::encrypted::{PublicKey, SysRng};

    let key = PublicKey::from_ssh_rsa(ssh_rsa)
        .map_err(|error| Answer::invalid("rsaPublicKey", &error.to_string()))?;
    match key.seal(message, &mut SysRng) {
        Ok(sealed) => Ok(Answer::ok(&sealed)),
        Err(_) => Err(Answer::unexpected()),
    }
}

/// Says that it cannot.
#[cfg(not(feature = "encrypted"))]
pub(super) fn seal(_ssh_rsa: &str, _message: &[u8]) -> Answered {
    Err(Answer::not_implemented(
        "The sandbox was built without the feature `encrypted`.",
    ))
}
