//! Files that are there whole or not at all, for their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::trust;

/// Writes `content` to a file beside, and gives it its name once it is on the disk. A crash leaves the old file or
/// the new one. Nothing is written if anybody else may look into the directory.
pub(super) fn write(dir: &Path, beside: &str, name: &str, content: &[u8]) -> io::Result<()> {
    let beside = dir.join(beside);
    // Left by an attempt that failed.
    remove(&beside)?;
    let written = create(&beside).and_then(|mut file| {
        trust::check(dir, &file)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&beside, dir.join(name))
    });
    if let Err(error) = written {
        // What remains of it is removed by the next attempt.
        let _ = remove(&beside);
        return Err(error);
    }
    sync(dir)
}

/// Removes a file; it is no error if there is none.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// A file that nobody else can read from its first moment on.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Brings names to the disk. Elsewhere than on Unix, that is up to the system.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// The same error, saying where.
pub(super) fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
