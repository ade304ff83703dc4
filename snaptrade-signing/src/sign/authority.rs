//! Which hosts a layer signs for, and what becomes of a request to another.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, Request, Uri};

use crate::signature::SIGNATURE;
use crate::stamp;

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// The hosts that requests are signed for.
#[derive(Clone, Debug)]
pub(super) struct Authorities(Box<[Allowed]>);

#[derive(Clone, Debug)]
struct Allowed {
    host: Box<str>,
    port: u16,
}

impl Authorities {
    /// An authority that has no clear host and port is left out, so that it matches nothing.
    pub(super) fn new(authorities: impl IntoIterator<Item = Authority>) -> Self {
        let allowed = authorities.into_iter().filter_map(|authority| {
            let (host, port) = host_and_port(&authority, HTTPS)?;
            let host = host.into();
            Some(Allowed { host, port })
        });
        Self(allowed.collect())
    }

    pub(super) fn contain(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(default_port) = default_port(uri) else {
            return false;
        };
        if let Some(target) = uri.authority() {
            return self.contain_authority(target, default_port);
        }
        // A URI without an authority goes where the `Host` header says, if it says so once.
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        Authority::try_from(host.as_bytes())
            .is_ok_and(|target| self.contain_authority(&target, default_port))
    }

    fn contain_authority(&self, target: &Authority, default_port: u16) -> bool {
        let Some((host, port)) = host_and_port(target, default_port) else {
            return false;
        };
        // `http://host:443` would send in the clear what is meant for TLS.
        if default_port == HTTP && port == HTTPS {
            return false;
        }
        self.0
            .iter()
            .any(|allowed| allowed.host.eq_ignore_ascii_case(host) && allowed.port == port)
    }
}

/// The port of a URI that names none, by its scheme; none if the scheme is neither `https` nor `http`.
///
/// A URI without a scheme comes from a client that has connected already, to a host that is reached over TLS.
fn default_port(uri: &Uri) -> Option<u16> {
    match uri.scheme_str() {
        None => Some(HTTPS),
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => Some(HTTPS),
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => Some(HTTP),
        Some(_) => None,
    }
}

/// None if there is a userinfo, which only serves to hide the host, or a port that is no number.
///
/// `Authority::port_u16` is not enough: it takes a port that is no number for none.
fn host_and_port(authority: &Authority, default_port: u16) -> Option<(&str, u16)> {
    let host = authority.host();
    // With a userinfo, the text does not begin with the host, or goes on with something else than a port.
    let port = match authority.as_str().strip_prefix(host)? {
        "" => default_port,
        rest => number(rest.strip_prefix(':')?)?,
    };
    Some((host, port))
}

/// Digits alone: `parse` would take a sign as well.
fn number(port: &str) -> Option<u16> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|_| digits)
}

/// Takes a stamp off: the header, and the members of the query if they came with it or stand there as a pair.
pub(super) fn unstamp<B>(request: &mut Request<B>) {
    let signed = request.headers_mut().remove(SIGNATURE).is_some();
    let Some(path_and_query) = request.uri().path_and_query() else {
        return;
    };
    if !signed && !has_pair(path_and_query) {
        return;
    }
    let Some(unstamped) = stamp::remove(path_and_query) else {
        return;
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(unstamped);
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

fn has_pair(path_and_query: &PathAndQuery) -> bool {
    let query = path_and_query.query().unwrap_or_default();
    let has = |name: &str| {
        query
            .split('&')
            .any(|member| member.split('=').next() == Some(name))
    };
    has("clientId") && has("timestamp")
}
