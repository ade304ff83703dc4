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
use super::dial::Dial;
use super::error::ClientError;
use super::mark::Mark;
use super::per_runtime::PerRuntime;
use super::proxy::Route;
use super::tls;
use super::track::Track;
use crate::base_url::BaseUrl;
use crate::deadline::{ConnectTimeout, ConnectTimeoutLayer};

/// Below the 5 seconds of Node, Apache and uvicorn, so that this side closes first.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// A connection that is in use and silent for so long is pinged; one that is silent for as long again is dead.
const MAX_PING: Duration = Duration::from_secs(10);
/// More often is not asked for: what is slow would be taken for dead.
const MIN_PING: Duration = Duration::from_millis(100);
/// Streams that were reset within the last second (h2's default), so that answers which crossed the reset meet no
/// error. Each takes 328 bytes in h2 0.4: 5 MiB at worst, if as many calls are cancelled on one connection in a second.
const REMEMBERED_RESETS: usize = 1 << 14;
/// Far above the few hundred bytes that SnapTrade's headers have.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: u32 = 32 << 10;
const MAX_IDLE_PER_HOST: usize = 32;

type Configure = Arc<dyn Fn(&mut Builder) + Send + Sync>;
type Connector = Mark<ConnectTimeout<HttpsConnector<Dial>>>;
type Hyper = Track<legacy::Client<Connector, Full<Bytes>>>;
type Both = ByRepeat<Hyper, Hyper>;

/// How the servers are reached.
#[derive(Clone)]
pub(super) struct HttpSettings {
    pub(super) connect_timeout: Duration,
    /// Not applied here: what is shared by attempts should not outlast one that finds it dead.
    pub(super) attempt_timeout: Duration,
    pub(super) versions: Versions,
    pub(super) roots: Vec<Vec<u8>>,
    pub(super) proxy: Option<ProxySetting>,
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
pub(super) enum ProxySetting {
    Named(Uri),
    Environment,
}

impl HttpSettings {
    /// Clients of this server, two for each runtime. Plain HTTP is spoken if its URL says so, and else refused.
    pub(super) fn build(self, server: &BaseUrl) -> Result<PerRuntime<Both>, ClientError> {
        let connector = self.connector(server)?;
        Ok(PerRuntime::new(move || self.both(&connector)))
    }

    /// Both clients, over connectors that are alike.
    fn both(&self, connector: &Connector) -> Both {
        let pooled = self.builder(ping_within(self.attempt_timeout));
        let pooled = pooled.build(connector.clone());
        // Without a pool there is nothing to share: not even an HTTP/2 connection serves two requests. So no other
        // attempt meets a dead one, and what must not be repeated is waited for as long as it may take.
        let mut fresh = self.builder(MAX_PING);
        let fresh = fresh.pool_max_idle_per_host(0).build(connector.clone());
        let http2 = matches!(self.versions, Versions::Http2);
        ByRepeat::new(Track::new(pooled, http2), Track::new(fresh, http2))
    }

    fn builder(&self, ping: Duration) -> Builder {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .http1_max_headers(MAX_HEADERS)
            .http1_max_buf_size(MAX_HEADER_BYTES as usize)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            .http2_keep_alive_interval(ping)
            .http2_keep_alive_timeout(ping)
            .http2_max_concurrent_reset_streams(REMEMBERED_RESETS)
            // An answer that comes later than is remembered is answered with a reset of 13 bytes, and h2 counts these
            // for as long as the connection lives: with a limit, 1,024 of them would end it under all calls that share
            // it. The limit guards servers against strangers. The peer here is the one server that was asked, and what
            // it can make h2 keep is one stream for each that this side has opened. How many resets by this side the
            // server takes is up to the server: its GOAWAY makes the pool open another connection.
            .http2_max_local_error_reset_streams(None)
            .http2_only(matches!(self.versions, Versions::Http2));
        if let Some(configure) = &self.configure {
            configure(&mut builder);
        }
        // It would go again with its old stamp; the retry above has it stamped anew.
        builder.retry_canceled_requests(false);
        builder
    }

    fn connector(&self, server: &BaseUrl) -> Result<Connector, ClientError> {
        let route = match &self.proxy {
            None => Route::Direct,
            Some(ProxySetting::Named(proxy)) => Route::through(proxy)?,
            Some(ProxySetting::Environment) => {
                Route::from_env(server.uri(), |name| std::env::var_os(name))?
            }
        };
        let tls = tls::config(tls::roots(&self.roots)?)?;
        let dial = Dial::new(self.tcp(), tls.clone(), route, self.connect_timeout);
        let https = self.https(tls, server.is_plain(), dial);
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

/// So that a connection which goes silent is found dead within the attempt that meets it: the interval and the wait for
/// the answer take two thirds of that.
fn ping_within(attempt: Duration) -> Duration {
    (attempt / 3).clamp(MIN_PING, MAX_PING)
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

impl fmt::Debug for ProxySetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Without a user name and password.
            Self::Named(uri) => f.write_str(uri.host().unwrap_or_default()),
            Self::Environment => f.write_str("environment"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ping_within;

    #[test]
    fn a_dead_connection_is_found_within_the_attempt() {
        let millis = Duration::from_millis;
        assert_eq!(ping_within(millis(30_000)), millis(10_000));
        for attempt in [300, 600, 1_000, 2_000, 10_000, 20_000, 60_000, 600_000] {
            let ping = ping_within(millis(attempt));
            assert!(ping * 2 < millis(attempt) && ping <= millis(10_000));
        }
        for attempt in [0, 1, 299] {
            assert_eq!(ping_within(millis(attempt)), millis(100));
        }
    }
}
