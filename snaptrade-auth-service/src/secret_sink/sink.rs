//! Where secrets go.

use std::pin::Pin;
use std::sync::Arc;

use snaptrade_signing::BoxError;

use super::intent::{Ending, Intent};
use super::queues::UserQueues;
use crate::user::UserCredentials;

/// What the functions of a [`SecretSink`] return.
pub type SinkFuture<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// A store of users' secrets: a vault, a database, [files](super::FileSecretSink).
///
/// Each function is called with a timeout, and its future dropped when that has run out: what it began may still
/// take effect, but not after a later call for the same user or intent has returned. Errors may be shown and logged,
/// so they should not print what they were given; the secret itself is cut out of their text.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use snaptrade_auth_service::secret_sink::{Ending, Intent, SecretSink, SinkFuture};
/// use snaptrade_auth_service::{UserCredentials, UserId};
///
/// /// Stands for a database with two tables.
/// #[derive(Default)]
/// struct Tables {
///     users: Mutex<HashMap<UserId, UserCredentials>>,
///     intents: Mutex<Vec<(Intent, Option<Ending>)>>,
/// }
///
/// impl SecretSink for Tables {
///     fn record<'a>(&'a self, intent: &'a Intent) -> SinkFuture<'a> {
///         Box::pin(async move {
///             self.intents.lock().map_err(|e| e.to_string())?.push((intent.clone(), None));
///             Ok(())
///         })
///     }
///
///     fn store<'a>(&'a self, _: &'a Intent, user: &'a UserCredentials) -> SinkFuture<'a> {
///         Box::pin(async move {
///             let mut users = self.users.lock().map_err(|e| e.to_string())?;
///             users.insert(user.user_id.clone(), user.clone());
///             Ok(())
///         })
///     }
///
///     fn settle<'a>(&'a self, intent: &'a Intent, ending: Ending) -> SinkFuture<'a> {
///         Box::pin(async move {
///             let mut intents = self.intents.lock().map_err(|e| e.to_string())?;
///             intents.retain(|(other, _)| other.id() != intent.id());
///             if !ending.is_settled() {
///                 intents.push((intent.clone(), Some(ending)));
///             }
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait SecretSink: Send + Sync + 'static {
    /// Writes down, so that it outlives this process, that a call is about to be made. Tried once: nothing is sent
    /// if it fails.
    fn record<'a>(&'a self, intent: &'a Intent) -> SinkFuture<'a>;

    /// Stores a user's secret in place of an earlier one, so that it outlives this process. Tried again if it fails,
    /// so doing it twice must do what doing it once does.
    fn store<'a>(&'a self, intent: &'a Intent, user: &'a UserCredentials) -> SinkFuture<'a>;

    /// Writes down how an intent ended. Tried again if it fails.
    fn settle<'a>(&'a self, intent: &'a Intent, ending: Ending) -> SinkFuture<'a>;

    /// In which calls of one user wait for each other. Asked once by each layer that stores here.
    ///
    /// Two resets of a user at the same time would leave the secret of either in the store, and one of them is dead. So a sink
    /// that is given to several layers (its clones, say) answers the same queues to all; the default answers new ones, for a
    /// sink that one layer has to itself.
    fn user_queues(&self) -> UserQueues {
        UserQueues::new()
    }
}

impl<K: SecretSink + ?Sized> SecretSink for Arc<K> {
    fn record<'a>(&'a self, intent: &'a Intent) -> SinkFuture<'a> {
        (**self).record(intent)
    }

    fn store<'a>(&'a self, intent: &'a Intent, user: &'a UserCredentials) -> SinkFuture<'a> {
        (**self).store(intent, user)
    }

    fn settle<'a>(&'a self, intent: &'a Intent, ending: Ending) -> SinkFuture<'a> {
        (**self).settle(intent, ending)
    }

    fn user_queues(&self) -> UserQueues {
        (**self).user_queues()
    }
}
