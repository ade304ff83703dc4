//! The whole stack, by hand.
//!
//! `Client` is this stack, ready made. Build it yourself to leave layers out, to put your own between them, or to send
//! requests through the client that you already have.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use snaptrade_auth_service::client::ByRepeat;
use snaptrade_auth_service::deadline::{
    AttemptTimeout, AttemptTimeoutLayer, ConnectTimeout, ConnectTimeoutLayer, Deadline,
    DeadlineLayer,
};
use snaptrade_auth_service::rate_limit::{Quota, RollingRateLimit, RollingRateLimitLayer};
use snaptrade_auth_service::rotation::{FollowRotation, FollowRotationLayer};
use snaptrade_auth_service::secret_sink::{MemorySecretSink, SecretSinkLayer, SecretSinkService};
use snaptrade_auth_service::skew::{LearnSkew, LearnSkewLayer};
use snaptrade_auth_service::{
    AuthService, BaseUrl, CollectAnswer, CollectAnswerLayer, RetryPolicy,
};
use snaptrade_signing::clock::{SkewedClock, SystemClock};
use snaptrade_signing::{BoxError, Credentials, Rotating, SignRequest, SignRequestLayer};
use tower::retry::{Retry, RetryLayer};
use tower::{Layer, ServiceBuilder};

/// From operations to requests and back, and all that has to do with operations.
pub(crate) type SnapTrade = Deadline<SecretSinkService<AuthService<Requests>>>;
/// All that is done to a request, once for each call or once for each attempt.
type Requests = Retry<RetryPolicy, FollowRotation<RollingRateLimit<AttemptTimeout<Signed>>>>;
type Signed = CollectAnswer<LearnSkew<SignRequest<Http>>>;
type Http = ByRepeat<HyperClient, HyperClient>;
type HyperClient = legacy::Client<Connector, Full<Bytes>>;
type Connector = ConnectTimeout<HttpsConnector<HttpConnector>>;

/// A service of every operation, and the handles to what its layers share.
#[derive(Clone)]
pub(crate) struct Stack {
    pub(crate) snaptrade: SnapTrade,
    pub(crate) sink: MemorySecretSink,
    pub(crate) secret_sink: SecretSinkLayer,
    pub(crate) rate_limit: RollingRateLimitLayer,
    pub(crate) keys: Rotating,
    pub(crate) clock: SkewedClock,
}

/// Times that are short, for scenes that are. `Client` has the ones for real life.
const TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Below the server's, so that this side is the first to close.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

impl Stack {
    pub(crate) fn new(
        credentials: Credentials,
        base_url: BaseUrl,
        quota: Quota,
    ) -> Result<Self, BoxError> {
        // In production a `FileSecretSink`, or your own over a vault or a database.
        let sink = MemorySecretSink::new();
        let secret_sink = SecretSinkLayer::new(sink.clone());
        // One for all that share a client id. `RollingRateLimitLayer::shared` does it for many processes, with Redis.
        let rate_limit = RollingRateLimitLayer::new(quota).max_wait(Duration::from_millis(1_500));
        let keys = Rotating::new(credentials);
        let clock = SkewedClock::new(SystemClock);
        let retry = RetryPolicy::builder()
            .max_attempts(4)
            .backoff(Duration::from_millis(200), Duration::from_secs(5))
            .build()?;

        let requests = ServiceBuilder::new()
            // Below `AuthService`, as all attempts have one answer; above the quota, as each of them takes a slot.
            .layer(RetryLayer::new(retry))
            // A refused signature is tried with another key here, each time with a slot of its own.
            .layer(FollowRotationLayer::new(keys.clone()))
            // Below retry, and above the attempt's timeout, so that no wait for a slot is held against an attempt.
            .layer(rate_limit.clone())
            // Above the collected answer, so that a body which hangs is bounded as its head is.
            .layer(AttemptTimeoutLayer::new(ATTEMPT_TIMEOUT))
            // Below retry, which cannot look into a body that nobody has read.
            .layer(CollectAnswerLayer::new())
            // Right around signing, so that it knows what time the request was stamped with.
            .layer(LearnSkewLayer::new(clock.clone()))
            // Innermost: nothing waits between the stamp and the wire, nothing changes what was signed, and every
            // attempt has a stamp of its own. For one host alone: no other gets a signature.
            .layer(
                SignRequestLayer::with_provider(keys.clone())
                    .clock(clock.clone())
                    .only_authorities([base_url.authority().parse()?]),
            )
            .service(http()?);

        let snaptrade = ServiceBuilder::new()
            // Outermost, as it is the caller's patience: it covers all waits and all attempts.
            .layer(DeadlineLayer::new(TIMEOUT))
            // Below the deadline, so that a caller who gives up ends the wait, and not the call.
            .layer(secret_sink.clone())
            .service(AuthService::new(requests).base_url(base_url));

        Ok(Self {
            snaptrade,
            sink,
            secret_sink,
            rate_limit,
            keys,
            clock,
        })
    }
}

/// hyper-util's client, twice. What must not run twice never goes over a connection that was used before: if the server
/// closes that at the same moment, nobody can tell whether the request ran.
fn http() -> Result<Http, BoxError> {
    let https = HttpsConnectorBuilder::new()
        // Named, as rustls panics if two of them are in one program and none was chosen.
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?
        // Plain HTTP for the sandbox. `https_only` for SnapTrade.
        .https_or_http()
        .enable_http1()
        .build();
    // Around the connector and not around the request, so that what runs out of time here is known not to be sent.
    let connector = ConnectTimeoutLayer::new(CONNECT_TIMEOUT).layer(https);
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        // It would send the old stamp again. The retry above has the request stamped anew.
        .retry_canceled_requests(false);
    let pooled = builder.build(connector.clone());
    let fresh = builder.pool_max_idle_per_host(0).build(connector);
    Ok(ByRepeat::new(pooled, fresh))
}
