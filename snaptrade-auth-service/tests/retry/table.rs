//! The table over HTTP: for each way to end an attempt, whether there is a second one.

use std::io;
use std::time::Duration;

use http::Method;
use proptest::prelude::*;
use snaptrade_auth_service::rate_limit::RateLimitError;
use snaptrade_auth_service::retry::{Attempts, RetryError, StaleStamp};
use snaptrade_auth_service::{Outcome, Repeat};
use snaptrade_signing::SignError;
use tower::ServiceExt;

use crate::common::{Answer, answer, generous, io_error, request, retrying, server};

const REFUSED: &str = r#"{"detail":"x","status_code":401,"code":"1076"}"#;
const BAD_USER: &str = r#"{"detail":"x","status_code":401,"code":"1083"}"#;

/// One way to end, and whether Safe and Never are sent again.
type Row = (&'static str, fn() -> Answer, bool, bool);

const ROWS: &[Row] = &[
    ("200", || answer(200, ""), false, false),
    ("400", || answer(400, ""), false, false),
    ("404", || answer(404, ""), false, false),
    ("425", || answer(425, ""), false, false),
    ("429", || answer(429, ""), true, true),
    ("500", || answer(500, ""), false, false),
    ("501", || answer(501, ""), false, false),
    ("502", || answer(502, ""), true, false),
    ("503", || answer(503, ""), true, false),
    ("504", || answer(504, ""), true, false),
    ("401, fresh", || answer(401, REFUSED), false, false),
    ("401, stale", || stale(401, REFUSED), true, true),
    ("401, stale, user's", || stale(401, BAD_USER), false, false),
    ("400/1076, stale", || stale(400, REFUSED), false, false),
    ("403/1076, stale", || stale(403, REFUSED), false, false),
    ("200, stale", || stale(200, REFUSED), false, false),
    (
        "no connection",
        || error(io::ErrorKind::ConnectionRefused),
        true,
        true,
    ),
    (
        "reset",
        || error(io::ErrorKind::ConnectionReset),
        true,
        false,
    ),
    ("anything", || Err("anything".into()), true, false),
    ("unsigned", || Err(SignError::NoPath.into()), false, false),
    ("no slot", || Err(too_long().into()), false, false),
    (
        "no runtime",
        || Err(RateLimitError::NoRuntime.into()),
        false,
        false,
    ),
];

fn stale(status: u16, body: &'static str) -> Answer {
    let mut answer = answer(status, body)?;
    answer.extensions_mut().insert(StaleStamp);
    Ok(answer)
}

fn error(kind: io::ErrorKind) -> Answer {
    Err(io_error(kind))
}

fn too_long() -> RateLimitError {
    RateLimitError::WaitTooLong {
        retry_after: Duration::from_secs(2),
        max_wait: Duration::from_secs(1),
    }
}

#[tokio::test(start_paused = true)]
async fn each_row() {
    let columns = [
        (Method::GET, None, Repeat::Safe),
        (Method::HEAD, None, Repeat::Safe),
        (Method::DELETE, None, Repeat::Safe),
        (Method::POST, None, Repeat::Never),
        (Method::PUT, None, Repeat::Never),
        (Method::PATCH, None, Repeat::Never),
        // A mark goes before the method.
        (Method::POST, Some(Repeat::Safe), Repeat::Safe),
        (Method::GET, Some(Repeat::Never), Repeat::Never),
    ];
    for (name, ends, safe, never) in ROWS {
        for (method, mark, repeat) in columns.clone() {
            let (http, count) = server(|number, _| match number {
                1 => ends(),
                _ => answer(200, "done"),
            });
            let mut request = request(method.clone());
            if let Some(mark) = mark {
                request.extensions_mut().insert(mark);
            }
            let result = retrying(generous(4), http).oneshot(request).await;
            let again = if repeat == Repeat::Safe {
                *safe
            } else {
                *never
            };
            assert_eq!(
                count.get(),
                1 + u32::from(again),
                "{name} {method} {mark:?}"
            );
            // Whatever came of it says how many there were.
            let attempts = match &result {
                Ok(answer) => *answer.extensions().get::<Attempts>().unwrap(),
                Err(error) => error.downcast_ref::<RetryError>().unwrap().attempts(),
            };
            assert_eq!(attempts.count(), count.get(), "{name} {method}");
            if again {
                assert_eq!(result.unwrap().body().bytes().unwrap(), "done");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_stamp_is_mended_twice_at_most() {
    let (http, count) = server(|_, _| stale(401, REFUSED));
    let last = retrying(generous(4), http)
        .oneshot(request(Method::GET))
        .await;
    assert_eq!(last.unwrap().status(), 401);
    assert_eq!(count.get(), 3);
    // Other failures between them change nothing.
    let (http, count) = server(|number, _| match number {
        2 => answer(502, ""),
        _ => stale(401, REFUSED),
    });
    let last = retrying(generous(9), http)
        .oneshot(request(Method::GET))
        .await;
    assert_eq!(last.unwrap().status(), 401);
    assert_eq!(count.get(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_run_stays_unknown() {
    let (http, count) = server(|number, _| match number {
        1 => error(io::ErrorKind::ConnectionReset),
        _ => error(io::ErrorKind::ConnectionRefused),
    });
    let error = retrying(generous(3), http)
        .oneshot(request(Method::GET))
        .await;
    let error = error.unwrap_err();
    assert_eq!(count.get(), 3);
    assert_eq!(Outcome::of(&*error), Outcome::Unknown);
    let error = error.downcast_ref::<RetryError>().unwrap();
    assert!(error.attempts().earlier_may_have_run());
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test(start_paused = true)]
async fn an_error_prints_no_query() {
    let (http, _) = server(|_, request| {
        let uri = request.uri();
        Err(format!("error for url ({uri}?userSecret=marker)").into())
    });
    let error = retrying(generous(2), http)
        .oneshot(request(Method::GET))
        .await;
    let error = error.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("marker"), "{printed}");
    assert!(printed.contains("2 attempts failed"), "{printed}");
}

/// The server's side of it: after an attempt of a Never that may have run there is no other one.
fn may_have_run(row: &Row) -> bool {
    matches!(row.0, "500" | "502" | "503" | "504" | "reset" | "anything")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn never_and_unknown_ends_the_call(
        script in prop::collection::vec(0..ROWS.len(), 1..12), max_attempts in 1..20_u32,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let at = move |number: u32| {
            let index = script.get(number as usize - 1).copied();
            &ROWS[index.unwrap_or_default()]
        };
        let scripted = at.clone();
        let (http, count) = server(move |number, _| scripted(number).1());
        let call = retrying(generous(max_attempts), http).oneshot(request(Method::POST));
        let _ = runtime.block_on(call);
        let made = count.get();
        prop_assert!(made <= max_attempts);
        for number in 1..made {
            prop_assert!(!may_have_run(at(number)), "{} was sent again", at(number).0);
            prop_assert!(at(number).3, "{} was sent again", at(number).0);
        }
    }
}
