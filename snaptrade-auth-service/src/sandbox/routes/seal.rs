//! Answers for the eyes of a private key's owner alone.

use super::super::answer::Answer;
use super::Answered;

/// Encrypts a message to the key that a user was registered with.
pub(super) fn seal(_ssh_rsa: &str, _message: &[u8]) -> Answered {
    Err(Answer::not_implemented(
        "The sandbox was built without encrypted responses.",
    ))
}
