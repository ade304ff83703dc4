//! The client's side: a layer that signs every request.
//!
//! Put it innermost, right around the HTTP client, so that whatever another layer waits for it waits before the
//! clock is read, and each attempt of a retry is stamped anew. Nothing between it and the wire may change the
//! URI or the body.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use snaptrade_signing::{Credentials, SignRequestLayer};
//! use tower::{Layer, Service, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // Any HTTP client that is a tower service.
//! let client = tower::service_fn(|request: Request<Full<Bytes>>| async move {
//!     assert!(request.headers().contains_key("signature"));
//!     assert!(request.uri().query().unwrap().starts_with("userId=jane&clientId=ACME&timestamp="));
//!     Ok::<_, std::io::Error>(Response::new(()))
//! });
//!
//! let mut client = SignRequestLayer::new(Credentials::new("ACME", "mykey")?).layer(client);
//!
//! let request = Request::get("https://api.snaptrade.com/accounts?userId=jane").body(Full::default())?;
//! client.ready().await?.call(request).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Bodies
//!
//! The body that goes in comes out, type and bytes. One that is in memory is signed in the call itself; another is
//! collected first, up to [`max_body_bytes`](SignRequestLayer::max_body_bytes), and then the clock is read. What
//! the layer asks of the body's type is `From<Bytes>`, which `Full<Bytes>`, `axum::body::Body` and
//! `reqwest::Body` have. For another, such as `BoxBody`, convert below the layer:
//!
//! ```
//! # use bytes::Bytes;
//! # use http::{Request, Response};
//! # use http_body_util::{BodyExt, Full, combinators::BoxBody};
//! # use snaptrade_signing::{Credentials, SignRequestLayer};
//! # use tower::{ServiceBuilder, ServiceExt};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! # let client = tower::service_fn(|_: Request<BoxBody<Bytes, std::convert::Infallible>>| async {
//! #     Ok::<_, std::io::Error>(Response::new(()))
//! # });
//! let client = ServiceBuilder::new()
//!     .layer(SignRequestLayer::new(Credentials::new("ACME", "mykey")?))
//!     .map_request(|request: Request<Full<Bytes>>| request.map(BodyExt::boxed))
//!     .service(client);
//! # client.oneshot(Request::new(Full::default())).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What is signed
//!
//! The query goes out as it came in, byte for byte, with `clientId` and `timestamp` at its end. Members whose raw name
//! is exactly one of these two are taken for an earlier stamp and replaced. A name in other letters, such as
//! `%63lientId` or `clientid`, is not the layer's: it is sent and signed, and a server that takes it for a second
//! client id, as [`verify`](crate::verify) does, refuses the request. Leave such names out.
//!
//! # For whom
//!
//! Without [`only_authorities`](SignRequestLayer::only_authorities) every request is signed, wherever it goes. With
//! it, only those over `https` to a host of the list, and over `http` to a host and port that are listed so; all others
//! pass on unsigned.
//!
//! # Whole or not at all
//!
//! A request that cannot be signed is not sent: the future returns a boxed [`SignError`](crate::SignError), which
//! `downcast_ref` tells from the client's errors, and the inner service is not called. Dropping the future before
//! the body was collected sends nothing; dropping it later does what the inner service's own future does.

mod authority;
mod future;
mod layer;
mod service;

pub use future::ResponseFuture;
pub use layer::SignRequestLayer;
pub use service::SignRequest;
