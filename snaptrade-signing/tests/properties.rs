//! What holds for every input.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "properties/json.rs"]
mod json;

use std::collections::BTreeMap;

use common::{NOW, clock, credentials, signature_header};
use fastrand::Rng;
use http::Uri;
use json::{InOrder, json, name, quoted};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use snaptrade_signing::canonical::{self, Escaping};
use snaptrade_signing::{Signer, UnixTime, Verifier};

const ESCAPINGS: [Escaping; 2] = [Escaping::Ascii, Escaping::RawUtf8];

/// Bytes that come close to JSON.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragments = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"\\",
        "\\u00",
        "\\ud83d",
        "1",
        "-",
        "0",
        ".5",
        "e9",
        "null",
        " ",
        "{\"a\":",
        "{\"b\":1,\"a\":",
        "é",
        "\0",
        "\"\\n\"",
    ];
    vec(select(fragments.to_vec()), 0..40).prop_map(|parts| parts.concat().into_bytes())
}

/// A member of a query that is no stamp's, and one that is.
fn member() -> impl Strategy<Value = (bool, String)> {
    let chars = select(b"abI?=+%;/:@!$'()*,-._~12".to_vec());
    let value = vec(chars, 0..12).prop_map(|bytes| String::from_utf8(bytes).unwrap());
    let near = select(vec![
        "clientIdx",
        "myclientId",
        "timestamps",
        "client%49d",
        "CLIENTID",
        "?clientId",
    ]);
    let stamp = select(vec!["clientId", "timestamp"]);
    prop_oneof![
        4 => value.clone().prop_map(|value| (false, value)),
        1 => (near, value.clone()).prop_map(|(name, value)| (false, format!("{name}={value}"))),
        1 => (stamp.clone(), value).prop_map(|(name, value)| (true, format!("{name}={value}"))),
        1 => stamp.prop_map(|name| (true, name.to_owned())),
    ]
}

/// A member that no reader takes for a stamp's.
fn plain_member() -> impl Strategy<Value = String> {
    let near = select(vec![
        "a",
        "clientIdx",
        "myclientId",
        "timestamps",
        "%C5%BDi%C5%BEek",
    ]);
    (near, "(=[abI?=+%/:@!$'()*,._~12-]{0,12})?").prop_map(|(name, value)| name.to_owned() + &value)
}

