//! Connections through SOCKS5 proxies.
//!
//! hyper-util has a connector for them, and it does not serve here: it looks names up on the thread of the runtime, and
//! its errors have no names outside of it, so that a login that was refused looks like a server that is down.

#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use snaptrade_signing::BoxError;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_socks::TargetAddr;
use tokio_socks::tcp::Socks5Stream;
use tower::ServiceExt;
use zeroize::Zeroizing;

/// Who the proxy is told that this is.
#[derive(Clone)]
pub(super) struct Login {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// Why a SOCKS proxy made no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum SocksError {
    #[error("the SOCKS proxy cannot be reached")]
    NoProxy(#[source] BoxError),
    #[error("the name cannot be looked up")]
    NoAddress(#[source] io::Error),
    #[error("the SOCKS proxy did not connect in time")]
    TooSlow,
    #[error("the SOCKS proxy did not connect")]
    Refused(#[from] tokio_socks::Error),
}

impl Login {
    /// None if the protocol has no room for it.
    pub(super) fn new(user: &str, password: &str) -> Option<Self> {
        let fits = |text: &str| (1..=usize::from(u8::MAX)).contains(&text.len());
        (fits(user) && fits(password)).then(|| Self {
            user: Zeroizing::new(user.to_owned()),
            password: Zeroizing::new(password.to_owned()),
        })
    }
}

impl SocksError {
    /// Whether another address of the same host may do better, through the same proxy.
    fn is_of_the_address(&self) -> bool {
        use tokio_socks::Error;

        match self {
            Self::TooSlow => true,
            Self::Refused(error) => matches!(
                error,
                Error::GeneralSocksServerFailure
                    | Error::NetworkUnreachable
                    | Error::HostUnreachable
                    | Error::ConnectionRefused
                    | Error::TtlExpired
                    | Error::AddressTypeNotSupported
                    // A reply that has no name.
                    | Error::UnknownAuthMethod
            ),
            Self::NoProxy(_) | Self::NoAddress(_) => false,
        }
    }

    fn is_of_the_type_of_address(&self) -> bool {
        matches!(
            self,
            Self::Refused(tokio_socks::Error::AddressTypeNotSupported)
        )
    }
}

/// A SOCKS proxy, and the way to it.
pub(super) struct ThroughSocks<'a> {
    pub(super) tcp: HttpConnector,
    pub(super) proxy: &'a Uri,
    pub(super) login: Option<&'a Login>,
    /// How long it may take in all, the looking up included.
    pub(super) timeout: Duration,
}

impl ThroughSocks<'_> {
    /// Connects to a host, whose name is looked up here or by the proxy.
    pub(super) async fn connect(
        &self,
        host: &str,
        port: u16,
        look_up: bool,
    ) -> Result<TokioIo<TcpStream>, SocksError> {
        let start = Instant::now();
        let unbracketed = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = unbracketed.parse::<IpAddr>() {
            let target = TargetAddr::Ip((address, port).into());
            return self.connect_to(target).await;
        }
        if !look_up {
            let target = TargetAddr::Domain(host.into(), port);
            return self.connect_to(target).await;
        }
        // On a thread of tokio's for what blocks: a look-up that hangs must not keep this thread's timers from running.
        let found = tokio::net::lookup_host((host, port)).await;
        let addresses: Vec<_> = found.map_err(SocksError::NoAddress)?.collect();
        self.connect_to_any(&addresses, start).await
    }

    /// One address after the other, each with its share of the time that is left.
    async fn connect_to_any(
        &self,
        addresses: &[SocketAddr],
        start: Instant,
    ) -> Result<TokioIo<TcpStream>, SocksError> {
        let mut failed: Option<SocksError> = None;
        for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
            let time = self.timeout.saturating_sub(start.elapsed());
            let share = time / u32::try_from(left).unwrap_or(u32::MAX);
            let target = TargetAddr::Ip(*address);
            let connected = timeout(share, self.connect_to(target)).await;
            match connected.unwrap_or(Err(SocksError::TooSlow)) {
                // Told in the end: the first one that another attempt may not meet.
                Err(error) if error.is_of_the_address() => {
                    let lasts = SocksError::is_of_the_type_of_address;
                    failed = failed.filter(|error| !lasts(error)).or(Some(error));
                }
                connected => return connected,
            }
        }
        Err(failed.unwrap_or_else(|| SocksError::NoAddress(ErrorKind::NotFound.into())))
    }

    async fn connect_to(&self, target: TargetAddr<'_>) -> Result<TokioIo<TcpStream>, SocksError> {
        let proxy = self.tcp.clone().oneshot(self.proxy.clone()).await;
        let proxy = proxy.map_err(|error| SocksError::NoProxy(error.into()))?;
        let proxy = proxy.into_inner();
        let connected = match self.login {
            None => Socks5Stream::connect_with_socket(proxy, target).await,
            Some(Login { user, password }) => {
                Socks5Stream::connect_with_password_and_socket(proxy, target, user, password).await
            }
        };
        Ok(TokioIo::new(connected?.into_inner()))
    }
}
