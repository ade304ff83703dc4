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

use common::{NOW, clock, credentials, signature_header, signature_of};
use http::{HeaderMap, Uri};
use snaptrade_signing::clock::{ManualClock, UnixTime};
use snaptrade_signing::verify::Rejection;
use snaptrade_signing::{Credentials, SIGNATURE, Signer, Verifier};

fn verifier() -> Verifier {
    Verifier::new(credentials()).clock(clock())
}

/// Who signed when, of a request that has this query and is signed as it stands.
fn verify(verifier: &Verifier, query: &str) -> Result<(String, u64), Rejection> {
    let uri: Uri = format!("https://api.snaptrade.com/x?{query}")
        .parse()
        .unwrap();
    let headers = signature_header(&signature_of(&uri, b"")).unwrap();
    let verified = verifier.verify(&uri, &headers, b"")?;
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

#[test]
fn values_are_percent_decoded() {
    let passes = Ok(("ACME".to_owned(), NOW));
    let stranger = |id: &str| Err(Rejection::UnknownClient(id.to_owned()));
    for (query, expected) in [
        (format!("timestamp={NOW}&x&clientId=ACME"), passes.clone()),
        (
            format!("clientId=A%43%4dE&timestamp=%31{}", &NOW.to_string()[1..]),
            passes.clone(),
        ),
        // And so are names.
        (format!("%63lient%49d=ACME&timestam%70={NOW}"), passes),
        (format!("clientId&timestamp={NOW}"), stranger("")),
        (format!("clientId=ACME=&timestamp={NOW}"), stranger("ACME=")),
        (format!("clientId=ACME+&timestamp={NOW}"), stranger("ACME ")),
        // Once, and no more.
        (
            format!("clientId=A%2543ME&timestamp={NOW}"),
            stranger("A%43ME"),
        ),
        (
            format!("clientId=%41CM%4&timestamp={NOW}"),
            stranger("ACM%4"),
        ),
        (
            format!("clientId=%4gCME%&timestamp={NOW}"),
            stranger("%4gCME%"),
        ),
        // No character in overlong or broken UTF-8.
        (
            format!("clientId=%c1%81CME&timestamp={NOW}"),
            stranger("\u{fffd}\u{fffd}CME"),
        ),
        ("clientId=ACME&timestamp".into(), Err(Rejection::Unverified)),
    ] {
        assert_eq!(verify(&verifier(), &query), expected, "{query}");
    }
    let odd = Verifier::new(Credentials::new("A+B c/é", "mykey").unwrap()).clock(clock());
    let query = format!("clientId=A%2BB+c/%C3%A9&timestamp={NOW}");
    assert_eq!(verify(&odd, &query), Ok(("A+B c/é".to_owned(), NOW)));
}

/// Members that some reader takes for a `clientId` of its own, next to the one that is verified.
const SECOND_CLIENT_IDS: &[&str] = &[
    // Whoever takes the first, or the last.
    "clientId=EVIL",
    "clientId=ACME",
    "clientId=",
    "clientId",
    // Whoever decodes names.
    "%63lientId=EVIL",
    "client%49d=EVIL",
    "%63%6C%69%65%6e%74%49%64=EVIL",
    // Decodes twice.
    "%2563lientId=EVIL",
    "%252563lientId=EVIL",
    // Takes overlong UTF-8 or `%uXXXX` for a character, or leaves out what it cannot read.
    "%c1%a3lientId=EVIL",
    "%e0%81%a3lientId=EVIL",
    "%u0063lientId=EVIL",
    "clientId%ff=EVIL",
    "client%zzId=EVIL",
    "clientId%=EVIL",
    // Ignores case.
    "clientid=EVIL",
    "CLIENTID=EVIL",
    "%43LIENTID=EVIL",
    // Splits at `;` too.
    "x=1;clientId=EVIL",
    "x;clientId;y",
    ";%63lientId=EVIL",
    // Trims names.
    "+clientId=EVIL",
    "%20clientId+=EVIL",
    "%09clientId%0d%0a=EVIL",
    // Takes one `?` too many off.
    "?clientId=EVIL",
    "%3fclientId=EVIL",
    // Has lists, or C's strings.
    "clientId[]=EVIL",
    "clientId[0]=EVIL",
    "clientId%5b%5d=EVIL",
    "clientId%00=EVIL",
    "clientId%00x=EVIL",
];

#[test]
fn a_second_client_id_is_refused() {
    for second in SECOND_CLIENT_IDS {
        for query in [
            format!("clientId=ACME&timestamp={NOW}&{second}"),
            format!("{second}&clientId=ACME&timestamp={NOW}"),
            format!("clientId=ACME&{second}&timestamp={NOW}"),
        ] {
            assert_eq!(
                verify(&verifier(), &query),
                Err(Rejection::Ambiguous),
                "{query}"
            );
        }
    }
}

#[test]
fn a_second_timestamp_is_refused() {
    for name in [
        "timestamp",
        "%74imestamp",
        "TimeStamp",
        "timestamp[]",
        "?timestamp",
    ] {
        for timestamp in ["1".to_owned(), NOW.to_string()] {
            for query in [
                format!("clientId=ACME&timestamp={NOW}&{name}={timestamp}"),
                format!("{name}={timestamp}&clientId=ACME&timestamp={NOW}"),
                format!("clientId=ACME&timestamp={NOW}&x=1;{name}={timestamp}"),
            ] {
                assert_eq!(
                    verify(&verifier(), &query),
                    Err(Rejection::Ambiguous),
                    "{query}"
                );
            }
        }
    }
}

/// Whoever splits at `;` sees another value.
#[test]
fn a_semicolon_next_to_the_stamp_is_refused() {
    let named = Verifier::with_lookup(|_: &str| Some(Arc::new(Signer::new(credentials()))));
    let named = named.clock(clock());
    for query in [
        format!("clientId=ACME;x&timestamp={NOW}"),
        format!("clientId=ACME&timestamp={NOW};x=1"),
        format!("timestamp={NOW};clientId=ACME"),
        format!("x;clientId=ACME&timestamp={NOW}"),
    ] {
        assert!(verify(&named, &query).is_err(), "{query}");
    }
}

#[test]
fn what_no_reader_takes_for_a_stamp_passes() {
    for other in [
        "",
        "&&",
        "x",
        "=clientId",
        "x=clientId",
        "x=%63lientId%3dEVIL",
        "x=%zz&y=%&z=%ff",
        "x=1;2;3",
        "x;y=1",
        "myclientId=EVIL",
        "clientIdx=EVIL",
        "client_id=EVIL",
        "client-id=EVIL",
        "client=1&Id=2",
        "timestamps=1",
        "%C5%BDi%C5%BEek=1",
        "Žižek=1",
        "a+b=1",
        "x?clientId=EVIL",
        "x[clientId]=EVIL",
    ] {
        let query = format!("{other}&clientId=ACME&timestamp={NOW}");
        assert_eq!(verify(&verifier(), &query), Ok(("ACME".to_owned(), NOW)));
    }
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
        let headers = HeaderMap::from_iter([(SIGNATURE, stamp.signature().clone())]);
        let verified = verifier.verify(&uri, &headers, b"[1]").unwrap();
        assert_eq!(verified.client_id().as_str(), id);
        assert_eq!(verified.timestamp(), now);
        // With the other's key it is not verified.
        let swapped = uri
            .to_string()
            .replace(id, if id == "ID1" { "ID2" } else { "ID1" });
        let rejected = verifier.verify(&swapped.parse().unwrap(), &headers, b"[1]");
        assert_eq!(rejected, Err(Rejection::Unverified));
    }
    let rejected = verify(&verifier, &format!("clientId=ID&timestamp={NOW}"));
    assert_eq!(rejected, Err(Rejection::UnknownClient("ID".to_owned())));
}

/// What the server re-computes is over the path and query that it received, whatever the host.
#[test]
fn the_authority_is_not_signed() {
    let query = format!("/x?clientId=ACME&timestamp={NOW}");
    let headers = signature_header(&signature_of(&query.parse().unwrap(), b"")).unwrap();
    for uri in [
        query.clone(),
        format!("https://elsewhere.example:8443{query}"),
    ] {
        let uri = uri.parse().unwrap();
        assert!(verifier().verify(&uri, &headers, b"{ }").is_ok());
    }
}
