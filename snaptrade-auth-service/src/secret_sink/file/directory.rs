//! What stands in the directory. Everything here blocks.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::unsettled::{self, UnsettledIntents};
use super::{atomic, name, trust};
use crate::secret_sink::intent::{Ending, Intent};
use crate::user::{UserCredentials, UserId};

/// A directory of users' secrets and of intents.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

/// Borrowed, so that the secret is copied into the file's content alone.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Secret<'a> {
    user_id: &'a str,
    user_secret: &'a str,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(flatten)]
    pub(super) intent: Intent,
    pub(super) ending: Option<Ending>,
}

impl Directory {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        trust::own_directory(dir).map(Self)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn store(&self, intent: &Intent, user: &UserCredentials) -> io::Result<()> {
        let secret = Secret {
            user_id: user.user_id.as_str(),
            user_secret: user.user_secret.expose(),
        };
        // As long as it can get, so that it never moves and leaves a copy behind: an escaped byte takes six.
        let longest = 64 + 6 * (secret.user_id.len() + secret.user_secret.len());
        let mut content = Zeroizing::new(Vec::with_capacity(longest));
        serde_json::to_writer(&mut *content, &secret)?;
        content.write_all(b"\n")?;
        let beside = name::unfinished_secret(intent.id());
        atomic::write(&self.0, &beside, &name::user(&user.user_id), &content)
    }

    pub(super) fn load(&self, user_id: &UserId) -> io::Result<Option<UserCredentials>> {
        let path = self.0.join(name::user(user_id));
        let mut file = match fs::File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|error| atomic::named(&path, &error))?,
        };
        let longest = usize::try_from(file.metadata()?.len()).unwrap_or_default() + 1;
        let mut content = Zeroizing::new(Vec::with_capacity(longest));
        file.read_to_end(&mut content)?;
        let user = serde_json::from_slice::<UserCredentials>(&content).ok();
        match user.filter(|user| user.user_id == *user_id) {
            Some(user) => Ok(Some(user)),
            // What the parser says of it may quote the secret.
            None => Err(invalid(&path, "it does not hold the secret of this user")),
        }
    }

    pub(super) fn forget(&self, user_id: &UserId) -> io::Result<()> {
        atomic::remove(&self.0.join(name::user(user_id)))
    }

    pub(super) fn write_intent(&self, intent: &Intent, ending: Option<Ending>) -> io::Result<()> {
        let record = Record {
            intent: intent.clone(),
            ending,
        };
        let content = serde_json::to_vec(&record)?;
        let beside = name::unfinished_intent(intent.id());
        atomic::write(&self.0, &beside, &name::intent(intent.id()), &content)
    }

    pub(super) fn settle(&self, intent: &Intent, ending: Ending) -> io::Result<()> {
        if ending.is_settled() {
            // Should a crash bring it back, somebody looks at it once too often.
            atomic::remove(&self.0.join(name::intent(intent.id())))?;
        } else {
            self.write_intent(intent, Some(ending))?;
        }
        atomic::remove(&self.0.join(name::unfinished_intent(intent.id())))?;
        atomic::remove(&self.0.join(name::unfinished_secret(intent.id())))
    }

    pub(super) fn unsettled(&self) -> io::Result<UnsettledIntents> {
        unsettled::find(&self.0)
    }
}

fn invalid(path: &Path, text: &str) -> io::Error {
    atomic::named(path, &io::Error::new(ErrorKind::InvalidData, text))
}
