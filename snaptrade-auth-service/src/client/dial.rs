//! From an address to a stream of bytes: straight to the server, or through a proxy.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::{Authority, Scheme};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use snaptrade_signing::BoxError;
use tokio::net::TcpStream;
use tower::{Service, ServiceExt};

use super::error::ClientError;

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
}

/// Which way connections go.
#[derive(Clone, Default)]
pub(super) enum Route {
    #[default]
    Direct,
    /// As the matcher says. It keeps the proxies' passwords.
    Matched(Arc<Matcher>),
}

impl Route {
    /// Everything through this proxy.
    pub(super) fn through(proxy: &Uri) -> Result<Self, ClientError> {
        let matcher = Matcher::builder().all(proxy.to_string()).build();
        let proxy = matcher.intercept(&Uri::from_static("https://any.host"));
        match proxy {
            Some(proxy) if Kind::of(&proxy).is_some() => Ok(Self::Matched(Arc::new(matcher))),
            _ => Err(ClientError::InvalidProxy),
        }
    }

    /// As `HTTPS_PROXY`, `NO_PROXY` and the like say now.
    pub(super) fn from_env() -> Self {
        Self::Matched(Arc::new(Matcher::from_env()))
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("Direct"),
            // Prints the proxies' addresses, and nothing of their users.
            Self::Matched(matcher) => matcher.fmt(f),
        }
    }
}

/// How a proxy is spoken to.
enum Kind {
    /// `CONNECT`, whatever is sent through: what is signed then reaches the server as it was.
    Tunnel,
    Socks5 {
        local_dns: bool,
    },
}

impl Kind {
    fn of(proxy: &Intercept) -> Option<Self> {
        match proxy.uri().scheme_str()? {
            "http" | "https" => Some(Self::Tunnel),
            "socks5" => Some(Self::Socks5 { local_dns: true }),
            "socks5h" => Some(Self::Socks5 { local_dns: false }),
            _ => None,
        }
    }
}

impl Dial {
    /// `tcp` must take any scheme.
    pub(super) fn new(tcp: HttpConnector, tls: ClientConfig, route: Route) -> Self {
        let hop = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp.clone());
        Self { hop, tcp, route }
    }

    fn proxy(&self, target: &Uri) -> Option<Intercept> {
        match &self.route {
            Route::Direct => None,
            Route::Matched(matcher) => matcher.intercept(target),
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
        let Some(proxy) = self.proxy(&target) else {
            let tcp = self.tcp.clone().oneshot(target);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(tcp.await?)) });
        };
        let target = with_port(target);
        match Kind::of(&proxy) {
            Some(Kind::Tunnel) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), self.hop.clone());
                if let Some(auth) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(auth.clone());
                }
                Box::pin(async move { Ok(tunnel.oneshot(target?).await?) })
            }
            Some(Kind::Socks5 { local_dns }) => {
                let uri = proxy.uri().clone();
                let tcp = self.tcp.clone();
                let auth = proxy
                    .raw_auth()
                    .map(|(user, pass)| (user.to_owned(), pass.to_owned()));
                Box::pin(async move {
                    let mut socks = SocksV5::new(socks_port(uri)?, tcp).local_dns(local_dns);
                    if let Some((user, pass)) = auth {
                        socks = socks.with_auth(user, pass);
                    }
                    Ok(MaybeHttpsStream::Http(socks.oneshot(target?).await?))
                })
            }
            None => Box::pin(async { Err(ClientError::InvalidProxy.into()) }),
        }
    }
}

/// A proxy is told the port in any case, and hyper-util's connectors take 443 for granted.
fn with_port(target: Uri) -> Result<Uri, BoxError> {
    let default = if target.scheme() == Some(&Scheme::HTTP) {
        80
    } else {
        443
    };
    or_port(target, default)
}

/// Where a SOCKS proxy listens unless told.
fn socks_port(proxy: Uri) -> Result<Uri, BoxError> {
    or_port(proxy, 1080)
}

fn or_port(uri: Uri, default: u16) -> Result<Uri, BoxError> {
    let mut parts = uri.into_parts();
    if let Some(authority) = &parts.authority
        && authority.port().is_none()
    {
        let authority: Authority = format!("{}:{default}", authority.host()).parse()?;
        parts.authority = Some(authority);
    }
    Ok(Uri::from_parts(parts)?)
}
