//! A subscriber that panics at each event: no secret goes down with it, and no other call.

use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Route};
use snaptrade_auth_service::secret_sink::SinkStep;
use snaptrade_auth_service::{Error, RollingRateLimitLayer};
use tower::{Layer, Service, ServiceExt};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::common::{World, auth, client, register, reset, step};

struct Panics;

impl Subscriber for Panics {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("snaptrade")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        panic!("at a span")
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        panic!("at an event")
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn an_orphan_is_kept() {
    let world = World::with(|layer| layer.attempts(3));
    let _panics = tracing::subscriber::set_default(Panics);
    world.sink.fail(SinkStep::Store, usize::MAX);
    let mut stack = world.stack.clone();
    let mut call = Box::pin(stack.call(register()));
    while world.commits() == 0 {
        assert!(step(&mut call, 1).await.is_none());
    }
    drop(call);
    let drained = world.layer.drain(Duration::from_secs(60)).await;
    assert_eq!(drained.orphans.len(), 1);
    let user = drained.orphans[0].credentials().unwrap();
    assert!(world.is_current("jane", user.user_secret.expose()));
}

#[tokio::test(start_paused = true)]
async fn a_caller_hears_what_became_of_the_call() {
    let world = World::with(|layer| layer.attempts(2));
    let _panics = tracing::subscriber::set_default(Panics);
    world.sink.fail(SinkStep::Store, usize::MAX);
    let error = world.stack.clone().oneshot(register()).await.unwrap_err();
    assert!(matches!(error, Error::NotStored(_)), "{error}");
    world.sink.fail(SinkStep::Store, 0);
    world.sink.fail(SinkStep::Settle, usize::MAX);
    world.stack.clone().oneshot(reset()).await.unwrap();
}

/// Whoever is told of a throttled request keeps no slot for ever.
#[tokio::test(start_paused = true)]
async fn the_other_layers_go_on() {
    let _panics = tracing::subscriber::set_default(Panics);
    let world = World::new();
    let limit = RollingRateLimitLayer::default();
    let sandbox = &world.sandbox;
    let snaptrade = snaptrade_auth_service::Client::builder(
        snaptrade_auth_service::sandbox::Sandbox::credentials().unwrap(),
    )
    .http_service(client(sandbox))
    .rate_limit(limit.clone())
    .build()
    .unwrap();
    sandbox.set_skew(600);
    let faults = sandbox.faults();
    faults.on(Route::ListUsers, 1, Fault::throttled(1));
    let gateway = Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html);
    faults.on(Route::ListUsers, 1, gateway);
    let list = snaptrade_auth_service::operations::ListUsers::new();
    let listed = snaptrade.send(list).await.unwrap();
    assert_eq!(listed.attempts(), 4);
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(limit.in_use(), 0);
}

/// It is dropped with its runtime, by a thread that unwinds or not.
#[test]
fn a_runtime_that_ends_does_not_end_the_process() {
    let world = World::new();
    let layer = world.layer.clone();
    let unwound = std::thread::spawn(move || {
        let _panics = tracing::subscriber::set_default(Panics);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        world.sink.hang(SinkStep::Store, usize::MAX);
        runtime.block_on(async {
            let mut service = world.layer.layer(auth(client(&world.sandbox)));
            let mut call = Box::pin(service.call(register()));
            while world.commits() == 0 {
                step(&mut call, 1).await;
            }
            step(&mut call, 9).await;
        });
        // The runtime goes, and the task that is storing with it.
        panic!("unwinds");
    });
    assert!(unwound.join().is_err());
    assert_eq!(layer.take_orphans().len(), 1);
}
