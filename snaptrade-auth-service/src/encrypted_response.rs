//! The form in which SnapTrade answers a user who was registered with an RSA public key.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An answer that only the holder of the user's private key can read.
///
/// With the feature `encrypted`, `encrypted::PrivateKey` opens it. All members are base64, passed on as they came.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptedResponse {
    encrypted_shared_key: String,
    encrypted_message_data: EncryptedMessageData,
}

/// The message of an [`EncryptedResponse`], encrypted with the shared key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptedMessageData {
    encrypted_message: String,
    tag: String,
    nonce: String,
}

impl EncryptedResponse {
    /// Puts a response together from its parts, as a server does.
    #[must_use]
    pub fn new(
        encrypted_shared_key: impl Into<String>,
        encrypted_message_data: EncryptedMessageData,
    ) -> Self {
        Self {
            encrypted_shared_key: encrypted_shared_key.into(),
            encrypted_message_data,
        }
    }

    /// The key of the message, encrypted with the user's RSA public key; base64.
    #[must_use]
    pub fn encrypted_shared_key(&self) -> &str {
        &self.encrypted_shared_key
    }

    /// The message, encrypted with the shared key.
    #[must_use]
    pub fn encrypted_message_data(&self) -> &EncryptedMessageData {
        &self.encrypted_message_data
    }
}

impl EncryptedMessageData {
    /// Puts a message together from its parts, each in base64.
    #[must_use]
    pub fn new(
        encrypted_message: impl Into<String>,
        tag: impl Into<String>,
        nonce: impl Into<String>,
    ) -> Self {
        Self {
            encrypted_message: encrypted_message.into(),
            tag: tag.into(),
            nonce: nonce.into(),
        }
    }

    /// The encrypted bytes; base64, empty for an empty message.
    #[must_use]
    pub fn encrypted_message(&self) -> &str {
        &self.encrypted_message
    }

    /// What shows that nothing was changed: 16 bytes, in base64.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The number used once: 15 bytes (12 have been seen), in base64.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }
}

// Encrypted or not, a login link or a token has no place in a log.

impl fmt::Debug for EncryptedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptedResponse([redacted])")
    }
}

impl fmt::Debug for EncryptedMessageData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptedMessageData([redacted])")
    }
}
