//! From an address to a stream of bytes: straight to the server, or through a proxy.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use snaptrade_signing::BoxError;
use tokio::net::TcpStream;
use tower::{Service, ServiceExt};

use super::proxy::{Kind, Route, or_port};
use super::socks::ThroughSocks;

/// TCP to the server or to a proxy; with TLS if the proxy wants it, and without what the server wants.
pub(super) type Dialed = MaybeHttpsStream<TokioIo<TcpStream>>;

type Dialing = Pin<Box<dyn Future<Output = Result<Dialed, BoxError>> + Send>>;

/// The connector below TLS.
#[derive(Clone, Debug)]
pub(super) struct Dial {
    /// HTTP/1.1 alone is offered here, for that is what proxies speak.
    hop: HttpsConnector<HttpConnector>,
    tcp: HttpConnector,
    route: Route,
    /// How long it may take in all: shared out among the addresses of a server behind a SOCKS proxy.
    timeout: Duration,
}

impl Dial {
    /// `tcp` must take any scheme.
    pub(super) fn new(
        tcp: HttpConnector,
        tls: ClientConfig,
        route: Route,
        timeout: Duration,
    ) -> Self {
        let hop = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp.clone());
        Self {
            hop,
            tcp,
            route,
            timeout,
        }
    }

    async fn dial(self, target: Uri) -> Result<Dialed, BoxError> {
        let Route::Through(proxy) = self.route else {
            return Ok(MaybeHttpsStream::Http(self.tcp.oneshot(target).await?));
        };
        // A proxy is told the port in any case.
        let default = if target.scheme() == Some(&Scheme::HTTP) {
            80
        } else {
            443
        };
        let target = or_port(target, default)?;
        match &proxy.kind {
            Kind::Tunnel { auth } => {
                let mut tunnel = Tunnel::new(proxy.uri.clone(), self.hop);
                if let Some(auth) = auth {
                    tunnel = tunnel.with_auth(auth.clone());
                }
                Ok(tunnel.oneshot(target).await?)
            }
            Kind::Socks { look_up, login } => {
                let socks = ThroughSocks {
                    tcp: self.tcp,
                    proxy: &proxy.uri,
                    login: login.as_ref(),
                    timeout: self.timeout,
                };
                let (host, port) = (
                    target.host().unwrap_or_default(),
                    target.port_u16().unwrap_or(default),
                );
                let stream = socks.connect(host, port, *look_up).await?;
                Ok(MaybeHttpsStream::Http(stream))
            }
        }
    }
}

impl Service<Uri> for Dial {
    type Response = Dialed;
    type Error = BoxError;
    type Future = Dialing;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Each call brings the connector that it takes to readiness.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Dialing {
        Box::pin(self.clone().dial(target))
    }
}
