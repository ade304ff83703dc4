//! What the example `resilient_stack` tells is what happened.
//!
//! The stack that is tested is the one that is shown: built by hand, over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use snaptrade_auth_service::sandbox::Outcome;

#[expect(dead_code, reason = "it has a `main` of its own")]
#[path = "../../resilient_stack/main.rs"]
mod resilient_stack;

use resilient_stack::scene::Scene;
use resilient_stack::{quota, retries, secrets, stamps};

/// What the server answered, in the order in which the requests came, and whether it did what was asked for.
fn server(scene: &Scene) -> Vec<(Option<u16>, bool)> {
    let entries = scene.server.iter().map(|(_, entry)| entry);
    entries
        .map(|entry| match entry.outcome() {
            Outcome::Answered(status) => (Some(status.as_u16()), entry.committed()),
            _ => (None, entry.committed()),
        })
        .collect()
}

fn wait_before(scene: &Scene, request: usize) -> Duration {
    scene.server[request].0 - scene.server[request - 1].0
}

const RAN: (Option<u16>, bool) = (Some(200), true);
const STALE: (Option<u16>, bool) = (Some(401), false);

#[tokio::test]
async fn a_list_outlasts_an_unavailable_server() {
    let scene = retries::unavailable().await.unwrap();
    let unavailable = (Some(503), false);
    assert_eq!(server(&scene), [unavailable, unavailable, RAN]);
    assert_eq!(scene.caller.len(), 1);
    assert!(scene.caller[0].ends_with("attempts: 3"), "{scene}");
}

#[tokio::test]
async fn a_429_stops_the_callers_that_did_not_hear_of_it() {
    let scene = quota::throttled().await.unwrap();
    let throttled = (Some(429), false);
    assert_eq!(server(&scene), [RAN, RAN, RAN, throttled, RAN, RAN]);
    assert!(
        wait_before(&scene, 4) >= Duration::from_millis(900),
        "{scene}"
    );
    assert!(scene.caller[1].ends_with("attempts: 1"), "{scene}");
}

#[tokio::test]
async fn an_answer_that_stops_half_way_is_not_waited_for() {
    let scene = retries::stalled().await.unwrap();
    assert_eq!(server(&scene), [RAN, RAN, RAN]);
    assert!(wait_before(&scene, 2) >= Duration::from_secs(1), "{scene}");
    assert!(scene.caller[0].ends_with("attempts: 2"), "{scene}");
}

#[tokio::test]
async fn an_idle_close_costs_a_list_an_attempt_and_a_registration_nothing() {
    let scene = retries::idle_close().await.unwrap();
    assert_eq!(server(&scene), [RAN, (None, false), RAN, RAN]);
    assert!(scene.caller[0].ends_with("attempts: 2"), "{scene}");
    assert!(scene.caller[1].ends_with("attempts: 1"), "{scene}");
    let connections = scene.server.iter().map(|(_, entry)| entry.connection());
    let connections: Vec<_> = connections.collect();
    assert_eq!(connections[0], connections[1], "the pooled one");
    assert!(!connections[..3].contains(&connections[3]), "a fresh one");
}

#[tokio::test]
async fn a_registration_whose_answer_is_lost_ran_once_and_is_written_down() {
    let scene = secrets::reset_after_commit().await.unwrap();
    assert_eq!(server(&scene), [(None, true)]);
    assert!(
        scene.caller[0].starts_with("register: Unknown: "),
        "{scene}"
    );
    assert_eq!(
        scene.layers[1].1,
        "wrote down how registerUser ended: Unknown"
    );
}

#[tokio::test]
async fn secrets_are_stored_without_their_callers() {
    let scene = secrets::caller_leaves().await.unwrap();
    assert_eq!(server(&scene), [RAN, RAN]);
    let told = scene.to_string();
    assert!(told.contains("2 calls went on"), "{told}");
    assert!(told.contains("2 secrets are in the sink"), "{told}");
    assert!(told.contains("register joe: Unknown: "), "{told}");
}

#[tokio::test]
async fn a_wrong_clock_costs_one_attempt_in_all() {
    let scene = stamps::wrong_clock().await.unwrap();
    assert_eq!(server(&scene), [STALE, RAN, RAN]);
    assert!(scene.to_string().contains("attempts: 2\n"), "{scene}");
}

#[tokio::test]
async fn no_call_fails_when_the_key_is_replaced() {
    let scene = stamps::new_key().await.unwrap();
    let expected = [STALE, STALE, STALE, STALE, RAN, RAN, RAN, RAN];
    assert_eq!(server(&scene), expected);
    assert_eq!(scene.caller.len(), 4);
    for saw in &scene.caller {
        assert!(saw.ends_with("attempts: 2"), "{scene}");
    }
}

#[tokio::test]
async fn a_full_quota_meets_no_429() {
    let scene = quota::full().await.unwrap();
    assert_eq!(server(&scene), [RAN; 6]);
    let window = scene.server[3].0 - scene.server[0].0;
    assert!(window >= Duration::from_secs(1), "{scene}");
    assert!(scene.caller[1].starts_with("3 lists: NotSent: "), "{scene}");
}
