//! The sink in files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use snaptrade_auth_service::operations::{RegisterUser, ResetUserSecret};
use snaptrade_auth_service::sandbox::{Fault, Route};
use snaptrade_auth_service::secret_sink::{
    Ending, FileSecretSink, Intent, MemorySecretSink, SecretSink, SecretSinkLayer, SinkStep,
};
use snaptrade_auth_service::{AuthService, Operation, UserCredentials, UserId};
use tokio::runtime::Builder;
use tower::{Layer, Service, ServiceExt};

use crate::common::{Http, World, auth, client, register, step};

struct Files {
    _temporary: tempfile::TempDir,
    sink: FileSecretSink,
}

fn files() -> Files {
    let temporary = tempfile::tempdir().unwrap();
    let sink = FileSecretSink::open(temporary.path().join("sink")).unwrap();
    Files {
        _temporary: temporary,
        sink,
    }
}

pub(crate) fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// An intent, as a layer makes it.
pub(crate) async fn intent() -> Intent {
    let world = World::new();
    world.sink.hang(SinkStep::Store, 1);
    let mut stack = world.stack.clone();
    let mut call = Box::pin(stack.call(register()));
    step(&mut call, 3).await;
    world.layer.under_way().pop().unwrap()
}

fn service(world: &World, sink: &FileSecretSink) -> impl FnOnce() -> Sunk {
    let layer = SecretSinkLayer::new(sink.clone());
    let auth = auth(client(&world.sandbox));
    move || layer.layer(auth)
}

type Sunk = snaptrade_auth_service::secret_sink::SecretSinkService<AuthService<Http>>;

