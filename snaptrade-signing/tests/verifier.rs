//! The verifier's rule: whose signature, over which query, and how far from now.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{NOW, clock, credentials, signature_of};
use http::Uri;
use snaptrade_signing::clock::{ManualClock, UnixTime};
use snaptrade_signing::verify::Rejection;
use snaptrade_signing::{Credentials, Signer, Verifier};

fn verifier() -> Verifier {
    Verifier::new(credentials()).clock(clock())
}

/// Who signed when, of a request that has this query and is signed as it stands.
fn verify(verifier: &Verifier, query: &str) -> Result<(String, u64), Rejection> {
    let uri: Uri = format!("https://api.snaptrade.com/x?{query}")
        .parse()
        .unwrap();
    let signature = signature_of(&uri, b"");
    let verified = verifier.verify(&uri, Some(signature.as_bytes()), b"")?;
    let client_id = verified.client_id().as_str().to_owned();
    Ok((client_id, verified.timestamp().as_secs()))
}

#[test]
fn a_timestamp_passes_within_the_tolerance() {
    let exactly = Duration::from_secs(30);
    for (now, tolerance, passes) in [
        (NOW + 30, exactly, true),
        (NOW + 31, exactly, false),
        (NOW - 30, exactly, true),
        (NOW - 31, exactly, false),
        (NOW + 31, Duration::from_millis(31_999), true),
        (NOW + 32, Duration::from_millis(31_999), false),
        (NOW, Duration::ZERO, true),
        (NOW + 1, Duration::ZERO, false),
        (NOW - 1, Duration::ZERO, false),
        (0, Duration::MAX, true),
        (u64::MAX, Duration::MAX, true),
    ] {
        let clock = ManualClock::new(UnixTime::from_secs(now));
        let verifier = verifier().clock(clock.clone()).tolerance(tolerance);
        let expected = match passes {
            true => Ok(("ACME".to_owned(), NOW)),
            false => Err(Rejection::Unverified),
        };
        let query = format!("clientId=ACME&timestamp={NOW}");
        assert_eq!(verify(&verifier, &query), expected, "{now} {tolerance:?}");
    }
    // Unless set otherwise.
    for (timestamp, passes) in [
        (NOW - 300, true),
        (NOW - 301, false),
        (NOW + 300, true),
        (NOW + 301, false),
    ] {
        let query = format!("clientId=ACME&timestamp={timestamp}");
        assert_eq!(verify(&verifier(), &query).is_ok(), passes, "{timestamp}");
    }
}

#[test]
fn a_timestamp_is_whole_seconds() {
    let tolerant = verifier().tolerance(Duration::MAX);
    for timestamp in [
        "",
        "+1",
        "-1",
        "1.0",
        "1e3",
        "%201",
        "0x1",
        "18446744073709551616",
        "१",
        "1%00",
    ] {
        let query = format!("clientId=ACME&timestamp={timestamp}");
        assert_eq!(
            verify(&tolerant, &query),
            Err(Rejection::Unverified),
            "{timestamp}"
        );
    }
    // Milliseconds are far from now.
    let query = format!("clientId=ACME&timestamp={NOW}000");
    assert_eq!(verify(&verifier(), &query), Err(Rejection::Unverified));
}

/// As the server reads a query: the last of equal names, percent-decoded.
#[test]
fn the_last_of_equal_names_counts() {
    let passes = Ok(("ACME".to_owned(), NOW));
    let stranger = |id: &str| Err(Rejection::UnknownClient(id.to_owned()));
    for (query, expected) in [
        (
            format!("clientId=X&timestamp=1&clientId=ACME&timestamp={NOW}"),
            passes.clone(),
        ),
        (format!("timestamp={NOW}&x&clientId=ACME"), passes.clone()),
        (
            format!("clientId=A%43%4dE&timestamp=%31{}", &NOW.to_string()[1..]),
            passes,
        ),
        (
            format!("clientId=ACME&timestamp={NOW}&clientId=X"),
            stranger("X"),
        ),
        (
            format!("clientId=ACME&timestamp={NOW}&clientId"),
            stranger(""),
        ),
        (format!("clientId=ACME=&timestamp={NOW}"), stranger("ACME=")),
        (format!("clientId=ACME+&timestamp={NOW}"), stranger("ACME ")),
        (
            format!("clientId=%41CM%4&timestamp={NOW}"),
            stranger("ACM%4"),
        ),
        (
            format!("clientId=%4gCME%&timestamp={NOW}"),
            stranger("%4gCME%"),
        ),
        (
            format!("clientId=ACME&timestamp={NOW}&timestamp=1"),
            Err(Rejection::Unverified),
        ),
        (
            format!("clientId=ACME&timestamp={NOW}&timestamp"),
            Err(Rejection::Unverified),
        ),
    ] {
        assert_eq!(verify(&verifier(), &query), expected, "{query}");
    }
    let odd = Verifier::new(Credentials::new("A+B c/é", "mykey").unwrap()).clock(clock());
    let query = format!("clientId=A%2BB+c/%C3%A9&timestamp={NOW}");
    assert_eq!(verify(&odd, &query), Ok(("A+B c/é".to_owned(), NOW)));
}

#[test]
fn many_clients_are_looked_up() {
    let verifier = Verifier::with_lookup(|id: &str| {
        let key = id.strip_prefix("ID")?;
        let credentials = Credentials::new(id, key).ok()?;
        Some(Arc::new(Signer::new(credentials)))
    });
    let verifier = verifier.clock(clock());
    for id in ["ID1", "ID2"] {
        let signer = Signer::new(Credentials::new(id, &id[2..]).unwrap());
        let now = UnixTime::from_secs(NOW);
        let stamp = signer.stamp(&"/x".parse().unwrap(), b"[1]", now).unwrap();
        let uri = Uri::from(stamp.path_and_query().clone());
        let signature = stamp.signature().as_bytes();
        let verified = verifier.verify(&uri, Some(signature), b"[1]").unwrap();
        assert_eq!(verified.client_id().as_str(), id);
        assert_eq!(verified.timestamp(), now);
        // With the other's key it is not verified.
        let swapped = uri
            .to_string()
            .replace(id, if id == "ID1" { "ID2" } else { "ID1" });
        let rejected = verifier.verify(&swapped.parse().unwrap(), Some(signature), b"[1]");
        assert_eq!(rejected, Err(Rejection::Unverified));
    }
    let rejected = verify(&verifier, &format!("clientId=ID&timestamp={NOW}"));
    assert_eq!(rejected, Err(Rejection::UnknownClient("ID".to_owned())));
}

/// What the server re-computes is over the path and query that it received, whatever the host.
#[test]
fn the_authority_is_not_signed() {
    let query = format!("/x?clientId=ACME&timestamp={NOW}");
    let signature = signature_of(&query.parse().unwrap(), b"");
    for uri in [
        query.clone(),
        format!("https://elsewhere.example:8443{query}"),
    ] {
        let uri = uri.parse().unwrap();
        assert!(
            verifier()
                .verify(&uri, Some(signature.as_bytes()), b"{ }")
                .is_ok()
        );
    }
}
