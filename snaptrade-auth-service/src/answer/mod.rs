//! Answers read whole, below retry, so that a body which hangs or breaks is seen where it can be dealt with.
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

pub use body::AnswerBody;
pub(crate) use collect::Collect;
pub use error::AnswerError;
pub use layer::{CollectAnswer, CollectAnswerFuture, CollectAnswerLayer};

/// The longest answer that is read unless set otherwise: 16 MiB.
pub(crate) const DEFAULT_MAX_ANSWER_BYTES: usize = 16 << 20;