/// Each text that differs from an ASCII text in one bit and is ASCII still.
fn one_bit_off(text: &str) -> impl Iterator<Item = String> {
    (0..text.len() * 7).map(move |bit| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 7] ^= 1 << (bit % 7);
        String::from_utf8(bytes).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_and_what_is_canonical_stays(
        body in prop_oneof![vec(any::<u8>(), 0..200), fragments()],
    ) {
        for escaping in ESCAPINGS {
            if let Ok(once) = canonical::json(escaping, &body) {
                prop_assert_eq!(canonical::json(escaping, once.as_bytes()), Ok(once));
            }
        }
        let signed = Signer::new(credentials()).sign("/p", "q", &body);
        prop_assert_eq!(signed.is_ok(), body.is_empty() || canonical::json(Escaping::Ascii, &body).is_ok());
    }

    #[test]
    fn white_space_and_order_change_nothing(json in json(), seed: u64) {
        let (mut compact, mut loose) = (String::new(), String::new());
        json.write(&mut None, &mut compact);
        json.write(&mut Some(Rng::with_seed(seed)), &mut loose);
        for escaping in ESCAPINGS {
            let once = canonical::json(escaping, compact.as_bytes());
            prop_assert_eq!(&once, &canonical::json(escaping, loose.as_bytes()));
            let once = once.unwrap();
            prop_assert_eq!(canonical::json(escaping, once.as_bytes()), Ok(once));
        }
    }

    /// More members than an order is remembered of; most stand where they belong, some names come again.
    #[test]
    fn members_of_large_objects_are_in_order(len in 60..100_usize, moved in vec((0..60_usize, 0..60_usize), 0..4)) {
        let mut names: Vec<usize> = (0..len).collect();
        for (at, from) in moved {
            names[at] = from;
        }
        let text = |members: Vec<(usize, usize)>, nested: &dyn Fn(usize) -> String| {
            let members = members.into_iter().map(|(name, at)| match at % 5 {
                0 => format!(r#""k{name:03}":{}"#, nested(at)),
                _ => format!(r#""k{name:03}":{at}"#),
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        };
        let members: Vec<_> = names.into_iter().zip(0..).collect();
        let last: BTreeMap<_, _> = members.iter().copied().collect();
        let body = text(members, &|at| format!(r#"{{"b":{at},"a":[]}}"#));
        let expected = text(last.into_iter().collect(), &|at| format!(r#"{{"a":[],"b":{at}}}"#));
        prop_assert_eq!(canonical::json(Escaping::Ascii, body.as_bytes()), Ok(expected));
    }

    #[test]
    fn members_are_in_the_order_of_code_points(names in btree_set(name(), 0..20), seed: u64) {
        // What `String` sorts by, and quoted as Python does with `ensure_ascii=False`.
        let sorted: Vec<String> = names.iter().map(|name| format!("{}:0", quoted(name))).collect();
        let mut shuffled = sorted.clone();
        Rng::with_seed(seed).shuffle(&mut shuffled);
        let expected = format!("{{{}}}", sorted.join(","));
        for escaping in ESCAPINGS {
            let text = canonical::json(escaping, format!("{{{}}}", shuffled.join(",")).as_bytes()).unwrap();
            let unescaped = canonical::json(Escaping::RawUtf8, text.as_bytes());
            prop_assert_eq!(unescaped.as_ref(), Ok(&expected));
            // Not put in order by the second reading alone.
            let in_order = serde_json::from_str::<InOrder>(&text).unwrap().0;
            prop_assert!(in_order.iter().eq(&names));
        }
    }

    #[test]
    fn a_stamp_replaces_a_stamp_and_nothing_else(members in vec(member(), 0..10), secs in 1..100_000_000_000_u64) {
        let all: Vec<&str> = members.iter().map(|(_, text)| text.as_str()).collect();
        let query = all.join("&");
        // Nothing behind the `?` is no member, and neither is an empty one of its own.
        let kept: String = match query.is_empty() {
            true => String::new(),
            false => members.iter().filter(|(stamp, _)| !stamp).map(|(_, text)| format!("{text}&")).collect(),
        };
        let signer = Signer::new(credentials());
        let now = UnixTime::from_secs(secs);
        let stamp = signer.stamp(&format!("/p?{query}").parse().unwrap(), b"", now).unwrap();
        let expected = format!("/p?{kept}clientId=ACME&timestamp={secs}");
        prop_assert_eq!(stamp.path_and_query().as_str(), expected);
        let again = signer.stamp(stamp.path_and_query(), b"", now).unwrap();
        prop_assert_eq!(again.path_and_query(), stamp.path_and_query());
        prop_assert_eq!(again.signature(), stamp.signature());
    }
}

proptest! {
    // Each case verifies once for every bit there is.
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_bit_makes_another_request(
        path in "/[a-zA-Z0-9%/.~-]{0,20}",
        members in vec(plain_member(), 0..3),
        json in json(),
        seed: u64,
    ) {
        let mut body = String::new();
        json.write(&mut Some(Rng::with_seed(seed)), &mut body);
        let query = members.join("&");
        let signer = Signer::new(credentials());
        let path_and_query = format!("{path}?{query}").parse().unwrap();
        let stamp = signer.stamp(&path_and_query, body.as_bytes(), UnixTime::from_secs(NOW)).unwrap();
        let uri = stamp.path_and_query().as_str();
        let signature = stamp.signature().to_str().unwrap();

        let verifier = Verifier::new(credentials()).clock(clock());
        let passes = |uri: &str, signature: &str, body: &[u8]| {
            // What is no URI or no header reaches no server.
            let (Ok(uri), Some(headers)) = (uri.parse::<Uri>(), signature_header(signature)) else {
                return false;
            };
            verifier.verify(&uri, &headers, body).is_ok()
        };
        prop_assert!(passes(uri, signature, body.as_bytes()));
        for uri in one_bit_off(uri) {
            prop_assert!(!passes(&uri, signature, body.as_bytes()), "{}", uri);
        }
        for signature in one_bit_off(signature) {
            prop_assert!(!passes(uri, &signature, body.as_bytes()), "{}", signature);
        }
        let text = |body: &[u8]| canonical::request("", "", body).ok();
        for bit in 0..body.len() * 8 {
            let mut other = body.clone().into_bytes();
            other[bit / 8] ^= 1 << (bit % 8);
            let same = text(&other) == text(body.as_bytes());
            prop_assert_eq!(passes(uri, signature, &other), same, "{}", other.escape_ascii());
        }
    }
}
