//! `only_authorities`: who is signed for, and what a stranger gets to see.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use bytes::Bytes;
use common::{NOW, TestBody, layer};
use http::uri::Authority;
use http::{HeaderName, Request, Uri};
use http_body_util::Full;
use snaptrade_signing::{BoxError, SignWith};
use tower::{Layer, ServiceExt};

type Body = Full<Bytes>;

/// What is sent for a request when only `authorities` are signed for.
async fn sent<B>(authorities: &[&'static str], request: Request<B>) -> Request<B>
where
    B: http_body::Body<Error: Into<BoxError>> + From<Bytes> + Unpin + Send + 'static,
{
    let authorities = authorities.iter().copied().map(Authority::from_static);
    layer()
        .only_authorities(authorities)
        .layer(tower::service_fn(|request| async {
            Ok::<_, BoxError>(request)
        }))
        .oneshot(request)
        .await
        .unwrap()
}

fn get(uri: &str) -> Request<Body> {
    Request::get(uri).body(Body::default()).unwrap()
}

fn is_signed<B>(request: &Request<B>) -> bool {
    let header = request.headers().contains_key("signature");
    let query = request.uri().query().unwrap_or_default();
    assert_eq!(
        header,
        query.contains("timestamp="),
        "half a stamp: {request:?}",
        request = request.uri()
    );
    header
}

#[tokio::test]
async fn some_are_signed_for_and_strangers_are_not() {
    let api: &[&str] = &["api.snaptrade.com"];
    for (authorities, uri, signed) in [
        (api, "https://api.snaptrade.com/x", true),
        (api, "https://API.SnapTrade.COM/x", true),
        (api, "https://api.snaptrade.com:443/x", true),
        (api, "https://api.snaptrade.com", true),
        (api, "https://api.snaptrade.com:8443/x", false),
        (api, "https://api.snaptrade.com:80/x", false),
        (api, "https://evil.example/x", false),
        (api, "https://api.snaptrade.com.evil.example/x", false),
        (api, "https://api.snaptrade.com@evil.example/x", false),
        (api, "https://evil.example/api.snaptrade.com", false),
        (api, "https://snaptrade.com/x", false),
        (api, "https://api.snaptrade.com./x", false),
        // A downgrade: the port is 80, or plain HTTP goes where TLS is spoken.
        (api, "http://api.snaptrade.com/x", false),
        (api, "http://api.snaptrade.com:80/x", false),
        (api, "http://api.snaptrade.com:443/x", false),
        (
            &["api.snaptrade.com:443"],
            "https://api.snaptrade.com/x",
            true,
        ),
        (&["API.snaptrade.com"], "https://api.snaptrade.com/x", true),
        (
            &["api.snaptrade.com:443"],
            "http://api.snaptrade.com:443/x",
            false,
        ),
        (&["localhost:8080"], "http://localhost:8080/x", true),
        (&["localhost:8080"], "https://localhost:8080/x", true),
        (&["localhost:8080"], "http://localhost/x", false),
        (&["localhost:80"], "http://localhost/x", true),
        (&["localhost"], "http://localhost/x", false),
        (&["[::1]:8080"], "http://[::1]:8080/x", true),
        (&["a.example", "b.example"], "https://b.example/x", true),
        (&[], "https://api.snaptrade.com/x", false),
    ] {
        let sent = sent(authorities, get(uri)).await;
        assert_eq!(is_signed(&sent), signed, "{authorities:?} {uri}");
    }
}

/// TLS means `https`: whatever another scheme does with the port, it is not known to be TLS.
#[tokio::test]
async fn another_scheme_than_http_and_https_is_a_stranger() {
    for scheme in [
        "ws",
        "wss",
        "ftp",
        "ftps",
        "h2",
        "httpx",
        "http+unix",
        "https+insecure",
    ] {
        for (authorities, authority) in [
            (&["api.snaptrade.com"][..], "api.snaptrade.com"),
            (&["api.snaptrade.com"], "api.snaptrade.com:443"),
            (&["localhost:8080"], "localhost:8080"),
            (&["localhost:80"], "localhost"),
        ] {
            let request = get(&format!("{scheme}://{authority}/x"));
            let sent = sent(authorities, request).await;
            assert!(!is_signed(&sent), "{scheme} {authority}");
        }
    }
}

/// A scheme has no case, in whatever way the URI was made.
#[tokio::test]
async fn a_scheme_is_compared_without_case() {
    for (authorities, scheme, signed) in [
        (&["api.snaptrade.com"][..], "HTTPS", true),
        (&["api.snaptrade.com"], "HTTP", false),
        (&["api.snaptrade.com:80"], "Http", true),
        (&["api.snaptrade.com"], "WS", false),
    ] {
        let uri = Uri::builder()
            .scheme(scheme)
            .authority("api.snaptrade.com")
            .path_and_query("/x");
        let mut request = get("/x");
        *request.uri_mut() = uri.build().unwrap();
        let sent = sent(authorities, request).await;
        assert_eq!(is_signed(&sent), signed, "{scheme}");
    }
}

const BAD_PORTS: &[&str] = &[
    "api.snaptrade.com:",
    "api.snaptrade.com:abc",
    "api.snaptrade.com:65536",
    "api.snaptrade.com:65979",
    "api.snaptrade.com:99999",
    "api.snaptrade.com:+443",
    "api.snaptrade.com:-443",
    "api.snaptrade.com:443x",
    "api.snaptrade.com:4_43",
];

#[tokio::test]
async fn a_port_that_is_no_number_is_a_strangers() {
    let api: &[&str] = &["api.snaptrade.com"];
    for authority in BAD_PORTS {
        let request = get(&format!("https://{authority}/x"));
        assert!(!is_signed(&sent(api, request).await), "{authority}");
        let mut request = get("/x");
        let host = authority.parse().unwrap();
        request.headers_mut().insert("host", host);
        assert!(!is_signed(&sent(api, request).await), "Host: {authority}");
        // In the list it matches nothing, not even itself.
        for uri in [*authority, "api.snaptrade.com"] {
            let request = get(&format!("https://{uri}/x"));
            let sent = sent(&[authority], request).await;
            assert!(!is_signed(&sent), "{authority} {uri}");
        }
    }
    for (allowed, uri) in [
        ("[::1]:", "[::1]"),
        ("[::1]", "[::1]:"),
        ("[::1]", "[::1]x"),
    ] {
        let Ok(uri) = format!("https://{uri}/x").parse::<Uri>() else {
            continue;
        };
        let request = get(&uri.to_string());
        assert!(!is_signed(&sent(&[allowed], request).await), "{uri}");
    }
    let request = get("https://api.snaptrade.com:0443/x");
    assert!(is_signed(&sent(api, request).await), "a number after all");
}

/// RFC 9110, 4.2.4: it is likely there to hide the host.
#[tokio::test]
async fn userinfo_makes_a_stranger() {
    let api: &[&str] = &["api.snaptrade.com"];
    for authority in [
        "user@api.snaptrade.com",
        "user:pass@api.snaptrade.com",
        ":@api.snaptrade.com",
        "evil.example:443@api.snaptrade.com:443",
        "api.snaptrade.com@api.snaptrade.com",
        "api.snaptrade.com:443@api.snaptrade.com",
    ] {
        let request = get(&format!("https://{authority}/x"));
        assert!(!is_signed(&sent(api, request).await), "{authority}");
        let mut request = get("/x");
        let host = authority.parse().unwrap();
        request.headers_mut().insert("host", host);
        assert!(!is_signed(&sent(api, request).await), "Host: {authority}");
        for uri in [authority, "api.snaptrade.com"] {
            let request = get(&format!("https://{uri}/x"));
            let sent = sent(&[authority], request).await;
            assert!(!is_signed(&sent), "{authority} {uri}");
        }
    }
}

#[tokio::test]
async fn a_uri_without_an_authority_goes_by_its_host_header() {
    for (hosts, signed) in [
        (&["api.snaptrade.com"][..], true),
        (&["API.snaptrade.com:443"], true),
        (&["api.snaptrade.com:80"], false),
        (&["evil.example"], false),
        (&["not a host"], false),
        (&[""], false),
        (&["\u{e9}"], false),
        (&["api.snaptrade.com", "evil.example"], false),
        (&["api.snaptrade.com", "api.snaptrade.com"], false),
        (&[], false),
    ] {
        let mut request = get("/x");
        for host in hosts {
            let host = http::HeaderValue::from_bytes(host.as_bytes()).unwrap();
            request.headers_mut().append("host", host);
        }
        assert_eq!(
            is_signed(&sent(&["api.snaptrade.com"], request).await),
            signed,
            "{hosts:?}"
        );
    }
    // The URI's own comes first: that is where a client connects to.
    let mut request = get("https://evil.example/x");
    let host = HeaderName::from_static("host");
    request
        .headers_mut()
        .insert(host.clone(), "api.snaptrade.com".parse().unwrap());
    assert!(!is_signed(&sent(&["api.snaptrade.com"], request).await));
    let mut request = get("https://api.snaptrade.com/x");
    request
        .headers_mut()
        .insert(host, "evil.example".parse().unwrap());
    assert!(is_signed(&sent(&["api.snaptrade.com"], request).await));
}

#[tokio::test]
async fn a_signer_of_its_own_does_not_make_a_stranger_a_friend() {
    let mut request = get("https://evil.example/x");
    request
        .extensions_mut()
        .insert(SignWith::new(common::credentials()));
    assert!(!is_signed(&sent(&["api.snaptrade.com"], request).await));
}

/// A redirect that was followed above the layer brings a stamp along.
#[tokio::test]
async fn a_stamp_is_taken_off_on_its_way_to_a_stranger() {
    for (signature, query, left) in [
        // The header alone, as most redirects leave the query behind.
        (true, "", ""),
        (true, "?x=1", "?x=1"),
        // Both, wherever they stand.
        (true, "?clientId=ACME&timestamp=1635790389", ""),
        (
            true,
            "?a=%20&clientId=ACME&timestamp=1635790389&b=+&&c",
            "?a=%20&b=+&&c",
        ),
        (false, "?a&clientId=ACME&timestamp=1635790389", "?a"),
        (false, "?timestamp=1&clientId=ACME&x=1", "?x=1"),
        (true, "?clientId=ACME", ""),
        // What no stamp brought is the stranger's own.
        (false, "", ""),
        (false, "?", "?"),
        (false, "?clientId=ACME&x=1", "?clientId=ACME&x=1"),
        (false, "?timestamp=1", "?timestamp=1"),
        (
            false,
            "?myclientId=1&timestamps=2&x=clientId=ACME",
            "?myclientId=1&timestamps=2&x=clientId=ACME",
        ),
        (
            false,
            "?client%49d=1&timestamp=2",
            "?client%49d=1&timestamp=2",
        ),
        (
            true,
            "?myclientId=1&clientIdx=2&x=?clientId=3",
            "?myclientId=1&clientIdx=2&x=?clientId=3",
        ),
    ] {
        let mut request = get(&format!("https://evil.example/%7Ep{query}"));
        request
            .headers_mut()
            .insert("accept", "*/*".parse().unwrap());
        if signature {
            request
                .headers_mut()
                .append("signature", "first".parse().unwrap());
            request
                .headers_mut()
                .append("signature", "second".parse().unwrap());
        }
        let sent = sent(&["api.snaptrade.com"], request).await;
        assert_eq!(
            sent.uri().to_string(),
            format!("https://evil.example/%7Ep{left}"),
            "{query}"
        );
        assert!(!sent.headers().contains_key("signature"));
        assert_eq!(sent.headers().len(), 1);
    }
}

/// Not collected, not measured, not checked: that body is none of the layer's business.
#[tokio::test]
async fn a_strangers_body_is_passed_on_unread() {
    let request = Request::post("https://evil.example/x").body(TestBody::Untouchable(u64::MAX));
    let sent = sent(&["api.snaptrade.com"], request.unwrap()).await;
    assert!(matches!(sent.body(), TestBody::Untouchable(u64::MAX)));
}

#[tokio::test]
async fn a_friend_gets_a_new_stamp_for_an_old_one() {
    let request = get("https://api.snaptrade.com/x?clientId=OLD&a=1&timestamp=1&timestamp");
    let sent = sent(&["api.snaptrade.com"], request).await;
    let query = format!("a=1&clientId=ACME&timestamp={NOW}");
    assert_eq!(sent.uri().query(), Some(query.as_str()));
}
