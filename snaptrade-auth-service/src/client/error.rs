//! What keeps a client from being built, and what keeps it from connecting.

use std::error::Error as StdError;
use std::fmt;

use hyper_util::client::legacy;
use snaptrade_signing::BoxError;

use super::permanent_cause::PermanentCause;
use crate::error::{Permanent, source};

/// A client that cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// An extra root is no certificate.
    #[error("the root certificate cannot be read: give an X.509 certificate, as PEM or as DER")]
    InvalidRoot(#[source] Option<BoxError>),
    /// The proxy's URL is none that can be used.
    #[error(
        "the proxy must be a URL with a host, with http, https, socks5 or socks5h for its scheme, and with a user name \
         and a password that are percent-encoded, if any (for SOCKS, neither is empty or over 255 bytes)"
    )]
    InvalidProxy,
    /// The environment names a proxy that cannot be used. The variable's value is not shown: it may hold a password.
    #[error(
        "the environment variable {name} must be empty, or the URL of a proxy with a host, with http, https, socks5 or \
         socks5h for its scheme, and with a user name and a password that are percent-encoded, if any (for SOCKS, neither \
         is empty or over 255 bytes)"
    )]
    InvalidProxyVariable {
        /// Which variable.
        name: &'static str,
    },
    /// The base URL is plain HTTP on the port of HTTPS, which is never signed for.
    #[error("the base URL is http:// on port 443: write https://, or another port")]
    PlainHttpOnTlsPort,
    /// The TLS library refuses its settings.
    #[error("TLS cannot be set up")]
    Tls(#[source] BoxError),
}

/// There is no connection, so that nothing was sent. Among the causes of a
/// [`TransportError`](crate::error::TransportError).
///
/// hyper-util's own error says "client error (Connect)" and leaves it at that; this one says why, and what to do about
/// what lasts.
#[derive(Debug)]
pub struct ConnectError {
    source: BoxError,
    /// Why, if no other attempt can do better.
    cause: Option<PermanentCause>,
}

impl ConnectError {
    /// The error, with its reason in front if it is that no connection could be made.
    pub(super) fn explain(error: legacy::Error) -> BoxError {
        if !error.is_connect() {
            return error.into();
        }
        let cause = causes(&error).find_map(PermanentCause::of);
        let source = match cause {
            Some(_) => Permanent::new(error).into(),
            None => error.into(),
        };
        Self { source, cause }.into()
    }

    /// Whether a certificate was refused: the server's, or that of a proxy which is reached over TLS.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        self.cause.is_some_and(PermanentCause::is_of_a_certificate)
    }

    /// Whether no other attempt can connect until somebody changes something: a certificate was refused, or a proxy
    /// refused the login or does not serve such connections at all. A [`RetryPolicy`](crate::RetryPolicy) makes no other
    /// attempt then.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.cause.is_some()
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection")?;
        let mut before = String::new();
        // These two say no more than that.
        let said = |cause: &&(dyn StdError + 'static)| {
            !cause.is::<legacy::Error>() && !cause.is::<Permanent>()
        };
        for cause in causes(&*self.source).filter(said) {
            let text = cause.to_string();
            // Some repeat their source's text as their own.
            if text != before {
                write!(f, ": {text}")?;
            }
            before = text;
        }
        match self.cause {
            Some(cause) => write!(f, " ({})", cause.remedy()),
            None => Ok(()),
        }
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// An error and its sources.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| source(*error))
}
