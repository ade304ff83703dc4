//! The service.

use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use snaptrade_signing::BoxError;
use tokio::time::Instant;
use tower::{Service, ServiceExt};

use super::call::{Call, bound, within};
use crate::answer::DEFAULT_MAX_ANSWER_BYTES;
use crate::base_url::BaseUrl;
use crate::error::{Error, TransportError};
use crate::operation::{Operation, RevealsSecret};
use crate::progress::Progress;
use crate::raw::{Streaming, Unread};
use crate::response::ApiResponse;

/// The future of a call.
///
/// Dropped under way, it drops the call of the HTTP service, which may have reached the server by then.
pub type CallFuture<T> = Pin<Box<dyn Future<Output = Result<ApiResponse<T>, Error>> + Send>>;

/// The API, over an HTTP service that signs. A `tower::Service` of every [`Operation`]; cheap to clone if the HTTP
/// service is.
///
/// ```
/// use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
/// use snaptrade_auth_service::{AuthService, BaseUrl};
/// # #[cfg(feature = "sandbox")] {
/// use snaptrade_auth_service::sandbox::Sandbox;
/// use snaptrade_signing::SignRequestLayer;
/// use tower::Layer;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
/// let snaptrade = AuthService::new(http);
///
/// let jane = snaptrade.send(RegisterUser::new("jane")).await?.into_body();
/// assert_eq!(snaptrade.send(ListUsers::new()).await?.body, [jane.user_id]);
/// # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(()) })?;
/// # }
/// # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    inner: S,
    base_url: BaseUrl,
    max_answer_bytes: usize,
}

impl<S> AuthService<S> {
    /// Calls `https://api.snaptrade.com` through `inner`.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            base_url: BaseUrl::default(),
            max_answer_bytes: DEFAULT_MAX_ANSWER_BYTES,
        }
    }

    /// Calls another host, or below another path.
    #[must_use]
    pub fn base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = base_url;
        self
    }

    /// The longest answer that is read, in bytes. The default is 16 MiB.
    #[must_use]
    pub fn max_answer_bytes(mut self, limit: usize) -> Self {
        self.max_answer_bytes = limit;
        self
    }

    /// The HTTP service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Calls an operation on a clone of this service, once that is ready.
    ///
    /// The future is a boxed one, so that it can be spawned whatever the service is made of.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn send<Op, T>(&self, operation: Op) -> CallFuture<T>
    where
        Self: Service<Op, Response = ApiResponse<T>, Error = Error, Future = CallFuture<T>>
            + Clone
            + Send
            + 'static,
        Op: Send + 'static,
    {
        Box::pin(self.clone().oneshot(operation))
    }

    /// The request of an operation, with all that the layers below want to know of it.
    fn request<Op: Operation>(
        &self,
        operation: &Op,
        progress: Progress,
    ) -> Result<Request<Full<Bytes>>, Error> {
        let mut request = operation.request()?.into_http(&self.base_url)?;
        let options = operation.options().with_deadline(Instant::now());
        let extensions = request.extensions_mut();
        extensions.insert(operation.repeat());
        if operation.reveals_secret() {
            extensions.insert(RevealsSecret);
        }
        extensions.insert(progress);
        extensions.insert(options);
        Ok(request)
    }
}

impl<S> AuthService<S>
where
    S: Service<Request<Full<Bytes>>> + Clone,
{
    /// Calls the HTTP service, if the request can be built. Else what that had reserved for it is given back.
    fn start<Op: Operation>(
        &mut self,
        operation: &Op,
        unread: bool,
    ) -> Result<(S::Future, Call), Error> {
        let progress = operation.options().progress.unwrap_or_default();
        let mut request = match self.request(operation, progress.clone()) {
            Ok(request) => request,
            Err(error) => {
                self.inner = self.inner.clone();
                return Err(error);
            }
        };
        if unread {
            request.extensions_mut().insert(Unread);
        }
        let call = Call {
            operation: operation.name(),
            method: request.method().clone(),
            repeat: operation.repeat(),
            limit: self.max_answer_bytes,
            progress,
            sent: Instant::now(),
        };
        Ok((self.inner.call(request), call))
    }
}

impl<S, R, Op> Service<Op> for AuthService<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    R: Body + Send + 'static,
    R::Data: Send,
    R::Error: Into<BoxError>,
    Op: Operation + Send + 'static,
    Op::Output: Send,
{
    type Response = ApiResponse<Op::Output>;
    type Error = Error;
    type Future = CallFuture<Op::Output>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, operation: Op) -> Self::Future {
        let (answer, call) = match self.start(&operation, false) {
            Ok(started) => started,
            Err(error) => return Box::pin(ready(Err(error))),
        };
        let bound = bound(&operation, &call.progress);
        Box::pin(within(bound, async move {
            let (head, body) = call.success(answer).await?;
            let body = call.collect(&head, body).await?;
            match operation.decode(&body) {
                Ok(output) => Ok(ApiResponse::new(head, call.sent.elapsed(), output)),
                Err(error) => {
                    let secret_body = operation.reveals_secret().then_some(&*body);
                    Err(call.undecodable(error, &head, secret_body))
                }
            }
        }))
    }
}

/// The unread body of a success.
impl<S, R, Op> Service<Streaming<Op>> for AuthService<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    R: Body + Send + 'static,
    R::Data: Send,
    R::Error: Into<BoxError>,
    Op: Operation,
{
    type Response = ApiResponse<R>;
    type Error = Error;
    type Future = CallFuture<R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, Streaming(operation): Streaming<Op>) -> Self::Future {
        let (answer, call) = match self.start(&operation, true) {
            Ok(started) => started,
            Err(error) => return Box::pin(ready(Err(error))),
        };
        let bound = bound(&operation, &call.progress);
        Box::pin(within(bound, async move {
            let (head, body) = call.success(answer).await?;
            Ok(ApiResponse::new(head, call.sent.elapsed(), body))
        }))
    }
}

fn poll_ready<S>(inner: &mut S, cx: &mut Context<'_>) -> Poll<Result<(), Error>>
where
    S: Service<Request<Full<Bytes>>>,
    S::Error: Into<BoxError>,
{
    inner
        .poll_ready(cx)
        .map_err(|error| TransportError::not_ready(error.into()).into())
}
