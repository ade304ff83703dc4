//! A server that is down sees the calls, and no more on top of them than the budget has.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::operations::ListUsers;
use snaptrade_auth_service::retry::RetryPolicy;
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Point, Sandbox};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::ServiceExt;
use tower::retry::budget::TpsBudget;

use crate::common::snaptrade;

const CALLS: usize = 500;
/// The budget: within ten seconds, three repetitions a second and one for each two calls that were answered.
const TTL: Duration = Duration::from_secs(10);
const PER_SEC: u32 = 3;
const PERCENT: f32 = 0.5;
const RESERVE: usize = 30;

fn policy() -> RetryPolicy {
    RetryPolicy::builder()
        .max_attempts(10)
        // Nine waits end within the budget's time.
        .backoff(Duration::from_millis(10), Duration::from_millis(100))
        .budget(Arc::new(TpsBudget::new(TTL, PER_SEC, PERCENT)))
        .build()
        .unwrap()
}

fn unlimited() -> Sandbox {
    Sandbox::builder().rate_limit(u32::MAX, TTL).build()
}

/// All calls at once; how many succeed.
async fn storm(sandbox: &Sandbox, policy: RetryPolicy, calls: usize) -> usize {
    let snaptrade = snaptrade(sandbox, policy);
    let mut running = JoinSet::new();
    for _ in 0..calls {
        running.spawn(snaptrade.clone().oneshot(ListUsers::new()));
    }
    let answers = running.join_all().await;
    answers.into_iter().filter(Result::is_ok).count()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_everything_sees_the_reserve_on_top() {
    let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE, ErrorBody::Json);
    for fault in [
        unavailable,
        Fault::Reset(Point::BeforeCommit),
        Fault::RefuseStream,
    ] {
        let sandbox = unlimited();
        sandbox.faults().when(move |_| Some(fault.clone()));
        let start = Instant::now();
        assert_eq!(storm(&sandbox, policy(), CALLS).await, 0);
        assert!(start.elapsed() < TTL);
        assert_eq!(sandbox.log().len(), CALLS + RESERVE);
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_were_answered_pay_for_more() {
    let sandbox = unlimited();
    let policy = policy();
    assert_eq!(storm(&sandbox, policy.clone(), 100).await, 100);
    sandbox
        .faults()
        .when(|_| Some(Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Empty)));
    assert_eq!(storm(&sandbox, policy.clone(), CALLS).await, 0);
    assert_eq!(sandbox.log().len(), 100 + CALLS + RESERVE + 100 / 2);

    // What was paid and what was taken is forgotten when its time is over.
    tokio::time::sleep(TTL * 2).await;
    let before = sandbox.log().len();
    assert_eq!(storm(&sandbox, policy, CALLS).await, 0);
    assert_eq!(sandbox.log().len() - before, CALLS + RESERVE);
}

#[tokio::test(start_paused = true)]
async fn a_passing_failure_costs_nobody_their_call() {
    let sandbox = unlimited();
    let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE, ErrorBody::Json);
    sandbox.faults().next_n(RESERVE, unavailable);
    assert_eq!(storm(&sandbox, policy(), CALLS).await, CALLS);
    assert_eq!(sandbox.log().len(), CALLS + RESERVE);
}
