//! Queries that tempt one to parse them: a stamp replaces a stamp, and every other byte stays.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use bytes::Bytes;
use common::{NOW, clock, credentials, layer, signature_of};
use http::Request;
use http::uri::PathAndQuery;
use http_body_util::Full;
use snaptrade_signing::verify::Rejection;
use snaptrade_signing::{BoxError, Credentials, SignError, Signer, UnixTime, Verifier};
use tower::{Layer, ServiceExt};

const STAMP: &str = "clientId=ACME&timestamp=1635790389";

/// The query of a request, and what of it stands before the stamp.
const QUERIES: &[(&str, &str)] = &[
    ("", ""),
    ("?", ""),
    ("?a=1", "a=1&"),
    // Spelled in one of many ways, and not this crate's to change.
    ("?a=+&b=%2B&c=%20&d=%2b", "a=+&b=%2B&c=%20&d=%2b&"),
    ("?z=1&a=2&z=3&a=2", "z=1&a=2&z=3&a=2&"),
    ("?a=&b=&=c&=", "a=&b=&=c&=&"),
    ("?a&b", "a&b&"),
    ("?&", "&&"),
    ("?&&a=1&&", "&&a=1&&&"),
    ("?a=1&", "a=1&&"),
    ("?a==1=&b=?", "a==1=&b=?&"),
    ("??a=1?b=2", "?a=1?b=2&"),
    (
        "?a=/../b;c=d,e:f@g!h$i'j(k)*l",
        "a=/../b;c=d,e:f@g!h$i'j(k)*l&",
    ),
    ("?a=`{}|^", "a=`{}|^&"),
    ("?name=Žižek&emoji=😀", "name=Žižek&emoji=😀&"),
    ("?a=%zz&b=%&c=%f", "a=%zz&b=%&c=%f&"),
    // Not the stamp's names.
    ("?myclientId=1", "myclientId=1&"),
    ("?clientIdx=1&timestamps=2", "clientIdx=1&timestamps=2&"),
    ("?clientid=1&TIMESTAMP=2", "clientid=1&TIMESTAMP=2&"),
    ("?client%49d=1&%74imestamp=2", "client%49d=1&%74imestamp=2&"),
    ("?a=clientId=1", "a=clientId=1&"),
    ("?a?clientId=1", "a?clientId=1&"),
    ("?a;clientId=1", "a;clientId=1&"),
    ("??clientId=1", "?clientId=1&"),
    ("?+clientId=1&clientId+=2", "+clientId=1&clientId+=2&"),
    ("?clientId[]=1", "clientId[]=1&"),
    // An earlier stamp, wherever it stands and however broken it is.
    ("?clientId=OLD&timestamp=1", ""),
    ("?timestamp=1&clientId=OLD", ""),
    ("?clientId=OLD&timestamp=1&a=1", "a=1&"),
    ("?a=1&clientId=OLD&b=2&timestamp=1&c=3", "a=1&b=2&c=3&"),
    (
        "?clientId=1&clientId=2&timestamp=1&timestamp=2&timestamp=3",
        "",
    ),
    ("?clientId&timestamp", ""),
    ("?clientId=&timestamp=", ""),
    ("?clientId=a=b?c&a", "a&"),
    ("?&clientId=OLD&", "&&"),
    ("?a&&clientId=OLD", "a&&"),
];

/// Those among them that some reader takes for a second stamp.
const SECOND_STAMPS: &[&str] = &[
    "?clientid=1&TIMESTAMP=2",
    "?client%49d=1&%74imestamp=2",
    "?a;clientId=1",
    "??clientId=1",
    "?+clientId=1&clientId+=2",
    "?clientId[]=1",
];

#[test]
fn a_verifier_accepts_all_but_second_stamps() {
    let signer = Signer::new(credentials());
    let verifier = Verifier::new(credentials()).clock(clock());
    let now = UnixTime::from_secs(NOW);
    for (query, _) in QUERIES {
        let mut request = Request::get(format!("/p{query}")).body(()).unwrap();
        let path_and_query = request.uri().path_and_query().unwrap();
        let stamp = signer.stamp(path_and_query, b"", now).unwrap();
        stamp.apply(&mut request).unwrap();
        let verified = verifier.verify(request.uri(), request.headers(), b"");
        let expected = match SECOND_STAMPS.contains(query) {
            true => Some(Rejection::Ambiguous),
            false => None,
        };
        assert_eq!(verified.err(), expected, "{query}");
    }
}

