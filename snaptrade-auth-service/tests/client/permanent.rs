//! Connections that cannot be made, whatever is tried: one attempt, and what to do.

use rcgen::{CertificateParams, date_time_ymd};
use snaptrade_auth_service::client::ConnectError;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::{Client, Error, Outcome};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::common::{H2, Tls, client};
use crate::relay::Relay;
use crate::scripted::{Scripted, greeting, head, pass_on, read, reply, requested, target};

/// What the errors of all kinds of calls say. Each made one attempt.
async fn said(snaptrade: &Client, accepted: impl Fn() -> usize) -> String {
    let mut said = String::new();
    let errors = [
        snaptrade
            .send(ListUsers::new())
            .await
            .map(drop)
            .unwrap_err(),
        snaptrade
            .send(RegisterUser::new("jane"))
            .await
            .map(drop)
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
        said += &format!("{error}\n{error:?}\n");
        let Error::Transport(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.attempts(), 1, "{error}");
        assert!(error.downcast_ref::<ConnectError>().unwrap().is_permanent());
    }
    assert_eq!(accepted(), 2, "{said}");
    said
}

#[tokio::test]
async fn certificates() {
    let own = || CertificateParams::new(["localhost".to_owned()]).unwrap();
    let mut expired = own();
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut early = own();
    early.not_before = date_time_ymd(2999, 1, 1);
    early.not_after = date_time_ymd(3000, 1, 1);
    let other = CertificateParams::new(["other.test".to_owned()]).unwrap();
    for (params, trusted, remedy) in [
        (own(), false, "add_root_certificate"),
        (expired, true, "clock"),
        (early, true, "clock"),
        (other, true, "base_url"),
    ] {
        let server = Tls::with_certificate(&[H2], params).await;
        let relay = Relay::serve(server.addr).await;
        let mut builder = client(&format!("https://localhost:{}", relay.addr.port()));
        if trusted {
            builder = builder.add_root_certificate(server.root_der.clone());
        }
        let snaptrade = builder.build().unwrap();
        let said = said(&snaptrade, || relay.accepted()).await;
        assert!(said.contains(remedy), "{said}");
        assert!(server.sandbox.log().is_empty());
    }
}

/// The certificate of a proxy that wants TLS itself.
#[tokio::test]
async fn a_proxys_certificate() {
    let (server, proxy) = (Tls::serve(&[H2]).await, Tls::serve(&[]).await);
    let relay = Relay::serve(proxy.addr).await;
    let snaptrade = client(&server.url())
        .add_root_certificate(server.root_der.clone())
        .proxy(
            format!("https://localhost:{}", relay.addr.port())
                .parse()
                .unwrap(),
        )
        .build()
        .unwrap();
    let said = said(&snaptrade, || relay.accepted()).await;
    assert!(said.contains("add_root_certificate"), "{said}");
}

fn through(server: &Tls, proxy: &str) -> Client {
    client(&server.url())
        .add_root_certificate(server.root_der.clone())
        .proxy(proxy.parse().unwrap())
        .build()
        .unwrap()
}

#[tokio::test]
async fn logins() {
    let server = Tls::serve(&[H2]).await;
    let tunnel = Scripted::serve(|mut tcp: TcpStream| async move {
        let head = head(&mut tcp).await;
        // "jane:s3cret".
        if head.contains("Basic amFuZTpzM2NyZXQ=") {
            tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            pass_on(tcp, target(&head)).await;
        } else {
            tcp.write_all(b"HTTP/1.1 407 Who\r\n\r\n").await.unwrap();
        }
    });
    let tunnel = tunnel.await;
    let socks = Scripted::serve(|mut tcp: TcpStream| async move {
        if !greeting(&mut tcp).await.contains(&2) {
            return tcp.write_all(&[5, 0xff]).await.unwrap();
        }
        tcp.write_all(&[5, 2]).await.unwrap();
        let user = read(&mut tcp, 2).await[1];
        let user = read(&mut tcp, user.into()).await;
        let password = read(&mut tcp, 1).await[0];
        let password = read(&mut tcp, password.into()).await;
        if (&user[..], &password[..]) != (b"jane", b"s3cret") {
            return tcp.write_all(&[1, 1]).await.unwrap();
        }
        tcp.write_all(&[1, 0]).await.unwrap();
        let to = requested(&mut tcp).await;
        tcp.write_all(&reply(0)).await.unwrap();
        pass_on(tcp, to).await;
    });
    let socks = socks.await;
    for (scheme, proxy) in [("http", &tunnel), ("socks5", &socks), ("socks5h", &socks)] {
        for login in ["", "jane:wr0ng@", "wr0ng:s3cret@", "jane@"] {
            if scheme != "http" && login == "jane@" {
                // The protocol has no empty password: that is told when the client is built.
                continue;
            }
            let before = proxy.accepted();
            let snaptrade = through(&server, &format!("{scheme}://{login}{}", proxy.addr));
            let said = said(&snaptrade, || proxy.accepted() - before).await;
            assert!(
                said.contains("user:password@host"),
                "{scheme} {login}: {said}"
            );
            assert!(
                !said.contains("wr0ng") && !said.contains("s3cret"),
                "{said}"
            );
        }
        let snaptrade = through(&server, &format!("{scheme}://jane:s3cret@{}", proxy.addr));
        snaptrade.send(ListUsers::new()).await.unwrap();
    }
}

/// What a SOCKS proxy's rules say is the same each time; that a host cannot be reached is not.
#[tokio::test]
async fn rules() {
    let server = Tls::serve(&[H2]).await;
    for code in [2, 7, 8] {
        let proxy = Scripted::serve(move |mut tcp: TcpStream| async move {
            crate::scripted::request(&mut tcp).await;
            tcp.write_all(&reply(code)).await.unwrap();
        });
        let proxy = proxy.await;
        let snaptrade = through(&server, &format!("socks5h://{}", proxy.addr));
        said(&snaptrade, || proxy.accepted()).await;
    }
}

/// A retry may mend it.
#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let cut_off = Scripted::serve(|mut tcp: TcpStream| async move {
        // The beginning of a TLS record.
        drop(read(&mut tcp, 5).await);
    });
    let cut_off = cut_off.await;
    let bound = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = bound.local_addr().unwrap();
    drop(bound);
    for addr in [cut_off.addr, gone] {
        let snaptrade = client(&format!("https://{addr}")).build().unwrap();
        let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent);
        let Error::Transport(error) = error else {
            panic!("{error}");
        };
        let connect: &ConnectError = error.downcast_ref().unwrap();
        assert!(!connect.is_permanent() && !connect.is_untrusted());
        assert_eq!(error.attempts(), 4, "{error}");
    }
    assert_eq!(cut_off.accepted(), 4);
}
