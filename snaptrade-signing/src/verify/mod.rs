//! The server's side: a layer that lets only rightly signed requests pass.
//!
//! It is what a SnapTrade server does with a request, for those who test a client, run a proxy, or receive signed
//! requests of their own. A request that passes has a [`Verified`] in its extensions.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Full;
//! use snaptrade_signing::{Credentials, SignRequestLayer, Verified, Verifier, VerifyRequestLayer};
//! use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let credentials = Credentials::new("ACME", "mykey")?;
//!
//! let server = tower::service_fn(|request: Request<Full<Bytes>>| async move {
//!     let verified: &Verified = request.extensions().get().expect("only verified requests come here");
//!     Ok::<_, std::convert::Infallible>(Response::new(Bytes::from(verified.client_id().to_string())))
//! });
//! let server = VerifyRequestLayer::new(Verifier::new(credentials.clone())).layer(server);
//!
//! let unsigned = Request::get("/snapTrade/listUsers").body(Full::<Bytes>::default())?;
//! assert_eq!(server.clone().oneshot(unsigned.clone()).await?.status(), StatusCode::UNAUTHORIZED);
//!
//! let client = SignRequestLayer::new(credentials).layer(server);
//! assert_eq!(client.oneshot(unsigned).await?.status(), StatusCode::OK);
//! # Ok(())
//! # }
//! ```

mod future;
mod layer;
mod query;
mod rejection;
mod service;
mod verifier;

pub use future::ResponseFuture;
pub use layer::VerifyRequestLayer;
pub use rejection::Rejection;
pub use service::VerifyRequest;
pub use verifier::{LookUpSigner, Verified, Verifier};
