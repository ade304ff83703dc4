//! All layers, in their order.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use snaptrade_signing::{BoxError, SignRequestLayer};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::ResponseBody;
use crate::answer::CollectAnswerLayer;
use crate::base_url::BaseUrl;
use crate::deadline::{AttemptTimeoutLayer, Deadline, DeadlineLayer};
use crate::rate_limit::RollingRateLimitLayer;
use crate::service::AuthService;

/// What sends a request that is signed.
pub(super) type HttpClient =
    BoxCloneSyncService<Request<Full<Bytes>>, Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError>;

/// All that works on requests. In a box, so that [`Client`](super::Client) has a name of one word.
type Requests = BoxCloneSyncService<Request<Full<Bytes>>, Response<ResponseBody>, BoxError>;

/// All that works on operations, outermost first.
pub(super) type Stack = Deadline<AuthService<Requests>>;

/// One setting for each layer.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    pub(super) deadline: DeadlineLayer,
    pub(super) rate_limit: Option<RollingRateLimitLayer>,
    pub(super) attempt_timeout: AttemptTimeoutLayer,
    pub(super) max_answer_bytes: usize,
    pub(super) signing: SignRequestLayer,
}

impl Layers {
    /// From the operation to the request.
    pub(super) fn operations(self, base_url: BaseUrl, http: HttpClient) -> Stack {
        let max_answer_bytes = self.max_answer_bytes;
        let deadline = self.deadline;
        let auth = AuthService::new(self.requests(http))
            .base_url(base_url)
            .max_answer_bytes(max_answer_bytes);
        // Whatever keeps a secret that is shown once goes between these two: it must outlive the caller's deadline.
        deadline.layer(auth)
    }

    /// From the request to the wire.
    fn requests(self, http: HttpClient) -> Requests {
        let signed = ServiceBuilder::new()
            // What learns the clock's skew from answers goes here: around signing, below whatever repeats a request.
            // Nothing waits between the stamp and the wire, and nothing changes what was signed.
            .layer(self.signing)
            .service(http);
        let requests = ServiceBuilder::new()
            // Retries go here: above the quota, as each attempt counts, and below `AuthService`, as all have one answer.
            .option_layer(self.rate_limit)
            // Below the quota, whose waits are not the attempt's.
            .layer(self.attempt_timeout)
            // Within the attempt, so that a body which hangs or breaks is part of it.
            .layer(CollectAnswerLayer::new().max_answer_bytes(self.max_answer_bytes))
            .service(signed);
        BoxCloneSyncService::new(requests)
    }
}

/// Any HTTP client, in a box.
pub(super) fn boxed<S, R>(http: S) -> HttpClient
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    let http = http
        .map_err(Into::into)
        .map_response(|answer: Response<R>| {
            answer.map(|body| body.map_err(Into::into).boxed_unsync())
        });
    BoxCloneSyncService::new(http)
}
