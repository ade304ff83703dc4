//! The rolling limit, under paused time.

use std::time::Duration;

use http::Method;
use snaptrade_auth_service::sandbox::Route;
use snaptrade_signing::Credentials;

use crate::common::{builder, list, personal, request, sandbox, send, signed_by};

#[tokio::test(start_paused = true)]
async fn no_more_than_250_in_any_minute() {
    let sandbox = sandbox();
    for second in [0, 20] {
        for _ in 0..125 {
            assert_eq!(send(&sandbox, list()).await.status, 200, "{second}");
        }
        tokio::time::advance(Duration::from_secs(20)).await;
    }
    // Second 40: the first 125 leave at 60, the others at 80.
    let answered = send(&sandbox, list()).await;
    answered.is_error(
        429,
        "0000",
        "Request was throttled. Expected available in 20 seconds.",
    );
    assert_eq!(answered.header("retry-after"), "20");
    assert_eq!(answered.header("x-ratelimit-limit"), "250");
    assert_eq!(answered.header("x-ratelimit-remaining"), "0");
    assert_eq!(answered.header("x-ratelimit-reset"), "20");
    assert_eq!(sandbox.commits(Route::ListUsers), 250);

    tokio::time::advance(Duration::from_millis(19_999)).await;
    assert_eq!(send(&sandbox, list()).await.status, 429);
    tokio::time::advance(Duration::from_millis(1)).await;
    for _ in 0..125 {
        assert_eq!(send(&sandbox, list()).await.status, 200);
    }
    assert_eq!(send(&sandbox, list()).await.header("retry-after"), "20");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_verify_does_not_count() {
    let sandbox = builder().rate_limit(1, Duration::from_secs(60)).build();
    for _ in 0..3 {
        let wrong = Credentials::new("SANDBOX", "a wrong key").unwrap();
        let wrong = signed_by(wrong, Method::GET, "/snapTrade/listUsers", "");
        let answered = send(&sandbox, wrong).await;
        assert_eq!(answered.status, 401);
        assert!(!answered.headers.contains_key("x-ratelimit-limit"));
        send(&sandbox, request(Method::GET, "/", "")).await;
    }
    assert_eq!(send(&sandbox, list()).await.status, 200);
    assert_eq!(send(&sandbox, list()).await.status, 429);
    // Another client has a window of its own.
    let other = signed_by(personal(), Method::GET, "/snapTrade/listUsers", "");
    assert_eq!(send(&sandbox, other).await.status, 200);

    sandbox.set_rate_limit(2, Duration::from_secs(60));
    let raised = send(&sandbox, list()).await;
    assert_eq!(
        (raised.status.as_u16(), raised.header("x-ratelimit-limit")),
        (200, "2")
    );
}

#[tokio::test(start_paused = true)]
async fn a_personal_keys_account_has_a_limit_of_its_own() {
    let sandbox = sandbox();
    let get = |path: &str| signed_by(personal(), Method::GET, path, "");
    let accounts = send(&sandbox, get("/accounts")).await.json();
    let path = |at: usize| {
        format!(
            "/accounts/{}/positions",
            accounts[at]["id"].as_str().unwrap()
        )
    };
    for used in 1..=10 {
        let answered = send(&sandbox, get(&path(0))).await;
        assert_eq!(answered.status, 200);
        assert_eq!(answered.header("x-ratelimit-account-limit"), "10");
        let remaining = (10 - used).to_string();
        assert_eq!(answered.header("x-ratelimit-account-remaining"), remaining);
    }
    let refused = send(&sandbox, get(&path(0))).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("x-ratelimit-account-reset"), "60");
    assert_eq!(refused.header("retry-after"), "60");
    assert_ne!(refused.header("x-ratelimit-remaining"), "0");
    assert_eq!(send(&sandbox, get(&path(1))).await.status, 200);
}
