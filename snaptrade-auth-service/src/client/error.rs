//! What keeps a client from being built, and what keeps it from connecting.

use std::error::Error as StdError;
use std::fmt;

use hyper_util::client::legacy;
use snaptrade_signing::BoxError;

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
         and a password that are percent-encoded, if any"
    )]
    InvalidProxy,
    /// The environment names a proxy that cannot be used. The variable's value is not shown: it may hold a password.
    #[error(
        "the environment variable {name} must be empty, or the URL of a proxy with a host, with http, https, socks5 or \
         socks5h for its scheme, and with a user name and a password that are percent-encoded, if any"
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
/// hyper-util's own error says "client error (Connect)" and leaves it at that; this one says why.
#[derive(Debug)]
pub struct ConnectError {
    source: legacy::Error,
    /// The server's certificate is not one that this client trusts.
    untrusted: bool,
}

impl ConnectError {
    /// The error, with its reason in front if it is that no connection could be made.
    pub(super) fn explain(error: legacy::Error) -> BoxError {
        if !error.is_connect() {
            return error.into();
        }
        let untrusted = causes(&error).any(is_untrusted);
        let source = error;
        Self { source, untrusted }.into()
    }

    /// Whether the server's certificate was refused.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        self.untrusted
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection")?;
        let mut before = String::new();
        // The first says no more than that.
        for cause in causes(&self.source).skip(1) {
            let text = cause.to_string();
            // Some repeat their source's text as their own.
            if text != before {
                write!(f, ": {text}")?;
            }
            before = text;
        }
        if self.untrusted {
            f.write_str(" (a root of your own is added with `add_root_certificate`)")?;
        }
        Ok(())
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// An error and its sources.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

fn is_untrusted(error: &(dyn StdError + 'static)) -> bool {
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        // What is inside an I/O error is not its source; rustls's errors are inside two of them.
        return io.get_ref().is_some_and(|inner| is_untrusted(inner));
    }
    matches!(
        error.downcast_ref(),
        Some(rustls::Error::InvalidCertificate(_))
    )
}
