//! What the sandbox refuses by itself, whatever the operation.

use std::time::Duration;

use snaptrade_auth_service::{AuthService, ErrorKind};
use snaptrade_signing::Credentials;

use crate::told::Told;
use crate::{Sent, for_each_operation, sandbox, signed_by, snaptrade};

async fn refused<Op: Sent>(operation: Op) {
    let sandbox = sandbox();
    let name = operation.name();

    // The key of another client.
    let other = Credentials::new("SANDBOX", "marker-other-key").unwrap();
    let error = signed_by(&sandbox, other)
        .send(operation.clone())
        .await
        .unwrap_err();
    Told::refused(
        401,
        "1076",
        ErrorKind::SignatureRefused,
        "never the user's fault",
    )
    .by(&error, name);

    let stranger = Credentials::new("STRANGER", "marker-consumer-key").unwrap();
    let error = signed_by(&sandbox, stranger)
        .send(operation.clone())
        .await
        .unwrap_err();
    Told::refused(401, "1083", ErrorKind::UnknownClient, "check the client id").by(&error, name);

    // No signing layer.
    let error = AuthService::new(sandbox.clone())
        .send(operation.clone())
        .await
        .unwrap_err();
    let status = if name == "listUsers" { 403 } else { 401 };
    Told::refused(status, "0000", ErrorKind::NotAuthenticated, "signing layer").by(&error, name);

    // A server whose clock is an hour ahead.
    sandbox.set_skew(3600);
    let error = snaptrade(&sandbox)
        .send(operation.clone())
        .await
        .unwrap_err();
    Told::refused(
        401,
        "1076",
        ErrorKind::SignatureRefused,
        "this machine's clock",
    )
    .by(&error, name);
    sandbox.set_skew(0);

    sandbox.set_rate_limit(0, Duration::from_secs(60));
    let error = snaptrade(&sandbox).send(operation).await.unwrap_err();
    Told::refused(429, "0000", ErrorKind::Throttled, "come back in").by(&error, name);
    assert!(error.retry_after().unwrap() <= Duration::from_secs(60));

    assert!(sandbox.log().iter().all(|entry| !entry.committed()));
    assert_eq!(sandbox.users(), ["jane"]);
}

macro_rules! tests {
    ($operation:expr, $repeatable:expr, $sample:expr) => {
        #[tokio::test]
        async fn bad_key_client_stamp_and_quota() {
            super::super::refused($operation).await;
        }
    };
}
pub(crate) use tests;

mod each {
    super::for_each_operation!();
}
