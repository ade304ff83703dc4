//! What comes after the head of an answer: it never tells that the request did not run.

use std::time::Duration;

use http::{Response, StatusCode};
use http_body_util::BodyExt;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{Fault, Route, Sandbox, SandboxServer};
use snaptrade_auth_service::secret_sink::{Ending, MemorySecretSink, SecretSinkLayer};
use snaptrade_auth_service::{AnswerError, Client, Error, Operation, Outcome};

use crate::common::{client, serve, speaking};
use crate::frames::{At, Frames, NO_ERROR, REFUSED_STREAM, Then};

/// A registration over a spoiled answer.
struct World {
    sandbox: Sandbox,
    server: SandboxServer,
    frames: Frames,
    sink: MemorySecretSink,
    snaptrade: Client,
}

impl World {
    async fn new() -> Self {
        let (sandbox, server) = serve().await;
        let frames = Frames::before(server.addr()).await;
        let sink = MemorySecretSink::new();
        let snaptrade = client(&frames.base_url())
            .secret_sink(SecretSinkLayer::new(sink.clone()))
            .attempt_timeout(Duration::from_secs(5));
        let snaptrade = speaking(true, snaptrade);
        Self {
            sandbox,
            server,
            frames,
            sink,
            snaptrade,
        }
    }

    async fn register(&self) -> Result<(), Error> {
        let jane = self.snaptrade.send(RegisterUser::new("jane")).await;
        jane.map(drop)
    }

    fn commits(&self) -> u64 {
        self.sandbox.commits(Route::RegisterUser)
    }
}

const AFTER_THE_HEAD: [(At, Then); 8] = [
    (At::Head, Then::Reset(REFUSED_STREAM)),
    (At::Body, Then::Reset(REFUSED_STREAM)),
    (At::Head, Then::GoAway(Some(0), REFUSED_STREAM)),
    (At::Body, Then::GoAway(Some(0), REFUSED_STREAM)),
    (At::Head, Then::Reset(NO_ERROR)),
    (At::Body, Then::Reset(NO_ERROR)),
    (At::Body, Then::GoAway(Some(0), NO_ERROR)),
    (At::Body, Then::Close),
];

#[tokio::test]
async fn a_registration_runs_once_and_is_unknown() {
    for (at, then) in AFTER_THE_HEAD {
        let world = World::new().await;
        world.frames.spoil(at, then);
        let error = world.register().await.unwrap_err();
        assert_eq!(
            error.outcome(),
            Outcome::Unknown,
            "{at:?} {then:?}: {error}"
        );
        assert_eq!(world.commits(), 1, "{at:?} {then:?}");
        assert_eq!(world.frames.waiting(), 0);
        let open = world.sink.unsettled();
        assert_eq!(open[0].ending, Some(Ending::Unknown), "{at:?} {then:?}");
        world.server.shutdown().await;
    }
}

#[tokio::test]
async fn what_may_be_repeated_is_sent_again() {
    for (at, then) in AFTER_THE_HEAD {
        let world = World::new().await;
        world.register().await.unwrap();
        world.frames.spoil(at, then);
        let listed = world.snaptrade.send(ListUsers::new()).await;
        let listed = listed.unwrap_or_else(|error| panic!("{at:?} {then:?}: {error}"));
        assert_eq!(listed.attempts(), 2, "{at:?} {then:?}");
        assert_eq!(listed.body, ["jane".into()]);
    }
}

/// The server says of a stream without a head that it did not run.
#[tokio::test]
async fn a_stream_that_is_refused_before_its_head_is_sent_again() {
    let world = World::new().await;
    // The sandbox has run it all the same, which this server denies.
    world.frames.spoil(At::Start, Then::Reset(REFUSED_STREAM));
    let error = world.register().await.unwrap_err();
    assert!(error.to_string().contains("[2 attempts]"), "{error}");
}

#[tokio::test]
async fn a_connection_that_goes_away_tells_nothing_of_a_stream_without_a_head() {
    for (last, code) in [
        (None, NO_ERROR),
        (Some(0), NO_ERROR),
        (Some(0), REFUSED_STREAM),
    ] {
        let world = World::new().await;
        world.frames.spoil(At::Start, Then::GoAway(last, code));
        let error = world.register().await.unwrap_err();
        assert_eq!(
            error.outcome(),
            Outcome::Unknown,
            "{last:?} {code}: {error}"
        );
        assert_eq!(world.commits(), 1, "{last:?} {code}");
    }
}

#[tokio::test]
async fn a_redirect_after_the_commit_is_unknown() {
    for status in [300, 301, 302, 303, 304, 307, 308] {
        for http2 in [false, true] {
            let (sandbox, server) = serve().await;
            let sink = MemorySecretSink::new();
            let snaptrade = client(&server.base_url());
            let snaptrade = snaptrade.secret_sink(SecretSinkLayer::new(sink.clone()));
            let redirect = Response::builder()
                .status(StatusCode::from_u16(status).unwrap())
                .header("location", "https://elsewhere.example/")
                .body(bytes::Bytes::new());
            let redirect = Fault::response(redirect.unwrap()).after_commit();
            sandbox.faults().on(Route::RegisterUser, 1, redirect);
            let snaptrade = speaking(http2, snaptrade);
            let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
            assert_eq!(error.outcome(), Outcome::Unknown, "{status}: {error}");
            assert_eq!(sandbox.commits(Route::RegisterUser), 1, "{status}");
            assert_eq!(
                sink.unsettled()[0].ending,
                Some(Ending::Unknown),
                "{status}"
            );
            let text = error.to_string();
            assert!(
                text.contains("redirect") && text.contains("may have run"),
                "{text}"
            );
        }
    }
}

/// Nothing announces how long the answer is: the end of the stream alone tells that it is whole.
#[tokio::test]
async fn an_answer_of_unknown_length_is_cut_short() {
    let world = World::new().await;
    let faults = world.sandbox.faults();
    faults.on(Route::ListUsers, 1, Fault::EndlessBody);
    world.frames.spoil(At::Body, Then::Reset(NO_ERROR));
    let listed = world.snaptrade.send(ListUsers::new()).await.unwrap();
    assert_eq!(listed.attempts(), 2);
    assert_eq!(world.frames.waiting(), 0);
}

/// Whoever reads an answer themselves is told as well.
#[tokio::test]
async fn a_streamed_answer_fails_where_it_was_cut() {
    for then in [
        Then::Reset(NO_ERROR),
        Then::GoAway(Some(0), NO_ERROR),
        Then::Reset(REFUSED_STREAM),
    ] {
        let world = World::new().await;
        world.frames.spoil(At::Body, then);
        let streamed = world.snaptrade.send(ListUsers::new().streaming()).await;
        let body = streamed.unwrap().into_body();
        let error = body.collect().await.unwrap_err();
        // It is the caller's to classify.
        let error = AnswerError::Broken(error);
        assert_eq!(Outcome::of(&error), Outcome::Unknown, "{then:?}");
    }
}
