use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{AGE, DATE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use snaptrade_auth_service::retry::StaleStamp;
use snaptrade_auth_service::sandbox::{CLIENT_ID, Fault, Sandbox, SandboxBody};
use snaptrade_auth_service::skew::LearnSkewLayer;
use snaptrade_signing::clock::{SkewedClock, SystemClock};
use snaptrade_signing::{BoxError, Credentials, SignRequestLayer};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};

use crate::{Once, list_users};

type Client = BoxCloneSyncService<Request<Full<Bytes>>, Response<SandboxBody>, BoxError>;

/// A client of `server`, retrying or not.
fn client(
    server: impl Service<
        Request<Full<Bytes>>,
        Response = Response<SandboxBody>,
        Error: Into<BoxError>,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static,
    clock: &SkewedClock,
    retry: bool,
) -> Client {
    let retry = retry.then(|| tower::retry::RetryLayer::new(Once::default()));
    ServiceBuilder::new()
        .layer(BoxCloneSyncService::layer())
        .option_layer(retry)
        .layer(LearnSkewLayer::new(clock.clone()))
        .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()).clock(clock.clone()))
        .service(server)
}

async fn send(client: &Client) -> Response<SandboxBody> {
    client.clone().oneshot(list_users()).await.unwrap()
}

#[tokio::test]
async fn a_clock_that_is_minutes_off_works_from_the_second_attempt_on() {
    for skew in [-86_400, -600, 600, 86_400] {
        let sandbox = Sandbox::new();
        sandbox.set_skew(skew);
        let clock = SkewedClock::new(SystemClock);
        let client = client(sandbox.clone(), &clock, true);
        for _ in 0..3 {
            assert_eq!(send(&client).await.status(), StatusCode::OK);
        }
        assert_eq!(sandbox.log().len(), 4, "one attempt was refused");
        assert!(clock.offset().abs_diff(skew) <= 1);

        // The clock is put right.
        sandbox.set_skew(0);
        assert_eq!(send(&client).await.status(), StatusCode::OK);
        assert_eq!(sandbox.log().len(), 6);
        assert!(clock.offset().abs() <= 1);
    }
}

#[tokio::test]
async fn all_that_were_under_way_when_the_clock_was_corrected_get_another_attempt() {
    let sandbox = Sandbox::new();
    sandbox.set_skew(600);
    let clock = SkewedClock::new(SystemClock);
    let client = client(sandbox.clone(), &clock, true);
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { send(&client).await.status() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_refusal_is_not_blamed_on_a_clock_that_is_right() {
    let sandbox = Sandbox::new();
    let clock = SkewedClock::new(SystemClock);
    let wrong = Credentials::new(CLIENT_ID, "not the key").unwrap();
    for skew in [-25, 0, 25] {
        sandbox.set_skew(skew);
        let client = ServiceBuilder::new()
            .retry(Once::default())
            .layer(LearnSkewLayer::new(clock.clone()))
            .layer(SignRequestLayer::new(wrong.clone()).clock(clock.clone()))
            .service(sandbox.clone());
        let before = sandbox.log().len();
        let answer = client.oneshot(list_users()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(answer.extensions().get::<StaleStamp>().is_none());
        assert_eq!(sandbox.log().len(), before + 1, "no second attempt");
        assert_eq!(clock.offset(), 0);
    }
}

#[tokio::test]
async fn a_success_teaches_nothing_whatever_its_date() {
    let sandbox = Sandbox::new();
    let clock = SkewedClock::new(SystemClock);
    let client = client(sandbox.clone(), &clock, false);
    sandbox
        .faults()
        .next(Fault::DateSkew(900))
        .next(Fault::NoDate);
    for _ in 0..2 {
        assert_eq!(send(&client).await.status(), StatusCode::OK);
    }
    assert_eq!(clock.offset(), 0);
}

#[tokio::test]
async fn what_a_cache_held_and_what_is_no_date_are_not_believed() {
    let spoilt = [
        (AGE, Some(HeaderValue::from_static("5"))),
        (DATE, Some(HeaderValue::from_static("yesterday"))),
        (DATE, None),
    ];
    for (name, value) in spoilt {
        let sandbox = Sandbox::new();
        sandbox.set_skew(600);
        let clock = SkewedClock::new(SystemClock);
        let server = ServiceBuilder::new()
            .map_response(move |mut answer: Response<SandboxBody>| {
                answer.headers_mut().remove(&name);
                answer
                    .headers_mut()
                    .extend(value.clone().map(|value| (name.clone(), value)));
                answer
            })
            .service(sandbox.clone());
        let answer = send(&client(server, &clock, true)).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!((sandbox.log().len(), clock.offset()), (1, 0));
    }
}

/// Two answers race: the one that comes second finds the clock corrected, and is stale all the same.
#[tokio::test]
async fn an_answer_is_measured_against_the_time_its_request_was_stamped_with() {
    let clock = SkewedClock::new(SystemClock);
    let calls = Arc::new(AtomicUsize::new(0));
    let (corrected, count) = (clock.clone(), calls.clone());
    let server = tower::service_fn(move |_: Request<Full<Bytes>>| {
        count.fetch_add(1, Ordering::Relaxed);
        // Another answer corrects the clock while this request is under way.
        corrected.set_offset(600);
        let mut answer = Response::new(SandboxBody::from(Bytes::new()));
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
        async move { Ok::<_, BoxError>(answer) }
    });
    let client = client(server, &clock, true);
    let answer = send(&client).await;
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(
        answer.extensions().get::<StaleStamp>().is_none(),
        "the second was stamped anew"
    );
}

/// A proxy that has lost its clock refuses once. Whatever it dates its answer, the next call is stamped with the right time.
#[tokio::test]
async fn an_absurd_date_does_not_disable_the_client() {
    for date in [
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:01 GMT",
        "Fri, 01 Jan 1999 00:00:00 GMT",
        "Tue, 01 Jan 2200 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let sandbox = Sandbox::new();
        let clock = SkewedClock::new(SystemClock);
        let calls = Arc::new(AtomicUsize::new(0));
        let behind = sandbox.clone();
        let proxy = tower::service_fn(move |request: Request<Full<Bytes>>| {
            let first = calls.fetch_add(1, Ordering::Relaxed) == 0;
            let sandbox = behind.clone();
            async move {
                let mut answer = sandbox.oneshot(request).await?;
                if first {
                    *answer.status_mut() = StatusCode::UNAUTHORIZED;
                    let date = HeaderValue::from_static(date);
                    answer.headers_mut().insert(DATE, date);
                }
                Ok::<_, BoxError>(answer)
            }
        });
        let client = client(proxy, &clock, false);
        assert_eq!(send(&client).await.status(), StatusCode::UNAUTHORIZED);
        for _ in 0..2 {
            assert_eq!(send(&client).await.status(), StatusCode::OK, "{date}");
        }
        assert_eq!(clock.offset(), 0, "{date}");
    }
}
