//! Proxies that misbehave, and a registration through each.

use std::time::Duration;

use snaptrade_auth_service::client::ConnectError;
use snaptrade_auth_service::deadline::{DeadlineExceeded, DeadlineScope};
use snaptrade_auth_service::operations::RegisterUser;
use snaptrade_auth_service::sandbox::Route;
use snaptrade_auth_service::{CallOptions, Error, Operation, Outcome, RetryPolicy};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::common::{H2, Tls, client};
use crate::scripted::{Scripted, drip, greeting, head, pass_on, read, reply, request, target};

/// What becomes of a registration.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ends {
    /// It runs.
    Well,
    /// Nothing is sent, however often it is tried.
    NotSent,
    /// Nothing is sent, and nothing is tried again.
    GivenUp,
    /// It may run or not, and is told truly.
    Either,
}
use Ends::{Either, GivenUp, NotSent, Well};

const ATTEMPTS: u32 = 3;
/// No attempt comes near it that does not hang.
const CONNECT: Duration = Duration::from_millis(700);

async fn register<F, D>(what: &str, scheme: &str, ends: Ends, script: F) -> Result<(), Error>
where
    F: Fn(TcpStream) -> D + Send + 'static,
    D: Future<Output = ()> + Send + 'static,
{
    let (server, proxy) = (Tls::serve(&[H2]).await, Scripted::serve(script).await);
    let retry = RetryPolicy::builder()
        .max_attempts(ATTEMPTS)
        .backoff(Duration::from_millis(10), Duration::from_millis(10));
    let snaptrade = client(&server.url())
        .add_root_certificate(server.root_pem.as_str())
        .proxy(format!("{scheme}://{}", proxy.addr).parse().unwrap())
        .connect_timeout(CONNECT)
        .retry(retry.build().unwrap())
        .build()
        .unwrap();
    let deadline = CallOptions::new().timeout(Duration::from_secs(30));
    let result = snaptrade
        .send(RegisterUser::new("jane").with(deadline))
        .await
        .map(drop);
    let case = format!("{scheme}, {what}: {result:?}");
    match (ends, &result) {
        (Well | Either, Ok(())) => {}
        (NotSent | GivenUp | Either, Err(error)) => {
            let Error::Transport(error) = error else {
                panic!("{case}");
            };
            assert_eq!(error.outcome(), Outcome::NotSent, "{case}");
            let scope = error.deadline().map(DeadlineExceeded::scope);
            assert_ne!(scope, Some(DeadlineScope::Overall), "{case}");
            let attempts = if ends == GivenUp { 1 } else { ATTEMPTS };
            assert_eq!(error.attempts(), attempts, "{case}");
            assert_eq!(proxy.accepted(), attempts as usize, "{case}");
        }
        _ => panic!("{case}"),
    }
    let ran = u64::from(result.is_ok());
    assert_eq!(server.sandbox.commits(Route::RegisterUser), ran, "{case}");
    assert_eq!(server.sandbox.log().len() as u64, ran, "{case}");
    result
}

/// Answers a `CONNECT` with these bytes, and closes.
async fn answers(what: &str, ends: Ends, answer: &'static [u8]) {
    let script = move |mut tcp: TcpStream| async move {
        head(&mut tcp).await;
        tcp.write_all(answer).await.unwrap();
        // It is read before the end comes.
        let _ = tcp.shutdown().await;
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    };
    let _ = register(what, "http", ends, script).await;
}

#[tokio::test]
async fn silent_ones() {
    for scheme in ["http", "https", "socks5", "socks5h"] {
        let script = |mut tcp: TcpStream| async move {
            let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
        };
        let error = register("silent", scheme, NotSent, script).await;
        let Err(Error::Transport(error)) = error else {
            panic!("{scheme}");
        };
        let scope = error.deadline().map(DeadlineExceeded::scope);
        assert_eq!(scope, Some(DeadlineScope::Connect), "{scheme}");
    }
}

#[tokio::test]
async fn ones_that_fall_silent_later() {
    let tunnel = |mut tcp: TcpStream| async move {
        head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        std::future::pending::<()>().await;
    };
    let _ = register("half an answer", "http", NotSent, tunnel).await;
    let socks = |mut tcp: TcpStream| async move {
        request(&mut tcp).await;
        std::future::pending::<()>().await;
    };
    let _ = register("no reply", "socks5h", NotSent, socks).await;
}

#[tokio::test]
async fn ones_that_close() {
    for scheme in ["http", "https", "socks5", "socks5h"] {
        let _ = register("at once", scheme, NotSent, |tcp| async { drop(tcp) }).await;
        let after_one_byte = |mut tcp: TcpStream| async move { drop(read(&mut tcp, 1).await) };
        let _ = register("after a byte", scheme, NotSent, after_one_byte).await;
    }
    answers("in the status", NotSent, b"HTTP/1.1 20").await;
    answers("in the head", NotSent, b"HTTP/1.1 200 OK\r\nA: b").await;
    answers("behind the head", NotSent, b"HTTP/1.1 200 OK\r\n\r\n").await;
    for (what, end) in [("in the greeting", 1), ("behind the greeting", 2)] {
        let script = move |mut tcp: TcpStream| async move {
            greeting(&mut tcp).await;
            tcp.write_all(&[5, 0][..end]).await.unwrap();
        };
        let _ = register(what, "socks5h", NotSent, script).await;
    }
    for (what, end) in [
        ("in the reply", 1),
        ("in the address", 6),
        ("behind it", 10),
    ] {
        let script = move |mut tcp: TcpStream| async move {
            request(&mut tcp).await;
            tcp.write_all(&reply(0)[..end]).await.unwrap();
        };
        let _ = register(what, "socks5h", NotSent, script).await;
    }
}

