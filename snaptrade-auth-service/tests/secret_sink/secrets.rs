//! Nothing that prints shows a secret.

use std::error::Error as _;
use std::time::Duration;

use snaptrade_auth_service::secret_sink::{
    Ending, FileSecretSink, Intent, MemorySecretSink, SecretSink, SecretSinkLayer, SinkFuture,
    SinkStep,
};
use snaptrade_auth_service::{Error, UserCredentials};
use tower::{Layer, Service, ServiceExt};

use crate::common::{World, auth, client, register, step};

/// A store whose errors quote what it was given, as those of some databases do.
struct Quoting(MemorySecretSink);

impl SecretSink for Quoting {
    fn record<'a>(&'a self, intent: &'a Intent) -> SinkFuture<'a> {
        self.0.record(intent)
    }

    fn store<'a>(&'a self, _: &'a Intent, user: &'a UserCredentials) -> SinkFuture<'a> {
        let secret = user.user_secret.expose();
        let text = format!("no such column in INSERT ('{secret}', '{secret}')");
        Box::pin(async { Err(text.into()) })
    }

    fn settle<'a>(&'a self, intent: &'a Intent, ending: Ending) -> SinkFuture<'a> {
        self.0.settle(intent, ending)
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_prints_them() {
    let world = World::new();
    let layer = SecretSinkLayer::new(Quoting(world.sink.clone())).attempts(1);
    let mut service = layer.layer(auth(client(&world.sandbox)));
    let error = service.clone().oneshot(register()).await.unwrap_err();
    let mut printed = format!("{error}{error:?}{error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        printed += &format!("{error}{error:?}");
        source = error.source();
    }
    let Error::NotStored(not_stored) = error else {
        panic!("{error}")
    };
    printed += &format!("{not_stored}{not_stored:?}{}", not_stored.reason());
    printed += &format!("{}{:?}", not_stored.intent(), not_stored.credentials());
    assert!(printed.contains("INSERT ('[redacted]', '[redacted]')"));
    assert!(
        printed.contains(r#"registerUser of user "jane""#),
        "{printed}"
    );

    // An orphan of another user.
    let call = snaptrade_auth_service::operations::RegisterUser::new("eve");
    let mut call = Box::pin(service.call(call));
    step(&mut call, 9).await;
    printed += &format!("{call:?}");
    drop(call);
    let drained = layer.drain(Duration::from_secs(60)).await;
    printed += &format!("{drained:?}{layer:?}{service:?}{:?}", world.sink);
    let eve = drained.orphans[0].credentials().unwrap().clone();

    let intents: Vec<_> = world.sink.unsettled();
    assert_eq!(intents.len(), 2);
    printed += &format!("{intents:?}");

    let jane = not_stored.into_credentials().unwrap();
    for marker in [jane.user_secret.expose(), eve.user_secret.expose()] {
        assert!(marker.len() > 30);
        assert!(!printed.contains(marker), "{printed}");
    }
}

#[tokio::test]
async fn not_even_of_a_broken_file() {
    let temporary = tempfile::tempdir().unwrap();
    let sink = FileSecretSink::open(temporary.path().join("sink")).unwrap();
    let file = sink.path().join("user-jane.json");
    for content in [
        r#"{"userId":"jane","userSecret":marker-secret}"#,
        r#"{"userId":"anna","userSecret":"marker-secret"}"#,
        r#"{"userId":"jane","userSecret":{"marker-secret":1}}"#,
        r#""marker-secret""#,
    ] {
        std::fs::write(&file, content).unwrap();
        let error = sink.load("jane").await.unwrap_err();
        let printed = format!("{error}{error:?}{sink:?}");
        assert!(!printed.contains("marker"), "{printed}");
        assert!(printed.contains("user-jane.json"), "{printed}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_event_shows_them() {
    // Events go to whoever subscribes; that they say nothing is seen with a subscriber that keeps all.
    let events = crate::events::Events::default();
    let guard = tracing::subscriber::set_default(events.clone());
    let world = World::with(|layer| layer.attempts(3));
    world.sink.fail(SinkStep::Store, usize::MAX);
    let mut stack = world.stack.clone();
    let mut call = Box::pin(stack.call(register()));
    step(&mut call, 9).await;
    drop(call);
    let drained = world.layer.drain(Duration::from_secs(60)).await;
    drop(guard);
    let text = events.text();
    let secret = drained.orphans[0]
        .credentials()
        .unwrap()
        .user_secret
        .expose();
    assert!(
        text.contains("an orphaned secret is kept in memory"),
        "{text}"
    );
    assert!(text.contains("jane"), "{text}");
    assert!(!text.contains(secret), "{text}");
}
