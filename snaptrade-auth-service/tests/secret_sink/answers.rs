//! Answers of calls that ran, and do not hold what was asked for: nothing is overwritten, and nothing is lost.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Response;
use snaptrade_auth_service::error::{DecodeError, InvalidRequest};
use snaptrade_auth_service::operations::RegisterUser;
use snaptrade_auth_service::sandbox::{Fault, Route};
use snaptrade_auth_service::secret_sink::{Ending, NotStored, NotStoredCause, SecretSinkLayer};
use snaptrade_auth_service::{
    ApiRequest, Error, ErrorKind, Operation, Outcome, UserCredentials, UserId,
};
use tower::{Layer, ServiceExt};

use crate::common::{World, auth, client, register, reset, step};

const MARKER: &str = "marker-secret";

/// Complete answers in which a person finds the secret, and the operation does not.
fn unreadable() -> Vec<Bytes> {
    let gzip: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00marker-secret";
    vec![
        Bytes::from("\u{feff}{\"userId\":\"jane\",\"userSecret\":\"marker-secret\"}"),
        Bytes::from(r#"{"userId":17,"userSecret":"marker-secret"}"#),
        Bytes::from(r#"{"userSecret":"marker-secret"}"#),
        Bytes::from(r#"{"userId":"jane","userId":"jane","userSecret":"marker-secret"}"#),
        Bytes::from(r#"{"data":{"userId":"jane","userSecret":"marker-secret"}}"#),
        Bytes::from(r#"{"userId":"jane","userSecret":"marker-secret""#),
        Bytes::from(gzip),
    ]
}

fn answer(body: impl Into<Bytes>) -> Fault {
    Fault::response(Response::new(body.into())).after_commit()
}

/// A world that answers the next registration so, and the hook's orphans.
fn world(body: impl Into<Bytes>) -> (World, Arc<Mutex<Vec<NotStored>>>) {
    let orphans = Arc::new(Mutex::new(Vec::new()));
    let hook = orphans.clone();
    let world = World::with(|layer| {
        layer.on_orphan(move |orphan| hook.lock().unwrap().push(orphan.clone()))
    });
    world
        .sandbox
        .faults()
        .on(Route::RegisterUser, 1, answer(body));
    (world, orphans)
}

fn not_stored(error: Error) -> NotStored {
    assert_eq!(error.kind(), ErrorKind::NotStored);
    assert_eq!(error.outcome(), Outcome::Succeeded);
    let printed = format!("{error} {error:?} {error:#?}");
    assert!(!printed.contains("marker"), "{printed}");
    match error {
        Error::NotStored(not_stored) => *not_stored,
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_handed_to_the_caller() {
    for body in unreadable() {
        let (world, orphans) = world(body.clone());
        let error = world.stack.clone().oneshot(register()).await.unwrap_err();
        let not_stored = not_stored(error);
        assert_eq!(not_stored.cause(), NotStoredCause::Unreadable);
        assert_eq!(not_stored.body(), Some(&body[..]));
        assert!(not_stored.credentials().is_none());
        assert_eq!(world.sink.unsettled()[0].ending, Some(Ending::HandedOver));
        assert!(orphans.lock().unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn or_to_the_hook() {
    for body in unreadable() {
        let (world, orphans) = world(body.clone());
        let mut call = Box::pin(world.stack.clone().oneshot(register()));
        while world.commits() == 0 {
            assert!(step(&mut call, 1).await.is_none());
        }
        drop(call);
        world.settle().await;
        let orphans = orphans.lock().unwrap();
        assert_eq!(orphans[0].body(), Some(&body[..]));
        assert_eq!(orphans.len(), 1);
    }
}

/// Without a sink, there is the error.
#[tokio::test]
async fn or_stays_in_the_error() {
    let (world, _) = world(r#"{"userSecret":"marker-secret"}"#);
    let snaptrade = auth(client(&world.sandbox));
    let error = snaptrade.oneshot(register()).await.unwrap_err();
    let printed = format!("{error} {error:?} {error:#?}");
    assert!(!printed.contains("marker"), "{printed}");
    let Error::Decode(error) = error else {
        panic!("{error}")
    };
    assert_eq!(
        error.body(),
        Some(&br#"{"userSecret":"marker-secret"}"#[..])
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_holds_nothing() {
    let (world, orphans) = world("");
    let error = world.stack.clone().oneshot(register()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(world.sink.unsettled()[0].ending, Some(Ending::Unknown));
    assert!(orphans.lock().unwrap().is_empty());
}

/// Anna's only secret stays what it is.
#[tokio::test(start_paused = true)]
async fn an_answer_for_somebody_else_overwrites_nothing() {
    for (asked, answered) in [("jane", "anna"), ("Anna", "anna"), ("anna ", "anna")] {
        let (world, orphans) = world(format!(
            r#"{{"userId":"{answered}","userSecret":"{MARKER}"}}"#
        ));
        world.stack.clone().oneshot(reset()).await.unwrap();
        let register = || RegisterUser::new(asked);
        let error = world.stack.clone().oneshot(register()).await.unwrap_err();
        let not_stored = not_stored(error);
        assert_eq!(not_stored.cause(), NotStoredCause::OtherUser);
        assert_eq!(not_stored.intent().user_id(), Some(&asked.into()));
        let user = not_stored.into_credentials().unwrap();
        assert_eq!(user, UserCredentials::new(answered, MARKER));
        assert!(world.is_stored("anna"));
        assert!(world.sink.load(&asked.into()).is_none());
        let open = world.sink.unsettled();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].ending, Some(Ending::HandedOver));
        assert!(orphans.lock().unwrap().is_empty());
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Panics {
    InDecode,
    InSecret,
}

/// An operation of one's own, with a mistake.
#[derive(Clone)]
struct Panicking {
    user_id: UserId,
    panics: Panics,
}

impl Operation for Panicking {
    type Output = UserCredentials;

    fn name(&self) -> &'static str {
        "panicking"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        register().request()
    }

    fn decode(&self, body: &[u8]) -> Result<UserCredentials, DecodeError> {
        assert_ne!(self.panics, Panics::InDecode);
        snaptrade_auth_service::operation::json(body)
    }

    fn secret_of(&self) -> Option<&UserId> {
        Some(&self.user_id)
    }

    fn secret(&self, _: &UserCredentials) -> Option<UserCredentials> {
        panic!("a mistake")
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_panics_loses_nothing() {
    for panics in [Panics::InDecode, Panics::InSecret] {
        let world = World::new();
        let call = Panicking {
            user_id: "jane".into(),
            panics,
        };
        let error = world.stack.clone().oneshot(call).await.unwrap_err();
        let not_stored = not_stored(error);
        assert_eq!(not_stored.cause(), NotStoredCause::Unreadable);
        let body = not_stored.body().unwrap();
        let user: UserCredentials = serde_json::from_slice(body).unwrap();
        assert!(world.is_current("jane", user.user_secret.expose()));
        assert_eq!(world.sink.unsettled()[0].ending, Some(Ending::HandedOver));
        world.settle().await;
    }
}

/// The caller has the output; what it leaves behind is for the hook.
#[tokio::test(start_paused = true)]
async fn an_answer_in_which_the_operation_finds_no_secret_is_kept_if_the_caller_goes() {
    let (world, orphans) = world(r#"{"userSecret":"marker-secret"}"#);
    let mut call = Box::pin(world.stack.clone().oneshot(register().raw()));
    while world.commits() == 0 {
        assert!(step(&mut call, 1).await.is_none());
    }
    drop(call);
    world.settle().await;
    let orphans = orphans.lock().unwrap();
    assert_eq!(orphans[0].cause(), NotStoredCause::Unreadable);
    assert!(orphans[0].body().unwrap().ends_with(b"marker-secret\"}"));
    assert_eq!(world.sink.unsettled()[0].ending, Some(Ending::Unknown));
}

/// It asks for what it can read.
#[tokio::test]
async fn nothing_compressed_is_asked_for() {
    let asked = Arc::new(Mutex::new(None));
    let seen = asked.clone();
    let http = tower::service_fn(move |request: http::Request<http_body_util::Full<Bytes>>| {
        *seen.lock().unwrap() = request.headers().get("accept-encoding").cloned();
        async { Ok::<_, std::io::Error>(Response::new(http_body_util::Full::new(Bytes::new()))) }
    });
    let snaptrade = snaptrade_auth_service::AuthService::new(http);
    let layer = SecretSinkLayer::new(World::new().sink);
    layer
        .layer(snaptrade)
        .oneshot(register())
        .await
        .unwrap_err();
    assert_eq!(asked.lock().unwrap().as_ref().unwrap(), "identity");
}
