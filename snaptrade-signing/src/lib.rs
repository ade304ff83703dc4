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
//! Keys, queries, bodies and signatures never reach a `Debug`, a `Display` or an error, and buffers that held them
//! are erased.

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
