//! The intents in the directory, those included that cannot be read.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::directory::Record;
use super::name;
use crate::quote::quote;
use crate::secret_sink::intent::Unsettled;

/// No intent is longer, in bytes.
const LONGEST: u64 = 1 << 20;

/// What [`FileSecretSink::unsettled`](super::FileSecretSink::unsettled) finds.
#[derive(Debug, Default)]
#[must_use = "what is in here is for somebody to look into"]
#[non_exhaustive]
pub struct UnsettledIntents {
    /// The intents that did not end well or not yet, oldest first.
    pub intents: Vec<Unsettled>,
    /// Files with the name of an intent that hold none, by their paths. There may be a user behind each.
    pub unreadable: Vec<UnreadableIntent>,
}

/// A file with the name of an intent that cannot be read as one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the intent in {} cannot be read ({reason}): look into it by hand, and remove it",
    quote(&path.display().to_string())
)]
pub struct UnreadableIntent {
    path: PathBuf,
    reason: io::Error,
}

impl UnreadableIntent {
    /// The file. Its name has the id of the intent, unless somebody else made it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why it cannot be read.
    #[must_use]
    pub fn reason(&self) -> &io::Error {
        &self.reason
    }
}

pub(super) fn find(dir: &Path) -> io::Result<UnsettledIntents> {
    let mut found = UnsettledIntents::default();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_str().is_some_and(name::is_intent) {
            continue;
        }
        let path = entry.path();
        match read(&path, &name) {
            Ok(intent) => found.intents.push(intent),
            // Settled just now.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(reason) => found.unreadable.push(UnreadableIntent { path, reason }),
        }
    }
    let intents = &mut found.intents;
    intents.sort_by_key(|found| (found.intent.recorded_at(), found.intent.id()));
    found.unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn read(path: &Path, name: &OsStr) -> io::Result<Unsettled> {
    // Before it is opened, as that would wait for the other end of a pipe.
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(invalid("it is no file"));
    }
    let mut content = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        return Err(invalid("it is too long for an intent"));
    }
    let Ok(Record { intent, ending }) = serde_json::from_slice(&content) else {
        return Err(invalid("it is no intent"));
    };
    // To settle what is in it would remove another file.
    if *name != *name::intent(intent.id()) {
        return Err(invalid("it holds another intent"));
    }
    Ok(Unsettled { intent, ending })
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, text)
}
