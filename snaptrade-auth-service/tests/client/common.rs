//! A sandbox on a port, and TLS before it.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use snaptrade_auth_service::sandbox::{Sandbox, SandboxServer};
use snaptrade_auth_service::{Client, ClientBuilder};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub(crate) const H2: &[u8] = b"h2";
pub(crate) const HTTP1: &[u8] = b"http/1.1";

pub(crate) async fn serve() -> (Sandbox, SandboxServer) {
    let sandbox = Sandbox::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = sandbox.serve_on(listener).unwrap();
    (sandbox, server)
}

pub(crate) fn client(base_url: &str) -> ClientBuilder {
    Client::builder(Sandbox::credentials().unwrap()).base_url(base_url.parse().unwrap())
}

/// A client that speaks one version of HTTP.
pub(crate) fn speaking(http2: bool, builder: ClientBuilder) -> Client {
    let builder = if http2 {
        builder.http2_only()
    } else {
        builder.http1_only()
    };
    builder.build().unwrap()
}

/// The connections that the sandbox's requests came over, in the order of the requests.
pub(crate) fn connections(sandbox: &Sandbox) -> Vec<u64> {
    let log = sandbox.log();
    log.iter()
        .map(|entry| entry.connection().unwrap())
        .collect()
}

/// TLS before a sandbox, with a certificate of its own.
pub(crate) struct Tls {
    pub(crate) sandbox: Sandbox,
    _server: SandboxServer,
    pub(crate) addr: SocketAddr,
    pub(crate) root_pem: String,
    pub(crate) root_der: Vec<u8>,
}

impl Tls {
    /// Speaks what ALPN lets it, of these protocols.
    pub(crate) async fn serve(alpn: &[&[u8]]) -> Self {
        let names = ["localhost".to_owned()];
        Self::with_certificate(alpn, CertificateParams::new(names).unwrap()).await
    }

    /// Shows this certificate.
    pub(crate) async fn with_certificate(alpn: &[&[u8]], params: CertificateParams) -> Self {
        let (sandbox, server) = serve().await;
        let front = TlsFront::before(server.addr(), alpn, params).await;
        Self {
            sandbox,
            _server: server,
            addr: front.addr,
            root_pem: front.root_pem,
            root_der: front.root_der,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.addr.port())
    }
}

/// TLS before any server.
pub(crate) struct TlsFront {
    pub(crate) addr: SocketAddr,
    pub(crate) root_pem: String,
    pub(crate) root_der: Vec<u8>,
}

impl TlsFront {
    pub(crate) async fn before(
        upstream: SocketAddr,
        alpn: &[&[u8]],
        params: CertificateParams,
    ) -> Self {
        let key = KeyPair::generate().unwrap();
        let cert = params.self_signed(&key).unwrap();
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], private)
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust the certificate leaves here.
                    let Ok(mut tls) = acceptor.accept(tcp).await else {
                        return;
                    };
                    let mut upstream = TcpStream::connect(upstream).await.unwrap();
                    let _ = copy_bidirectional(&mut tls, &mut upstream).await;
                });
            }
        });
        Self {
            addr,
            root_pem: cert.pem(),
            root_der: cert.der().to_vec(),
        }
    }
}
