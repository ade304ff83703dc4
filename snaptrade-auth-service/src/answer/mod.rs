//! Answers read whole, below retry, so that a body which hangs or breaks is seen where it can be dealt with.
//!
//! What the layers above need to know of an error's body, such as the wait that a 429 announces in its body alone, goes
//! into the extensions of the answer.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use snaptrade_auth_service::CollectAnswerLayer;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let client = service_fn(|_: Request<()>| async {
//!     Ok::<_, std::io::Error>(Response::new(Full::new(Bytes::from_static(b"[]"))))
//! });
//! let client = CollectAnswerLayer::new().layer(client);
//!
//! let answer = client.oneshot(Request::new(())).await?;
//! assert_eq!(answer.body().bytes(), Some(&Bytes::from_static(b"[]")));
//! # Ok(())
//! # }
//! ```

mod body;
mod collect;
mod error;
mod layer;
mod said;
#[cfg(test)]
mod tests;

pub use body::AnswerBody;
pub(crate) use collect::{Collect, announced};
pub use error::AnswerError;
pub use layer::{CollectAnswer, CollectAnswerFuture, CollectAnswerLayer};
pub(crate) use said::SignatureRefused;

/// The longest answer that is read unless set otherwise: 16 MiB.
pub(crate) const DEFAULT_MAX_ANSWER_BYTES: usize = 16 << 20;
