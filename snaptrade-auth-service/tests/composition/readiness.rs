//! The contract of tower: nothing is called that was not ready, and nothing stays reserved for nothing.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::{AuthService, Error, ErrorKind, Outcome};
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::limit::ConcurrencyLimit;
use tower::{Service, ServiceExt};
use tower_test::mock::{self, Mock};

type Http = Mock<Request<Full<Bytes>>, Response<Full<Bytes>>>;

#[tokio::test]
async fn ready_when_the_client_is() {
    let (http, mut server) = mock::pair::<Request<Full<Bytes>>, Response<Full<Bytes>>>();
    let mut snaptrade = AuthService::new(http);
    server.allow(0);
    let mut ready = task::spawn(ServiceExt::<ListUsers>::ready(&mut snaptrade));
    assert_pending!(ready.poll());
    server.allow(1);
    assert!(ready.is_woken());
    assert_ready_ok!(ready.poll());
    drop(ready);

    let call = tokio::spawn(snaptrade.call(ListUsers::new()));
    let (request, answer) = server.next_request().await.unwrap();
    assert_eq!(request.uri().path(), "/snapTrade/listUsers");
    answer.send_response(Response::new(Full::from(r#"["jane"]"#)));
    let users: Result<_, Error> = call.await.unwrap();
    assert_eq!(users.unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_that_has_failed_is_no_panic() {
    let (http, mut server) = mock::pair::<Request<Full<Bytes>>, Response<Full<Bytes>>>();
    server.send_error("the connection pool is gone");
    let error = AuthService::new(http)
        .send(ListUsers::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("pool is gone"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_built_gives_its_place_back() {
    let (http, mut server) = mock::pair::<Request<Full<Bytes>>, Response<Full<Bytes>>>();
    let mut first: AuthService<ConcurrencyLimit<Http>> =
        AuthService::new(ConcurrencyLimit::new(http, 1));
    let second = first.clone();
    server.allow(2);

    // The only place is taken, then the request turns out to be none.
    ServiceExt::<RegisterUser>::ready(&mut first).await.unwrap();
    let mut waiting = task::spawn(second.send(ListUsers::new()));
    assert_pending!(waiting.poll());
    let error = first.call(RegisterUser::new("")).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);

    assert!(waiting.is_woken());
    assert_pending!(waiting.poll());
    let (_, answer) = server.next_request().await.unwrap();
    answer.send_response(Response::new(Full::from("[]")));
    let users = assert_ready_ok!(waiting.poll());
    assert!(users.is_empty());
}
