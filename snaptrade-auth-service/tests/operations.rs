//! The operations against the sandbox, their errors and their deadlines.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use snaptrade_auth_service::error::{DecodeError, InvalidRequest};
use snaptrade_auth_service::operations::{
    ConnectionType, DeleteUser, ListUsers, LoginAnswer, LoginUser, PortalVersion, RegisterUser,
    ResetUserSecret,
};
use snaptrade_auth_service::sandbox::{Sandbox, SandboxBody};
use snaptrade_auth_service::{
    ApiRequest, AttemptTimeoutLayer, AuthService, CallOptions, CollectAnswerLayer, DeadlineLayer,
    ErrorKind, Operation, Outcome, Quota, RollingRateLimitLayer, UserCredentials, operation,
};
use snaptrade_signing::{BoxError, Credentials, SignRequest, SignRequestLayer};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};

fn service(sandbox: &Sandbox) -> AuthService<SignRequest<Sandbox>> {
    let sign = SignRequestLayer::new(Sandbox::credentials().unwrap());
    AuthService::new(sign.layer(sandbox.clone()))
}

#[tokio::test]
async fn the_life_of_a_user() {
    for id in ["jane", "a b", "j@example.com", "a+b&c", "é", "日本"] {
        let sandbox = Sandbox::new();
        let snaptrade = service(&sandbox);
        let user = snaptrade.send(RegisterUser::new(id)).await.unwrap();
        assert_eq!(user.user_id.as_str(), id);
        assert!(user.request_id.is_some() && user.rate_limit().is_some());
        let user = user.into_body();

        let users = snaptrade.send(ListUsers::new()).await.unwrap();
        assert_eq!(users.body, std::slice::from_ref(&user.user_id));

        let login = LoginUser::new(user.clone())
            .broker("ALPACA")
            .immediate_redirect(true)
            .custom_redirect("https://example.com/done?a=b".parse().unwrap())
            .connection_type(ConnectionType::TradeIfAvailable)
            .show_close_button(false)
            .dark_mode(true)
            .connection_portal_version(PortalVersion::V4);
        match snaptrade.send(login).await.unwrap().into_body() {
            LoginAnswer::Link(link) => {
                assert!(link.redirect_uri.expose().starts_with("https://"));
                assert!(!format!("{link:?}").contains("https://"));
            }
            other => panic!("{other:?}"),
        }

        let new = snaptrade.send(ResetUserSecret::new(user.clone())).await;
        let new = new.unwrap().into_body();
        assert!(new.user_secret != user.user_secret);
        let error = snaptrade.send(LoginUser::new(user)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadUserCredentials);

        let deleted = snaptrade.send(DeleteUser::new(new.user_id)).await.unwrap();
        assert_eq!(deleted.user_id.as_str(), id);
    }
}

