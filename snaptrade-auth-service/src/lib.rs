//! The SnapTrade authentication operations as tower services.

#[cfg(feature = "encrypted")]
pub mod encrypted;
mod encrypted_response;
pub mod rsa_public_key;
mod ssh_wire;

pub use encrypted_response::{EncryptedMessageData, EncryptedResponse};
#[doc(no_inline)]
pub use rsa_public_key::RsaPublicKey;
#[cfg(feature = "sandbox")]
pub mod sandbox;
