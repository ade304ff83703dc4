//! Where the API is.

use std::fmt;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::error::InvalidRequest;

/// The base of all requests: scheme and host, with or without a path in front of the operations' own.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    uri: Uri,
    /// Without a slash at its end; empty for none.
    prefix: String,
}

/// A URL that cannot be the base of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBaseUrl {
    /// It is no URL, or its port is no number.
    #[error("the base URL cannot be parsed: write it as https://host or https://host/prefix")]
    Malformed,
    /// It has no scheme and host, or neither `http` nor `https`.
    #[error("the base URL must begin with https:// (or http://) and a host")]
    NotAbsolute,
    /// It has a query.
    #[error("the base URL must not have a query")]
    HasQuery,
    /// It has a user name or password, which would be sent to nobody.
    #[error("the base URL must not have a user name or a password")]
    HasUserInfo,
}

impl BaseUrl {
    /// Checks a base URL, such as `https://api.snaptrade.com` or `http://127.0.0.1:8080/api/v1`.
    ///
    /// # Errors
    ///
    /// [`InvalidBaseUrl`] says what is wrong.
    pub fn parse(url: &str) -> Result<Self, InvalidBaseUrl> {
        let uri: Uri = url.parse().map_err(|_| InvalidBaseUrl::Malformed)?;
        let known = |scheme: &Scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS;
        let Some(authority) = uri.authority().filter(|_| uri.scheme().is_some_and(known)) else {
            return Err(InvalidBaseUrl::NotAbsolute);
        };
        if authority.as_str().contains('@') {
            return Err(InvalidBaseUrl::HasUserInfo);
        }
        if !has_clear_port(authority) {
            return Err(InvalidBaseUrl::Malformed);
        }
        if uri.query().is_some() {
            return Err(InvalidBaseUrl::HasQuery);
        }
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { uri, prefix })
    }

    pub(crate) fn join(&self, path_and_query: &str) -> Result<Uri, InvalidRequest> {
        let target = format!("{}{path_and_query}", self.prefix);
        let mut parts = self.uri.clone().into_parts();
        let path_and_query =
            PathAndQuery::try_from(target).map_err(|_| InvalidRequest::InvalidPath)?;
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).map_err(|_| InvalidRequest::InvalidPath)
    }

    /// The host and port.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.uri.authority().map_or("", Authority::as_str)
    }
}

/// Whether the host stands alone or before a port that is a number: nothing is signed for another.
fn has_clear_port(authority: &Authority) -> bool {
    let port = authority.as_str().strip_prefix(authority.host());
    port.is_some_and(|port| {
        let digits = port.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        port.is_empty() || digits && authority.port().is_some()
    })
}

#[cfg(feature = "client")]
impl BaseUrl {
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether it is reached without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTP)
    }

    /// The authority as signing guards it: with the port, unless that is 443.
    pub(crate) fn signed_authority(&self) -> Option<Authority> {
        let authority = self.uri.authority()?;
        if self.is_plain() && authority.port().is_none() {
            return format!("{}:80", authority.host()).parse().ok();
        }
        Some(authority.clone())
    }
}

impl Default for BaseUrl {
    /// `https://api.snaptrade.com`.
    fn default() -> Self {
        Self {
            uri: Uri::from_static("https://api.snaptrade.com"),
            prefix: String::new(),
        }
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(url: &str) -> Result<Self, InvalidBaseUrl> {
        Self::parse(url)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.uri.scheme_str().unwrap_or("https");
        write!(f, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}
