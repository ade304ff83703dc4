//! TLS, and whom it trusts.

use http::Version;
use snaptrade_auth_service::client::ConnectError;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::{Error, Outcome};

use crate::common::{H2, HTTP1, Tls, client, connections};

#[tokio::test]
async fn alpn_picks_the_version() {
    // What the server offers, and which is spoken then.
    for (alpn, version) in [
        (&[HTTP1][..], Version::HTTP_11),
        (&[H2], Version::HTTP_2),
        (&[HTTP1, H2], Version::HTTP_11),
        (&[H2, HTTP1], Version::HTTP_2),
        (&[], Version::HTTP_11),
    ] {
        let server = Tls::serve(alpn).await;
        let snaptrade = client(&server.url())
            .add_root_certificate(server.root_pem.as_str())
            .build()
            .unwrap();
        snaptrade.send(ListUsers::new()).await.unwrap();
        for user in ["jane", "joe"] {
            snaptrade.send(RegisterUser::new(user)).await.unwrap();
        }
        snaptrade.send(ListUsers::new()).await.unwrap();
        assert_eq!(connections(&server.sandbox), [0, 1, 2, 0]);
        // HTTP/1.1 alone has a `Host` header.
        let http1 = server.sandbox.log()[0].raw_headers().contains_key("host");
        assert_eq!(http1, version == Version::HTTP_11, "{alpn:?}");
    }
}

#[tokio::test]
async fn versions_can_be_forced() {
    let server = Tls::serve(&[H2, HTTP1]).await;
    let builder = || client(&server.url()).add_root_certificate(server.root_der.clone());
    let http1 = builder().http1_only().build().unwrap();
    http1.send(ListUsers::new()).await.unwrap();
    let http2 = builder().http2_only().build().unwrap();
    http2.send(ListUsers::new()).await.unwrap();
    let log = server.sandbox.log();
    assert!(log[0].raw_headers().contains_key("host"));
    assert!(!log[1].raw_headers().contains_key("host"));
}

#[tokio::test]
async fn an_unknown_root_is_refused() {
    let server = Tls::serve(&[H2, HTTP1]).await;
    let snaptrade = client(&server.url()).build().unwrap();
    let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    let shown = error.to_string();
    assert!(shown.contains("UnknownIssuer"), "{shown}");
    assert!(shown.contains("add_root_certificate"), "{shown}");
    let Error::Transport(error) = error else {
        panic!("{error}");
    };
    assert!(error.downcast_ref::<ConnectError>().unwrap().is_untrusted());
    assert!(server.sandbox.log().is_empty());
}
