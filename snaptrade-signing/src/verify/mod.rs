//! The server's side: a layer that lets only rightly signed requests pass.
//!
//! It is what a SnapTrade server does with a request, for those who test a client, run a proxy, or receive signed
//! requests of their own. A request that passes has a [`Verified`] in its extensions; any other is answered with its
//! [`Rejection`], and does not reach the server.
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
//!
//! # Who signed it
//!
//! [`Verified`] in the extensions says who signed a request, and when. Act on nothing else: a handler or a server
//! behind a proxy that reads `clientId` out of the query again may read it by another rule.
//!
//! The rule here: the query is split at `&`, names and values are decoded once (`%XX`, and `+` as a space), and
//! there is one `clientId`, one `timestamp` and one `Signature` header. So that no reader sees another client, a
//! request is [`Ambiguous`](Rejection::Ambiguous), and refused, if it has
//!
//! | | such as |
//! |---|---|
//! | a name twice, spelled in whatever way | `clientId=A&%63lientId=B` |
//! | a name that differs in case, or in spaces or `?` around it | `ClientId=B`, `%20clientId=B`, `?clientId=B` |
//! | a name with an index, or a zero byte | `clientId[]=B`, `clientId%00=B` |
//! | a name, or a value of the stamp's, next to a `;` | `x=1;clientId=B`, `clientId=A;x` |
//! | a name of eight bytes or more that still has a `%` once decoded, or is no UTF-8 (overlong forms are none) | `%2563lientId=B`, `%c1%a3lientId=B` |
//! | more than one `Signature` header | |
//!
//! Not covered are readers that decode a *value* twice or in another way (`+` as itself), and those that take letters
//! beyond ASCII for others.
//!
//! # What is checked when
//!
//! 1. The head: client id, timestamp and signature are there, once each; the client is known; the timestamp is near
//!    the clock; the signature has the form of one. Nothing is read of a body whose head fails, and a client that asks
//!    first (`Expect: 100-continue`) is not told to send it.
//! 2. The length that is announced, by the body or by `Content-Length`: a body that is too long is not read.
//! 3. The body is collected, up to [`max_body_bytes`](VerifyRequestLayer::max_body_bytes).
//! 4. The body is JSON, and the signature is that of head and body.
//!
//! The first that fails is the answer. A server such as hyper closes a connection whose body it has not read, so a
//! client that is still sending may see that instead of the answer.
//!
//! # Slow bodies
//!
//! The layer has no clock for bodies: a client that sends one byte a minute is waited for. The time it may take is
//! the server's to set: tower's timeout outside the layer covers the body and the answer (for the head, there is
//! hyper's `header_read_timeout`; for each piece of a body, tower-http's `RequestBodyTimeoutLayer`, which ends as a
//! [broken body](Rejection::BodyBroken)). Limits of concurrency belong inside: while a body is waited for, the
//! server behind is not kept ready, so that a slow one holds no permit. What it does hold is what has come of it.
//!
//! ```
//! use std::time::Duration;
//!
//! use snaptrade_signing::{Credentials, Verifier, VerifyRequestLayer};
//! use tower::{ServiceBuilder, limit::ConcurrencyLimitLayer, timeout::TimeoutLayer};
//! # use bytes::Bytes;
//! # use http::{Request, Response};
//! # use http_body_util::{Full, channel::Channel};
//! # use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! # let credentials = Credentials::new("ACME", "mykey")?;
//! # let now = snaptrade_signing::Clock::now(&snaptrade_signing::clock::SystemClock);
//! # let stamp = snaptrade_signing::Signer::new(credentials.clone()).stamp(&"/p".parse()?, b"", now)?;
//! # let server = tower::service_fn(|_: Request<Full<Bytes>>| async {
//! #     Ok::<_, std::convert::Infallible>(Response::new(Bytes::new()))
//! # });
//! let server = ServiceBuilder::new()
//!     .layer(TimeoutLayer::new(Duration::from_secs(10)))
//!     .layer(VerifyRequestLayer::new(Verifier::new(credentials)))
//!     .layer(ConcurrencyLimitLayer::new(64))
//!     .service(server);
//! # let (_sender, slow) = Channel::<Bytes>::new(1);
//! # let mut request = Request::new(slow);
//! # stamp.apply(&mut request)?;
//! # let error = server.oneshot(request).await.unwrap_err();
//! # assert!(error.is::<tower::timeout::error::Elapsed>());
//! # Ok(())
//! # }
//! ```
//!
//! # The same request again
//!
//! A signature covers path, query and body; not the method, the host or other headers. It can be sent again, by anyone
//! who saw it, as long as its timestamp is within the [tolerance](Verifier::tolerance), and nothing here remembers what
//! came before. Use TLS, keep the tolerance small, and where a request must not run twice, remember what passed for
//! twice the tolerance: the `Signature` header is the same in a copy.

mod future;
mod layer;
mod query;
mod rejection;
mod server;
mod service;
mod verified;
mod verifier;

pub use future::ResponseFuture;
pub use layer::VerifyRequestLayer;
pub use rejection::Rejection;
pub use service::VerifyRequest;
pub use verified::Verified;
pub use verifier::{LookUpSigner, Verifier};
