//! Which hosts a layer signs for, and what becomes of a request to another.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Request, Uri};

use crate::signature::SIGNATURE;
use crate::stamp;

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// The hosts that requests are signed for.
#[derive(Clone, Debug)]
pub(super) struct Authorities(Box<[Authority]>);

impl Authorities {
    pub(super) fn new(authorities: impl IntoIterator<Item = Authority>) -> Self {
        Self(authorities.into_iter().collect())
    }

    pub(super) fn contain(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let plain = uri.scheme() == Some(&Scheme::HTTP);
        if let Some(target) = uri.authority() {
            return self.contain_authority(target, plain);
        }
        // A URI without an authority goes where the `Host` header says, if it says so once.
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        Authority::try_from(host.as_bytes())
            .is_ok_and(|target| self.contain_authority(&target, plain))
    }

    /// Whether `target` is one of the hosts; `plain` if it is reached over plain HTTP.
    fn contain_authority(&self, target: &Authority, plain: bool) -> bool {
        let default_port = if plain { HTTP } else { HTTPS };
        let port = target.port_u16().unwrap_or(default_port);
        // `http://host:443` would send in the clear what is meant for TLS.
        if plain && port == HTTPS {
            return false;
        }
        self.0.iter().any(|allowed| {
            allowed.host().eq_ignore_ascii_case(target.host())
                && allowed.port_u16().unwrap_or(HTTPS) == port
        })
    }
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
