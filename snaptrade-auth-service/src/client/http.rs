//! The HTTP client at the bottom: one that pools connections, and one that does not.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Builder};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tower::Layer;

use super::by_repeat::ByRepeat;
use super::dial::{Dial, Route};
use super::error::ClientError;
use super::mark::Mark;
use super::tls;
use super::track::Track;
use crate::deadline::{ConnectTimeout, ConnectTimeoutLayer};

/// Below the 5 seconds of Node, Apache and uvicorn, so that this side closes first.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// A connection that is in use and does not answer a ping within the same time again is dead.
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(10);
/// Far above the few hundred bytes that SnapTrade's headers have.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: u32 = 32 << 10;
const MAX_IDLE_PER_HOST: usize = 32;

type Configure = Arc<dyn Fn(&mut Builder) + Send + Sync>;
type Connector = Mark<ConnectTimeout<HttpsConnector<Dial>>>;
type Hyper = Track<legacy::Client<Connector, Full<Bytes>>>;

/// How the servers are reached.
#[derive(Clone)]
pub(super) struct HttpSettings {
    pub(super) connect_timeout: Duration,
    pub(super) versions: Versions,
    pub(super) roots: Vec<Vec<u8>>,
    pub(super) proxy: Option<Proxy>,
    pub(super) configure: Option<Configure>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Versions {
    /// What the server picks of both; HTTP/1.1 without TLS.
    Negotiated,
    Http1,
    Http2,
}

#[derive(Clone)]
pub(super) enum Proxy {
    Named(Uri),
    Environment,
}

impl HttpSettings {
    /// Both clients, over connectors that are alike. Plain HTTP is spoken if `plain`, and else refused.
    pub(super) fn build(&self, plain: bool) -> Result<ByRepeat<Hyper, Hyper>, ClientError> {
        let connector = self.connector(plain)?;
        let pooled = self.builder().build(connector.clone());
        // Without a pool there is nothing to share: not even an HTTP/2 connection serves two requests.
        let fresh = self.builder().pool_max_idle_per_host(0).build(connector);
        let http2 = matches!(self.versions, Versions::Http2);
        Ok(ByRepeat::new(
            Track::new(pooled, http2),
            Track::new(fresh, http2),
        ))
    }

    fn builder(&self) -> Builder {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .http1_max_headers(MAX_HEADERS)
            .http1_max_buf_size(MAX_HEADER_BYTES as usize)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            .http2_keep_alive_interval(HTTP2_PING_INTERVAL)
            .http2_keep_alive_timeout(HTTP2_PING_INTERVAL)
            .http2_only(matches!(self.versions, Versions::Http2));
        if let Some(configure) = &self.configure {
            configure(&mut builder);
        }
        // It would go again with its old stamp; the retry above has it stamped anew.
        builder.retry_canceled_requests(false);
        builder
    }

    fn connector(&self, plain: bool) -> Result<Connector, ClientError> {
        let route = match &self.proxy {
            None => Route::Direct,
            Some(Proxy::Named(proxy)) => Route::through(proxy)?,
            Some(Proxy::Environment) => Route::from_env(),
        };
        let tls = tls::config(tls::roots(&self.roots)?)?;
        let dial = Dial::new(self.tcp(), tls.clone(), route);
        let https = self.https(tls, plain, dial);
        let bounded = ConnectTimeoutLayer::new(self.connect_timeout).layer(https);
        Ok(Mark::new(bounded))
    }

    fn tcp(&self) -> HttpConnector {
        let mut tcp = HttpConnector::new();
        // TLS and proxies are above it.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Shared out among a host's addresses, so that a dead one does not use up the time of all.
        tcp.set_connect_timeout(Some(self.connect_timeout));
        tcp
    }

    fn https(&self, tls: ClientConfig, plain: bool, dial: Dial) -> HttpsConnector<Dial> {
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
        let builder = if plain {
            builder.https_or_http()
        } else {
            builder.https_only()
        };
        match self.versions {
            Versions::Negotiated => builder.enable_http1().enable_http2().wrap_connector(dial),
            Versions::Http1 => builder.enable_http1().wrap_connector(dial),
            Versions::Http2 => builder.enable_http2().wrap_connector(dial),
        }
    }
}

impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSettings")
            .field("connect_timeout", &self.connect_timeout)
            .field("versions", &self.versions)
            .field("extra_roots", &self.roots.len())
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Without a user name and password.
            Self::Named(uri) => f.write_str(uri.host().unwrap_or_default()),
            Self::Environment => f.write_str("environment"),
        }
    }
}
