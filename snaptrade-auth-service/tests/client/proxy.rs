//! Through a proxy.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use snaptrade_auth_service::Outcome;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{H2, Tls, client};

/// A proxy that knows `CONNECT` and one user, and keeps the heads that it was sent.
struct Proxy {
    addr: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(tunnel(tcp, seen.clone()));
            }
        });
        Self { addr, heads }
    }
}

async fn tunnel(tcp: TcpStream, seen: Arc<Mutex<Vec<String>>>) {
    let mut tcp = BufReader::new(tcp);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(tcp.read_line(&mut head).await.unwrap(), 0, "{head}");
    }
    let target = head.split(' ').nth(1).unwrap().to_owned();
    // "jane:secret".
    let known = head.contains("Proxy-Authorization: Basic amFuZTpzZWNyZXQ=");
    seen.lock().unwrap().push(head);
    if !known {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        tcp.write_all(refusal).await.unwrap();
        return;
    }
    let mut upstream = TcpStream::connect(target).await.unwrap();
    tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    // Ends when either side has had enough.
    let _ = copy_bidirectional(&mut tcp, &mut upstream).await;
}

#[tokio::test]
async fn a_tunnel_to_the_server() {
    let (server, proxy) = (Tls::serve(&[H2]).await, Proxy::serve().await);
    let snaptrade = client(&server.url())
        .add_root_certificate(server.root_pem.as_str())
        .proxy(
            format!("http://jane:secret@{}", proxy.addr)
                .parse()
                .unwrap(),
        )
        .build()
        .unwrap();
    snaptrade.send(ListUsers::new()).await.unwrap();
    snaptrade.send(RegisterUser::new("joe")).await.unwrap();
    assert_eq!(server.sandbox.users(), ["joe"]);
    let heads = proxy.heads.lock().unwrap();
    let connect = format!("CONNECT localhost:{} HTTP/1.1\r\n", server.addr.port());
    assert_eq!(heads.len(), 2);
    assert!(
        heads.iter().all(|head| head.starts_with(&connect)),
        "{heads:?}"
    );
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_does_not_want_to() {
    let (server, proxy) = (Tls::serve(&[H2]).await, Proxy::serve().await);
    let gone = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for proxy in [
        format!("http://jane:wr0ng@{}", proxy.addr),
        format!("http://jane:wr0ng@{gone}"),
        format!("socks5h://jane:wr0ng@{gone}"),
    ] {
        let snaptrade = client(&server.url())
            .add_root_certificate(server.root_pem.as_str())
            .proxy(proxy.parse().unwrap())
            .build()
            .unwrap();
        let error = snaptrade.send(RegisterUser::new("joe")).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
        assert!(!format!("{error} {error:?}").contains("wr0ng"));
    }
    assert!(server.sandbox.log().is_empty());
}

/// A SOCKS5 proxy (RFC 1928) without users; the host and port that each client named.
async fn socks(listener: TcpListener, named: Arc<Mutex<Vec<(String, u16)>>>) {
    while let Ok((mut tcp, _)) = listener.accept().await {
        let methods = read(&mut tcp, 2).await[1];
        read(&mut tcp, methods.into()).await;
        tcp.write_all(&[5, 0]).await.unwrap();
        let request = read(&mut tcp, 5).await;
        assert_eq!(request[..4], [5, 1, 0, 3], "a domain to connect to");
        let host = String::from_utf8(read(&mut tcp, request[4].into()).await).unwrap();
        let port = read(&mut tcp, 2).await;
        let port = u16::from_be_bytes([port[0], port[1]]);
        let mut upstream = TcpStream::connect((host.as_str(), port)).await.unwrap();
        named.lock().unwrap().push((host, port));
        let done = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        tcp.write_all(&done).await.unwrap();
        tokio::spawn(async move {
            let _ = copy_bidirectional(&mut tcp, &mut upstream).await;
        });
    }
}

async fn read(tcp: &mut TcpStream, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    tcp.read_exact(&mut bytes).await.unwrap();
    bytes
}

#[tokio::test]
async fn socks_that_looks_up_the_name() {
    let server = Tls::serve(&[H2]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let named = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn(socks(listener, named.clone()));
    let snaptrade = client(&server.url())
        .add_root_certificate(server.root_pem.as_str())
        .proxy(format!("socks5h://{addr}").parse().unwrap())
        .build()
        .unwrap();
    snaptrade.send(RegisterUser::new("joe")).await.unwrap();
    assert_eq!(server.sandbox.users(), ["joe"]);
    let to = ("localhost".to_owned(), server.addr.port());
    assert_eq!(*named.lock().unwrap(), [to]);
}
