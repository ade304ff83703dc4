//! Who signs, and what is forgotten when.

use super::{OtherClient, Rotating, RotatingKey, RotatingKeyId};
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

fn current(keys: &Rotating) -> RotatingKeyId {
    keys.current().id()
}

fn ids(keys: &Rotating) -> Vec<RotatingKeyId> {
    keys.keys().iter().map(RotatingKey::id).collect()
}

#[test]
fn looking_at_the_keys_changes_nothing() {
    let keys = Rotating::new(key("old"));
    assert_eq!(ids(&keys), [current(&keys)]);
    keys.stage(key("new")).unwrap();
    for _ in 0..3 {
        assert_eq!(keys.keys().len(), 2);
    }
    assert!(signs_as(&keys, "old"));
    assert_eq!(keys.generation(), 0);
}

#[test]
fn an_accepted_key_takes_over_and_the_replaced_one_stays() {
    let keys = Rotating::new(key("old"));
    keys.stage(key("new")).unwrap();
    let old = current(&keys);
    let new = ids(&keys)[1];
    assert!(keys.accepted(new));
    assert!(signs_as(&keys, "new"));
    assert!(!keys.accepted(new), "it signs already");
    // The server went back.
    assert_eq!(ids(&keys), [new, old]);
    assert!(keys.accepted(old));
    assert!(signs_as(&keys, "old"));
    assert_eq!(ids(&keys), [old, new]);
    assert_eq!(keys.generation(), 2);
}

/// Nobody knows yet which of them the server takes.
#[test]
fn staging_before_the_last_one_was_accepted_forgets_neither() {
    for right in ["old", "new", "newer"] {
        let keys = Rotating::new(key("old"));
        keys.stage(key("new")).unwrap();
        keys.stage(key("newer")).unwrap();
        for key in keys.keys() {
            let other = Rotating::new(self::key("none"));
            other.0.write().unwrap().current = key.clone();
            if signs_as(&other, right) {
                assert_eq!(keys.accepted(key.id()), right != "old");
            }
        }
        assert!(signs_as(&keys, right), "{right}");
        assert_eq!(ids(&keys).len(), 3, "{right}");
    }
}

#[test]
fn staging_forgets_what_was_replaced() {
    let keys = Rotating::new(key("old"));
    keys.stage(key("new")).unwrap();
    let new = ids(&keys)[1];
    keys.accepted(new);
    keys.stage(key("newer")).unwrap();
    assert_eq!(ids(&keys).len(), 2);
    assert!(signs_as(&keys, "new"));
}

#[test]
fn only_so_many_are_kept() {
    let keys = Rotating::new(key("old"));
    for number in 0..10 {
        keys.stage(key(&format!("number {number}"))).unwrap();
    }
    assert_eq!(ids(&keys).len(), 4);
    let latest = ids(&keys)[1];
    keys.accepted(latest);
    assert!(signs_as(&keys, "number 9"));
}

#[test]
fn rotating_forgets_what_was_staged_and_keeps_what_it_replaces() {
    let keys = Rotating::new(key("old"));
    let old = current(&keys);
    keys.stage(key("other")).unwrap();
    keys.rotate(key("new"));
    assert!(signs_as(&keys, "new"));
    assert_eq!(ids(&keys), [current(&keys), old]);
    // Another client has nothing to do with the keys of this one.
    keys.rotate(Credentials::new("OTHER", "key").unwrap());
    assert_eq!(ids(&keys), [current(&keys)]);
}

#[test]
fn the_key_of_another_client_is_not_staged() {
    let keys = Rotating::new(key("old"));
    let other = Credentials::new("ACME2", "new").unwrap();
    assert_eq!(keys.stage(other), Err(OtherClient));
    assert_eq!(keys.keys().len(), 1);
}
