//! Each row of the table of errors.

use http::{Method, StatusCode};
use snaptrade_auth_service::sandbox::Route;
use snaptrade_signing::Credentials;
use snaptrade_signing::clock::{Clock, SkewedClock};

use crate::common::{
    NOW, builder, list, personal, register, registered, request, sandbox, send, signed, signed_by,
};

#[tokio::test]
async fn a_missing_stamp() {
    let sandbox = sandbox();
    let detail = "Authentication credentials were not provided.";
    let unsigned = request(
        Method::POST,
        "/snapTrade/registerUser",
        r#"{"userId":"jane"}"#,
    );
    send(&sandbox, unsigned).await.is_error(401, "0000", detail);
    for path in [
        "/snapTrade/listUsers",
        "/api/v1/snapTrade/listUsers?clientId=SANDBOX",
    ] {
        let unsigned = request(Method::GET, path, "");
        send(&sandbox, unsigned).await.is_error(403, "0000", detail);
    }
    let mut bare = list();
    bare.headers_mut().remove("signature");
    send(&sandbox, bare).await.is_error(403, "0000", detail);
    assert_eq!(sandbox.commits(Route::ListUsers), 0);
}

#[tokio::test]
async fn an_unknown_client() {
    let nobody = Credentials::new("NOBODY", "a key").unwrap();
    let request = signed_by(nobody, Method::GET, "/snapTrade/listUsers", "");
    send(&sandbox(), request)
        .await
        .is_error(401, "1083", "Invalid clientId provided - NOBODY");
}

