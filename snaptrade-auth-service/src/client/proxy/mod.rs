//! Which way connections go: straight to the server, or through which proxy.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use snaptrade_signing::BoxError;

use super::error::ClientError;
use super::socks::Login;

/// Which way connections go.
#[derive(Clone, Debug, Default)]
pub(super) enum Route {
    #[default]
    Direct,
    Through(Arc<Proxy>),
}

/// A proxy, and how it is spoken to.
pub(super) struct Proxy {
    /// With a port, and without a login.
    pub(super) uri: Uri,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// `CONNECT`, whatever is sent through: what is signed then reaches the server as it was.
    Tunnel { auth: Option<HeaderValue> },
    /// Names are looked up here, or by the proxy.
    Socks { look_up: bool, login: Option<Login> },
}

impl Route {
    /// Everything through this proxy.
    pub(super) fn through(proxy: &Uri) -> Result<Self, ClientError> {
        let proxy = Proxy::parse(&proxy.to_string()).ok_or(ClientError::InvalidProxy)?;
        Ok(Self::Through(Arc::new(proxy)))
    }

    /// To `server` as the variables say that `read` reads, which are those that hyper-util's matcher reads.
    pub(super) fn from_env(
        server: &Uri,
        read: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ClientError> {
        // There `HTTP_PROXY` is the header `Proxy` of whoever sent the request.
        if read("REQUEST_METHOD").is_some() {
            return Ok(Self::Direct);
        }
        // Of each pair, the first one that is set counts, even if it is empty.
        let first = |names: [&'static str; 2]| {
            let mut set = names
                .into_iter()
                .filter_map(|name| Some((name, read(name)?)));
            set.next().filter(|(_, value)| !value.is_empty())
        };
        let of_scheme = if server.scheme() == Some(&Scheme::HTTP) {
            ["HTTP_PROXY", "http_proxy"]
        } else {
            ["HTTPS_PROXY", "https_proxy"]
        };
        let no_proxy = first(["NO_PROXY", "no_proxy"]).map(|(_, hosts)| hosts);
        let proxy = first(of_scheme).or_else(|| first(["ALL_PROXY", "all_proxy"]));
        let Some((name, proxy)) = proxy else {
            return Ok(Self::Direct);
        };
        if no_proxy.is_some_and(|hosts| is_exempt(server, &hosts.to_string_lossy())) {
            return Ok(Self::Direct);
        }
        match proxy.to_str().and_then(Proxy::parse) {
            Some(proxy) => Ok(Self::Through(Arc::new(proxy))),
            None => Err(ClientError::InvalidProxyVariable { name }),
        }
    }
}

/// Whether `NO_PROXY` names the server.
fn is_exempt(server: &Uri, no_proxy: &str) -> bool {
    // The matcher has it mean names alone, and not addresses.
    if no_proxy.split(',').any(|entry| entry.trim() == "*") {
        return true;
    }
    let matcher = Matcher::builder().all("http://any.proxy").no(no_proxy);
    matcher.build().intercept(server).is_none()
}

impl Proxy {
    /// None if it is no URL, of no known scheme, or of more than there is room for.
    fn parse(url: &str) -> Option<Self> {
        let matcher = Matcher::builder().all(url).build();
        // It parses and decodes, and leaves the login out of the URI.
        let parsed = matcher.intercept(&Uri::from_static("https://any.host"))?;
        let login = match parsed.raw_auth() {
            Some((user, password)) => Some(Login::new(user, password)?),
            None => None,
        };
        let (kind, port) = match parsed.uri().scheme_str()? {
            scheme @ ("http" | "https") => {
                let auth = parsed.basic_auth().cloned();
                let port = if scheme == "http" { 80 } else { 443 };
                (Kind::Tunnel { auth }, port)
            }
            "socks5" => (socks(true, login), 1080),
            "socks5h" => (socks(false, login), 1080),
            _ => return None,
        };
        let authority = parsed.uri().authority()?.as_str();
        let host = parsed.uri().host()?;
        // Part of a password with an `@` in it, or a port that is none.
        let rest = authority.strip_prefix(host)?;
        let is_port = rest.is_empty() || rest == ":" || parsed.uri().port_u16().is_some();
        if host.is_empty() || !is_port {
            return None;
        }
        let uri = or_port(parsed.uri().clone(), port).ok()?;
        Some(Self { uri, kind })
    }
}

fn socks(look_up: bool, login: Option<Login>) -> Kind {
    Kind::Socks { look_up, login }
}

/// The same, with this port if it has none.
pub(super) fn or_port(uri: Uri, default: u16) -> Result<Uri, BoxError> {
    let mut parts = uri.into_parts();
    if let Some(authority) = &parts.authority
        && authority.port().is_none()
    {
        let authority: Authority = format!("{}:{default}", authority.host()).parse()?;
        parts.authority = Some(authority);
    }
    Ok(Uri::from_parts(parts)?)
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing of its users.
        f.debug_tuple("Proxy").field(&self.uri).finish()
    }
}
