//! The directory as a sink: one thing after the other, off the runtime's threads.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;

use super::directory::Directory;
use super::unsettled::UnsettledIntents;
use crate::secret_sink::intent::{Ending, Intent};
use crate::secret_sink::queues::UserQueues;
use crate::secret_sink::sink::{SecretSink, SinkFuture};
use crate::user::{UserCredentials, UserId};

/// A sink in a directory: a file for each user, and one for each intent that is not settled.
///
/// A user's file holds `{"userId":…,"userSecret":…}` and is written beside, synced and renamed, so that a crash
/// leaves the old one or the new one. Files are their owner's alone (0600), the directory as well (0700). Secrets are
/// not encrypted: that is up to the disk.
///
/// # What is checked
///
/// On Unix, when the directory is opened and again at each write, for somebody may have changed it meanwhile: that
/// nobody else has any right to it, and that it belongs to the user as whom this process makes files. A directory of
/// another user is refused to root too, as that user may look into it. Nothing is written to a directory that is
/// refused: a call whose intent cannot be recorded is not sent, and a secret that cannot be stored goes to the caller.
///
/// A symbolic link is followed once, when the directory is opened; what counts is what it leads to. What is read and
/// removed is not checked, nor are the directories above and access control lists. Elsewhere than on Unix, nothing is.
///
/// # What is left
///
/// A crash between an intent and its ending leaves it among [`unsettled`](Self::unsettled). If a file
/// `secret-<intent id>.tmp` is there too, it may hold the secret that was just being stored; settling the intent
/// removes it.
///
/// Open a directory once in a process, and clone: clones write one after the other. Processes may share it as long as
/// they do not reset the same user at the same time.
///
/// ```
/// use snaptrade_auth_service::secret_sink::{FileSecretSink, SecretSinkLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// # let temporary = tempfile::tempdir()?;
/// # let dir = temporary.path().join("snaptrade");
/// let sink = FileSecretSink::open(dir)?;
/// let found = sink.unsettled().await?;
/// for unsettled in found.intents {
///     eprintln!("{}: ended {:?}", unsettled.intent, unsettled.ending);
/// }
/// for unreadable in found.unreadable {
///     eprintln!("{unreadable}");
/// }
/// assert!(sink.load("jane").await?.is_none());
/// let layer = SecretSinkLayer::new(sink);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FileSecretSink {
    directory: Arc<Directory>,
    /// Held by what writes, to its end: even if nobody waits for that any more, nothing overtakes it.
    writing: Arc<Mutex<()>>,
    queues: UserQueues,
}

impl FileSecretSink {
    /// Opens a directory, and makes it if there is none in its parent. Blocks for a moment.
    ///
    /// # Errors
    ///
    /// If it cannot be made or is no directory; on Unix, if it [belongs to somebody else](Self#what-is-checked) or others
    /// may look into it.
    pub fn open(dir: impl Into<PathBuf>) -> io::Result<Self> {
        Ok(Self {
            directory: Arc::new(Directory::open(&dir.into())?),
            writing: Arc::default(),
            queues: UserQueues::new(),
        })
    }

    /// The directory: absolute, and on Unix without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A user and their secret, if they are here.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or holds something else.
    pub async fn load(&self, user_id: impl Into<UserId>) -> io::Result<Option<UserCredentials>> {
        let (directory, user_id) = (self.directory.clone(), user_id.into());
        run(move || directory.load(&user_id)).await
    }

    /// The intents that did not end well or not yet, oldest first, those of earlier processes included.
    ///
    /// One without an ending is under way, or its process ended under it, perhaps after the secret was stored. Once
    /// looked into, [`settle`](SecretSink::settle) it as [`NotRun`](Ending::NotRun) or [`Stored`](Ending::Stored).
    ///
    /// # Errors
    ///
    /// If the directory cannot be read. A file that cannot be is [found](UnsettledIntents::unreadable) as such, and hides
    /// no other.
    pub async fn unsettled(&self) -> io::Result<UnsettledIntents> {
        let directory = self.directory.clone();
        run(move || directory.unsettled()).await
    }

    /// Removes the secret of a user who was deleted; nothing happens if there is none.
    ///
    /// # Errors
    ///
    /// If the file cannot be removed.
    pub async fn forget(&self, user_id: impl Into<UserId>) -> io::Result<()> {
        let user_id = user_id.into();
        self.write(move |directory| directory.forget(&user_id))
            .await
    }

    async fn write(
        &self,
        write: impl FnOnce(&Directory) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let writing = self.writing.clone().lock_owned().await;
        let directory = self.directory.clone();
        run(move || {
            let _writing = writing;
            write(&directory)
        })
        .await
    }
}

async fn run<T: Send + 'static>(
    blocking: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let ran = tokio::task::spawn_blocking(blocking).await;
    ran.map_err(io::Error::other)?
}

impl SecretSink for FileSecretSink {
    fn record<'a>(&'a self, intent: &'a Intent) -> SinkFuture<'a> {
        let intent = intent.clone();
        Box::pin(async move {
            let written = self.write(move |directory| directory.write_intent(&intent, None));
            Ok(written.await?)
        })
    }

    fn store<'a>(&'a self, intent: &'a Intent, user: &'a UserCredentials) -> SinkFuture<'a> {
        let (intent, user) = (intent.clone(), user.clone());
        Box::pin(async move {
            let written = self.write(move |directory| directory.store(&intent, &user));
            Ok(written.await?)
        })
    }

    fn settle<'a>(&'a self, intent: &'a Intent, ending: Ending) -> SinkFuture<'a> {
        let intent = intent.clone();
        Box::pin(async move {
            let written = self.write(move |directory| directory.settle(&intent, ending));
            Ok(written.await?)
        })
    }

    fn user_queues(&self) -> UserQueues {
        self.queues.clone()
    }
}
