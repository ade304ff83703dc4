//! A sink that fails, hangs or panics.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use snaptrade_auth_service::secret_sink::{
    Ending, Intent, NotStored, SecretSink, SecretSinkError, SecretSinkLayer, SinkFuture, SinkStep,
};
use snaptrade_auth_service::{Error, ErrorKind, Outcome, UserCredentials};
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt};

use crate::common::{World, auth, client, poll_once, register, reset, step};

#[tokio::test(start_paused = true)]
async fn asked_again_until_it_stores() {
    let world = World::new();
    world.sink.fail(SinkStep::Store, 7);
    world.stack.clone().oneshot(register()).await.unwrap();
    assert_eq!(world.sink.calls(SinkStep::Store), 8);
    assert!(world.is_stored("jane"));
    assert_eq!(world.sink.unsettled(), []);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_hangs_is_asked_again() {
    let world = World::new();
    world.sink.hang(SinkStep::Store, 2);
    let started = Instant::now();
    world.stack.clone().oneshot(register()).await.unwrap();
    assert!(world.is_stored("jane"));
    let waited = started.elapsed().as_millis();
    assert!((20_000..20_300).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_is_there_gets_the_secret_in_the_error() {
    let world = World::with(|layer| layer.attempts(3));
    world.sink.fail(SinkStep::Store, usize::MAX);
    let error = world.stack.clone().oneshot(reset()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStored);
    assert_eq!(error.outcome(), Outcome::Succeeded);
    assert_eq!(world.sink.calls(SinkStep::Store), 3);
    assert_eq!(world.sink.unsettled()[0].ending, Some(Ending::HandedOver));
    let Error::NotStored(not_stored) = error else {
        panic!("{error}")
    };
    assert_eq!(not_stored.reason(), "the sink was told to fail");
    let user = not_stored.into_credentials().unwrap();
    assert!(world.is_current("anna", user.user_secret.expose()));
    world.settle().await;
}

/// At each step the secret is with the caller, the hook, or nowhere as it was not sent: with one, and with one only.
#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_leaves_it_to_the_hook() {
    let (mut hooked, mut unpolled) = (0, 0);
    for steps in 0.. {
        let orphans = Arc::new(Mutex::new(Vec::new()));
        let hook = orphans.clone();
        let mut world = World::with(|layer| {
            layer
                .attempts(1)
                .on_orphan(move |orphan| hook.lock().unwrap().push(orphan.clone()))
        });
        world.sink.fail(SinkStep::Store, usize::MAX);
        let mut call = Box::pin(world.stack.call(register()));
        let answer = step(&mut call, steps).await;
        let arrived = world.layer.under_way().is_empty();
        drop(call);
        world.settle().await;

        let mut orphans: Vec<NotStored> = std::mem::take(&mut orphans.lock().unwrap());
        if let Some(answer) = answer {
            let Err(Error::NotStored(own)) = answer else {
                panic!("{answer:?}")
            };
            assert!(world.is_current("jane", own.credentials().unwrap().user_secret.expose()));
            assert!(orphans.is_empty());
            break;
        }
        assert_eq!(orphans.len() as u64, world.commits(), "after {steps} steps");
        if let Some(orphan) = orphans.pop() {
            let user = orphan.into_credentials().unwrap();
            assert!(world.is_current("jane", user.user_secret.expose()));
            hooked += 1;
            unpolled += usize::from(arrived);
        }
    }
    assert!(hooked > 5, "{hooked}");
    // Among them: the answer had arrived, and the caller went without looking.
    assert!(unpolled > 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_hook_or_with_a_bad_one_it_is_kept() {
    let panics = |layer: SecretSinkLayer| layer.on_orphan(|_| panic!("a bad hook"));
    for settings in [|layer| layer, panics] {
        let mut world = World::with(|layer| settings(layer.attempts(2)));
        world.sink.fail(SinkStep::Store, usize::MAX);
        let mut call = Box::pin(world.stack.call(register()));
        step(&mut call, 9).await;
        drop(call);
        let drained = world.layer.drain(Duration::from_secs(60)).await;
        assert!(drained.unfinished.is_empty() && !drained.is_clean());
        let user = drained.orphans[0].credentials().unwrap();
        assert!(world.is_current("jane", user.user_secret.expose()));
        assert!(world.layer.take_orphans().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_without_an_intent() {
    for hangs in [false, true] {
        let world = World::new();
        if hangs {
            world.sink.hang(SinkStep::Record, 1);
        } else {
            world.sink.fail(SinkStep::Record, 1);
        }
        let error = world.stack.clone().oneshot(register()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SecretSink);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(
            error.to_string().contains("could not record the intent"),
            "{error}"
        );
        let Error::Transport(error) = error else {
            panic!("{error}")
        };
        let cause = error.downcast_ref::<SecretSinkError>();
        assert!(matches!(cause, Some(SecretSinkError::NotRecorded(_))));
        assert!(world.sandbox.log().is_empty());
        assert_eq!(world.sink.unsettled(), []);
        // The next one may.
        world.stack.clone().oneshot(register()).await.unwrap();
    }
}

/// The secret is where it should be; that the log lags behind is no reason to fail.
#[tokio::test(start_paused = true)]
async fn an_ending_that_cannot_be_recorded() {
    let world = World::new();
    world.sink.fail(SinkStep::Settle, usize::MAX);
    world.stack.clone().oneshot(register()).await.unwrap();
    assert!(world.is_stored("jane"));
    assert_eq!(world.sink.unsettled()[0].ending, None);
}

/// Panics the first time, in whichever way.
struct Panicking {
    sink: snaptrade_auth_service::secret_sink::MemorySecretSink,
    at_once: bool,
    times: Mutex<usize>,
}

impl SecretSink for Panicking {
    fn record<'a>(&'a self, intent: &'a Intent) -> SinkFuture<'a> {
        self.sink.record(intent)
    }

    fn store<'a>(&'a self, intent: &'a Intent, user: &'a UserCredentials) -> SinkFuture<'a> {
        {
            let mut times = self.times.lock().unwrap();
            if *times > 0 {
                *times -= 1;
                drop(times);
                assert!(!self.at_once, "in the call");
                return Box::pin(async { panic!("in the future") });
            }
        }
        self.sink.store(intent, user)
    }

    fn settle<'a>(&'a self, intent: &'a Intent, ending: Ending) -> SinkFuture<'a> {
        self.sink.settle(intent, ending)
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_panics_has_failed() {
    for (at_once, times) in [(true, 1), (false, 1), (true, 9), (false, 9)] {
        let world = World::new();
        let sink = Panicking {
            sink: world.sink.clone(),
            at_once,
            times: Mutex::new(times),
        };
        let layer = SecretSinkLayer::new(sink);
        let answer = layer
            .layer(auth(client(&world.sandbox)))
            .oneshot(register())
            .await;
        assert_eq!(answer.is_ok(), times == 1);
        assert_eq!(world.is_stored("jane"), times == 1);
        if let Err(error) = answer {
            assert_eq!(error.kind(), ErrorKind::NotStored);
        }
    }
}

/// The runtime goes down while the secret is being stored.
#[test]
fn a_runtime_that_ends_leaves_it_to_the_hook() {
    let orphans = Arc::new(Mutex::new(Vec::new()));
    let hook = orphans.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (world, mut call) = runtime.block_on(async {
        let mut world = World::with(|layer| {
            layer.on_orphan(move |orphan| hook.lock().unwrap().push(orphan.clone()))
        });
        world.sink.hang(SinkStep::Store, 1);
        let mut call = Box::pin(world.stack.call(register()));
        while world.sink.calls(SinkStep::Store) == 0 {
            assert!(step(&mut call, 1).await.is_none());
        }
        (world, call)
    });
    drop(runtime);
    let orphan: NotStored = orphans.lock().unwrap().pop().unwrap();
    let user = orphan.into_credentials().unwrap();
    assert!(world.is_current("jane", user.user_secret.expose()));
    assert_eq!(world.sink.unsettled()[0].ending, None);

    let late = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let error = late.block_on(poll_once(&mut call)).unwrap().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(
        error.to_string().contains("its runtime is shut down"),
        "{error}"
    );
}
