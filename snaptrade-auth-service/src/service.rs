//! Operations over any HTTP service.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use snaptrade_signing::BoxError;
use tokio::time::Instant;
use tower::{Service, ServiceExt};

use crate::answer::{Collect, DEFAULT_MAX_ANSWER_BYTES};
use crate::base_url::BaseUrl;
use crate::deadline::Bound;
use crate::error::{ApiError, Error, TransportError};
use crate::operation::{Operation, Repeat, RevealsSecret};
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
    /// # Errors
    ///
    /// [`Error`].
    pub async fn send<Op>(&self, operation: Op) -> Result<<Self as Service<Op>>::Response, Error>
    where
        Self: Service<Op, Error = Error> + Clone,
    {
        self.clone().oneshot(operation).await
    }

    /// The request of an operation, with all that the layers below want to know of it.
    fn request<Op: Operation>(&self, operation: &Op) -> Result<Request<Full<Bytes>>, Error> {
        let mut request = operation.request()?.into_http(&self.base_url)?;
        let options = operation.options();
        let extensions = request.extensions_mut();
        extensions.insert(operation.repeat());
        if operation.reveals_secret() {
            extensions.insert(RevealsSecret);
        }
        extensions.insert(options.progress.clone().unwrap_or_default());
        extensions.insert(options);
        Ok(request)
    }
}

impl<S: Clone> AuthService<S> {
    /// What the HTTP service had reserved for a request that cannot be built is given back.
    fn release(&mut self) {
        self.inner = self.inner.clone();
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
        let request = match self.request(&operation) {
            Ok(request) => request,
            Err(error) => {
                self.release();
                return Box::pin(std::future::ready(Err(error)));
            }
        };
        let limit = self.max_answer_bytes;
        let (name, repeat) = (operation.name(), operation.repeat());
        let bound = bound(&operation, &request);
        let sent = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(within(bound, async move {
            let lost = |error| transport(name, repeat, error);
            let (head, body) = answer
                .await
                .map_err(|error| lost(error.into()))?
                .into_parts();
            let body = Collect::new(body, limit).await;
            let body = body.map_err(|error| lost(error.into()))?;
            if !head.status.is_success() {
                return Err(refused(
                    name,
                    repeat,
                    Response::from_parts(head, body),
                    sent,
                ));
            }
            let rtt = sent.elapsed();
            match operation.decode(&body) {
                Ok(output) => Ok(ApiResponse::new(head, rtt, output)),
                Err(error) => {
                    let mut error = error.in_operation(name);
                    error.request_id = crate::response::RequestId::from_headers(&head.headers);
                    error.round_trip_time = rtt;
                    Err(error.into())
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
    Op: Operation + Send + 'static,
{
    type Response = ApiResponse<R>;
    type Error = Error;
    type Future = CallFuture<R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, Streaming(operation): Streaming<Op>) -> Self::Future {
        let mut request = match self.request(&operation) {
            Ok(request) => request,
            Err(error) => {
                self.release();
                return Box::pin(std::future::ready(Err(error)));
            }
        };
        request.extensions_mut().insert(Unread);
        let limit = self.max_answer_bytes;
        let (name, repeat) = (operation.name(), operation.repeat());
        let bound = bound(&operation, &request);
        let sent = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(within(bound, async move {
            let lost = |error| transport(name, repeat, error);
            let (head, body) = answer
                .await
                .map_err(|error| lost(error.into()))?
                .into_parts();
            if head.status.is_success() {
                return Ok(ApiResponse::new(head, sent.elapsed(), body));
            }
            let body = Collect::new(body, limit).await;
            let body = body.map_err(|error| lost(error.into()))?;
            Err(refused(
                name,
                repeat,
                Response::from_parts(head, body),
                sent,
            ))
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
        .map_err(|error| TransportError::new("the HTTP service", error.into()).into())
}

fn transport(operation: &'static str, repeat: Repeat, error: BoxError) -> Error {
    TransportError::new(operation, error).repeat(repeat).into()
}

fn refused(
    operation: &'static str,
    repeat: Repeat,
    answer: Response<Bytes>,
    sent: Instant,
) -> Error {
    ApiError::new(operation, repeat, answer, sent.elapsed()).into()
}

/// The deadline of a call that has one, unless a layer above watches over it.
fn bound<Op: Operation>(operation: &Op, request: &Request<Full<Bytes>>) -> Option<Bound> {
    let options = operation.options();
    if options.progress.is_some() {
        return None;
    }
    let progress = request.extensions().get::<Progress>().cloned();
    let progress = progress.unwrap_or_default();
    let (name, repeat) = (operation.name(), operation.repeat());
    options
        .timeout
        .map(|timeout| Bound::new(timeout, name, repeat, progress))
}

async fn within<T>(
    bound: Option<Bound>,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(bound) = bound else {
        return call.await;
    };
    tokio::select! {
        biased;
        answer = call => answer,
        exceeded = bound => Err(exceeded),
    }
}
