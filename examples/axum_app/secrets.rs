//! Where the app keeps its users' secrets.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use snaptrade_auth_service::secret_sink::{
    Ending, FileSecretSink, NotStored, NotStoredCause, SecretSink, SecretSinkLayer,
};
use snaptrade_auth_service::{UserCredentials, UserId};
use snaptrade_signing::BoxError;

/// How long the end of the app waits for registrations under way.
const PATIENCE: Duration = Duration::from_secs(30);

/// One file a user. An app with a vault or a database has a `SecretSink` of its own here.
pub(crate) struct Secrets {
    files: FileSecretSink,
    layer: SecretSinkLayer,
    /// What the files did not take, and nobody else has.
    rescued: Mutex<Vec<NotStored>>,
}

impl Secrets {
    /// Opens the directory, and tells the operator what an earlier process has left undone.
    pub(crate) async fn open(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let files = FileSecretSink::open(directory)?;
        let found = files.unsettled().await?;
        for unsettled in found.intents {
            // Never deleted or reset by itself: that is for a person to decide.
            eprintln!(
                "look into this: {}, ended {:?}",
                unsettled.intent, unsettled.ending
            );
        }
        for unreadable in found.unreadable {
            eprintln!("look into this: {unreadable}");
        }
        Ok(Self {
            layer: SecretSinkLayer::new(files.clone()),
            files,
            rescued: Mutex::default(),
        })
    }

    /// What brings secrets here, for the client.
    pub(crate) fn layer(&self) -> SecretSinkLayer {
        self.layer.clone()
    }

    /// The user with their secret, if they are one of ours.
    pub(crate) async fn find(&self, user_id: &UserId) -> io::Result<Option<UserCredentials>> {
        self.files.load(user_id.clone()).await
    }

    /// Keeps the only copy of a secret until the files take it.
    pub(crate) fn rescue(&self, secret: NotStored) {
        // The intent and the reason, and no secret.
        eprintln!("page somebody: {secret}");
        self.rescued().push(secret);
    }

    /// Waits for the registrations under way, and stores what was not stored so far. What fails may be tried again.
    pub(crate) async fn close(&self) -> Result<(), BoxError> {
        let drained = self.layer.drain(PATIENCE).await;
        let mut homeless = std::mem::take(&mut *self.rescued());
        homeless.extend(drained.orphans);
        for secret in homeless {
            if let Err(error) = self.store(&secret).await {
                eprintln!("the store of secrets: {error}");
                self.rescue(secret);
            }
        }
        match (self.rescued().len(), &drained.unfinished[..]) {
            (0, []) => Ok(()),
            (rescued, unfinished) => Err(format!(
                "{rescued} secrets are not stored; still under way, and recorded: {unfinished:?}"
            )
            .into()),
        }
    }

    async fn store(&self, secret: &NotStored) -> Result<(), BoxError> {
        let intent = secret.intent();
        match (secret.cause(), secret.credentials()) {
            (NotStoredCause::SinkFailed, Some(user)) => self.files.store(intent, user).await?,
            // An answer for somebody else, or one that cannot be read: for a person to look into.
            _ => return Err(secret.reason().into()),
        }
        self.files.settle(intent, Ending::Stored).await
    }

    fn rescued(&self) -> std::sync::MutexGuard<'_, Vec<NotStored>> {
        self.rescued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