#[tokio::test]
async fn a_wrong_signature() {
    let sandbox = sandbox();
    let detail = "Unable to verify signature sent";
    let wrong_key = Credentials::new("SANDBOX", "a wrong key").unwrap();
    let request = signed_by(wrong_key, Method::GET, "/snapTrade/listUsers", "");
    send(&sandbox, request).await.is_error(401, "1076", detail);

    let mut other_body = register("jane");
    *other_body.body_mut() = bytes::Bytes::from_static(br#"{"userId":"joan"}"#).into();
    send(&sandbox, other_body)
        .await
        .is_error(401, "1076", detail);

    let mut other_path = list();
    let legacy = format!("/api/v1{}", other_path.uri());
    *other_path.uri_mut() = legacy.parse().unwrap();
    send(&sandbox, other_path)
        .await
        .is_error(401, "1076", detail);
    assert!(sandbox.users().iter().all(|user| user == "PERSONAL-user"));
}

#[tokio::test]
async fn a_stale_timestamp() {
    let sandbox = builder()
        .tolerance(std::time::Duration::from_secs(30))
        .build();
    for (skew, status) in [(30, 200), (31, 401), (-30, 200), (-31, 401)] {
        sandbox.set_skew(skew);
        assert_eq!(send(&sandbox, list()).await.status, status, "{skew}");
    }
    let clock = SkewedClock::new(snaptrade_signing::clock::ManualClock::new(NOW));
    clock.set_offset(-31);
    assert_eq!(sandbox.now(), clock.now());
    let answered = send(&sandbox, list()).await;
    answered.is_error(401, "1076", "Unable to verify signature sent");
    assert_eq!(answered.header("date"), "Mon, 01 Nov 2021 18:12:38 GMT");
}

#[tokio::test]
async fn a_body_that_is_no_json() {
    let sandbox = sandbox();
    let mut broken = register("jane");
    *broken.body_mut() = bytes::Bytes::from_static(br#"{"userId":"#).into();
    send(&sandbox, broken)
        .await
        .is_error(400, "1076", "Unable to verify data sent");
    // JSON to whoever verifies, and a number that nobody can hold.
    let body = format!(r#"{{"userId":1{}}}"#, "0".repeat(400));
    let huge = signed(Method::POST, "/snapTrade/registerUser", &body);
    send(&sandbox, huge)
        .await
        .is_error(400, "1076", "Unable to verify data sent");
    let mut long = register("jane");
    *long.body_mut() = bytes::Bytes::from(vec![b' '; (1 << 20) + 1]).into();
    assert_eq!(
        send(&sandbox, long).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn an_existing_user() {
    let sandbox = sandbox();
    let (_, secret) = registered(&sandbox, "45137738").await;
    send(&sandbox, register("45137738")).await.is_error(
        400,
        "1010",
        "User with the following userId already exist: '45137738'",
    );
    assert!(sandbox.is_current_secret("SANDBOX", "45137738", &secret));
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);
}

#[tokio::test]
async fn what_a_personal_key_may_not() {
    let sandbox = sandbox();
    let body = r#"{"userId":"jane"}"#;
    let register = signed_by(personal(), Method::POST, "/snapTrade/registerUser", body);
    send(&sandbox, register).await.is_error(
        400,
        "1012",
        "Personal SnapTrade keys are provisioned with their user automatically at signup. \
         Use the OAuth bearer flow to access the API; registerUser is not available for personal keys.",
    );
    let delete = "/snapTrade/deleteUser?userId=PERSONAL-user";
    for (method, path) in [
        (Method::DELETE, delete),
        (Method::POST, "/snapTrade/resetUserSecret"),
    ] {
        let request = signed_by(personal(), method, path, "");
        send(&sandbox, request).await.is_error(
            403,
            "1066",
            "User does not have permission to access this resource",
        );
    }
    assert_eq!(sandbox.users(), ["PERSONAL-user"]);
}

#[tokio::test]
async fn a_wrong_user() {
    let sandbox = sandbox();
    let (_, secret) = registered(&sandbox, "jane").await;
    let wrong = [
        "userId=jane&userSecret=wrong".to_owned(),
        format!("userId=joan&userSecret={secret}"),
        format!("userId=jane&userSecret={secret}0"),
    ];
    for query in wrong {
        for (method, path) in [
            (Method::POST, "/snapTrade/login"),
            (Method::GET, "/snapTrade/encryptedJWT"),
            (Method::GET, "/accounts"),
            (Method::GET, "/authorizations"),
        ] {
            let request = signed(method, &format!("{path}?{query}"), "");
            send(&sandbox, request).await.is_error(
                401,
                "1083",
                "Invalid userID or userSecret provided",
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_path() {
    for path in ["/nowhere", "/api/v1/snapTrade", "/accounts/a/b/positions"] {
        send(&sandbox(), request(Method::GET, path, ""))
            .await
            .is_error(404, "1011", "The requested resource does not exist.");
    }
}

#[tokio::test]
async fn a_method_that_is_not_allowed() {
    for (method, path, allow) in [
        (Method::GET, "/snapTrade/login", "POST"),
        (Method::POST, "/snapTrade/deleteUser", "DELETE"),
        (Method::PUT, "/snapTrade/listUsers", "GET"),
        (Method::POST, "/", "GET"),
    ] {
        let answered = send(&sandbox(), signed(method.clone(), path, "")).await;
        let detail = format!(r#"Method \"{method}\" not allowed."#);
        answered.is_error(405, "0000", &detail);
        assert_eq!(answered.header("allow"), allow);
    }
}

#[tokio::test]
async fn bad_parameters() {
    let sandbox = sandbox();
    let (query, _) = registered(&sandbox, "jane").await;
    let login = format!("/snapTrade/login?{query}");
    let login = login.as_str();
    let register = "/snapTrade/registerUser";
    for (path, body, detail) in [
        (register, "", "userId: This field is required."),
        (
            register,
            r#"{"userId":null}"#,
            "userId: This field is required.",
        ),
        (
            register,
            r#"{"userId":""}"#,
            "userId: This field may not be blank.",
        ),
        (register, r#"{"userId":7}"#, "userId: Not a valid string."),
        (register, "[]", "body: Expected an object."),
        (
            register,
            r#"{"userId":"x","rsaPublicKey":"PEM"}"#,
            "rsaPublicKey: Not a valid ssh-rsa key.",
        ),
        (
            login,
            r#"{"connectionType":"write"}"#,
            r#"connectionType: \"write\" is not a valid choice."#,
        ),
        (
            login,
            r#"{"connectionPortalVersion":"v5"}"#,
            r#"connectionPortalVersion: \"v5\" is not a valid choice."#,
        ),
        (
            login,
            r#"{"reconnect":"7"}"#,
            "reconnect: Must be a valid UUID.",
        ),
        (
            login,
            r#"{"customRedirect":"nowhere"}"#,
            "customRedirect: Enter a valid URL.",
        ),
        (
            login,
            r#"{"darkMode":"yes"}"#,
            "darkMode: Must be a valid boolean.",
        ),
        ("/snapTrade/login", "", "userId: This field is required."),
        (
            "/snapTrade/login?userId=jane&userSecret=",
            "",
            "userSecret: This field may not be blank.",
        ),
        (
            "/snapTrade/resetUserSecret",
            r#"{"userId":"jane"}"#,
            "userSecret: This field is required.",
        ),
    ] {
        let answered = send(&sandbox, signed(Method::POST, path, body)).await;
        answered.is_error(400, "0000", detail);
    }
    let delete = signed(Method::DELETE, "/snapTrade/deleteUser", "");
    send(&sandbox, delete)
        .await
        .is_error(400, "0000", "userId: This field is required.");
    assert_eq!(sandbox.commits(Route::LoginUser), 0);
    assert_eq!(sandbox.commits(Route::RegisterUser), 1);
}
