//! Who signs, and what is forgotten when.

use super::Rotating;
use crate::credentials::Credentials;
use crate::provide::ProvideSigner;

const QUERY: &str = "clientId=ACME&timestamp=1635790389";

fn key(name: &str) -> Credentials {
    Credentials::new("ACME", name).unwrap()
}

fn signs_as(keys: &Rotating, name: &str) -> bool {
    let expected = Rotating::new(key(name))
        .signer()
        .sign("/", QUERY, b"")
        .unwrap();
    keys.signer().sign("/", QUERY, b"").unwrap().expose() == expected.expose()
}

#[test]
fn a_refusal_with_nothing_staged_changes_nothing() {
    let keys = Rotating::new(key("old"));
    assert!(!keys.refused(0));
    assert!(signs_as(&keys, "old"));
    assert_eq!(keys.generation(), 0);
}

#[test]
fn a_refusal_that_had_another_reason_brings_the_old_key_back_and_keeps_the_new_one() {
    let keys = Rotating::new(key("old"));
    keys.stage(key("new"));
    keys.accepted(0);
    assert!(keys.refused(0));
    assert!(signs_as(&keys, "new"));
    assert!(keys.refused(1));
    assert!(signs_as(&keys, "old"));
    keys.accepted(2);
    assert!(keys.refused(2), "the new key is still staged");
    assert!(signs_as(&keys, "new"));
}

#[test]
fn an_accepted_key_stays() {
    let keys = Rotating::new(key("old"));
    keys.stage(key("new"));
    assert!(keys.refused(0));
    // An answer to what the old key had signed settles nothing.
    keys.accepted(0);
    assert!(keys.refused(1));
    assert!(keys.refused(2));
    keys.accepted(3);
    assert!(!keys.refused(3));
    assert!(signs_as(&keys, "new"));
}

/// Nobody knows yet which of the first two the server takes, so both stay.
#[test]
fn staging_before_the_last_one_was_accepted_forgets_neither() {
    for right in ["old", "new", "newer"] {
        let keys = Rotating::new(key("old"));
        keys.stage(key("new"));
        assert!(keys.refused(0));
        keys.stage(key("newer"));
        for generation in 1..=3 {
            if signs_as(&keys, right) {
                keys.accepted(generation);
                break;
            }
            assert!(keys.refused(generation), "{right}");
        }
        assert!(signs_as(&keys, right), "{right}");
        // What is older than an accepted key is forgotten, what is newer is not.
        let others = ["old", "new", "newer"]
            .iter()
            .skip_while(|it| **it != right);
        assert_eq!(
            keys.refused(keys.generation()),
            others.count() > 1,
            "{right}"
        );
    }
}

#[test]
fn rotating_forgets_what_was_staged() {
    let keys = Rotating::new(key("old"));
    keys.stage(key("other"));
    keys.rotate(key("new"));
    assert!(!keys.refused(1));
    assert!(keys.refused(0), "signed before the rotation");
    assert!(signs_as(&keys, "new"));
}
