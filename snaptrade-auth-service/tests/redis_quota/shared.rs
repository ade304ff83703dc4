//! What one process learns holds for all. Two layers of the same key are two processes to Redis.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use snaptrade_auth_service::rate_limit::{
    InvalidRedisQuota, Quota, RateLimitError, RedisQuota, RollingRateLimitLayer,
};
use snaptrade_signing::BoxError;
use tokio::time::{Instant, timeout};
use tower::{Layer, ServiceExt, service_fn};

use crate::redis::Redis;

fn layer(redis: &Redis, requests: u32) -> RollingRateLimitLayer {
    let quota = Quota::builder().requests(requests).build().unwrap();
    let shared = RedisQuota::new(&redis.url(), "test", quota, 2).unwrap();
    RollingRateLimitLayer::shared(shared).max_wait(Duration::from_secs(5))
}

async fn send(layer: &RollingRateLimitLayer, answer: Response<()>) -> Result<(), BoxError> {
    let client = layer.layer(service_fn(|request: Request<Response<()>>| async {
        Ok::<_, BoxError>(request.into_body())
    }));
    client.oneshot(Request::new(answer)).await.map(drop)
}

/// Lets what was learned reach Redis.
async fn settled(layer: &RollingRateLimitLayer, held: usize) {
    for _ in 0..250 {
        if layer.in_use() == held {
            return tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} slots are held, not {held}", layer.in_use());
}

fn retry_after(error: &BoxError) -> Duration {
    let error: &RateLimitError = error.downcast_ref().unwrap();
    error.retry_after().unwrap()
}

fn counted(limit: u64, remaining: u64) -> Response<()> {
    let response = Response::builder()
        .header("x-ratelimit-limit", limit)
        .header("x-ratelimit-remaining", remaining);
    response.body(()).unwrap()
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn slots_are_taken_from_all() {
    let redis = Redis::start();
    let (one, two) = (layer(&redis, 4), layer(&redis, 4));
    for layer in [&one, &two, &one, &two] {
        send(layer, Response::new(())).await.unwrap();
    }
    settled(&two, 4).await;
    let error = send(&one, Response::new(())).await.unwrap_err();
    assert!(
        (55..=61).contains(&retry_after(&error).as_secs()),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_429_stops_all() {
    let redis = Redis::start();
    let (one, two) = (layer(&redis, 10), layer(&redis, 10));
    let throttled = Response::builder()
        .status(StatusCode::TOO_MANY_REQUESTS)
        .header("retry-after", "2");
    let start = Instant::now();
    send(&one, throttled.body(()).unwrap()).await.unwrap();
    settled(&one, 1).await;
    send(&two, counted(10, 5)).await.unwrap();
    assert!(
        start.elapsed() >= Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_strangers_use_is_left_to_them_by_all() {
    let redis = Redis::start();
    let (one, two) = (layer(&redis, 10), layer(&redis, 10));
    send(&two, counted(10, 9)).await.unwrap();
    settled(&two, 1).await;
    // Two are ours, and five are theirs.
    send(&one, counted(10, 3)).await.unwrap();
    settled(&one, 2).await;
    for (held, remaining) in [(3, 2), (4, 1), (5, 0)] {
        send(&two, counted(10, remaining)).await.unwrap();
        settled(&two, held).await;
    }
    let error = send(&one, Response::new(())).await.unwrap_err();
    assert!(
        (50..=61).contains(&retry_after(&error).as_secs()),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_smaller_limit_holds_for_all() {
    let redis = Redis::start();
    let (one, two) = (layer(&redis, 10), layer(&redis, 10));
    send(&one, counted(2, 1)).await.unwrap();
    settled(&one, 1).await;
    send(&two, counted(2, 0)).await.unwrap();
    settled(&two, 2).await;
    send(&two, counted(2, 0)).await.unwrap_err();
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_slot_that_was_not_used_comes_back() {
    let redis = Redis::start();
    let (one, two) = (layer(&redis, 2), layer(&redis, 2));
    send(&two, Response::new(())).await.unwrap();
    let never_ready = one.layer(tower_test::mock::pair::<Request<()>, Response<()>>().0);
    let stuck = timeout(
        Duration::from_millis(500),
        never_ready.oneshot(Request::new(())),
    );
    assert!(
        stuck.await.is_ok_and(|closed| closed.is_err()),
        "its handle is gone"
    );
    send(&two, Response::new(())).await.unwrap();
}

/// Empty, as after a restart, or put back to what it was before, as from a snapshot or a replica.
#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_log_that_was_lost_stops_all_who_knew_it() {
    let lose = [::redis::cmd("FLUSHALL"), {
        let mut older = ::redis::cmd("HSET");
        older.arg("{test}:meta").arg("calls").arg(1).clone()
    }];
    for lose in lose {
        let redis = Redis::start();
        let (one, two) = (layer(&redis, 10), layer(&redis, 10));
        for layer in [&one, &two, &one] {
            send(layer, Response::new(())).await.unwrap();
        }
        settled(&one, 3).await;
        let client = ::redis::Client::open(redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let () = lose.query_async(&mut connection).await.unwrap();

        let error = send(&one, Response::new(())).await.unwrap_err();
        assert!(
            (60..=66).contains(&retry_after(&error).as_secs()),
            "{error}"
        );
        send(&two, Response::new(())).await.unwrap_err();
    }
}

#[test]
fn settings_are_checked_and_no_password_is_shown() {
    let new = |url, processes| RedisQuota::new(url, "test", Quota::default(), processes);
    let error = new("http://user:hunter2@here/", 4).unwrap_err();
    assert_eq!(error, InvalidRedisQuota::Address);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(matches!(
        new("redis://127.0.0.1/", 251),
        Err(InvalidRedisQuota::Processes { .. })
    ));
    let quota = new("redis://user:hunter2@127.0.0.1/", 4).unwrap();
    let layer = RollingRateLimitLayer::shared(quota.clone());
    assert!(!format!("{quota:?} {layer:?}").contains("hunter2"));
}
