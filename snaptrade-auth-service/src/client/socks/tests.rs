use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use tokio_socks::Error;

use super::{SocksError, ThroughSocks};

const SILENT: u8 = 255;

/// A proxy without a login that answers each address with what the script has for the last byte of it.
async fn proxy(script: &'static [(u8, u8)]) -> (Uri, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("socks5://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(answer(tcp, script, seen.clone()));
        }
    });
    (uri.parse().unwrap(), asked)
}

async fn answer(mut tcp: TcpStream, script: &[(u8, u8)], seen: Arc<Mutex<Vec<u8>>>) {
    let mut bytes = [0; 32];
    tcp.read_exact(&mut bytes[..3]).await.unwrap();
    tcp.write_all(&[5, 0]).await.unwrap();
    tcp.read_exact(&mut bytes[..4]).await.unwrap();
    let len = if bytes[3] == 1 { 4 } else { 16 };
    tcp.read_exact(&mut bytes[..len + 2]).await.unwrap();
    let address = bytes[len - 1];
    seen.lock().unwrap().push(address);
    let (_, code) = script.iter().find(|(of, _)| *of == address).unwrap();
    if *code == SILENT {
        return std::future::pending().await;
    }
    tcp.write_all(&[5, *code, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .unwrap();
}

/// Connects to addresses that end in 1, 2 and so on; every second one is of IPv6.
async fn connect(
    script: &'static [(u8, u8)],
    timeout: Duration,
) -> (Result<(), SocksError>, Vec<u8>) {
    let (uri, asked) = proxy(script).await;
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    let through = ThroughSocks {
        tcp,
        proxy: &uri,
        login: None,
        timeout,
    };
    let addresses: Vec<SocketAddr> = (1..=script.len())
        .map(|last| match last % 2 {
            0 => format!("[2001:db8::{last}]:443").parse().unwrap(),
            _ => format!("192.0.2.{last}:443").parse().unwrap(),
        })
        .collect();
    let connected = through.connect_to_any(&addresses, Instant::now()).await;
    let asked = asked.lock().unwrap().clone();
    (connected.map(drop), asked)
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_first_address_that_can_be_reached_is_taken() {
    for unreachable in [1, 3, 4, 5, 6, 8, 200] {
        let script: &[_] = Box::leak(Box::new([(1, unreachable), (2, 0), (3, 0)]));
        let (connected, asked) = connect(script, LONG).await;
        connected.unwrap();
        assert_eq!(asked, [1, 2], "{unreachable}");
    }
}

#[tokio::test]
async fn a_silent_address_has_its_share_of_the_time() {
    let share = Duration::from_millis(900);
    let (connected, asked) = connect(&[(1, SILENT), (2, 0)], share).await;
    connected.unwrap();
    assert_eq!(asked, [1, 2]);
    let (connected, asked) = connect(&[(1, SILENT), (2, SILENT)], share).await;
    assert!(matches!(connected, Err(SocksError::TooSlow)));
    assert_eq!(asked, [1, 2]);
}

#[tokio::test]
async fn what_the_proxy_does_for_none_is_asked_once() {
    for refused in [2, 7] {
        let script: &[_] = Box::leak(Box::new([(1, refused), (2, 0)]));
        let (connected, asked) = connect(script, LONG).await;
        let error = connected.unwrap_err();
        assert!(matches!(error, SocksError::Refused(_)), "{error}");
        assert_eq!(asked, [1]);
    }
}

/// A type of address that the proxy does not know does not hide that another one may answer later.
#[tokio::test]
async fn what_may_pass_is_told_before_what_lasts() {
    for script in [&[(1, 8), (2, 4)], &[(1, 4), (2, 8)]] {
        let (connected, asked) = connect(script, LONG).await;
        let error = connected.unwrap_err();
        assert!(matches!(error, SocksError::Refused(Error::HostUnreachable)));
        assert_eq!(asked, [1, 2]);
    }
    let (connected, _) = connect(&[(1, 8), (2, 8)], LONG).await;
    let error = connected.unwrap_err();
    assert!(matches!(
        error,
        SocksError::Refused(Error::AddressTypeNotSupported)
    ));
    let (connected, _) = connect(&[], LONG).await;
    assert!(matches!(connected, Err(SocksError::NoAddress(_))));
}
