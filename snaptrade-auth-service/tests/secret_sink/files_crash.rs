//! A process that is killed while it stores.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use snaptrade_auth_service::UserCredentials;
use snaptrade_auth_service::secret_sink::{FileSecretSink, SecretSinkLayer};
use tower::{Layer, ServiceExt};

use crate::common::{World, auth, client};

const DIR: &str = "SECRET_SINK_CRASH_DIR";

/// Registers and resets one user after the other, until it is killed.
#[tokio::test]
#[ignore = "needs to be run by the test below"]
async fn child() {
    // Nothing to do if all ignored tests are run.
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let sink = FileSecretSink::open(dir).unwrap();
    let layer = SecretSinkLayer::new(sink);
    for _ in 0..1_000_000 {
        let world = World::new();
        let service = layer.layer(auth(client(&world.sandbox)));
        for id in ["jane", "eve"] {
            let call = snaptrade_auth_service::operations::RegisterUser::new(id);
            let user = service.clone().oneshot(call).await.unwrap().into_body();
            let reset = snaptrade_auth_service::operations::ResetUserSecret::new(user);
            service.clone().oneshot(reset).await.unwrap();
        }
    }
}

fn spawn(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "files_crash::child", "--ignored"])
        .env(DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Every user's file is whole, whenever the process was killed; and what was under way is found.
#[tokio::test]
async fn leaves_whole_files_or_none() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("sink");
    let (mut whole, mut under_way) = (0, 0);
    for round in 0..25_u64 {
        let mut child = spawn(&dir);
        // Once it writes, after another while each time.
        while !dir.join("user-eve.json").exists() {
            assert!(child.try_wait().unwrap().is_none(), "the child has ended");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(round * 397 % 5_000));
        child.kill().unwrap();
        child.wait().unwrap();

        let sink = FileSecretSink::open(&dir).unwrap();
        for id in ["jane", "eve"] {
            let user: Option<UserCredentials> = sink.load(id).await.unwrap();
            let user = user.expect("the first one was stored");
            assert_eq!(user.user_secret.expose().len(), 36);
            whole += 1;
        }
        // A process has one call under way at most; the loser of each round is found as such.
        let found = sink.unsettled().await.unwrap();
        assert!(found.unreadable.is_empty(), "{found:?}");
        let unsettled = found.intents;
        assert!(unsettled.len() <= 1, "{unsettled:?}");
        under_way += unsettled.len();
        for file in fs::read_dir(&dir).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    }
    assert_eq!(whole, 50);
    assert!(under_way > 0);
}
