//! Files that are there whole or not at all, for their owner alone.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Writes `content` to a file beside, and gives it its name once it is on the disk. A crash leaves the old file or
/// the new one.
pub(super) fn write(dir: &Path, beside: &str, name: &str, content: &[u8]) -> io::Result<()> {
    let beside = dir.join(beside);
    // Left by an attempt that failed.
    remove(&beside)?;
    let written = create(&beside).and_then(|mut file| {
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
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Brings names to the disk. Elsewhere than on Unix, that is up to the system.
fn sync(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// A directory that nobody else can look into; made if there is none.
pub(super) fn own_directory(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Ok(()) => {
            let parent = dir.parent().filter(|parent| *parent != Path::new(""));
            return sync(parent.unwrap_or(Path::new(".")));
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(named(dir, &error)),
    }
    let metadata = fs::metadata(dir).map_err(|error| named(dir, &error))?;
    if !metadata.is_dir() {
        let error = io::Error::new(ErrorKind::NotADirectory, "it is no directory");
        return Err(named(dir, &error));
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            let text = format!("others may look into it (mode {mode:03o}): set it to 700");
            return Err(named(
                dir,
                &io::Error::new(ErrorKind::PermissionDenied, text),
            ));
        }
    }
    Ok(())
}

/// The same error, saying where.
pub(super) fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
