//! What stands in the directory that the sink did not write, and whose the directory is.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use snaptrade_auth_service::UserCredentials;
use snaptrade_auth_service::secret_sink::{Ending, FileSecretSink, Intent, SecretSink};

use crate::files::{intent, names};

fn open() -> (tempfile::TempDir, FileSecretSink) {
    let temporary = tempfile::tempdir().unwrap();
    let sink = FileSecretSink::open(temporary.path().join("sink")).unwrap();
    (temporary, sink)
}

#[tokio::test]
async fn a_file_that_cannot_be_read_hides_no_other() {
    let (_temporary, sink) = open();
    let intents = [intent().await, intent().await];
    for intent in &intents {
        sink.record(intent).await.unwrap();
    }
    let dir = sink.path();
    let whole = fs::read(dir.join(format!("intent-{}.json", intents[0].id()))).unwrap();
    fs::write(dir.join("intent-garbage.json"), "\u{202e}{]").unwrap();
    fs::write(dir.join("intent-cut.json"), &whole[..whole.len() / 2]).unwrap();
    fs::write(dir.join("intent-copy.json"), &whole).unwrap();
    fs::write(dir.join("intent-long.json"), vec![b' '; 2 << 20]).unwrap();
    fs::create_dir(dir.join("intent-directory.json")).unwrap();
    let mut expected = vec![
        ("copy", "it holds another intent"),
        ("cut", "it is no intent"),
        ("directory", "it is no file"),
        ("garbage", "it is no intent"),
        ("long", "it is too long for an intent"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", dir.join("intent-link.json")).unwrap();
        // To open a pipe would wait for its other end.
        let made = Command::new("mkfifo")
            .arg(dir.join("intent-pipe.json"))
            .status();
        assert!(made.unwrap().success());
        fs::write(dir.join("intent-\u{202e}\n.json"), "").unwrap();
        expected.extend([
            ("link", "it is no file"),
            ("pipe", "it is no file"),
            (r"\u{202e}\n", "it is no intent"),
        ]);
        expected.sort_by_key(|(name, _)| (name.starts_with('\\'), *name));
    }
    let found = sink.unsettled().await.unwrap();
    let ids: BTreeSet<_> = found
        .intents
        .iter()
        .map(|found| found.intent.id())
        .collect();
    assert_eq!(ids, intents.iter().map(Intent::id).collect());
    assert_eq!(found.unreadable.len(), expected.len(), "{found:?}");
    for ((name, reason), found) in expected.into_iter().zip(&found.unreadable) {
        let text = found.to_string();
        assert!(
            text.contains(&format!("intent-{name}.json cannot be read ({reason})")),
            "{text}"
        );
        assert!(found.path().exists() || name == "link");
    }

    // It touches nothing that it did not write.
    for intent in &intents {
        sink.settle(intent, Ending::NotRun).await.unwrap();
    }
    let left = sink.unsettled().await.unwrap();
    assert_eq!(left.intents, []);
    assert_eq!(left.unreadable.len(), found.unreadable.len());
}

const AS_NOBODY: &str = "SECRET_SINK_AS_NOBODY_DIR";
const NOBODY: u32 = 65_534;

/// Rights do not stop root, so this is done as nobody.
#[cfg(unix)]
#[tokio::test]
#[ignore = "needs to be run by the test below"]
async fn as_nobody() {
    use std::os::unix::fs::PermissionsExt;

    let Some(dir) = std::env::var_os(AS_NOBODY) else {
        return;
    };
    let sink = FileSecretSink::open(Path::new(&dir).join("sink")).unwrap();
    let intents = [intent().await, intent().await];
    for intent in &intents {
        sink.record(intent).await.unwrap();
    }
    let denied = sink.path().join(format!("intent-{}.json", intents[0].id()));
    fs::set_permissions(&denied, fs::Permissions::from_mode(0o000)).unwrap();
    let found = sink.unsettled().await.unwrap();
    assert_eq!(found.intents[0].intent, intents[1]);
    assert_eq!((found.intents.len(), found.unreadable.len()), (1, 1));
    let reason = found.unreadable[0].reason();
    assert_eq!(reason.kind(), ErrorKind::PermissionDenied);
    assert_eq!(found.unreadable[0].path(), denied);

    // A directory of root, with the right mode or not.
    for dir in ["/root", "/"] {
        FileSecretSink::open(dir).unwrap_err();
    }
}

#[cfg(unix)]
#[test]
fn without_the_rights_of_root() {
    use std::os::unix::fs::chown;
    use std::os::unix::process::CommandExt;

    let temporary = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "files_trust::as_nobody", "--ignored"])
        .env(AS_NOBODY, temporary.path())
        .current_dir("/");
    if chown(temporary.path(), Some(NOBODY), None).is_ok() {
        child.uid(NOBODY);
    }
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_written_where_others_may_look() {
    use std::os::unix::fs::PermissionsExt;

    let (_temporary, sink) = open();
    let intent = intent().await;
    let user = UserCredentials::new("jane", "marker");
    let set = |mode| fs::set_permissions(sink.path(), fs::Permissions::from_mode(mode)).unwrap();
    for mode in [0o777, 0o710, 0o701] {
        set(mode);
        for written in [sink.record(&intent).await, sink.store(&intent, &user).await] {
            let error = written.unwrap_err().to_string();
            assert!(
                error.contains(&format!("(mode {mode:o}): set it to 700")),
                "{error}"
            );
        }
        assert_eq!(names(sink.path()), BTreeSet::new());
        set(0o700);
        sink.store(&intent, &user).await.unwrap();
        sink.forget("jane").await.unwrap();
    }
}

/// Only root can give a directory away, so nobody else is told anything by this.
#[cfg(unix)]
#[tokio::test]
async fn a_directory_of_somebody_else_is_refused() {
    let (_temporary, sink) = open();
    let intent = intent().await;
    let user = UserCredentials::new("jane", "marker");
    let dir = sink.path();
    if std::os::unix::fs::chown(dir, Some(12_345), None).is_err() {
        return;
    }
    let errors = [
        FileSecretSink::open(dir).unwrap_err().to_string(),
        sink.record(&intent).await.unwrap_err().to_string(),
        sink.store(&intent, &user).await.unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(error.contains("belongs to user 12345"), "{error}");
    }
    assert_eq!(names(dir), BTreeSet::new());
}

/// A link is followed when the directory is opened, and what it leads to later does not matter.
#[cfg(unix)]
#[tokio::test]
async fn a_link_is_followed_once() {
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let link = |to: &Path| std::os::unix::fs::symlink(to, path("link")).unwrap();
    fs::create_dir(path("theirs")).unwrap();
    let (_kept, ours) = open();
    link(ours.path());
    let sink = FileSecretSink::open(path("link")).unwrap();
    fs::remove_file(path("link")).unwrap();
    link(&path("theirs"));
    let user = UserCredentials::new("jane", "marker");
    sink.store(&intent().await, &user).await.unwrap();
    assert_eq!(ours.load("jane").await.unwrap(), Some(user));
    assert_eq!(names(&path("theirs")), BTreeSet::new());
    // What it leads to is looked at, not the link.
    let error = FileSecretSink::open(path("link")).unwrap_err();
    assert!(error.to_string().contains("set it to 700"), "{error}");
}
