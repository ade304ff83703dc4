//! Whose the directory is, and who may look into it.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{atomic, name};

/// The directory, made if there is none, once nobody else can look into it. Links on the way to it are followed now,
/// and never again.
pub(super) fn own_directory(dir: &Path) -> io::Result<PathBuf> {
    let named = |error| atomic::named(dir, &error);
    match make(dir) {
        Ok(()) => {
            let parent = dir.parent().filter(|parent| *parent != Path::new(""));
            atomic::sync(parent.unwrap_or(Path::new("."))).map_err(named)?;
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(named(error)),
    }
    let dir = resolve(dir).map_err(named)?;
    if !fs::metadata(&dir).map_err(named)?.is_dir() {
        let error = io::Error::new(ErrorKind::NotADirectory, "it is no directory");
        return Err(named(error));
    }
    probe(&dir)?;
    Ok(dir)
}

#[cfg(unix)]
fn make(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(not(unix))]
fn make(dir: &Path) -> io::Result<()> {
    fs::create_dir(dir)
}

fn resolve(dir: &Path) -> io::Result<PathBuf> {
    if cfg!(unix) {
        fs::canonicalize(dir)
    } else {
        std::path::absolute(dir)
    }
}

/// Looks whether files of this process belong to whom the directory belongs to.
fn probe(dir: &Path) -> io::Result<()> {
    let path = dir.join(name::probe());
    match atomic::create(&path) {
        Ok(file) => {
            let checked = check(dir, &file);
            atomic::remove(&path)?;
            checked
        }
        // What cannot be written may be read all the same, from a full disk say. Each write looks for itself.
        Err(_) => {
            fs::read_dir(dir).map_err(|error| atomic::named(dir, &error))?;
            check_mode(dir, &fs::metadata(dir)?)
        }
    }
}

/// Fails if anybody else may look into the directory in which `ours` was made just now. On Unix; elsewhere nothing is
/// known.
pub(super) fn check(dir: &Path, ours: &File) -> io::Result<()> {
    let metadata = fs::metadata(dir).map_err(|error| atomic::named(dir, &error))?;
    check_owner(dir, &metadata, ours)?;
    check_mode(dir, &metadata)
}

#[cfg(unix)]
fn check_owner(dir: &Path, metadata: &fs::Metadata, ours: &File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let (owner, own) = (metadata.uid(), ours.metadata()?.uid());
    if owner == own {
        return Ok(());
    }
    let text = format!("it belongs to user {owner}, who may look into it: give it to user {own}");
    Err(denied(dir, text))
}

#[cfg(unix)]
fn check_mode(dir: &Path, metadata: &fs::Metadata) -> io::Result<()> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let text = format!("others may look into it (mode {mode:03o}): set it to 700");
    Err(denied(dir, text))
}

#[cfg(unix)]
fn denied(dir: &Path, text: String) -> io::Error {
    atomic::named(dir, &io::Error::new(ErrorKind::PermissionDenied, text))
}

#[cfg(not(unix))]
fn check_owner(_: &Path, _: &fs::Metadata, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
