//! Connections through SOCKS5 proxies.
//!
//! hyper-util has a connector for them, and it does not serve here: it looks names up on the thread of the runtime, and
//! its errors have no names outside of it, so that a login that was refused looks like a server that is down.

mod error;
mod handshake;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;

pub(super) use self::error::{Reply, SocksError};
pub(super) use self::handshake::Login;
use self::handshake::Target;

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
            let target = Target::Address((address, port).into());
            return self.connect_to(&target).await;
        }
        if !look_up {
            let target = Target::Name(host.to_owned(), port);
            return self.connect_to(&target).await;
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
            let target = Target::Address(*address);
            let connected = timeout(share, self.connect_to(&target)).await;
            match connected.unwrap_or(Err(SocksError::TooSlow)) {
                // Told in the end: the first one that another attempt may not meet.
                Err(error) if error.is_of_the_address() => {
                    let lasts = |error: &SocksError| {
                        matches!(error, SocksError::Refused(Reply::NoSuchAddressType))
                    };
                    failed = failed.filter(|error| !lasts(error)).or(Some(error));
                }
                connected => return connected,
            }
        }
        Err(failed.unwrap_or_else(|| SocksError::NoAddress(ErrorKind::NotFound.into())))
    }

    async fn connect_to(&self, target: &Target) -> Result<TokioIo<TcpStream>, SocksError> {
        let proxy = self.tcp.clone().oneshot(self.proxy.clone()).await;
        let mut stream = proxy.map_err(|error| SocksError::NoProxy(error.into()))?;
        handshake::connect(stream.inner_mut(), target, self.login).await?;
        Ok(stream)
    }
}
