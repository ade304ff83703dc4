//! Why a SOCKS proxy made no connection.

use std::io;

use snaptrade_signing::BoxError;

/// Why a SOCKS proxy made no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SocksError {
    #[error("the SOCKS proxy cannot be reached")]
    NoProxy(#[source] BoxError),
    #[error("the name cannot be looked up")]
    NoAddress(#[source] io::Error),
    #[error("the name is too long for a SOCKS proxy")]
    NameTooLong,
    #[error("the connection to the SOCKS proxy broke")]
    Broken(#[from] io::Error),
    #[error("the SOCKS proxy does not answer as SOCKS5 does")]
    Garbled,
    #[error("the SOCKS proxy wants another login")]
    NoLogin,
    #[error("the SOCKS proxy refused the user name or the password")]
    BadLogin,
    #[error("the SOCKS proxy did not connect in time")]
    TooSlow,
    #[error("the SOCKS proxy did not connect: {0}")]
    Refused(Reply),
}

/// Why a proxy that understood did not connect (RFC 1928, 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reply {
    #[error("general failure")]
    Failure,
    #[error("its rules do not allow it")]
    NotAllowed,
    #[error("network unreachable")]
    NetworkUnreachable,
    #[error("host unreachable")]
    HostUnreachable,
    #[error("connection refused")]
    ConnectionRefused,
    #[error("too many hops")]
    TtlExpired,
    #[error("it does not connect for others")]
    NoSuchCommand,
    #[error("it does not know this type of address")]
    NoSuchAddressType,
    #[error("for a reason that has no name (reply {0})")]
    Other(u8),
}

impl From<u8> for Reply {
    fn from(code: u8) -> Self {
        match code {
            1 => Self::Failure,
            2 => Self::NotAllowed,
            3 => Self::NetworkUnreachable,
            4 => Self::HostUnreachable,
            5 => Self::ConnectionRefused,
            6 => Self::TtlExpired,
            7 => Self::NoSuchCommand,
            8 => Self::NoSuchAddressType,
            other => Self::Other(other),
        }
    }
}

impl SocksError {
    /// Whether another address of the same host may do better, through the same proxy.
    pub(super) fn is_of_the_address(&self) -> bool {
        match self {
            Self::TooSlow => true,
            Self::Refused(reply) => !matches!(reply, Reply::NotAllowed | Reply::NoSuchCommand),
            _ => false,
        }
    }
}