#[tokio::test]
async fn register_and_reset_through_files() {
    let (world, files) = (World::new(), files());
    let service = service(&world, &files.sink)();
    for id in ["jane", "../Jane", "eve\0\n", &"long".repeat(100)] {
        let call = RegisterUser::new(id);
        let registered = service.clone().oneshot(call).await.unwrap().into_body();
        let stored = files.sink.load(id).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&registered));

        let reset = ResetUserSecret::new(registered.clone());
        let reset = service.clone().oneshot(reset).await.unwrap().into_body();
        assert_ne!(reset, registered);
        // A new sink on the same directory, as after a restart.
        let again = FileSecretSink::open(files.sink.path()).unwrap();
        assert_eq!(again.load(id).await.unwrap(), Some(reset));
    }
    let names = names(files.sink.path());
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("user-")));
    assert!(files.sink.load("nobody").await.unwrap().is_none());
    let text = fs::read_to_string(files.sink.path().join("user-jane.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["userId"], "jane");
    assert_eq!(json.as_object().unwrap().len(), 2);

    for _ in 0..2 {
        files.sink.forget("jane").await.unwrap();
        assert!(files.sink.load("jane").await.unwrap().is_none());
    }
    assert!(files.sink.load("../Jane").await.unwrap().is_some());
}

#[tokio::test]
async fn intents_outlive_the_process() {
    let (world, files) = (World::new(), files());
    world
        .sandbox
        .faults()
        .on(Route::RegisterUser, 1, Fault::TruncatedBody);
    let unlucky = service(&world, &files.sink)();
    unlucky.oneshot(register()).await.unwrap_err();
    // Another, under which the process ends.
    let under_way = intent().await;
    files.sink.record(&under_way).await.unwrap();

    let again = FileSecretSink::open(files.sink.path()).unwrap();
    let unsettled = again.unsettled().await.unwrap().intents;
    assert_eq!(unsettled.len(), 2);
    let endings: Vec<_> = unsettled.iter().map(|found| found.ending).collect();
    assert!(endings.contains(&None) && endings.contains(&Some(Ending::HandedOver)));
    for found in &unsettled {
        assert_eq!(found.intent.user_id(), Some(&UserId::new("jane")));
        assert_eq!(found.intent.operation(), "registerUser");
        assert!(found.intent.recorded_at().as_secs() > 1_700_000_000);
        again.settle(&found.intent, Ending::NotRun).await.unwrap();
    }
    assert_eq!(again.unsettled().await.unwrap().intents, []);
    assert_eq!(names(again.path()), BTreeSet::new());
}

#[tokio::test]
async fn endings_in_files() {
    let files = files();
    let sink = &files.sink;
    let intent = intent().await;
    for ending in [Ending::Unknown, Ending::HandedOver] {
        sink.record(&intent).await.unwrap();
        sink.settle(&intent, ending).await.unwrap();
        let unsettled = sink.unsettled().await.unwrap().intents;
        assert_eq!(unsettled[0].ending, Some(ending));
        assert_eq!(unsettled[0].intent, intent);
    }
    for ending in [Ending::Stored, Ending::NotRun] {
        sink.record(&intent).await.unwrap();
        fs::write(sink.path().join(format!("secret-{}.tmp", intent.id())), "x").unwrap();
        // Twice does what once does.
        sink.settle(&intent, ending).await.unwrap();
        sink.settle(&intent, ending).await.unwrap();
        assert_eq!(names(sink.path()), BTreeSet::new());
    }
}

#[tokio::test]
async fn a_failed_store_leaves_the_old_secret() {
    let files = files();
    let sink = &files.sink;
    let intent = intent().await;
    let old = UserCredentials::new("jane", "old");
    sink.store(&intent, &old).await.unwrap();
    // Something is in the way of the file beside.
    let beside = sink.path().join(format!("secret-{}.tmp", intent.id()));
    fs::create_dir(&beside).unwrap();
    let new = UserCredentials::new("jane", "new");
    sink.store(&intent, &new).await.unwrap_err();
    assert_eq!(sink.load("jane").await.unwrap(), Some(old));
    fs::remove_dir(beside).unwrap();
    sink.store(&intent, &new).await.unwrap();
    assert_eq!(sink.load("jane").await.unwrap(), Some(new));
}

/// A store that nobody waits for any more is not done after the one that comes next.
#[tokio::test]
async fn an_abandoned_store_overtakes_nothing() {
    let files = files();
    let intent = intent().await;
    for round in 0..200 {
        let stale = UserCredentials::new("jane", "stale");
        let mut store = files.sink.store(&intent, &stale);
        for _ in 0..round % 5 {
            if crate::common::poll_once(&mut store).await.is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(store);
        let new = UserCredentials::new("jane", format!("new-{round}"));
        files.sink.store(&intent, &new).await.unwrap();
        assert_eq!(files.sink.load("jane").await.unwrap(), Some(new));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_them() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = files();
    let dir = files.sink.path();
    let intent = intent().await;
    files.sink.record(&intent).await.unwrap();
    let user = UserCredentials::new("jane", "secret");
    files.sink.store(&intent, &user).await.unwrap();
    assert_eq!(mode(dir), 0o700);
    assert_eq!(names(dir).len(), 2);
    for name in names(dir) {
        assert_eq!(mode(&dir.join(&name)), 0o600, "{name}");
    }

    fs::set_permissions(dir, fs::Permissions::from_mode(0o750)).unwrap();
    let error = FileSecretSink::open(dir).unwrap_err();
    assert!(
        error.to_string().contains("(mode 750): set it to 700"),
        "{error}"
    );
}

#[test]
fn a_directory_that_cannot_be() {
    let temporary = tempfile::tempdir().unwrap();
    let file = temporary.path().join("file");
    fs::write(&file, "").unwrap();
    for (path, text) in [
        (file.clone(), "it is no directory"),
        (file.join("below"), "file/below: "),
        (temporary.path().join("a/b"), "a/b: "),
    ] {
        let error = FileSecretSink::open(path).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the ids, each user has a file, and there is nothing outside of the directory.
    #[test]
    fn any_user_id(ids in prop::collection::btree_set("(\\PC|[./\\\\:~ A-Ca-c\0])*", 1..8), secret in ".*") {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let files = files();
            let intent = intent().await;
            for id in &ids {
                let user = UserCredentials::new(id.as_str(), format!("{id}{secret}"));
                files.sink.store(&intent, &user).await.unwrap();
            }
            for id in &ids {
                let user = files.sink.load(id.as_str()).await.unwrap().unwrap();
                assert_eq!(user, UserCredentials::new(id.as_str(), format!("{id}{secret}")));
            }
            assert_eq!(names(files.sink.path()).len(), ids.len());
            assert_eq!(names(files.sink.path().parent().unwrap()).len(), 1);
        });
    }
}

/// Both sinks are told the same, and have the same at the end.
#[tokio::test]
async fn sinks_agree() {
    let (files, memory) = (files(), MemorySecretSink::new());
    let sinks: [&dyn SecretSink; 2] = [&files.sink, &memory];
    let intents = [intent().await, intent().await];
    for sink in sinks {
        for intent in &intents {
            sink.record(intent).await.unwrap();
        }
        let user = UserCredentials::new("jane", "secret");
        sink.store(&intents[0], &user).await.unwrap();
        sink.settle(&intents[0], Ending::Stored).await.unwrap();
        sink.settle(&intents[1], Ending::Unknown).await.unwrap();
    }
    assert_eq!(
        files.sink.unsettled().await.unwrap().intents,
        memory.unsettled()
    );
    let file = files.sink.load("jane").await.unwrap().unwrap();
    assert_eq!(Some(file.user_secret), memory.load(&"jane".into()));
    assert_eq!(register().name(), intents[0].operation());
}
