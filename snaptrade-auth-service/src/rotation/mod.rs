//! A new consumer key while requests fly, without one failed call.
//!
//! When a key is regenerated, the server goes over from one instant to the next, or machine by machine: what is on its way
//! with the old key is refused with 401/1076, and so is everything until the app has the new one. So
//! [stage](snaptrade_signing::Rotating::stage) the new key first, and let the server switch whenever it does.
//!
//! [`FollowRotationLayer`] signs each request with the current key. If the server refuses the signature, it sends *that
//! request* again with another key. The key that all share changes once the server has accepted the other one for a request
//! that it had refused before; the replaced one stays until the next `stage` or `rotate`. So
//!
//! - a refusal that has another reason costs a few attempts of that call, and no other call;
//! - an endpoint that verifies nothing says nothing of a key;
//! - while some of the server's machines have the new key and some the old one, a request is signed with each, and then with
//!   either by chance, up to 8 times. What goes beyond one attempt with each key, and one more, is paid for by another request
//!   that passed within 10 seconds;
//! - if the server goes back to the old key, so do the requests.
//!
//! Put it below a retry policy and above the rolling limit, so that each attempt takes a slot and has its own time; above
//! [`CollectAnswerLayer`](crate::CollectAnswerLayer), which reads why a request was refused; and above
//! [`LearnSkewLayer`](crate::LearnSkewLayer): what that blames on the clock says nothing of the key. Requests are cloned, so
//! their body is to be one that can be: `Full<Bytes>`, say.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use http_body_util::Full;
//! use snaptrade_auth_service::CollectAnswerLayer;
//! use snaptrade_auth_service::rotation::FollowRotationLayer;
//! use snaptrade_signing::{ConsumerKey, Credentials, Rotating, SignRequestLayer};
//! use tower::{ServiceBuilder, ServiceExt};
//! # #[cfg(feature = "sandbox")] {
//! use snaptrade_auth_service::sandbox::{CLIENT_ID, Sandbox};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let server = Sandbox::new();
//! let keys = Rotating::new(Sandbox::credentials()?);
//! let client = ServiceBuilder::new()
//!     .layer(FollowRotationLayer::new(keys.clone()))
//!     .layer(CollectAnswerLayer::new())
//!     .layer(SignRequestLayer::with_provider(keys.clone()))
//!     .service(server.clone());
//!
//! keys.stage(Credentials::new(CLIENT_ID, "the new key")?)?;
//! let users = Request::get("https://api.snaptrade.com/snapTrade/listUsers").body(Full::<Bytes>::default())?;
//! assert_eq!(client.clone().oneshot(users.clone()).await?.status(), StatusCode::OK);
//!
//! server.rotate_key(CLIENT_ID, ConsumerKey::new("the new key")?);
//! assert_eq!(client.clone().oneshot(users).await?.status(), StatusCode::OK);
//! assert_eq!(keys.generation(), 1);
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(()) })?;
//! # }
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
//! ```

mod future;
mod layer;
mod trials;

pub use future::ResponseFuture;
pub use layer::{FollowRotation, FollowRotationLayer};
