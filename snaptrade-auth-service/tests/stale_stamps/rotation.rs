use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use snaptrade_auth_service::rotation::FollowRotationLayer;
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Point, Sandbox, SandboxBody};
use snaptrade_auth_service::{AnswerBody, CollectAnswerLayer};
use snaptrade_signing::{BoxError, ConsumerKey, Credentials, Rotating, SignRequestLayer};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt};

use crate::{Once, list_users};

type Client =
    BoxCloneSyncService<Request<Full<Bytes>>, Response<AnswerBody<SandboxBody>>, BoxError>;

fn client(sandbox: &Sandbox, keys: &Rotating) -> Client {
    let stack = ServiceBuilder::new()
        .retry(Once::default())
        .layer(FollowRotationLayer::new(keys.clone()))
        .layer(CollectAnswerLayer::new())
        .layer(SignRequestLayer::with_provider(keys.clone()))
        .service(sandbox.clone());
    BoxCloneSyncService::new(stack)
}

fn key(number: usize) -> String {
    format!("key number {number}")
}

fn credentials(number: usize) -> Credentials {
    Credentials::new(CLIENT_ID, key(number)).unwrap()
}

async fn status(client: Client) -> StatusCode {
    client.oneshot(list_users()).await.unwrap().status()
}

const CALLERS: usize = 50;

/// Waits until each caller has made two more calls, the first of which may have begun before.
async fn two_more_each(made: &[AtomicU32]) {
    let count = |made: &AtomicU32| made.load(Ordering::Relaxed);
    let before: Vec<u32> = made.iter().map(count).collect();
    let start = Instant::now();
    while made
        .iter()
        .zip(&before)
        .any(|(made, before)| count(made) < before + 2)
    {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "a caller has gone"
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The server switches while fifty callers call, twenty times, always at one instant; but not twice in one call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_when_the_server_switches_keys_under_load() {
    let sandbox = Sandbox::new();
    sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
    sandbox.faults().when(|arrival| {
        // Some are read long after they were signed, and some before others that were signed earlier.
        let delay = Duration::from_micros(arrival.number * 7919 % 3_000);
        Some(Fault::Delay(Point::BeforeReading, delay))
    });
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let made: Arc<[AtomicU32]> = (0..CALLERS).map(|_| AtomicU32::new(0)).collect();
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let (client, over, made) = (client(&sandbox, &keys), over.clone(), made.clone());
        callers.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                assert_eq!(status(client.clone()).await, StatusCode::OK);
                made[number].fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    for number in 0..20 {
        keys.stage(credentials(number));
        two_more_each(&made).await;
        sandbox.rotate_key(CLIENT_ID, ConsumerKey::new(key(number)).unwrap());
        two_more_each(&made).await;
    }
    over.store(true, Ordering::Relaxed);
    callers.join_all().await;
    assert_eq!(keys.generation(), 20, "each new key took over once");
}

#[tokio::test]
async fn a_key_that_is_rotated_in_the_app_alone_is_not_tried_twice() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(credentials(0));
    assert_eq!(
        status(client(&sandbox, &keys)).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(sandbox.log().len(), 1);
}

#[tokio::test]
async fn a_request_that_was_signed_before_the_app_rotated_gets_another_attempt() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    let (server, app) = (sandbox.clone(), keys.clone());
    let switch = move |request: Request<Full<Bytes>>| {
        // It is signed by now.
        if app.generation() == 0 {
            server.rotate_key(CLIENT_ID, ConsumerKey::new(key(1)).unwrap());
            app.rotate(credentials(1));
        }
        request
    };
    let client = ServiceBuilder::new()
        .retry(Once::default())
        .layer(FollowRotationLayer::new(keys.clone()))
        .layer(CollectAnswerLayer::new())
        .layer(SignRequestLayer::with_provider(keys.clone()))
        .map_request(switch)
        .service(sandbox.clone());
    let answer = client.oneshot(list_users()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(sandbox.log().len(), 2);
}

/// The user's secret is wrong, not the key: the staged key stays where it is.
#[tokio::test]
async fn another_refusal_is_not_blamed_on_the_key() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(credentials(1));
    let accounts = "https://api.snaptrade.com/accounts?userId=nobody&userSecret=none";
    let request = Request::get(accounts).body(Full::default()).unwrap();
    let answer = client(&sandbox, &keys).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((sandbox.log().len(), keys.generation()), (1, 0));
}

/// A key was staged that is not the server's, and something refuses for another reason: the next call passes.
#[tokio::test]
async fn a_wrong_key_that_was_staged_does_no_harm() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(credentials(7));
    let client = client(&sandbox, &keys);
    // A proxy, say, refuses without having looked.
    let refusal = r#"{"detail":"Unable to verify signature sent","status_code":401,"code":"1076"}"#;
    let mut refusal = Response::new(Bytes::from_static(refusal.as_bytes()));
    *refusal.status_mut() = StatusCode::UNAUTHORIZED;
    for round in 0..5 {
        let before = keys.generation();
        sandbox.faults().next(Fault::response(refusal.clone()));
        // The staged key takes over, and the second attempt of the very call finds that it does not fit.
        assert_eq!(status(client.clone()).await, StatusCode::UNAUTHORIZED);
        assert_eq!(
            status(client.clone()).await,
            StatusCode::OK,
            "round {round}"
        );
        assert_eq!(keys.generation(), before + 2, "there and back");
    }
}
