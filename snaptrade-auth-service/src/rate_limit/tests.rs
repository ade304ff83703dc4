//! What is read from an answer.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Response, StatusCode};
use snaptrade_signing::UnixTime;

use super::feedback::Feedback;
use super::{AnnouncedWait, Paused, RateLimitStatus, announced_wait};

const THROTTLED: StatusCode = StatusCode::TOO_MANY_REQUESTS;
/// Sun, 06 Nov 1994 08:49:37 GMT.
const NOW: UnixTime = UnixTime::from_secs(784_111_777);

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs.iter();
    let headers = pairs.map(|&(name, value)| {
        let name = http::HeaderName::from_static(name);
        (name, HeaderValue::from_static(value))
    });
    headers.collect()
}

fn wait(pairs: &[(&'static str, &'static str)], detail: Option<&str>) -> Option<u64> {
    announced_wait(THROTTLED, &headers(pairs), detail, NOW).map(|wait| wait.as_secs())
}

#[test]
fn a_wait_is_read_in_all_its_forms() {
    let detail = Some("Request was throttled. Expected available in 7 seconds.");
    let reset = ("x-ratelimit-reset", "12");
    let retry = ("retry-after", "9");
    assert_eq!(wait(&[reset, retry], detail), Some(12));
    assert_eq!(wait(&[retry], detail), Some(9));
    assert_eq!(wait(&[], detail), Some(7));
    assert_eq!(wait(&[], None), None);
    assert_eq!(wait(&[], Some("available in 1 second.")), Some(1));
    assert_eq!(wait(&[], Some("available in a moment")), None);
    assert_eq!(wait(&[("retry-after", "soon")], None), None);
    assert_eq!(wait(&[("retry-after", "0.2")], None), Some(1));
}

#[test]
fn a_date_is_counted_from_the_answers_own_date() {
    let at = ("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT");
    assert_eq!(wait(&[at], None), Some(20));
    let skewed = ("date", "Sun, 06 Nov 1994 08:49:47 GMT");
    assert_eq!(wait(&[at, skewed], None), Some(10));
    let past = ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT");
    assert_eq!(wait(&[past], None), Some(0));
}

#[test]
fn only_answers_that_refuse_announce_a_wait() {
    let headers = headers(&[("x-ratelimit-reset", "12"), ("retry-after", "9")]);
    let wait = |status| announced_wait(status, &headers, None, NOW);
    assert_eq!(wait(StatusCode::OK), None);
    assert_eq!(wait(StatusCode::BAD_GATEWAY), None);
    let unavailable = wait(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(unavailable, Some(Duration::from_secs(9)));
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let status = RateLimitStatus::from_headers(&headers(&[
        ("x-ratelimit-limit", " 250 "),
        ("x-ratelimit-remaining", "-1"),
        ("x-ratelimit-reset", "99999999999999999999999"),
    ]));
    let status = status.unwrap();
    assert_eq!(status.client.limit, Some(250));
    assert_eq!(status.client.remaining, None);
    assert_eq!(status.client.used(), None);
    assert_eq!(status.client.reset, Some(Duration::from_secs(u64::MAX)));
    let unreadable = headers(&[("x-ratelimit-limit", "many")]);
    assert_eq!(RateLimitStatus::from_headers(&unreadable), None);
}

fn answer(status: StatusCode, pairs: &[(&'static str, &'static str)]) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = headers(pairs);
    response
}

#[test]
fn a_throttled_client_id_stops_everyone_and_the_answer_says_so() {
    let mut response = answer(THROTTLED, &[("retry-after", "3")]);
    let feedback = Feedback::read(&mut response);
    assert_eq!(feedback.pause, Some(Duration::from_secs(3)));
    assert_eq!(feedback.used, Some(usize::MAX));
    let paused = response.extensions().get();
    assert_eq!(paused, Some(&Paused(Duration::from_secs(3))));
}

#[test]
fn a_throttled_account_stops_nobody_else() {
    let account = [
        ("x-ratelimit-limit", "250"),
        ("x-ratelimit-remaining", "200"),
        ("x-ratelimit-reset", "50"),
        ("x-ratelimit-account-limit", "10"),
        ("x-ratelimit-account-remaining", "0"),
        ("x-ratelimit-account-reset", "30"),
    ];
    let mut response = answer(THROTTLED, &account);
    let feedback = Feedback::read(&mut response);
    assert_eq!(feedback.pause, None);
    assert_eq!(feedback.used, Some(50));
    assert_eq!(response.extensions().get::<Paused>(), None);
    assert_eq!(wait(&account, None), Some(30));
}

#[test]
fn a_wait_from_the_body_is_taken_over_and_none_is_endless() {
    let mut response = answer(THROTTLED, &[]);
    let wait = AnnouncedWait(Duration::from_secs(7));
    response.extensions_mut().insert(wait);
    let feedback = Feedback::read(&mut response);
    assert_eq!(feedback.pause, Some(Duration::from_secs(7)));

    let mut response = answer(THROTTLED, &[("x-ratelimit-reset", "9999999999999")]);
    let feedback = Feedback::read(&mut response);
    assert_eq!(feedback.pause, Some(Duration::from_secs(3_600)));
}
