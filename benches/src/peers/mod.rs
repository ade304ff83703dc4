//! What else signs requests in Rust, on the same request, and the signer that most would write for themselves.
//!
//! Each takes a whole request and gives it back signed. They do not compute the same thing: AWS's signature covers
//! headers, scope and a hash of the body; RFC 9421 covers the components that it is told to. What is compared is
//! what a call pays for being signed.

mod aws_sigv4;
mod httpsig;
#[cfg(feature = "agpl-peers")]
mod normalization;
mod plain;
mod reqsign;

pub use self::aws_sigv4::AwsSigV4;
pub use self::httpsig::HttpSig;
#[cfg(feature = "agpl-peers")]
pub use self::normalization::Normalization;
pub use self::plain::Plain;
pub use self::reqsign::Reqsign;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

/// A request as all peers take it.
pub type PeerRequest = Request<Full<Bytes>>;
