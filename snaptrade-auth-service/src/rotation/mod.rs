//! A new consumer key while requests fly, without one failed call.
//!
//! When a key is regenerated, the server goes over from one instant to the next: what is on its way with the old key
//! is refused with 401/1076, and so is everything until the app has the new one. So
//! [stage](snaptrade_signing::Rotating::stage) the new key first, and let the server switch whenever it does. The first refusal makes the
//! staged key sign; [`FollowRotationLayer`] tells the [`Rotating`](snaptrade_signing::Rotating) of it, and marks the answer
//! as [`StaleStamp`](crate::retry::StaleStamp), as it does every refusal of a key that has been replaced meanwhile, for the
//! retry policy to send the request once more. Until the new key was accepted, a refusal brings the old one back: a refusal
//! that had another reason costs one attempt, and no call.
//!
//! Put it above [`CollectAnswerLayer`](crate::CollectAnswerLayer), which reads why a request was refused, and above
//! [`LearnSkewLayer`](crate::LearnSkewLayer): what that blames on the clock says nothing of the key.
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
//! keys.stage(Credentials::new(CLIENT_ID, "the new key")?);
//! let users = Request::get("https://api.snaptrade.com/snapTrade/listUsers").body(Full::<Bytes>::default())?;
//! assert_eq!(client.clone().oneshot(users.clone()).await?.status(), StatusCode::OK);
//!
//! server.rotate_key(CLIENT_ID, ConsumerKey::new("the new key")?);
//! assert_eq!(client.clone().oneshot(users.clone()).await?.status(), StatusCode::UNAUTHORIZED);
//! assert_eq!(client.clone().oneshot(users).await?.status(), StatusCode::OK);
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(()) })?;
//! # }
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
//! ```

mod future;
mod layer;

pub use future::ResponseFuture;
pub use layer::{FollowRotation, FollowRotationLayer};
