//! Servers that answer by a script, and stacks over them and over the sandbox.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use snaptrade_auth_service::retry::RetryPolicy;
use snaptrade_auth_service::sandbox::{Sandbox, SandboxBody};
use snaptrade_auth_service::{AnswerBody, AuthService, CollectAnswerLayer};
use snaptrade_signing::{BoxError, SignRequestLayer};
use tower::retry::RetryLayer;
use tower::retry::budget::TpsBudget;
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, service_fn};

pub(crate) type Req = Request<Full<Bytes>>;
pub(crate) type Answer = Result<Response<Full<Bytes>>, BoxError>;
pub(crate) type Http<R> = BoxCloneSyncService<Req, Response<AnswerBody<R>>, BoxError>;

/// How many attempts have reached a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<AtomicU32>);

impl Count {
    pub(crate) fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Answers the attempt of that number, from 1, as `script` has it. Answers are collected.
pub(crate) fn server(
    script: impl Fn(u32, &Req) -> Answer + Send + Sync + 'static,
) -> (Http<Full<Bytes>>, Count) {
    let count = Count::default();
    let (counted, script) = (count.clone(), Arc::new(script));
    let server = service_fn(move |request: Req| {
        let number = counted.0.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = script(number, &request);
        async move { answer }
    });
    let collected = ServiceBuilder::new()
        .layer(CollectAnswerLayer::new())
        .service(server);
    (BoxCloneSyncService::new(collected), count)
}

pub(crate) fn answer(status: u16, body: &'static str) -> Answer {
    let answer = Response::builder().status(status);
    Ok(answer.body(Full::from(body)).unwrap())
}

pub(crate) fn io_error(kind: io::ErrorKind) -> BoxError {
    io::Error::from(kind).into()
}

pub(crate) fn request(method: Method) -> Req {
    Request::builder()
        .method(method)
        .uri("https://api.snaptrade.com/any")
        .body(Full::default())
        .unwrap()
}

/// Plenty of everything, so that the table alone decides.
pub(crate) fn generous(max_attempts: u32) -> RetryPolicy {
    let budget = TpsBudget::new(Duration::from_secs(60), 1_000, 0.0);
    RetryPolicy::builder()
        .max_attempts(max_attempts)
        .budget(Arc::new(budget))
        .seed(1)
        .build()
        .unwrap()
}

pub(crate) fn retrying<R>(policy: RetryPolicy, http: Http<R>) -> Http<R>
where
    R: Send + 'static,
{
    let retrying = ServiceBuilder::new()
        .layer(RetryLayer::new(policy))
        .service(http);
    BoxCloneSyncService::new(retrying)
}

/// The sandbox, signed and collected.
pub(crate) fn signed(sandbox: &Sandbox) -> Http<SandboxBody> {
    let signed = ServiceBuilder::new()
        .layer(CollectAnswerLayer::new())
        .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()))
        .service(sandbox.clone());
    BoxCloneSyncService::new(signed)
}

pub(crate) fn snaptrade(sandbox: &Sandbox, policy: RetryPolicy) -> AuthService<Http<SandboxBody>> {
    AuthService::new(retrying(policy, signed(sandbox)))
}
