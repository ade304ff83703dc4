//! What it asks of the services around it, and what it gives them.

use std::task::{Context, Poll};

use http::Method;
use snaptrade_auth_service::error::{DecodeError, InvalidRequest};
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_auth_service::secret_sink::Ending;
use snaptrade_auth_service::{
    ApiRequest, AuthService, CallOptions, Error, ErrorKind, Operation, Outcome, UserCredentials,
    operation,
};
use snaptrade_signing::SignRequestLayer;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceExt};

use crate::common::{DEADLINE, World, auth, client, register, reset, step};

/// Panics if it is called before it was ready; a clone is not.
struct Strict<S> {
    inner: S,
    ready: bool,
}

impl<S: Clone> Clone for Strict<S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            ready: false,
        }
    }
}

impl<S: Service<R>, R> Service<R> for Strict<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.ready = true;
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        assert!(
            std::mem::take(&mut self.ready),
            "called before it was ready"
        );
        self.inner.call(request)
    }
}

#[tokio::test(start_paused = true)]
async fn calls_the_ready_service() {
    let world = World::new();
    let inner = Strict {
        inner: auth(client(&world.sandbox)),
        ready: false,
    };
    let mut service = world.layer.layer(inner);
    for user in ["jane", "eve"] {
        let ready = ServiceExt::<RegisterUser>::ready(&mut service).await;
        ready.unwrap().call(RegisterUser::new(user)).await.unwrap();
        let ready = ServiceExt::<ListUsers>::ready(&mut service).await;
        ready.unwrap().call(ListUsers::new()).await.unwrap();
    }
}

/// What was reserved below is given back where nothing is called: a refused call, a cancelled one.
#[tokio::test(start_paused = true)]
async fn gives_back_what_it_does_not_use() {
    let world = World::new();
    let limited = ConcurrencyLimitLayer::new(1).layer(auth(client(&world.sandbox)));
    let mut service = world.layer.layer(limited);

    let ready = ServiceExt::<RegisterUser>::ready(&mut service).await;
    drop(ready.unwrap().call(register()));
    service.clone().oneshot(reset()).await.unwrap();

    world.settle().await;
    let ready = ServiceExt::<RegisterUser>::ready(&mut service).await;
    ready.unwrap().call(register()).await.unwrap_err();
    let list = service.clone().oneshot(ListUsers::new());
    timeout(DEADLINE, list)
        .await
        .expect("it was given back")
        .unwrap();
    assert_eq!(world.sandbox.users(), ["anna"]);
}

#[tokio::test(start_paused = true)]
async fn spawns_nothing_for_what_has_no_secret() {
    let mut world = World::new();
    let mut call = Box::pin(world.stack.call(ListUsers::new()));
    step(&mut call, 3).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    call.await.unwrap();
    let call = world.stack.call(register());
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);
    call.await.unwrap();
    assert_eq!(world.sink.unsettled(), []);
}

#[test]
fn without_a_runtime_nothing_is_sent() {
    let sandbox = Sandbox::new();
    let world = World::new();
    let http = SignRequestLayer::new(Sandbox::credentials().unwrap()).layer(sandbox.clone());
    let mut service = world.layer.layer(AuthService::new(http));

    let mut call = tokio_test::task::spawn(service.call(ListUsers::new()));
    assert!(matches!(call.poll(), Poll::Ready(Ok(_))));
    let mut call = tokio_test::task::spawn(service.call(register()));
    let Poll::Ready(Err(error)) = call.poll() else {
        panic!("not refused")
    };
    assert_eq!(error.kind(), ErrorKind::SecretSink);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(
        error.to_string().contains("needs a tokio runtime"),
        "{error}"
    );
    assert_eq!(sandbox.users().len(), 0);
    assert!(world.layer.under_way().is_empty());
}

#[tokio::test(start_paused = true)]
async fn raw_bytes_are_read_for_the_sink() {
    let world = World::new();
    let options = CallOptions::new().accept(http::HeaderValue::from_static("*/*"));
    let call = register().raw().with(options);
    let raw = world.stack.clone().oneshot(call).await.unwrap();
    assert!(raw.starts_with(b"{\"userId\":\"jane\""));
    assert!(world.is_stored("jane"));
}

/// Without the layer that keeps count, a call counts as sent from the moment it is made.
#[tokio::test(start_paused = true)]
async fn untracked_calls_are_not_cancelled() {
    let world = World::new();
    let http = SignRequestLayer::new(Sandbox::credentials().unwrap());
    let auth = AuthService::new(http.layer(client(&world.sandbox)));
    let mut service = world.layer.layer(auth);
    let mut call = Box::pin(service.call(register()));
    // The client has not come to the sandbox by now.
    assert!(step(&mut call, 3).await.is_none());
    assert!(world.sandbox.log().is_empty());
    drop(call);
    world.settle().await;
    assert!(world.is_stored("jane"));
}

#[tokio::test(start_paused = true)]
async fn a_panic_below_is_an_unknown_outcome() {
    for at_once in [true, false] {
        let world = World::new();
        let panics = tower::service_fn(
            move |_: http::Request<http_body_util::Full<bytes::Bytes>>| {
                assert!(!at_once, "in the call");
                async move {
                    tokio::task::yield_now().await;
                    assert!(at_once, "in the future");
                    Ok::<_, Error>(http::Response::new(String::new()))
                }
            },
        );
        let service = world.layer.layer(AuthService::new(panics));
        let error = service.oneshot(register()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(error.to_string().contains("panicked"), "{error}");
        assert_eq!(world.sink.unsettled()[0].ending, Some(Ending::Unknown));
        world.settle().await;
    }
}

/// An operation of one's own: it does not know whose secret it will be.
#[derive(Clone)]
struct RegisterSomebody {
    reads_it: bool,
}

impl Operation for RegisterSomebody {
    type Output = UserCredentials;

    fn name(&self) -> &'static str {
        "registerSomebody"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        let request = ApiRequest::new(Method::POST, "/snapTrade/registerUser");
        request.json(&serde_json::json!({"userId": "somebody"}))
    }

    fn decode(&self, body: &[u8]) -> Result<UserCredentials, DecodeError> {
        operation::json(body)
    }

    fn secret(&self, output: &UserCredentials) -> Option<UserCredentials> {
        self.reads_it.then(|| output.clone())
    }

    fn reveals_secret(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn any_operation_with_a_secret() {
    let world = World::new();
    let call = RegisterSomebody { reads_it: true };
    world.stack.clone().oneshot(call).await.unwrap();
    assert!(world.is_stored("somebody"));
    assert_eq!(world.sink.unsettled(), []);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_not_read_is_recorded() {
    let world = World::new();
    let call = RegisterSomebody { reads_it: false };
    world.stack.clone().oneshot(call).await.unwrap();
    let unsettled = world.sink.unsettled();
    assert_eq!(unsettled[0].ending, Some(Ending::Unknown));
    assert_eq!(unsettled[0].intent.user_id(), None);
}

#[tokio::test(start_paused = true)]
async fn a_streamed_answer_passes_but_for_one_with_a_secret() {
    let world = World::new();
    let streamed = world.stack.clone().oneshot(ListUsers::new().streaming());
    assert_eq!(streamed.await.unwrap().status, 200);

    let before = world.sandbox.log().len();
    let streamed = world.stack.clone().oneshot(register().streaming());
    let error = streamed.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SecretSink);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.to_string().contains("cannot be streamed"), "{error}");
    assert_eq!(world.sandbox.log().len(), before);
}
