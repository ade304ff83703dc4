//! Nothing that prints shows a secret.

use http::Method;
use snaptrade_auth_service::sandbox::{CONSUMER_KEY, Fault};

use crate::common::{builder, register, registered, send, signed};

#[tokio::test]
async fn nothing_prints_them() {
    let sandbox = builder().user("SANDBOX", "anna", "marker-of-anna").build();
    let (query, secret) = registered(&sandbox, "jane").await;
    let login = signed(
        Method::POST,
        &format!("/snapTrade/login?{query}&x=marker-of-query"),
        "",
    );
    let signature = login.headers()["signature"].to_str().unwrap().to_owned();
    let link = send(&sandbox, login).await.json()["redirectURI"].to_string();
    let token = link.split("token=").nth(1).unwrap()[..32].to_owned();
    let body = format!(r#"{{"userId":"jane","userSecret":"{secret}"}}"#);
    let reset = send(
        &sandbox,
        signed(Method::POST, "/snapTrade/resetUserSecret", &body),
    )
    .await;
    let new = reset.json()["userSecret"].as_str().unwrap().to_owned();
    sandbox.faults().next(Fault::EndlessBody);
    let answer = tower::ServiceExt::oneshot(sandbox.clone(), register("eve"))
        .await
        .unwrap();

    let log = sandbox.log();
    let mut printed = format!(
        "{sandbox:?}{sandbox:#?}{log:?}{log:#?}{:?}{answer:?}",
        sandbox.faults()
    );
    printed += &format!("{:?}", builder().user("SANDBOX", "anna", "marker-of-anna"));
    for entry in &log {
        printed += &format!("{entry}{}", entry.query());
    }
    for marker in [
        CONSUMER_KEY,
        "personal-consumer-key",
        "marker-of",
        &secret,
        &new,
        &signature,
        &token,
    ] {
        assert!(!printed.contains(marker), "{marker} in {printed}");
    }
    assert!(
        printed.contains("userId=jane&userSecret=***&x=***&clientId=SANDBOX&timestamp=1635790389")
    );

    // For tests, it is all there.
    assert!(log[1].raw_query().unwrap().contains(&secret));
    assert_eq!(log[1].raw_headers()["signature"], signature);
    assert!(log[1].raw_headers()["signature"].is_sensitive());
    assert_eq!(log[2].raw_body(), &body);
}