#[tokio::test]
async fn ones_that_speak_something_else() {
    let garbage = b"220 mail.test ESMTP\r\n\r\n";
    answers("a mail server", NotSent, garbage).await;
    answers("no status", NotSent, b"HTTP/1.1 OK\r\n\r\n").await;
    answers("an endless head", NotSent, &[b'a'; 100_000]).await;
    for scheme in ["https", "socks5", "socks5h"] {
        let script = move |mut tcp: TcpStream| async move {
            read(&mut tcp, 3).await;
            let _ = tcp.write_all(garbage).await;
            let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
        };
        let _ = register("a mail server", scheme, NotSent, script).await;
    }
    let unasked = |mut tcp: TcpStream| async move {
        greeting(&mut tcp).await;
        tcp.write_all(&[5, 1]).await.unwrap();
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    };
    let _ = register("a login that was not offered", "socks5h", NotSent, unasked).await;
}

#[tokio::test]
async fn ones_that_refuse() {
    for status in [
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
        b"HTTP/1.1 503 Unavailable\r\n\r\n",
    ] {
        answers("a gateway", NotSent, status).await;
    }
    answers("who are you?", GivenUp, b"HTTP/1.1 407 Who\r\n\r\n").await;
    let long = b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nWho?";
    answers("who are you?", GivenUp, long).await;
    for scheme in ["socks5", "socks5h"] {
        for code in 1..=9 {
            // The rules forbid it, the command or the type of address is unknown.
            let ends = if matches!(code, 2 | 7 | 8) {
                GivenUp
            } else {
                NotSent
            };
            let script = move |mut tcp: TcpStream| async move {
                request(&mut tcp).await;
                let _ = tcp.write_all(&reply(code)).await;
            };
            let _ = register(&format!("reply {code}"), scheme, ends, script).await;
        }
        // Without an address, as some send it.
        let script = move |mut tcp: TcpStream| async move {
            request(&mut tcp).await;
            let _ = tcp.write_all(&[5, 2]).await;
        };
        let _ = register("a short reply", scheme, NotSent, script).await;
        let script = move |mut tcp: TcpStream| async move {
            greeting(&mut tcp).await;
            let _ = tcp.write_all(&[5, 0xff]).await;
        };
        let error = register("no login will do", scheme, GivenUp, script).await;
        let Err(Error::Transport(error)) = error else {
            panic!("{scheme}");
        };
        assert!(error.downcast_ref::<ConnectError>().unwrap().is_permanent());
    }
}

#[tokio::test]
async fn slow_ones() {
    let tunnel = |mut tcp: TcpStream| async move {
        let head = head(&mut tcp).await;
        drip(&mut tcp, b"HTTP/1.1 200 OK\r\nVia: 1.1 a\r\n\r\n").await;
        pass_on(tcp, target(&head)).await;
    };
    let _ = register("byte by byte", "http", Well, tunnel).await;
    for scheme in ["socks5", "socks5h"] {
        let script = |mut tcp: TcpStream| async move {
            greeting(&mut tcp).await;
            drip(&mut tcp, &[5, 0]).await;
            let to = crate::scripted::requested(&mut tcp).await;
            drip(&mut tcp, &reply(0)).await;
            pass_on(tcp, to).await;
        };
        let _ = register("byte by byte", scheme, Well, script).await;
    }
}

/// Bytes of the proxy's own, where the server's should begin. They are lost with the head, or break the handshake.
#[tokio::test]
async fn ones_that_say_too_much() {
    for (what, first, then) in [
        (
            "a body",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHELLO",
            "",
        ),
        ("a late body", "HTTP/1.1 200 OK\r\n\r\n", "HELLO"),
        (
            "two heads",
            "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "",
        ),
        (
            "an answer",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        ),
    ] {
        let script = move |mut tcp: TcpStream| async move {
            let head = head(&mut tcp).await;
            tcp.write_all(first.as_bytes()).await.unwrap();
            if !then.is_empty() {
                // A TLS record has begun: the head was read by itself.
                tcp.peek(&mut [0]).await.unwrap();
                tcp.write_all(then.as_bytes()).await.unwrap();
            }
            pass_on(tcp, target(&head)).await;
        };
        let ends = if then.is_empty() { Either } else { NotSent };
        let _ = register(what, "http", ends, script).await;
    }
    let script = |mut tcp: TcpStream| async move {
        let to = request(&mut tcp).await;
        let mut bytes = reply(0).to_vec();
        bytes.extend(b"HELLO");
        tcp.write_all(&bytes).await.unwrap();
        pass_on(tcp, to).await;
    };
    let _ = register("bytes behind the reply", "socks5h", Either, script).await;
}
