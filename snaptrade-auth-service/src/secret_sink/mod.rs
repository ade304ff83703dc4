//! A secret that is shown once reaches its store, even if its caller has gone.
//!
//! SnapTrade shows a user's secret when the user is registered and when it is reset, and never again: a caller whose
//! future is dropped while the answer is on its way has lost the user. [`SecretSinkLayer`] makes such a call in a task
//! of its own, and stores what it answers before the caller sees it.
//!
//! # The promise
//!
//! Every secret whose complete answer reached this process is in the [sink](SecretSink), or, if the sink keeps failing,
//! in the caller's [error](NotStored), or with the [`on_orphan`](SecretSinkLayer::on_orphan) hook. Otherwise nothing
//! ran, or the outcome is [unknown](Ending::Unknown) and recorded as such.
//!
//! A complete answer in which the secret cannot be found is handed over as it came, in the same error and to the same hook:
//! its [body](NotStored::body), if it cannot be read or the operation panics over it, and its
//! [credentials](NotStored::credentials), if it names [another user](NotStoredCause::OtherUser) than the call was for, as
//! nothing may overwrite that user's secret. What is left is an answer that is not complete: nobody has its secret.
//!
//! | step | who holds the secret | if the caller goes | if the process ends |
//! |---|---|---|---|
//! | wait for other calls of this user | nobody | cancelled | nothing ran |
//! | record the [`Intent`] | nobody | cancelled | the intent is open, nothing ran |
//! | call the service below | the server | goes on; cancelled while nothing was sent | the intent is open |
//! | store the secret, over and over | the task | goes on | the intent is open |
//! | settle the intent | the sink | goes on | the intent is open |
//! | answer the caller | the sink, the caller | nothing more to do | nothing is lost |
//! | or, if the sink kept failing, or the answer is not for it: the error | the caller | `on_orphan` gets it | the intent says so |
//!
//! A call that waits holds nothing of the service below: that is brought to readiness when its turn has come and the intent
//! is recorded.
//!
//! What is [unsettled](Unsettled) after a restart is for a person to look into: list the users, and if there is one
//! whose secret nobody has, reset or delete it by hand. Nothing here ever deletes a user on its own.
//!
//! # Where it goes
//!
//! Below [`DeadlineLayer`](crate::DeadlineLayer), so that a caller's deadline ends the wait and not the call, and above
//! [`AuthService`](crate::AuthService). Whether anything was sent is known if
//! [`AttemptTimeoutLayer`](crate::AttemptTimeoutLayer) is in the stack; without it, a call counts as sent once it is
//! handed down. That layer's hard cap is the one time limit on a call under way. The timeout of
//! [`CallOptions`](crate::CallOptions) is the caller's too, be there a `DeadlineLayer` or not.
//!
//! Operations that reveal no secret pass straight through, with no task and no runtime. The others need tokio's, with
//! its timers. [`Raw`](crate::Raw) ones are read for the sink; a [`Streaming`](crate::Streaming) one cannot be, and is
//! refused with nothing sent. Operations of one's own take part once they tell [whose](crate::Operation::secret_of) the
//! secret is and [where](crate::Operation::secret) it is.
//!
//! ```
//! use std::time::Duration;
//! use snaptrade_auth_service::operations::RegisterUser;
//! use snaptrade_auth_service::secret_sink::MemorySecretSink;
//! use snaptrade_auth_service::{AuthService, SecretSinkLayer};
//! # #[cfg(feature = "sandbox")] {
//! use snaptrade_auth_service::sandbox::{Fault, Point, Sandbox};
//! use snaptrade_signing::SignRequestLayer;
//! use tower::{Layer, ServiceExt};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
//! let sandbox = Sandbox::new();
//! let http = SignRequestLayer::new(Sandbox::credentials()?).layer(sandbox.clone());
//! // In production: `FileSecretSink`, or one of your own over a vault or a database.
//! let sink = MemorySecretSink::new();
//! let layer = SecretSinkLayer::new(sink.clone())
//!     .on_orphan(|orphan| eprintln!("{orphan}: page somebody, and keep orphan.credentials() or orphan.body()"));
//! let snaptrade = layer.layer(AuthService::new(http));
//!
//! // The answer takes a minute, and the caller has no patience.
//! sandbox.faults().next(Fault::Delay(Point::AfterCommit, Duration::from_secs(60)));
//! let register = snaptrade.oneshot(RegisterUser::new("jane"));
//! assert!(tokio::time::timeout(Duration::from_secs(5), register).await.is_err());
//!
//! // Before the process ends:
//! let drained = layer.drain(Duration::from_secs(120)).await;
//! assert!(drained.is_clean());
//! let secret = sink.load(&"jane".into()).ok_or("not stored")?;
//! assert!(sandbox.is_current_secret("SANDBOX", "jane", secret.expose()));
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(()) })?;
//! # }
//! # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
//! ```

mod calls;
mod delivery;
mod error;
mod file;
mod future;
mod intent;
mod layer;
mod memory;
mod not_stored;
mod panics;
mod queues;
mod reading;
mod recorder;
mod service;
mod settings;
mod sink;
mod task;

pub use error::SecretSinkError;
pub use file::{FileSecretSink, UnreadableIntent, UnsettledIntents};
pub use future::ResponseFuture;
pub use intent::{Ending, Intent, IntentId, Unsettled};
pub use layer::{Drained, SecretSinkLayer};
pub use memory::{MemorySecretSink, SinkStep};
pub use not_stored::{NotStored, NotStoredCause};
pub use queues::UserQueues;
pub use service::SecretSinkService;
pub use sink::{SecretSink, SinkFuture};
