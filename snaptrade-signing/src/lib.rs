//! SnapTrade request signing, as a tower layer.
//!
//! Every call to SnapTrade's API carries a `clientId`, a `timestamp` and a `Signature`, and the signature is not
//! over the bytes that are sent but over a canonical text that the server computes anew. [`SignRequestLayer`]
//! stamps all three onto any [`http::Request`], byte for byte what the server expects; [`VerifyRequestLayer`] is
//! the server's side of the same rule.
//!
//! | what | where |
//! |---|---|
//! | the layer for a client | [`sign`] |
//! | the layer for a server | [`verify`] |
//! | signing without tower | [`Signer`] |
//! | the text that is signed | [`canonical`] |
//! | client id and consumer key | [`credentials`], [`Rotating`], [`SignWith`] |
//! | the time | [`clock`] |
//!
//! The crate knows no runtime and no HTTP client: it stacks onto whatever is a
//! [`tower_service::Service`] of [`http::Request`].
//!
//! # Secrets
//!
//! Keys, queries, bodies and signatures never reach a `Debug`, a `Display` or an error of this crate. What the crate
//! holds of them for itself is erased from memory; what it is given or hands on is not:
//!
//! | erased | when |
//! |---|---|
//! | the consumer key: [`ConsumerKey`], [`Credentials`], and what a [`Signer`] keeps of it | dropped |
//! | the text that is signed or verified, and what is hashed of it | after each call |
//! | [`Signature`] | dropped |
//!
//! | not erased | |
//! |---|---|
//! | where a key came from | the environment, a file, a `&str`; a `String` is taken over, and erased |
//! | [`Stamp`], and the URI and the `Signature` header of a request | marked as sensitive, which only hides it from `Debug` |
//! | bodies | also what is collected of one to be signed or verified |
//! | what [`canonical::request`] and [`canonical::json`] return | a `String` of yours |
//! | buffers of the HTTP client, of TLS and of the system | they hold each request as it is sent |
//! | the stack, registers, swap and core dumps | a value that is moved may leave a copy behind |
//!
//! So erasing keeps a key from lying about in freed memory; it does not keep requests out of a memory dump.

mod buffer;
pub mod canonical;
pub mod clock;
mod collect;
pub mod credentials;
mod digits;
mod error;
mod hashing;
mod mac;
mod provide;
mod query;
mod rotating;
pub mod sign;
mod signature;
mod signer;
mod stamp;
mod vectors;
pub mod verify;

#[doc(no_inline)]
pub use clock::{Clock, UnixTime};
#[doc(no_inline)]
pub use credentials::{ClientId, ConsumerKey, Credentials, CredentialsError};
pub use error::{BoxError, SignError};
pub use provide::{ProvideSigner, SignWith};
pub use rotating::{OtherClient, Rotating, RotatingKey, RotatingKeyId};
#[doc(no_inline)]
pub use sign::{SignRequest, SignRequestLayer};
pub use signature::{SIGNATURE, Signature};
pub use signer::Signer;
pub use stamp::Stamp;
#[doc(no_inline)]
pub use verify::{Verified, Verifier, VerifyRequest, VerifyRequestLayer};
