//! The settings of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use hyper_util::client::legacy;
use snaptrade_signing::BoxError;
use tower::Service;

use super::Client;
use super::error::ClientError;
use super::http::{HttpSettings, ProxySetting, Versions};
use super::signing::Signing;
use super::stack::{HttpClient, Layers, boxed};
use crate::answer::DEFAULT_MAX_ANSWER_BYTES;
use crate::base_url::BaseUrl;
use crate::deadline::{AttemptTimeoutLayer, DeadlineLayer};
use crate::rate_limit::RollingRateLimitLayer;
use crate::retry::RetryPolicy;
use crate::secret_sink::SecretSinkLayer;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(90);

/// The settings of a [`Client`], with the defaults of the [module](crate::client)'s table.
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    layers: Layers,
    base_url: BaseUrl,
    http: HttpSettings,
    /// Somebody else's client, instead of the one that `http` is for.
    own: Option<HttpClient>,
}

impl ClientBuilder {
    pub(super) fn new(signing: Signing) -> Self {
        Self {
            layers: Layers {
                deadline: DeadlineLayer::new(TIMEOUT),
                secret_sink: None,
                retry: Some(RetryPolicy::default()),
                rate_limit: Some(RollingRateLimitLayer::default()),
                attempt_timeout: AttemptTimeoutLayer::new(ATTEMPT_TIMEOUT),
                max_answer_bytes: DEFAULT_MAX_ANSWER_BYTES,
                signing,
            },
            base_url: BaseUrl::default(),
            http: HttpSettings {
                connect_timeout: CONNECT_TIMEOUT,
                attempt_timeout: ATTEMPT_TIMEOUT,
                versions: Versions::Negotiated,
                roots: Vec::new(),
                proxy: None,
                configure: None,
            },
            own: None,
        }
    }

    /// Sends requests there, and signs for its host alone. Plain HTTP is spoken if this URL says so, and never else.
    pub fn base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = base_url;
        self
    }

    /// How long a connection may take: looking up the name, TCP, proxy and TLS. What runs out here was not sent.
    ///
    /// It is the client's and not a call's, as a connection may be made for one call and used by another.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// How long an attempt may take, its connection and its answer included. What reveals a secret that is shown
    /// once may take longer: see [`AttemptTimeoutLayer`], which goes here as well.
    ///
    /// The pings on shared HTTP/2 connections follow it: a third of it between them, and a third for the answer, 10 s
    /// each at most and 100 ms at least. So a connection that has gone silent costs one attempt, and the next one has a
    /// connection of its own. Pings do not follow the timeouts of single calls.
    pub fn attempt_timeout(mut self, timeout: impl Into<AttemptTimeoutLayer>) -> Self {
        self.layers.attempt_timeout = timeout.into();
        self.http.attempt_timeout = self.layers.attempt_timeout.timeout();
        self
    }

    /// How long a call may take: all waits, and all attempts.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.layers.deadline = DeadlineLayer::new(timeout);
        self
    }

    /// What is sent again, and when; `None` for nothing.
    pub fn retry(mut self, policy: impl Into<Option<RetryPolicy>>) -> Self {
        self.layers.retry = policy.into();
        self
    }

    /// Where the secrets of registered and reset users go, whatever becomes of the caller. Keep a clone of the layer, to
    /// [drain](SecretSinkLayer::drain) it before the process ends.
    pub fn secret_sink(mut self, sink: SecretSinkLayer) -> Self {
        self.layers.secret_sink = Some(sink);
        self
    }

    /// The quota, to be shared with other clients of the same client id; `None` for no limit.
    pub fn rate_limit(mut self, limit: impl Into<Option<RollingRateLimitLayer>>) -> Self {
        self.layers.rate_limit = limit.into();
        self
    }

    /// The longest answer that is read, in bytes.
    pub fn max_answer_bytes(mut self, limit: usize) -> Self {
        self.layers.max_answer_bytes = limit;
        self
    }

    /// Trusts what this certificate has signed, beside Mozilla's roots: one as DER, or any number as PEM.
    pub fn add_root_certificate(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.http.roots.push(certificate.into());
        self
    }

    /// Reaches the server through this proxy: `http://[user:password@]host[:port]`, `https://`, `socks5://`, or
    /// `socks5h://`, which leaves the looking up of names to the proxy. Special characters of a user name or a password are
    /// percent-encoded; SOCKS5 has room for 255 bytes of each. Without a port it is 80, 443, or 1080 for SOCKS.
    ///
    /// An HTTP proxy is always asked for a tunnel (`CONNECT`), so that it sees no request. What cannot be used, another
    /// scheme for one, is [`ClientError::InvalidProxy`] at [`build`](Self::build).
    pub fn proxy(mut self, proxy: Uri) -> Self {
        self.http.proxy = Some(ProxySetting::Named(proxy));
        self
    }

    /// Reaches the server as the environment says when the client is built.
    ///
    /// `HTTPS_PROXY` counts, or `HTTP_PROXY` if the base URL is plain HTTP; if that is empty or not set, `ALL_PROXY`.
    /// `NO_PROXY` lists servers that are reached directly: names with all that is below them, addresses, networks such as
    /// `10.0.0.0/8`, or `*` for all. Lower-case names count if the upper-case one is not set. In a CGI program, where
    /// `REQUEST_METHOD` is set, none counts, as `HTTP_PROXY` may there come from a request.
    ///
    /// If the variable that counts for this server cannot be used as a [`proxy`](Self::proxy), [`build`](Self::build)
    /// fails with [`ClientError::InvalidProxyVariable`].
    pub fn proxy_from_env(mut self) -> Self {
        self.http.proxy = Some(ProxySetting::Environment);
        self
    }

    /// Speaks HTTP/1.1 alone.
    pub fn http1_only(mut self) -> Self {
        self.http.versions = Versions::Http1;
        self
    }

    /// Speaks HTTP/2 alone; without TLS, by prior knowledge.
    pub fn http2_only(mut self) -> Self {
        self.http.versions = Versions::Http2;
        self
    }

    /// Changes the settings of hyper-util's clients: windows, limits, pings, the pool.
    ///
    /// It is called for each of the two, in each runtime that the client is used in, and must not block. What keeps a request from being sent twice stays as it is: nothing is sent
    /// again by itself, and the second client pools nothing.
    pub fn configure(
        mut self,
        configure: impl Fn(&mut legacy::Builder) + Send + Sync + 'static,
    ) -> Self {
        self.http.configure = Some(Arc::new(configure));
        self
    }

    /// Sends signed requests through this HTTP client, which must not change, redirect or repeat them.
    ///
    /// What is set of connections, proxies, roots and versions then has no effect: that is the client's.
    pub fn http_service<S, R>(mut self, http: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        self.own = Some(boxed(http));
        self
    }

    /// Builds the client. Nothing is sent, and no connection made.
    ///
    /// # Errors
    ///
    /// [`ClientError`] says which setting is wrong.
    pub fn build(self) -> Result<Client, ClientError> {
        let plain = self.base_url.is_plain();
        let authority = self.base_url.signed_authority();
        if plain && authority.as_ref().and_then(http::uri::Authority::port_u16) == Some(443) {
            return Err(ClientError::PlainHttpOnTlsPort);
        }
        let http = match self.own {
            Some(own) => own,
            None => boxed(self.http.build(&self.base_url)?),
        };
        let mut layers = self.layers;
        layers.signing.layer = layers.signing.layer.only_authorities(authority);
        Ok(Client {
            stack: layers.operations(self.base_url.clone(), http),
            base_url: self.base_url,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("layers", &self.layers)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}
