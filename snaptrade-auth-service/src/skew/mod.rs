//! A machine whose clock is wrong signs what the server refuses; here it learns how wrong it is.
//!
//! The timestamp of a request is signed, and the server refuses one that is minutes off, with the same 401/1076 as
//! for a wrong key. But each answer carries the server's `Date`. [`LearnSkewLayer`] compares: if a refusal shows that
//! the clock is more than 30 seconds off, the shared [`SkewedClock`](snaptrade_signing::clock::SkewedClock) is
//! corrected, and the answer is marked as [`StaleStamp`](crate::retry::StaleStamp), for the retry policy to send the
//! request once more. From then on requests are stamped with the server's time.
//!
//! - It learns from refusals (401 and 403) alone. An answer to anything else shows that the stamp was good enough,
//!   and some proxy's wrong `Date` must not spoil a clock that works.
//! - An answer with `Age` came out of a cache: its `Date` is old, and is not believed.
//! - What is within 30 seconds is left alone: there the refusal has another reason, and is not blamed on the clock.
//! - A `Date` before 2020 or from 2100 on is nobody's time, and is not believed. Whatever was learned, a time with which
//!   nothing could be signed is never used: then the uncorrected clock counts.
//! - A clock that is put right later is noticed by the same comparison.
//!
//! Put the layer right around [`SignRequestLayer`](snaptrade_signing::SignRequestLayer), and give both the clock:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use http_body_util::Full;
//! use snaptrade_auth_service::skew::LearnSkewLayer;
//! use snaptrade_signing::SignRequestLayer;
//! use snaptrade_signing::clock::{SkewedClock, SystemClock};
//! use tower::{ServiceBuilder, ServiceExt};
//! # #[cfg(feature = "sandbox")] {
//! use snaptrade_auth_service::sandbox::Sandbox;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let server = Sandbox::new();
//! server.set_skew(600); // Or this machine is ten minutes behind: the same.
//!
//! let clock = SkewedClock::new(SystemClock);
//! let client = ServiceBuilder::new()
//!     .layer(LearnSkewLayer::new(clock.clone()))
//!     .layer(SignRequestLayer::new(Sandbox::credentials()?).clock(clock))
//!     .service(server);
//!
//! let users = Request::get("https://api.snaptrade.com/snapTrade/listUsers").body(Full::<Bytes>::default())?;
//! let first = client.clone().oneshot(users.clone()).await?;
//! assert_eq!(first.status(), StatusCode::UNAUTHORIZED);
//! let second = client.clone().oneshot(users).await?;
//! assert_eq!(second.status(), StatusCode::OK);
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(()) })?;
//! # }
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
//! ```

mod future;
mod layer;
mod learn;

pub use future::ResponseFuture;
pub use layer::{LearnSkew, LearnSkewLayer};
