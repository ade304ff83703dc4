//! Why a connection cannot be made that no other attempt would make either.

use std::error::Error as StdError;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use rustls::{CertificateError, Error as TlsError};
use tokio_socks::Error as SocksError;
use tower::Service;

/// Why a proxy opened no tunnel. hyper-util does not export its name.
type TunnelError = <Tunnel<HttpConnector> as Service<Uri>>::Error;

/// A reason that lasts until somebody changes something. Told from the types of errors, and never from their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PermanentCause {
    /// The certificate is not signed by anyone who is trusted, or is none.
    UntrustedCertificate,
    /// It has expired, or is for later.
    CertificateOutOfTime,
    /// It is for another host.
    CertificateOfAnother,
    /// The proxy wants a login, or another one.
    Login,
    /// The proxy's rules do not allow this host or port.
    Rules,
    /// The proxy does not connect for others.
    NoProxy,
    /// The proxy does not know this type of address.
    AddressType,
}

impl PermanentCause {
    /// What one error says, its sources aside.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        if let Some(TlsError::InvalidCertificate(error)) = error.downcast_ref() {
            return Some(Self::of_certificate(error));
        }
        if let Some(TunnelError::ProxyAuthRequired) = error.downcast_ref() {
            return Some(Self::Login);
        }
        match error.downcast_ref()? {
            SocksError::NoAcceptableAuthMethods
            | SocksError::PasswordAuthFailure(_)
            | SocksError::InvalidAuthValues(_) => Some(Self::Login),
            SocksError::ConnectionNotAllowedByRuleset => Some(Self::Rules),
            SocksError::CommandNotSupported => Some(Self::NoProxy),
            // A name that is too long for the protocol, too.
            SocksError::AddressTypeNotSupported | SocksError::InvalidTargetAddress(_) => {
                Some(Self::AddressType)
            }
            // A server or a way that is down may be back soon; a proxy that answers nonsense may be another one.
            _ => None,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::CertificateOutOfTime,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::CertificateOfAnother
            }
            _ => Self::UntrustedCertificate,
        }
    }

    pub(super) fn is_of_a_certificate(self) -> bool {
        matches!(
            self,
            Self::UntrustedCertificate | Self::CertificateOutOfTime | Self::CertificateOfAnother
        )
    }

    /// What to do, and with which setting.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::UntrustedCertificate => "a root of your own is added with `add_root_certificate`",
            Self::CertificateOutOfTime => {
                "the server needs another certificate, unless the clock of this machine is wrong"
            }
            Self::CertificateOfAnother => {
                "give the host that the certificate is for to `base_url` or `proxy`"
            }
            Self::Login => {
                "give a login that the proxy accepts to `proxy` or its environment variable, as in \
                 http://user:password@host"
            }
            Self::Rules => {
                "the rules of the proxy must allow the host and port of `base_url`, or another `proxy` be set"
            }
            Self::NoProxy => "set a `proxy` that connects for others",
            Self::AddressType => {
                "let the proxy look up names, or not: `proxy` with socks5h:// or socks5:// for its scheme"
            }
        }
    }
}
