//! The app's last resort for a secret: what its files did not take is stored when the app ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use snaptrade_auth_service::sandbox::{CLIENT_ID, Sandbox};
use snaptrade_auth_service::secret_sink::{MemorySecretSink, NotStored, SecretSinkLayer, SinkStep};
use snaptrade_auth_service::{Authentication, Client, Error};

// The store that is tested is the one that is shown.
#[path = "../../axum_app/secrets.rs"]
mod secrets;

use secrets::Secrets;

fn client(sandbox: &Sandbox, sink: SecretSinkLayer) -> Client {
    Client::builder(Sandbox::credentials().unwrap())
        .http_service(sandbox.clone())
        .secret_sink(sink)
        .build()
        .unwrap()
}

/// The only copy of jane's secret, from a sink that does not take it.
async fn not_stored(sandbox: &Sandbox) -> NotStored {
    let sink = MemorySecretSink::new();
    sink.fail(SinkStep::Store, usize::MAX);
    let snaptrade = client(sandbox, SecretSinkLayer::new(sink).attempts(1));
    match snaptrade.register_user("jane").await {
        Err(Error::NotStored(secret)) => *secret,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_rescued_secret_is_stored_when_the_app_ends() {
    let directory = tempfile::tempdir().unwrap();
    let secrets = Secrets::open(directory.path().join("secrets"))
        .await
        .unwrap();
    let sandbox = Sandbox::new();
    secrets.rescue(not_stored(&sandbox).await);
    let jane = "jane".into();
    assert!(secrets.find(&jane).await.unwrap().is_none());

    // Not while the directory is gone, and not lost by that.
    let moved = directory.path().join("moved");
    std::fs::rename(directory.path().join("secrets"), &moved).unwrap();
    secrets.close().await.unwrap_err();
    std::fs::rename(&moved, directory.path().join("secrets")).unwrap();

    secrets.close().await.unwrap();
    let stored = secrets.find(&jane).await.unwrap().unwrap();
    assert!(sandbox.is_current_secret(CLIENT_ID, "jane", stored.user_secret.expose()));
}

#[tokio::test]
async fn nothing_is_registered_once_the_app_has_ended() {
    let directory = tempfile::tempdir().unwrap();
    let secrets = Secrets::open(directory.path().join("secrets"))
        .await
        .unwrap();
    let sandbox = Sandbox::new();
    let snaptrade = client(&sandbox, secrets.layer());
    snaptrade.register_user("jane").await.unwrap();
    assert!(secrets.find(&"jane".into()).await.unwrap().is_some());

    secrets.close().await.unwrap();
    let late = snaptrade.register_user("joe").await.unwrap_err();
    assert_eq!(late.kind(), snaptrade_auth_service::ErrorKind::SecretSink);
    assert_eq!(sandbox.users(), ["jane"]);
}
