//! The whole stack over a sandbox, with a client between that stops at every step of its way.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use snaptrade_auth_service::deadline::Deadline;
use snaptrade_auth_service::operations::{RegisterUser, ResetUserSecret};
use snaptrade_auth_service::sandbox::{CLIENT_ID, KeyKind, Route, Sandbox};
use snaptrade_auth_service::secret_sink::{MemorySecretSink, SecretSinkLayer, SecretSinkService};
use snaptrade_auth_service::{
    AttemptTimeoutLayer, AuthService, CollectAnswerLayer, DeadlineLayer, UserCredentials,
};
use snaptrade_signing::{BoxError, SignRequestLayer};
use tokio::task::yield_now;
use tokio::time::advance;
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceExt};

pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) type Client = BoxCloneSyncService<Request<Full<Bytes>>, Response<Slow>, BoxError>;
pub(crate) type Http = BoxCloneSyncService<
    Request<Full<Bytes>>,
    Response<snaptrade_auth_service::AnswerBody<Slow>>,
    BoxError,
>;
pub(crate) type Stack = Deadline<SecretSinkService<AuthService<Http>>>;

/// The answer's body, a few bytes at a time, with a stop before each part.
pub(crate) struct Slow {
    rest: Bytes,
    /// What the body ends with, if it breaks.
    error: Option<BoxError>,
    stop: Stop,
}

type Stop = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

impl Body for Slow {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        ready!(self.stop.as_mut().poll(cx));
        self.stop = Box::pin(yield_now());
        if self.rest.is_empty() {
            return Poll::Ready(self.error.take().map(Err));
        }
        let len = self.rest.len().min(32.max(self.rest.len() / 4));
        let part = self.rest.split_to(len);
        Poll::Ready(Some(Ok(Frame::data(part))))
    }
}

/// A client that stops on its way to the sandbox and back.
pub(crate) fn client(sandbox: &Sandbox) -> Client {
    let sandbox = sandbox.clone();
    BoxCloneSyncService::new(tower::service_fn(move |request: Request<Full<Bytes>>| {
        let sandbox = sandbox.clone();
        async move {
            yield_now().await;
            yield_now().await;
            let (parts, mut body) = sandbox.oneshot(request).await?.into_parts();
            yield_now().await;
            let mut rest = Vec::new();
            let mut error = None;
            while let Some(frame) = body.frame().await
                && rest.len() <= 17 << 20
            {
                match frame {
                    Ok(frame) => rest.extend_from_slice(&frame.into_data().unwrap()),
                    Err(broken) => error = Some(broken.into()),
                }
            }
            let body = Slow {
                rest: rest.into(),
                error,
                stop: Box::pin(yield_now()),
            };
            Ok::<_, BoxError>(Response::from_parts(parts, body))
        }
    }))
}

/// What waits above the attempts, as a rate limit does.
fn pausing<S>(
    inner: S,
) -> impl Service<Request<Full<Bytes>>, Response = S::Response, Error = BoxError, Future: Send + 'static>
+ Clone
+ Send
+ Sync
+ 'static
where
    S: Service<Request<Full<Bytes>>, Error = BoxError> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Response: Send,
{
    tower::service_fn(move |request| {
        let inner = inner.clone();
        async move {
            yield_now().await;
            yield_now().await;
            inner.oneshot(request).await
        }
    })
}

/// One attempt: timed, collected, signed.
pub(crate) fn attempt(client: Client) -> Http {
    let http = SignRequestLayer::new(Sandbox::credentials().unwrap()).layer(client);
    let http = CollectAnswerLayer::new().layer(http);
    BoxCloneSyncService::new(AttemptTimeoutLayer::new(Duration::from_secs(10)).layer(http))
}

pub(crate) fn auth(client: Client) -> AuthService<Http> {
    AuthService::new(BoxCloneSyncService::new(pausing(attempt(client))))
}

pub(crate) fn stack(sandbox: &Sandbox, layer: &SecretSinkLayer) -> Stack {
    let auth = auth(client(sandbox));
    DeadlineLayer::new(DEADLINE).layer(layer.layer(auth))
}

/// A sandbox, a sink, and what lies between.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) sink: MemorySecretSink,
    pub(crate) layer: SecretSinkLayer,
    pub(crate) stack: Stack,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|layer| layer)
    }

    /// Anna is registered; Jane is not.
    pub(crate) fn with(settings: impl FnOnce(SecretSinkLayer) -> SecretSinkLayer) -> Self {
        let sandbox = Sandbox::builder()
            .client(Sandbox::credentials().unwrap(), KeyKind::Commercial)
            .user(CLIENT_ID, "anna", "annas-old-secret")
            .build();
        let sink = MemorySecretSink::new();
        let layer = settings(SecretSinkLayer::new(sink.clone()));
        let stack = stack(&sandbox, &layer);
        Self {
            sandbox,
            sink,
            layer,
            stack,
        }
    }

    /// Whether the sink has the secret that the user has now.
    pub(crate) fn is_stored(&self, user_id: &str) -> bool {
        let stored = self.sink.load(&user_id.into());
        stored.is_some_and(|secret| self.is_current(user_id, secret.expose()))
    }

    pub(crate) fn is_current(&self, user_id: &str, secret: &str) -> bool {
        self.sandbox.is_current_secret(CLIENT_ID, user_id, secret)
    }

    pub(crate) fn commits(&self) -> u64 {
        self.sandbox.commits(Route::RegisterUser) + self.sandbox.commits(Route::ResetUserSecret)
    }

    /// Lets all tasks run to their ends.
    pub(crate) async fn settle(&self) {
        let drained = self.layer.drain(Duration::from_secs(3600)).await;
        assert!(drained.unfinished.is_empty(), "{drained:?}");
        assert!(drained.orphans.is_empty(), "{drained:?}");
    }
}

pub(crate) fn register() -> RegisterUser {
    RegisterUser::new("jane")
}

pub(crate) fn reset() -> ResetUserSecret {
    ResetUserSecret::new(UserCredentials::new("anna", "annas-old-secret"))
}

/// Polls once.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let once = std::future::poll_fn(|cx| {
        Poll::Ready(match Pin::new(&mut *future).poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    });
    once.await
}

/// Polls and lets the other tasks take a step, `steps` times; the output, if it came to that.
pub(crate) async fn step<F: Future + Unpin>(future: &mut F, steps: usize) -> Option<F::Output> {
    for _ in 0..steps {
        if let Some(output) = poll_once(future).await {
            return Some(output);
        }
        yield_now().await;
    }
    None
}

/// As [`step`], but time goes on meanwhile, so that what waits comes to its next attempt.
pub(crate) async fn stroll<F: Future + Unpin>(future: &mut F, steps: usize) -> Option<F::Output> {
    for steps in 1..=steps {
        if let Some(output) = poll_once(future).await {
            return Some(output);
        }
        yield_now().await;
        if steps % 5 == 0 {
            advance(Duration::from_millis(500)).await;
        }
    }
    None
}
