//! Reading encrypted responses (feature `encrypted`).
//!
//! A user who is registered with an RSA public key gets encrypted answers to the login and to the JWT operation.
//! [`PrivateKey`] opens them; [`PublicKey`] makes them, as a server or a test does.
//!
//! ```
//! use serde::Deserialize;
//! use snaptrade_auth_service::encrypted::{PrivateKey, PublicKey, SysRng};
//!
//! #[derive(Deserialize)]
//! struct Portal {
//!     #[serde(rename = "redirectURI")]
//!     redirect_uri: String,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let pem = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/user_key.pem"));
//! // PKCS#1, PKCS#8 or OpenSSH, without a passphrase.
//! let key = PrivateKey::from_pem(pem)?;
//! // What to register the user with: `ssh-rsa AAAA…`.
//! let registered = key.public_key();
//!
//! // The server's part.
//! let link = br#"{"redirectURI": "https://app.snaptrade.com/?token=abc"}"#;
//! let response = PublicKey::new(&registered)?.seal(link, &mut SysRng)?;
//!
//! let portal: Portal = key.open_json(&response)?;
//! assert_eq!(portal.redirect_uri, "https://app.snaptrade.com/?token=abc");
//! # Ok(())
//! # }
//! ```
//!
//! # The form
//!
//! RSA-OAEP, with SHA-1 and MGF1-SHA-1, gives the shared key. Its bytes are printable text and are, as they stand,
//! an AES key of 16, 24 or 32 bytes. AES-OCB3 (RFC 7253), with a tag of 16 bytes, no associated data and a nonce of
//! 15 or 12 bytes, gives the message. SHA-1 is not broken as OAEP uses it, and it is SnapTrade's choice.
//!
//! # Timing
//!
//! [`rsa`](https://docs.rs/rsa) does the RSA. Up to 0.9 the time that a decryption takes can give the private key
//! away (RUSTSEC-2023-0071, the Marvin attack), and 0.10, used here, is what its authors advise to move to: it is
//! written to compute in constant time, and blinds the ciphertext, the exponents and the primes anew for each
//! decryption, here with the system's random numbers. A response that does not open takes the same steps, up to the
//! tag, and gives the same error whatever is wrong with it.
//!
//! That is careful software, not a proof. So do not let strangers have responses of their own making decrypted
//! while they watch the clock: open what came from SnapTrade over TLS, in answer to your own request.
//!
//! Of the libraries that are longer tried, `openssl` asks for OpenSSL wherever this is built, `aws-lc-rs` has no OCB,
//! and `ring` decrypts no RSA.
//!
//! Decrypting takes CPU time: in a release build some 3 ms with 2048 bits and 12 ms with 4096. A server that opens
//! many does so on a blocking thread.

mod cipher;
mod error;
mod format;
mod pem;
mod private_key;
mod public_key;

#[doc(no_inline)]
pub use getrandom::{SysRng, rand_core::TryCryptoRng};

pub use error::{InvalidPrivateKey, OpenError, SealError};
pub use private_key::PrivateKey;
pub use public_key::PublicKey;