#[test]
fn a_signer_keeps_every_byte() {
    let signer = Signer::new(credentials());
    let now = UnixTime::from_secs(NOW);
    for (query, kept) in QUERIES {
        let path_and_query: PathAndQuery = format!("/p%20%2F//é/.{query}").parse().unwrap();
        let stamp = signer.stamp(&path_and_query, b"[1]", now).unwrap();
        let stamped = stamp.path_and_query();
        assert_eq!(
            stamped.as_str(),
            format!("/p%20%2F//é/.?{kept}{STAMP}"),
            "{query}"
        );
        let uri = stamped.as_str().parse().unwrap();
        assert_eq!(stamp.signature(), &signature_of(&uri, b"[1]"), "{query}");
        let again = signer.stamp(stamped, b"[1]", now).unwrap();
        assert_eq!(again.path_and_query(), stamped, "{query}");
        assert_eq!(again.signature(), stamp.signature(), "{query}");
    }
}

#[tokio::test]
async fn the_layer_keeps_every_byte() {
    let echo = tower::service_fn(|request| async { Ok::<_, BoxError>(request) });
    let client = layer().layer(echo);
    for (query, kept) in QUERIES {
        let uri = format!("https://api.snaptrade.com/api/v1/p{query}");
        let request = Request::post(uri).body(Full::new(Bytes::from_static(b"[1]")));
        let sent = client.clone().oneshot(request.unwrap()).await.unwrap();
        let expected = format!("https://api.snaptrade.com/api/v1/p?{kept}{STAMP}");
        assert_eq!(sent.uri().to_string(), expected, "{query}");
        assert_eq!(
            sent.headers()["signature"],
            signature_of(sent.uri(), b"[1]"),
            "{query}"
        );
        let again = client.clone().oneshot(sent).await.unwrap();
        assert_eq!(again.uri().to_string(), expected, "{query}");
    }
}

/// All but unreserved characters are encoded, so that no client finds anything to change.
#[test]
fn a_client_id_is_percent_encoded() {
    let signer = Signer::new(Credentials::new("A-z_0.9~ /?&=+%#é😀'\"", "mykey").unwrap());
    let stamp = signer
        .stamp(
            &PathAndQuery::from_static("/p"),
            b"",
            UnixTime::from_secs(NOW),
        )
        .unwrap();
    assert_eq!(
        stamp.path_and_query().query().unwrap(),
        format!(
            "clientId=A-z_0.9~%20%2F%3F%26%3D%2B%25%23%C3%A9%F0%9F%98%80%27%22&timestamp={NOW}"
        ),
    );
}

/// With the host alone in the URI, the path is `/`: what a client sends then.
#[test]
fn a_uri_without_a_path_is_the_root() {
    let signer = Signer::new(credentials());
    for uri in ["https://api.snaptrade.com", "https://api.snaptrade.com?a=1"] {
        let mut request = Request::get(uri).body(()).unwrap();
        let path_and_query = request.uri().path_and_query().unwrap();
        let stamp = signer
            .stamp(path_and_query, b"", UnixTime::from_secs(NOW))
            .unwrap();
        stamp.apply(&mut request).unwrap();
        let kept = if uri.ends_with("a=1") { "a=1&" } else { "" };
        let expected = format!("https://api.snaptrade.com/?{kept}{STAMP}");
        assert_eq!(request.uri().to_string(), expected);
    }
}

/// Whole or not at all: a stamp that does not fit leaves the request as it was.
#[test]
fn a_stamp_that_cannot_be_applied_changes_nothing() {
    let stamp = Signer::new(credentials())
        .stamp(
            &PathAndQuery::from_static("/p"),
            b"",
            UnixTime::from_secs(NOW),
        )
        .unwrap();
    let mut request = Request::connect("api.snaptrade.com:443").body(()).unwrap();
    let error = stamp.apply(&mut request).unwrap_err();
    assert!(matches!(error, SignError::NoPath));
    assert_eq!(request.uri().to_string(), "api.snaptrade.com:443");
    assert!(request.headers().is_empty());
}

#[test]
fn an_empty_query_is_not_signed() {
    let signer = Signer::new(credentials());
    assert!(matches!(
        signer.sign("/p", "", b""),
        Err(SignError::EmptyQuery)
    ));
}
