//! What lies between the client and the sandbox.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rcgen::CertificateParams;
use snaptrade_auth_service::ClientBuilder;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::common::{H2, TlsFront};
use crate::frames::{At, Frames, Then};
use crate::scripted::{Scripted, greeting, head, pass_on, reply, request};

/// How the client gets to the sandbox.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Direct,
    /// Through something that spoils an HTTP/2 answer.
    Frames {
        at: At,
        then: Then,
        tls: bool,
    },
    /// Through a proxy.
    Proxy {
        socks: bool,
        fault: ProxyFault,
    },
}

/// What a proxy does.
#[derive(Clone, Copy)]
pub(crate) enum ProxyFault {
    /// It does not let the client in, ever.
    WantsLogin,
    /// It closes the first connection in the middle of the handshake.
    ClosesFirst,
    /// It answers the first connection with something else.
    GarblesFirst,
    /// It is silent on the first connection.
    SilentFirst,
    /// It cannot reach the server for the first connection.
    UnreachableFirst,
}

/// A way that is open.
pub(crate) struct Open {
    pub(crate) base_url: String,
    root: Option<Vec<u8>>,
    proxy: Option<String>,
    frames: Option<Frames>,
}

impl Way {
    pub(crate) async fn open(self, server: SocketAddr) -> Open {
        let mut open = Open {
            base_url: format!("http://{server}"),
            root: None,
            proxy: None,
            frames: None,
        };
        match self {
            Self::Direct => {}
            Self::Frames { tls, .. } => {
                let frames = Frames::before(server).await;
                open.base_url = frames.base_url();
                if tls {
                    let names = ["localhost".to_owned()];
                    let params = CertificateParams::new(names).unwrap();
                    let front = TlsFront::before(frames.addr, &[H2], params).await;
                    open.base_url = format!("https://localhost:{}", front.addr.port());
                    open.root = Some(front.root_der);
                }
                open.frames = Some(frames);
            }
            Self::Proxy { socks, fault } => {
                let first = Arc::new(AtomicBool::new(true));
                let proxy = Scripted::serve(move |tcp| {
                    let is_first = first.swap(false, Ordering::Relaxed);
                    let fault = (is_first || fault.is_for_ever()).then_some(fault);
                    proxy(tcp, server, socks, fault)
                })
                .await;
                let scheme = if socks { "socks5" } else { "http" };
                open.proxy = Some(format!("{scheme}://{}", proxy.addr));
            }
        }
        open
    }
}

impl ProxyFault {
    fn is_for_ever(self) -> bool {
        matches!(self, Self::WantsLogin)
    }
}

impl Open {
    pub(crate) fn settings(&self, mut builder: ClientBuilder) -> ClientBuilder {
        builder = builder.base_url(self.base_url.parse().unwrap());
        if let Some(root) = &self.root {
            builder = builder.add_root_certificate(root.clone());
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.parse().unwrap());
        }
        builder
    }

    /// Lays the trap for the next answer.
    pub(crate) fn arrange(&self, way: Way) {
        if let (Some(frames), Way::Frames { at, then, .. }) = (&self.frames, way) {
            frames.spoil(at, then);
        }
    }

    /// How many traps nobody has met.
    pub(crate) fn waiting(&self) -> usize {
        self.frames.as_ref().map_or(0, Frames::waiting)
    }
}

async fn proxy(mut tcp: TcpStream, server: SocketAddr, socks: bool, fault: Option<ProxyFault>) {
    if socks {
        return socks5(tcp, server, fault).await;
    }
    head(&mut tcp).await;
    let answer = match fault {
        None => "HTTP/1.1 200 OK\r\n\r\n",
        Some(ProxyFault::WantsLogin) => "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        Some(ProxyFault::ClosesFirst) => "HTTP/1.1 2",
        Some(ProxyFault::GarblesFirst) => "SSH-2.0-OpenSSH_9.9\r\n\r\n",
        Some(ProxyFault::SilentFirst) => return std::future::pending().await,
        Some(ProxyFault::UnreachableFirst) => "HTTP/1.1 502 Bad Gateway\r\n\r\n",
    };
    tcp.write_all(answer.as_bytes()).await.unwrap();
    if fault.is_none() {
        pass_on(tcp, server).await;
    }
}

async fn socks5(mut tcp: TcpStream, server: SocketAddr, fault: Option<ProxyFault>) {
    let answer: &[u8] = match fault {
        None => {
            request(&mut tcp).await;
            tcp.write_all(&reply(0)).await.unwrap();
            return pass_on(tcp, server).await;
        }
        Some(ProxyFault::WantsLogin) => {
            greeting(&mut tcp).await;
            &[5, 0xff]
        }
        Some(ProxyFault::ClosesFirst) => {
            greeting(&mut tcp).await;
            &[5]
        }
        Some(ProxyFault::GarblesFirst) => {
            greeting(&mut tcp).await;
            b"HTTP/1.1 400 Bad Request\r\n\r\n"
        }
        Some(ProxyFault::SilentFirst) => return std::future::pending().await,
        Some(ProxyFault::UnreachableFirst) => {
            request(&mut tcp).await;
            &reply(4)
        }
    };
    tcp.write_all(answer).await.unwrap();
}
