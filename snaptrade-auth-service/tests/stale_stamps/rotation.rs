use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use snaptrade_auth_service::rotation::FollowRotationLayer;
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Point, Route, Sandbox, SandboxBody};
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
        keys.stage(credentials(number)).unwrap();
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
    keys.stage(credentials(1)).unwrap();
    let accounts = "https://api.snaptrade.com/accounts?userId=nobody&userSecret=none";
    let request = Request::get(accounts).body(Full::default()).unwrap();
    let answer = client(&sandbox, &keys).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((sandbox.log().len(), keys.generation()), (1, 0));
}

/// Answers 401/1076 without having looked, as a proxy might.
fn refusal() -> Fault {
    let refusal = r#"{"detail":"Unable to verify signature sent","status_code":401,"code":"1076"}"#;
    let mut refusal = Response::new(Bytes::from_static(refusal.as_bytes()));
    *refusal.status_mut() = StatusCode::UNAUTHORIZED;
    Fault::response(refusal)
}

/// One call is refused whatever it is signed with, while others go on: it pays for itself alone.
#[tokio::test]
async fn a_call_that_is_always_refused_harms_no_other() {
    let sandbox = Sandbox::new();
    sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(credentials(7)).unwrap();
    let client = client(&sandbox, &keys);
    sandbox.faults().on(Route::ListAccounts, 10_000, refusal());
    let bad = |client: Client| async move {
        let accounts = "https://api.snaptrade.com/accounts?userId=jane&userSecret=none";
        let request = Request::get(accounts).body(Full::default()).unwrap();
        client.oneshot(request).await.unwrap().status()
    };
    for _ in 0..200 {
        let (bad, good) = tokio::join!(bad(client.clone()), status(client.clone()));
        assert_eq!((bad, good), (StatusCode::UNAUTHORIZED, StatusCode::OK));
        assert_eq!(keys.generation(), 0);
    }
    // As many good ones, and up to eight attempts for each bad one.
    let sent = sandbox.log().len();
    assert!(sent <= 200 + 200 * 8, "{sent}");

    // What verifies nothing proves nothing.
    let health = Request::get("https://api.snaptrade.com/").body(Full::default());
    let health = client.clone().oneshot(health.unwrap()).await.unwrap();
    assert_eq!(health.status(), StatusCode::OK);
    assert_eq!(status(client).await, StatusCode::OK);
    assert_eq!(keys.generation(), 0);
}

/// Something refuses once, for another reason, and a key is staged that is not the server's: the call passes all the same.
#[tokio::test]
async fn a_wrong_key_that_was_staged_does_no_harm() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    keys.stage(credentials(7)).unwrap();
    let client = client(&sandbox, &keys);
    fastrand::seed(7);
    for round in 0..5 {
        for _ in 0..4 {
            assert_eq!(status(client.clone()).await, StatusCode::OK);
        }
        sandbox.faults().next(refusal());
        assert_eq!(status(client.clone()).await, StatusCode::OK, "{round}");
        assert_eq!(keys.generation(), 0);
    }
}

/// Each request meets another machine of the server, of which some have the new key.
async fn mixed(is_new: impl FnMut(u64) -> bool + Send + 'static) -> (u32, u64) {
    let sandbox = Sandbox::new();
    sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    let client = client(&sandbox, &keys);
    for _ in 0..10 {
        assert_eq!(status(client.clone()).await, StatusCode::OK);
    }
    keys.stage(credentials(1)).unwrap();
    let machines = sandbox.clone();
    fastrand::seed(7);
    let is_new = std::sync::Mutex::new(is_new);
    sandbox.faults().when(move |arrival| {
        let key = match is_new.lock().unwrap()(arrival.number) {
            true => key(1),
            false => snaptrade_auth_service::sandbox::CONSUMER_KEY.to_owned(),
        };
        machines.rotate_key(CLIENT_ID, ConsumerKey::new(key).unwrap());
        None
    });
    let mut failed = 0;
    for _ in 0..1_000 {
        let passed = status(client.clone()).await == StatusCode::OK;
        failed += u32::from(!passed);
    }
    (failed, keys.generation())
}

/// With half of them, one call in 256 is as unlucky as that.
#[tokio::test]
async fn no_call_fails_while_the_server_switches_machine_by_machine() {
    for percent_new in [1, 10, 50, 90, 99] {
        let mut random = fastrand::Rng::with_seed(7);
        let (failed, switched) = mixed(move |_| random.u64(0..100) < percent_new).await;
        println!("{percent_new} % new: {failed} of 1,000 calls failed, {switched} switches");
        assert!(failed <= 20, "{percent_new} %: {failed} failed");
    }
}

/// Machines that take turns do not keep step with the keys.
#[tokio::test]
async fn nor_if_the_machines_take_turns() {
    for machines in [2, 3, 4, 8] {
        for new in 1..machines {
            let (failed, switched) = mixed(move |number| number % machines < new).await;
            println!("{new} of {machines} new: {failed} failed, {switched} switches");
            assert!(failed <= 20, "{new} of {machines}: {failed} failed");
        }
    }
}

#[tokio::test]
async fn no_call_fails_when_the_server_goes_back_to_the_old_key() {
    let sandbox = Sandbox::new();
    let keys = Rotating::new(Sandbox::credentials().unwrap());
    let old = || ConsumerKey::new(snaptrade_auth_service::sandbox::CONSUMER_KEY).unwrap();
    let new = || ConsumerKey::new(key(1)).unwrap();
    keys.stage(credentials(1)).unwrap();
    let client = client(&sandbox, &keys);
    for round in 0..3 {
        for key in [new(), old()] {
            sandbox.rotate_key(CLIENT_ID, key);
            for _ in 0..3 {
                assert_eq!(status(client.clone()).await, StatusCode::OK, "{round}");
            }
        }
    }
    assert_eq!(keys.generation(), 6);
    assert_eq!(sandbox.log().len(), 3 * (3 + 3 + 2));
}
