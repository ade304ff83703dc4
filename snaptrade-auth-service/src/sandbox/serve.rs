//! The sandbox on a port.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tower::Service;

use super::Sandbox;
use super::faults::ConnectionFault;
use super::wire::{Cut, Stream, Wire};

/// How long the port rests after an error.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A sandbox on a port, over HTTP/1.1 and HTTP/2 (with prior knowledge), without TLS.
///
/// Dropping it closes the port and all connections.
#[derive(Debug)]
pub struct SandboxServer {
    addr: SocketAddr,
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

/// What the accept loop is told; it tells when it is done.
#[derive(Debug)]
enum Order {
    Refuse(oneshot::Sender<()>),
    Accept(TcpListener, oneshot::Sender<()>),
    ShutDown(oneshot::Sender<()>),
}

impl Sandbox {
    /// Serves on this address, port 0 for any that is free, until the server is shut down or dropped.
    ///
    /// # Errors
    ///
    /// As binding a [`TcpListener`].
    pub async fn serve(&self, addr: impl ToSocketAddrs) -> io::Result<SandboxServer> {
        let listener = TcpListener::bind(addr).await?;
        self.serve_on(listener)
    }

    /// As [`serve`](Self::serve), on a port that is bound already.
    ///
    /// # Errors
    ///
    /// If the listener does not know its address.
    pub fn serve_on(&self, listener: TcpListener) -> io::Result<SandboxServer> {
        let addr = listener.local_addr()?;
        let (orders, received) = mpsc::unbounded_channel();
        let acceptor = Acceptor {
            sandbox: self.clone(),
            listener: Some(listener),
            orders: received,
            connections: JoinSet::new(),
            accepted: 0,
        };
        Ok(SandboxServer {
            addr,
            orders,
            task: tokio::spawn(acceptor.run()),
        })
    }
}

impl SandboxServer {
    /// Where it is served.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address as a URL, with no slash at its end: `http://127.0.0.1:8080`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Closes the port, so that whoever connects is refused. Connections that are there go on.
    pub async fn refuse_connections(&self) {
        let (done, told) = oneshot::channel();
        self.order(Order::Refuse(done), told).await;
    }

    /// Opens the port again.
    ///
    /// # Errors
    ///
    /// If another program has taken it meanwhile.
    pub async fn accept_connections(&self) -> io::Result<()> {
        let listener = TcpListener::bind(self.addr).await?;
        let (done, told) = oneshot::channel();
        self.order(Order::Accept(listener, done), told).await;
        Ok(())
    }

    async fn order(&self, order: Order, told: oneshot::Receiver<()>) {
        // The loop lives as long as this handle, unless the runtime is shutting down, when there is nothing to tell.
        if self.orders.send(order).is_ok() {
            let _ = told.await;
        }
    }

    /// Closes the port and all connections, whatever is under way on them.
    pub async fn shutdown(self) {
        let (done, told) = oneshot::channel();
        self.order(Order::ShutDown(done), told).await;
    }
}

impl Drop for SandboxServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Acceptor {
    sandbox: Sandbox,
    /// None while connections are refused.
    listener: Option<TcpListener>,
    orders: mpsc::UnboundedReceiver<Order>,
    connections: JoinSet<()>,
    accepted: u64,
}

impl Acceptor {
    async fn run(mut self) {
        loop {
            tokio::select! {
                accepted = accept(self.listener.as_ref()) => match accepted {
                    Ok(tcp) => self.serve(tcp),
                    Err(error) => {
                        // The connection's own, or too many open files: neither is for ever.
                        tracing::warn!(%error, "the sandbox could not accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(order) = self.orders.recv() => self.obey(order).await,
                Some(_) = self.connections.join_next() => {}
            }
        }
    }

    async fn obey(&mut self, order: Order) {
        let done = match order {
            Order::Refuse(done) => {
                self.listener = None;
                done
            }
            Order::Accept(listener, done) => {
                self.listener = Some(listener);
                done
            }
            Order::ShutDown(done) => {
                self.listener = None;
                self.connections.shutdown().await;
                done
            }
        };
        // Whoever gave the order need not wait for it.
        let _ = done.send(());
    }

    fn serve(&mut self, tcp: TcpStream) {
        let wire = Wire::new(self.accepted);
        self.accepted += 1;
        let sandbox = self.sandbox.clone();
        self.connections.spawn(connection(sandbox, tcp, wire));
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        None => std::future::pending().await,
        Some(listener) => listener.accept().await.map(|(tcp, _)| tcp),
    }
}

async fn connection(sandbox: Sandbox, tcp: TcpStream, wire: Wire) {
    // Small answers go at once; without it they only come later.
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let fault = sandbox.faults().take_connection();
    let stream = Stream::new(tcp, wire.clone());
    match fault {
        None => {}
        Some(ConnectionFault::Reset) => {
            wire.cut(Cut::Reset);
            return;
        }
        Some(ConnectionFault::Stall) => {
            std::future::pending::<()>().await;
        }
    }
    let service = service_fn(|mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(wire.clone());
        sandbox.clone().call(request)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // The sandbox's answers have a date of their own, or none.
    builder.http1().auto_date_header(false);
    builder.http2().auto_date_header(false);
    let served = builder.serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        biased;
        () = wire.is_cut() => {}
        served = served => {
            if let Err(error) = served {
                tracing::debug!(%error, "a connection to the sandbox ended early");
            }
        }
    }
}