#[tokio::test]
async fn errors_are_told_apart() {
    let sandbox = Sandbox::new();
    let snaptrade = service(&sandbox);
    snaptrade.send(RegisterUser::new("jane")).await.unwrap();
    let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UserExists);
    assert_eq!(error.outcome(), Outcome::Refused);
    let api = error.api().unwrap();
    assert_eq!(
        (api.status, api.code.as_deref()),
        (StatusCode::BAD_REQUEST, Some("1010"))
    );
    assert!(
        error
            .to_string()
            .contains(api.request_id.as_ref().unwrap().as_str())
    );

    for (id, key, kind) in [
        ("SANDBOX", "wrong", ErrorKind::SignatureRefused),
        ("UNKNOWN", "any", ErrorKind::UnknownClient),
    ] {
        let sign = SignRequestLayer::new(Credentials::new(id, key).unwrap());
        let stranger = AuthService::new(sign.layer(sandbox.clone()));
        let error = stranger.send(ListUsers::new()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
    let unsigned = AuthService::new(sandbox.clone());
    let error = unsigned.send(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAuthenticated);
}

/// A server that answers this, whatever it is asked.
fn answering(
    status: u16,
    body: &'static str,
) -> impl tower::Service<
    Request<Full<Bytes>>,
    Response = Response<Full<Bytes>>,
    Error = BoxError,
    Future: Send + 'static,
> + Clone {
    service_fn(move |_| async move {
        let answer = Response::builder().status(status).body(Full::from(body));
        Ok(answer.unwrap())
    })
}

#[tokio::test]
async fn answers_are_read_leniently() {
    for (status, body, kind) in [
        (500, "<html>oops</html>", ErrorKind::Server),
        (502, "", ErrorKind::Server),
        (501, r#"{"error":"not here"}"#, ErrorKind::Server),
        (
            400,
            r#"{"default_detail":"x","default_code":1010}"#,
            ErrorKind::UserExists,
        ),
        (
            401,
            r#"{"detail":"x","code":1076}"#,
            ErrorKind::SignatureRefused,
        ),
        (403, r#"{"detail":"x","code":"1066"}"#, ErrorKind::Forbidden),
        (404, r#"{"detail":"tru"#, ErrorKind::NotFound),
        (429, "Request", ErrorKind::Throttled),
        (200, "[1, 2", ErrorKind::Decode),
        (200, "<html>", ErrorKind::Decode),
        (200, r#"{"no":"list"}"#, ErrorKind::Decode),
    ] {
        let snaptrade = AuthService::new(answering(status, body));
        let error = snaptrade.send(ListUsers::new()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}");
    }
    // What serde says of it would quote the secret.
    let snaptrade = AuthService::new(answering(200, r#""marker-secret""#));
    let error = snaptrade.send(RegisterUser::new("jane")).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("marker"));
}

#[tokio::test]
async fn no_error_prints_a_query() {
    let client = service_fn(|request: Request<Full<Bytes>>| async move {
        let text = format!("error for url ({})", request.uri());
        Err::<Response<Full<Bytes>>, _>(std::io::Error::other(text))
    });
    let jane = UserCredentials::new("jane", "marker-secret");
    let error = AuthService::new(client)
        .send(LoginUser::new(jane))
        .await
        .unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("marker-secret"), "{printed}");
    assert!(printed.contains("/snapTrade/login?[redacted]"), "{printed}");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn raw_and_streamed_answers() {
    let snaptrade = service(&Sandbox::new());
    let raw = snaptrade.send(ListUsers::new().raw()).await.unwrap();
    assert_eq!(raw.body, "[]");
    let unread = snaptrade.send(ListUsers::new().streaming()).await.unwrap();
    let read = unread.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(read, "[]");
}

#[tokio::test(start_paused = true)]
async fn deadlines_say_which_and_whether_it_may_have_run() {
    let stuck = service_fn(|_: Request<Full<Bytes>>| {
        std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>()
    });
    let attempt = ServiceBuilder::new()
        .layer(AttemptTimeoutLayer::new(Duration::from_secs(3)))
        .layer(CollectAnswerLayer::new())
        .service(stuck);
    let within = DeadlineLayer::new(Duration::from_secs(9)).layer(AuthService::new(attempt));
    let error = within.clone().oneshot(ListUsers::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("within 3s"), "{error}");
    // An attempt that reveals a secret is not killed by the attempt's timeout.
    let error = within
        .clone()
        .oneshot(RegisterUser::new("j"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("within 9s"), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let options = CallOptions::new().timeout(Duration::from_secs(1));
    let error = within
        .oneshot(ListUsers::new().with(options))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("within 1s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_never_says_not_sent_of_what_may_have_run() {
    // No layer below tells how far the call has come.
    let stuck = service_fn(|_: Request<Full<Bytes>>| {
        std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>()
    });
    let within = DeadlineLayer::new(Duration::from_secs(1)).layer(AuthService::new(stuck));
    let error = within.oneshot(RegisterUser::new("j")).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_limiter_refuses_was_not_sent() {
    let sandbox = Sandbox::new();
    let quota = Quota::builder().requests(1).build().unwrap();
    let http = ServiceBuilder::new()
        .layer(RollingRateLimitLayer::new(quota).max_wait(Duration::from_secs(1)))
        .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()))
        .service(sandbox.clone());
    let snaptrade = AuthService::new(http);
    snaptrade.send(ListUsers::new()).await.unwrap();
    let error = snaptrade.send(RegisterUser::new("j")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.retry_after().unwrap() > Duration::from_secs(50));
    assert_eq!(sandbox.log().len(), 1);
}

#[tokio::test]
async fn no_id_leads_to_another_path() {
    #[derive(Clone)]
    struct Positions(&'static str);

    impl Operation for Positions {
        type Output = serde_json::Value;

        fn name(&self) -> &'static str {
            "positions"
        }

        fn request(&self) -> Result<ApiRequest, InvalidRequest> {
            let request = ApiRequest::new(Method::GET, "/accounts").query("a", "b");
            Ok(request.segment(self.0).segment("positions"))
        }

        fn decode(&self, body: &[u8]) -> Result<Self::Output, DecodeError> {
            operation::json(body)
        }
    }

    let sandbox = Sandbox::new();
    let snaptrade = service(&sandbox);
    for id in ["", ".", ".."] {
        let error = snaptrade.send(Positions(id)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{id:?}");
    }
    assert!(sandbox.log().is_empty(), "nothing was sent");
    // What the sandbox thinks of such an account is not what is asked here.
    let _ = snaptrade.send(Positions("../a b")).await;
    assert_eq!(sandbox.log()[0].path(), "/accounts/..%2Fa%20b/positions");
}

#[tokio::test]
async fn a_call_can_be_spawned_whatever_the_stack() {
    let sign = SignRequestLayer::new(Sandbox::credentials().unwrap());
    let boxed: BoxCloneSyncService<Request<Full<Bytes>>, Response<SandboxBody>, BoxError> =
        BoxCloneSyncService::new(sign.layer(Sandbox::new()));
    let snaptrade = AuthService::new(boxed);
    let list = tokio::spawn(async move { snaptrade.send(ListUsers::new()).await });
    assert!(list.await.unwrap().unwrap().is_empty());
}
