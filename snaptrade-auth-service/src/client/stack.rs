//! All layers, in their order.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use snaptrade_signing::BoxError;
use tower::retry::RetryLayer;
use tower::util::{BoxCloneSyncService, Either, option_layer};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::ResponseBody;
use super::signing::Signing;
use crate::answer::CollectAnswerLayer;
use crate::base_url::BaseUrl;
use crate::deadline::{AttemptTimeoutLayer, Deadline, DeadlineLayer};
use crate::progress::Progress;
use crate::rate_limit::RollingRateLimitLayer;
use crate::retry::RetryPolicy;
use crate::rotation::FollowRotationLayer;
use crate::secret_sink::{SecretSinkLayer, SecretSinkService};
use crate::service::AuthService;
use crate::skew::LearnSkewLayer;

/// What sends a request that is signed.
pub(super) type HttpClient =
    BoxCloneSyncService<Request<Full<Bytes>>, Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError>;

/// All that works on requests. In a box, so that [`Client`](super::Client) has a name of one word.
type Requests = BoxCloneSyncService<Request<Full<Bytes>>, Response<ResponseBody>, BoxError>;

/// All that works on operations, outermost first.
pub(super) type Stack = Deadline<Either<SecretSinkService<Auth>, Auth>>;

type Auth = AuthService<Requests>;

/// One setting for each layer.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    pub(super) deadline: DeadlineLayer,
    pub(super) secret_sink: Option<SecretSinkLayer>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) rate_limit: Option<RollingRateLimitLayer>,
    pub(super) attempt_timeout: AttemptTimeoutLayer,
    pub(super) max_answer_bytes: usize,
    pub(super) signing: Signing,
}

impl Layers {
    /// From the operation to the request.
    pub(super) fn operations(self, base_url: BaseUrl, http: HttpClient) -> Stack {
        let max_answer_bytes = self.max_answer_bytes;
        let deadline = self.deadline;
        // A secret that is shown once must outlive its caller, and so the caller's deadline.
        let secret_sink = option_layer(self.secret_sink.clone());
        let auth = AuthService::new(self.requests(http))
            .base_url(base_url)
            .max_answer_bytes(max_answer_bytes);
        deadline.layer(secret_sink.layer(auth))
    }

    /// From the request to the wire.
    fn requests(self, http: HttpClient) -> Requests {
        let Signing { layer, clock, keys } = self.signing;
        let requests = ServiceBuilder::new()
            .map_request(tracked)
            // Above the quota, as each attempt counts, and below `AuthService`, as all have one answer.
            .option_layer(self.retry.map(RetryLayer::new))
            // Above the quota as well, and below retry, which sees what came of the last key.
            .option_layer(keys.map(FollowRotationLayer::new))
            .option_layer(self.rate_limit)
            // Below the quota, whose waits are not the attempt's.
            .layer(self.attempt_timeout)
            // Within the attempt, so that a body which hangs or breaks is part of it.
            .layer(CollectAnswerLayer::new().max_answer_bytes(self.max_answer_bytes))
            // Right around signing, so that it knows what time a request was stamped with.
            .option_layer(clock.map(LearnSkewLayer::new))
            // Nothing waits between the stamp and the wire, and nothing changes what was signed.
            .layer(layer)
            .service(http);
        BoxCloneSyncService::new(requests)
    }
}

/// All that follows keeps the progress of the call up to date: while it waits for its first attempt, nothing was sent.
fn tracked(request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    if let Some(progress) = request.extensions().get::<Progress>() {
        progress.track();
    }
    request
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
